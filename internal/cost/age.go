package cost

import (
	"fmt"
	"time"
)

// stale is after how many months a price is warned about.
const stale = 6

// Age says of which days the prices of an estimate are.
type Age struct {
	// Oldest and Newest are the days of the prices that have one.
	Oldest string `json:"oldest,omitempty"`
	Newest string `json:"newest,omitempty"`
	// Used counts the prices, Stale those that are older than six months, Undated those whose source names no day: these age
	// from the day on which they were read.
	Used    int `json:"used"`
	Stale   int `json:"stale"`
	Undated int `json:"undated"`
}

// ageOf counts each price once, however many lines have it.
func ageOf(lines []Line, on time.Time) Age {
	a, counted := Age{}, map[string]bool{}
	limit := on.AddDate(0, -stale, 0).Format(time.DateOnly)
	for _, l := range lines {
		id := l.Key + " " + l.Region
		if counted[id] {
			continue
		}
		counted[id] = true
		a.Used++
		if l.Seen < limit {
			a.Stale++
		}
		if l.Undated {
			a.Undated++
			continue
		}
		if a.Oldest == "" || l.Seen < a.Oldest {
			a.Oldest = l.Seen
		}
		a.Newest = max(a.Newest, l.Seen)
	}
	return a
}

// Warning says what is wrong with the age of prices, or nothing.
func (a Age) Warning() string {
	if a.Stale == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d prices are more than %d months old: docs/cost.md says how to bring them up to date",
		a.Stale, a.Used, stale)
}

// String is "12 prices of 2026-08-20 to 2026-10-06, 2 whose source names no day".
func (a Age) String() string {
	text := fmt.Sprintf("%d prices", a.Used)
	if a.Used == 1 {
		text = "1 price"
	}
	if a.Oldest != "" {
		text += " of " + a.Oldest
	}
	if a.Newest != a.Oldest {
		text += " to " + a.Newest
	}
	if a.Undated > 0 {
		text += fmt.Sprintf(", %d whose source names no day", a.Undated)
	}
	return text
}
