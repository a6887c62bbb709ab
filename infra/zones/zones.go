// Package zones says which availability zones a stack runs in (R01).
package zones

import (
	"slices"
	"strings"
)

// Count is how many availability zones BPA runs in (R01).
const Count = 3

// Of reports whether a zone is one of a region by its name, as us-west-2a is of us-west-2.
func Of(region, zone string) bool {
	letter, ok := strings.CutPrefix(zone, region)
	return ok && len(letter) == 1 && letter >= "a" && letter <= "z"
}

// First returns the zones that a stack takes of those that a region offers: the first by name. It is not ok where there are too
// few.
func First(offered []string) (taken []string, ok bool) {
	sorted := slices.Sorted(slices.Values(offered))
	return sorted[:min(Count, len(sorted))], len(sorted) >= Count
}

// InTurn returns the zone of the i-th of several things that are spread over zones, or "" where no zone is known.
func InTurn(zones []string, i int) string {
	if len(zones) == 0 {
		return ""
	}
	return zones[i%len(zones)]
}
