package atlas

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

var update = flag.Bool("update", false, "write schema.json anew")

func TestGoldenSchemaIsTheSDKs(t *testing.T) {
	const module = "github.com/pulumi/pulumi-mongodbatlas/sdk/v3"
	dir, err := sdkdoc.ModuleDir(module)
	require.NoError(t, err)
	reader := sdkdoc.New(module, dir)
	for token := range Package().Types {
		parts := strings.FieldsFunc(token, func(r rune) bool { return r == ':' || r == '/' })
		require.Len(t, parts, 4, token)
		require.NoError(t, reader.Read(token, "go/mongodbatlas", parts[3]))
	}
	require.NoError(t, reader.ReadSettings("go/mongodbatlas"))
	want := reader.Schemas()
	want.Source = "pulumi-mongodbatlas " + version
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

func TestEveryReplacingPropertyExists(t *testing.T) {
	properties := provider.MustSchemas(schemaFile).Types
	for token, made := range Package().Types {
		for _, name := range append(made.Replaces, made.Required...) {
			assert.Contains(t, properties[token], name, token)
		}
	}
}
