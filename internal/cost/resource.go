// Package cost estimates what a stack costs a month: from its real resources, as a rehearsal, a preview or `pulumi stack
// export` has them, and from a dated table of published prices.
//
// Nothing is guessed silently. The catalog says how a resource type is priced, or why it is free, or that it is charged by
// use, and then it is named as left out; a price that the table lacks is named, and so is one that stands in for it.
package cost

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// FromState reads a stack as `pulumi stack export` writes it. Secrets need not be readable.
func FromState(state []byte) ([]*stackdoc.Resource, error) {
	resources, err := stackdoc.Deployed(state)
	if err != nil {
		return nil, fmt.Errorf("cost: %w", err)
	}
	return resources, nil
}

var regionOfARN = regexp.MustCompile(`^arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):`)

// regions finds the region of each provider: as it is configured, or where it is not among the resources, as previews without
// --show-sames are, from the ARN of something that it made.
func regions(resources []*stackdoc.Resource) map[resource.URN]string {
	found := map[resource.URN]string{}
	for _, r := range resources {
		arn, _ := r.Outputs["arn"].(string)
		if m := regionOfARN.FindStringSubmatch(arn); m != nil && strings.HasPrefix(r.Type(), "aws:") {
			found[r.ProviderURN()] = m[1]
		}
	}
	for _, r := range resources {
		if region, ok := r.Inputs["region"].(string); ok && r.Internal() {
			found[r.URN] = region
		}
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
