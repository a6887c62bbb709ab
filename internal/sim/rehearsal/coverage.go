package rehearsal

import (
	"slices"
	"sort"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/eks"
	"github.com/bpa-on-aws/platform/internal/sim/kubernetes"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
)

// Covered is what a rehearsal simulates of one provider.
type Covered struct {
	Provider, Version string
	// Source of the property tables.
	Source string
	Types  []CoveredType
	// Functions that can be invoked, each with the arguments that it heeds.
	Functions []CoveredFunction
}

// CoveredType is one simulated resource type.
type CoveredType struct {
	Token string
	// Properties, those inside others included. Values are rules of the provider for single inputs, Rules those of the
	// service for making and changing, Deletion those for deleting.
	Properties, Values, Rules, Deletion int
	// Sources of the rules, sorted.
	Sources []string
	// Failures are the ways in which its operations fail, by the operation.
	Failures map[string][]catalog.Failure
}

// CoveredFunction is one simulated function.
type CoveredFunction struct {
	Token     string
	Arguments []string
}

// Coverage lists what is simulated, by provider. Whatever is not listed is refused by name.
func Coverage() []Covered {
	var all []Covered
	for _, p := range []*provider.Package{aws.Package(), kubernetes.Package(), atlas.Package(), random.Package()} {
		c := Covered{Provider: p.Name, Version: p.Version, Source: p.Schemas.Source}
		for token, t := range p.Types {
			c.Types = append(c.Types, coveredType(p, token, t))
		}
		for token := range p.Invokes {
			c.Functions = append(c.Functions, CoveredFunction{Token: token, Arguments: p.InvokeArgs[token]})
		}
		sort.Slice(c.Types, func(i, j int) bool { return c.Types[i].Token < c.Types[j].Token })
		sort.Slice(c.Functions, func(i, j int) bool { return c.Functions[i].Token < c.Functions[j].Token })
		all = append(all, c)
	}
	components := Covered{Provider: "eks", Version: eks.Version, Source: "children as recorded from pulumi-eks " + eks.Version}
	for token, inputs := range eks.Components() {
		components.Types = append(components.Types, CoveredType{Token: token, Properties: len(inputs)})
	}
	sort.Slice(components.Types, func(i, j int) bool { return components.Types[i].Token < components.Types[j].Token })
	return append(all, components)
}

func coveredType(p *provider.Package, token string, t *provider.Type) CoveredType {
	c := CoveredType{
		Token: token, Properties: p.Schemas.Count(token), Values: len(t.Values), Rules: len(t.Rules), Deletion: len(t.Leaving),
		Failures: map[string][]catalog.Failure{},
	}
	for _, verb := range []string{"create", "update", "delete"} {
		c.Failures[verb] = catalog.Of(token).FailuresOf(verb)
	}
	for _, given := range []bool{t.Check != nil, t.Taken != ""} {
		if given {
			c.Rules++
		}
	}
	for _, given := range []bool{t.Protected != nil, t.Blocks != nil} {
		if given {
			c.Deletion++
		}
	}
	for _, v := range t.Values {
		c.Sources = append(c.Sources, v.Source)
	}
	for _, r := range append(slices.Clone(t.Rules), t.Leaving...) {
		c.Sources = append(c.Sources, r.Source)
	}
	slices.SortFunc(c.Sources, strings.Compare)
	c.Sources = slices.Compact(c.Sources)
	return c
}
