package rehearsal

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Stateful reports whether a resource holds what cannot be made again.
func Stateful(urn resource.URN) bool { return catalog.Of(string(urn.Type())).Loss.Stateful }

// RunsAgain reports whether a step replaces a job, or what the database's jobs read. A job is one run of something that may
// run any number of times, and Kubernetes lets nobody change it, or an immutable object: with its image, its script or its
// credentials, it is another one.
func RunsAgain(s stackdoc.Step) bool {
	loss := catalog.Of(string(s.URN.Type())).Loss
	read := loss.Unfelt == catalog.CreatedFirst && strings.HasPrefix(string(s.URN.QualifiedType()), "bpa:database:")
	return s.Op == "replace" && (loss.Again || read)
}

// Loses returns the steps that delete something, stateful resources first. A replacement is one step of it, and a job that
// runs again is none.
func Loses(steps []stackdoc.Step) []stackdoc.Step {
	var lost []stackdoc.Step
	for _, s := range steps {
		switch s.Op {
		case "delete", "replace", "discard":
			if !RunsAgain(s) {
				lost = append(lost, s)
			}
		}
	}
	slices.SortStableFunc(lost, func(a, b stackdoc.Step) int {
		switch x, y := Stateful(a.URN), Stateful(b.URN); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return lost
}
