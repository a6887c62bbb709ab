package kubernetes

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

var update = flag.Bool("update", false, "write schema.json anew")

func TestGoldenSchemaIsTheSDKs(t *testing.T) {
	const module = "github.com/pulumi/pulumi-kubernetes/sdk/v4"
	dir, err := sdkdoc.ModuleDir(module)
	require.NoError(t, err)
	reader := sdkdoc.New(module, dir)
	for token := range Package().Types {
		parts := strings.FieldsFunc(token, func(r rune) bool { return r == ':' || r == '/' })
		require.Len(t, parts, 4, token)
		group, _, _ := strings.Cut(parts[1], ".")
		require.NoError(t, reader.Read(token, "go/kubernetes/"+group+"/"+parts[2], parts[3]))
	}
	require.NoError(t, reader.ReadSettings("go/kubernetes"))
	want := reader.Schemas()
	want.Source = "pulumi-kubernetes " + version
	b, err := sdkdoc.Encode(want)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("schema.json", b, 0o644))
		return
	}
	assert.Equal(t, string(b), string(schemaFile), "run make golden")
}

func TestEveryReplacingObjectPropertyExists(t *testing.T) {
	objects := provider.MustSchemas(schemaFile).Objects
	for object, names := range replacing {
		for _, name := range names {
			assert.Contains(t, objects[object], name, object)
		}
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
