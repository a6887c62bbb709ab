package aws

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

var update = flag.Bool("update", false, "write schema.json anew")

const module = "github.com/pulumi/pulumi-aws/sdk/v6"

// fromSDK reads every simulated type's properties out of the SDK.
func fromSDK(t *testing.T) *provider.Schemas {
	t.Helper()
	dir, err := sdkdoc.ModuleDir(module)
	require.NoError(t, err)
	reader := sdkdoc.New(module, dir)
	for token := range Package().Types {
		parts := strings.FieldsFunc(token, func(r rune) bool { return r == ':' || r == '/' })
		require.Len(t, parts, 4, token)
		require.NoError(t, reader.Read(token, "go/aws/"+parts[1], parts[3]))
	}
	require.NoError(t, reader.ReadSettings("go/aws"))
	s := reader.Schemas()
	s.Source = "pulumi-aws " + version + " for names and kinds, terraform-provider-aws as in extract.json for the rest"
	return s
}

// merge adds what the provider's own schema says, and returns what it could not place.
func merge(s *provider.Schemas, facts map[string]sdkdoc.ExtractType) (differences []string) {
	for token, properties := range s.Types {
		known, ok := facts[token]
		if !ok {
			for _, name := range catalog.Of(token).Simulation.Replaces {
				properties[name].ForceNew = true
			}
			continue
		}
		for name, fact := range known.Properties {
			p := properties[name]
			if p == nil {
				differences = append(differences, fmt.Sprintf("%s.%s: in the schema, not in the SDK", token, name))
				continue
			}
			differences = append(differences, place(s, token+"."+name, p, fact)...)
		}
		for name, p := range properties {
			if _, ok := known.Properties[name]; !ok {
				p.Newer = true
				p.ForceNew = slices.Contains(catalog.Of(token).Simulation.Replaces, name)
			}
		}
	}
	slices.Sort(differences)
	return differences
}

// place copies one property's facts.
func place(s *provider.Schemas, path string, p *provider.Property, fact sdkdoc.ExtractProperty) (differences []string) {
	if p.Required && !fact.Required {
		differences = append(differences, path+": required by the SDK, not by the schema")
	}
	p.Required, p.ForceNew, p.Computed, p.ReadOnly = fact.Required, fact.ForceNew, fact.Computed, fact.ReadOnly
	p.Conflicts, p.OneOf, p.AnyOf, p.With = fact.ConflictsWith, fact.ExactlyOneOf, fact.AtLeastOneOf, fact.RequiredWith
	if strings.HasPrefix(p.Kind, "[]") {
		p.Set, p.Min, p.Max = fact.Type == "set", fact.MinItems, fact.MaxItems
	}
	if fact.Default != nil {
		b, _ := json.Marshal(fact.Default) // came from JSON
		p.Default = string(b)
	}
	for name, member := range fact.Block {
		nested := s.Objects[p.Holds()][name]
		if nested == nil {
			differences = append(differences, fmt.Sprintf("%s.%s: in the schema, not in the SDK", path, name))
			continue
		}
		differences = append(differences, place(s, path+"."+name, nested, member)...)
	}
	return differences
}

func extract(t *testing.T) map[string]sdkdoc.ExtractType {
	t.Helper()
	e, err := sdkdoc.ReadExtract("extract.json")
	require.NoError(t, err)
	return e.Types
}

func TestGoldenSchemaIsTheProviders(t *testing.T) {
	types := extract(t)
	want := fromSDK(t)
	assert.Equal(t, knownDifferences, merge(want, types))
	b, err := sdkdoc.Encode(want)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("schema.json", b, 0o644))
		return
	}
	assert.Equal(t, string(b), string(schemaFile), "run make golden")
}

// A type that the provider names without our knowledge gets a name that nobody has checked: the resolver's rules had dots.
func TestTheCatalogKnowsEveryTypeThatTheProviderNames(t *testing.T) {
	for token, properties := range provider.MustSchemas(schemaFile).Types {
		named := properties["name"] != nil && properties["name"].Filled
		assert.Equal(t, named, catalog.Of(token).Simulation.Name.Property == "name", "%s: named by the provider, as the SDK has it", token)
	}
}

// Both ways: what the extract has and we have not, what we have and it has not.
func TestEveryDifferenceFromTheSchemaIsListed(t *testing.T) {
	types := extract(t)
	ours := provider.MustSchemas(schemaFile)
	for token, properties := range ours.Types {
		known, ok := types[token]
		if !ok {
			assert.NotEmpty(t, catalog.Of(token).Simulation.Replaces, "%s: the catalog lists what replaces", token)
			continue
		}
		simulation := catalog.Of(token).Simulation
		assert.ElementsMatch(t, known.Unmatched, simulation.Newer, "%s: what the extract does not match", token)
		for name, p := range properties {
			_, inSchema := known.Properties[name]
			assert.Equal(t, !inSchema, slices.Contains(simulation.Newer, name), "%s.%s: listed as newer", token, name)
			replaces := known.Properties[name].ForceNew || slices.Contains(simulation.Replaces, name)
			assert.Equal(t, replaces, p.ForceNew, "%s.%s: forceNew", token, name)
			assert.Equal(t, known.Properties[name].Required, p.Required, "%s.%s: required", token, name)
		}
		for name := range known.Properties {
			if !slices.ContainsFunc(knownDifferences, func(d string) bool { return strings.HasPrefix(d, token+"."+name+":") }) {
				assert.Contains(t, properties, name, token)
			}
		}
	}
}

// A rule for a property that its type does not have would never fire: Terraform's names are in the singular, the SDK's are not.
func TestEveryRuleIsForAPropertyThatItsTypeHas(t *testing.T) {
	schemas := provider.MustSchemas(schemaFile)
	for token, described := range Package().Types {
		for _, v := range described.Values {
			assert.True(t, schemas.Has(token, v.Property), "%s: no property %s", token, v.Property)
		}
		names := append(slices.Clone(described.Required), described.Replaces...)
		for _, name := range names {
			assert.True(t, schemas.Has(token, name), "%s: no property %s", token, name)
		}
	}
	for _, described := range catalog.All() {
		if schemas.Types[described.Token] == nil {
			continue
		}
		for _, name := range described.Properties() {
			assert.True(
				t,
				name == "" || schemas.Has(described.Token, name),
				"%s: the catalog names %s, which is no property",
				described.Token,
				name,
			)
		}
	}
}

func TestEveryTypeHasASchema(t *testing.T) {
	ours := provider.MustSchemas(schemaFile)
	for token := range Package().Types {
		assert.Contains(t, ours.Types, token)
	}
	assert.Len(t, ours.Types, len(Package().Types))
}
