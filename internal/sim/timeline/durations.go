// Package timeline says how long a deployment takes, and what it waits for: the schedule of an `up`, its critical path,
// the shortest time that the true dependencies allow, and the edges that serialise without need.
//
// How long a type takes, and what it truly waits for, is in the catalog.
package timeline

import (
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// short is what a call takes that waits for nothing.
const short = 2 * time.Second

// For returns how long operations on a resource take. Components and providers take no time of their own.
func For(typ string, custom bool, inputs map[string]any) catalog.Duration {
	d := catalog.Of(typ).Duration
	switch {
	case !custom || strings.HasPrefix(typ, "pulumi:"):
		return catalog.Duration{Source: catalog.Default}
	case d.Source == "":
		return catalog.Duration{Create: short, Delete: short, Source: catalog.Default}
	case d.Depends != nil:
		return d.Depends(d, inputs)
	}
	return d
}
