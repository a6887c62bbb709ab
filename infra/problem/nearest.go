package problem

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the known word that is most like a key, or "" where none is.
func Nearest(key string, known []string) string {
	best, distance := "", min(4, (len(key)+1)/2) // of a short name, half its letters make it another
	for _, k := range known {
		if n := levenshtein.Distance(strings.ToLower(key), strings.ToLower(k), nil); n < distance {
			best, distance = k, n
		}
	}
	return best
}

// DidYouMean asks whether the nearest known word was meant, in brackets; "" where none is near.
func DidYouMean(key string, known []string) string {
	if near := Nearest(key, known); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}
