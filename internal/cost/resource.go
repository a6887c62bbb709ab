// Package cost estimates what a stack costs a month: from its real resources, as a rehearsal, a preview or `pulumi stack
// export` has them, and from a dated table of published prices.
//
// Nothing is guessed silently. A resource type is priced, free for a reason that is written down, or charged by use, and then
// named as left out; a price that the table lacks is named, and so is one that stands in for it.
package cost

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
)

// Resource is a resource of a stack, as far as its price goes.
type Resource struct {
	URN, Parent resource.URN
	ID          string
	// Provider is the reference to the provider, URN::id, or its URN.
	Provider        string
	Inputs, Outputs map[string]any
}

// Type is its token, such as aws:ec2/vpc:Vpc.
func (r Resource) Type() string { return string(r.URN.Type()) }

// component is the name of the outermost component that it belongs to.
func (r Resource) component() string { return timeline.Component(timeline.Resource{URN: r.URN}) }

// FromState reads a stack as `pulumi stack export` writes it. Secrets need not be readable.
func FromState(state []byte) ([]Resource, error) {
	var exported struct {
		Deployment struct {
			Resources []struct {
				Resource
				Delete bool
			}
		}
	}
	if err := json.Unmarshal(state, &exported); err != nil {
		return nil, fmt.Errorf("cost: reading the state: %w", err)
	}
	var resources []Resource
	for _, r := range exported.Deployment.Resources {
		if !r.Delete {
			resources = append(resources, r.Resource)
		}
	}
	if len(resources) == 0 {
		return nil, fmt.Errorf("cost: the state holds no resources: it must be the output of `pulumi stack export`")
	}
	return resources, nil
}

// providerURN is the URN of a resource's provider.
func (r Resource) providerURN() string {
	if i := strings.LastIndex(r.Provider, "::"); i > 0 && strings.Count(r.Provider, "::") == 4 {
		return r.Provider[:i]
	}
	return r.Provider
}

var regionOfARN = regexp.MustCompile(`^arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):`)

// regions finds the region of each provider: as it is configured, or where it is not among the resources, as previews without
// --show-sames are, from the ARN of something that it made.
func regions(resources []Resource) map[string]string {
	found := map[string]string{}
	for _, r := range resources {
		arn, _ := r.Outputs["arn"].(string)
		if m := regionOfARN.FindStringSubmatch(arn); m != nil && strings.HasPrefix(r.Type(), "aws:") {
			found[r.providerURN()] = m[1]
		}
	}
	for _, r := range resources {
		if region, ok := r.Inputs["region"].(string); ok && r.Type() == catalog.AwsProvider {
			found[string(r.URN)] = region
		}
	}
	return found
}

// property returns an input, or where the program left it to the service, the output.
func (r Resource) property(key string) any {
	if v, ok := r.Inputs[key]; ok && v != nil {
		return v
	}
	return r.Outputs[key]
}

// text and flag read properties. Launch templates have their flags as text.
func (r Resource) text(key string) string {
	s, _ := r.property(key).(string)
	return s
}

func isTrue(v any) bool { return v == true || v == "true" }

// number returns a property, and false where it is absent or unknown.
func number(v any) (float64, bool) {
	n, ok := v.(float64)
	return n, ok
}

// list returns a property as a list; what is none is empty.
func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// object returns a property as an object. Where a provider keeps a single one in a list, that is it.
func object(v any) map[string]any {
	if l, ok := v.([]any); ok && len(l) == 1 {
		v = l[0]
	}
	m, _ := v.(map[string]any)
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
