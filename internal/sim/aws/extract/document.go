package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

// document is the provider's schema as data, with Terraform's names, by the token of pulumi-aws.
type document struct {
	Source string `json:"source"`
	Types  map[string]struct {
		Properties map[string]property `json:"properties"`
	} `json:"types"`
}

// property is one of Terraform's.
type property struct {
	Type          string   `json:"type"`
	Required      bool     `json:"required"`
	Optional      bool     `json:"optional"`
	Computed      bool     `json:"computed"`
	ForceNew      bool     `json:"forceNew"`
	MinItems      int      `json:"minItems"`
	MaxItems      int      `json:"maxItems"`
	Default       any      `json:"default"`
	ConflictsWith []string `json:"conflictsWith"`
	ExactlyOneOf  []string `json:"exactlyOneOf"`
	AtLeastOneOf  []string `json:"atLeastOneOf"`
	RequiredWith  []string `json:"requiredWith"`
	// Before are the flags of the earlier version where they differ. The version that pulumi-aws bridges is nearer to that.
	Before struct {
		Required, Optional, Computed, ForceNew *bool
	} `json:"before"`
	// Block are the members of a block.
	Block map[string]property `json:"block"`
}

func readDocument(path string) (*document, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := &document{}
	if err := json.Unmarshal(b, d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// names is the SDK's view of a place in the schemas: the properties that it has there.
type names struct {
	schemas    *provider.Schemas
	properties map[string]*provider.Property
}

// inside are the properties of the block that a property holds.
func (n names) inside(name string) names {
	return names{n.schemas, n.schemas.Objects[n.properties[name].Holds()]}
}

// convert gives properties the names that the SDK has for them. What the SDK does not have is left out.
func convert(properties map[string]property, n names) map[string]sdkdoc.ExtractProperty {
	known := make([]string, 0, len(n.properties))
	for name := range n.properties {
		known = append(known, name)
	}
	all := func(terraform []string) (found []string) {
		for _, t := range terraform {
			if name := match(t, known); name != "" && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
		slices.Sort(found)
		return found
	}
	converted := map[string]sdkdoc.ExtractProperty{}
	for _, terraform := range slices.Sorted(maps.Keys(properties)) {
		p, name := properties[terraform], match(terraform, known)
		if _, taken := converted[name]; name == "" || taken && camel(terraform) != name {
			continue // of two that are alike, the one that is named so
		}
		p.take()
		e := sdkdoc.ExtractProperty{
			Type: p.Type, Required: p.Required, ForceNew: p.ForceNew, Computed: p.Computed, ReadOnly: p.Computed && !p.Optional,
			MinItems: p.MinItems, MaxItems: p.MaxItems, Default: p.Default,
			ConflictsWith: all(p.ConflictsWith), ExactlyOneOf: all(p.ExactlyOneOf), AtLeastOneOf: all(p.AtLeastOneOf),
			RequiredWith: all(p.RequiredWith),
		}
		if len(p.Block) > 0 {
			e.Block = convert(p.Block, n.inside(name))
		}
		converted[name] = e
	}
	return converted
}

// take puts the flags of the earlier version in the place of the later one's.
func (p *property) take() {
	for flag, before := range map[*bool]*bool{
		&p.Required: p.Before.Required, &p.Optional: p.Before.Optional, &p.Computed: p.Before.Computed, &p.ForceNew: p.Before.ForceNew,
	} {
		if before != nil {
			*flag = *before
		}
	}
}

// typeOf is a type by the names of the SDK, and what of the SDK's it does not know.
func typeOf(properties map[string]property, n names) sdkdoc.ExtractType {
	t := sdkdoc.ExtractType{Properties: convert(properties, n)}
	for name := range n.properties {
		if _, ok := t.Properties[name]; !ok {
			t.Unmatched = append(t.Unmatched, name)
		}
	}
	slices.Sort(t.Unmatched)
	return t
}
