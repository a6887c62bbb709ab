package pending

import (
	"fmt"
	"strings"
)

// String says what became of each operation, a line each.
func (r *Report) String() string {
	var b strings.Builder
	for _, t := range r.Taken {
		fmt.Fprintf(&b, "taken over: %s %s (%s)\n", t.URN.Type(), t.URN.Name(), t.ID)
	}
	for _, urn := range r.Missing {
		fmt.Fprintf(&b, "not made: %s %s\n", urn.Type(), urn.Name())
	}
	for _, urn := range r.Others {
		fmt.Fprintf(&b, "read again: %s %s\n", urn.Type(), urn.Name())
	}
	for _, o := range r.Open {
		fmt.Fprintf(&b, "open: %s %s: %s\n", o.URN.Type(), o.URN.Name(), o.Why)
	}
	return b.String()
}
