package timeline

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// trueDependencies returns the function that lists the dependencies of a resource that are true: an output of the other
// is an input here, or a known order demands it.
func trueDependencies(resources []*stackdoc.Resource) func(*stackdoc.Resource) []resource.URN {
	types := map[resource.URN]string{}
	for _, r := range resources {
		types[r.URN] = r.Type()
	}
	return func(r *stackdoc.Resource) []resource.URN {
		// The engine records no properties for a remote component, and within it its provider decides.
		if remote(r.Type()) {
			return r.Dependencies
		}
		if strings.Contains(string(r.URN.QualifiedType()), "$eks:index:") && !strings.HasPrefix(r.Type(), "eks:index:") {
			return r.Dependencies
		}
		var needed []resource.URN
		for _, list := range r.PropertyDependencies {
			needed = append(needed, list...)
		}
		for _, d := range r.Dependencies {
			if demanded(r.Type(), types[d]) {
				needed = append(needed, d)
			}
		}
		slices.Sort(needed)
		return slices.Compact(needed)
	}
}

// demanded reports whether a type waits for another one although no input carries it.
func demanded(from, to string) bool {
	return slices.ContainsFunc(catalog.Of(from).Waits, func(w catalog.Wait) bool { return slices.Contains(w.For, to) })
}
