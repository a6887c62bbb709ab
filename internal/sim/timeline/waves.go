package timeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Waves counts for each resource how many of those that are chosen must be made before it, one after the other, itself
// included where it is chosen: what has the same number can be made side by side.
func Waves(resources []*stackdoc.Resource, chosen func(*stackdoc.Resource) bool) map[resource.URN]int {
	byURN, children := map[resource.URN]*stackdoc.Resource{}, map[resource.URN][]resource.URN{}
	for _, r := range resources {
		byURN[r.URN] = r
		children[r.Parent] = append(children[r.Parent], r.URN)
	}
	waves := map[resource.URN]int{}
	var visit func(resource.URN) int
	visit = func(urn resource.URN) int {
		r, ok := byURN[urn]
		if wave, known := waves[urn]; known || !ok {
			return wave
		}
		waves[urn] = 0 // a component and its children refer to each other
		waits := append([]resource.URN{r.ProviderURN()}, r.Dependencies...)
		if parent, ok := byURN[r.Parent]; ok && remote(parent.Type()) {
			waits = append(waits, parent.Dependencies...)
		}
		wave := 0
		for _, w := range waits {
			wave = max(wave, visit(w))
		}
		if chosen(r) {
			wave++
		}
		waves[urn] = wave
		if remote(r.Type()) { // whoever waits for it waits for its children
			for _, child := range children[urn] {
				wave = max(wave, visit(child))
			}
		}
		waves[urn] = wave
		return wave
	}
	for _, r := range resources {
		visit(r.URN)
	}
	return waves
}
