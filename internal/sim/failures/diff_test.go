package failures

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
)

func (c *clouds) diff(t *testing.T, typ string, before, after map[string]any) *pulumirpc.DiffResponse {
	t.Helper()
	olds, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(before), plugin.MarshalOptions{})
	require.NoError(t, err)
	news, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(after), plugin.MarshalOptions{})
	require.NoError(t, err)
	response, err := c.client(typ).Diff(context.Background(), &pulumirpc.DiffRequest{
		Urn: urn(Resource{Type: typ, Name: "x"}), OldInputs: olds, News: news,
	})
	require.NoError(t, err)
	return response
}

// The AWS types have a test of their own, over every property.
func TestAtlasAndRandomReplaceAsTheirTablesSay(t *testing.T) {
	c := newClouds(t)
	for _, types := range []map[string][]string{replaced(atlas.Package()), replaced(random.Package())} {
		for typ, names := range types {
			for _, name := range names {
				response := c.diff(t, typ, map[string]any{name: "a"}, map[string]any{name: "b"})
				assert.Equal(t, []string{name}, response.GetReplaces(), typ)
				assert.Contains(t, response.GetDetailedDiff(), name, typ)
			}
			assert.Empty(t, c.diff(t, typ, map[string]any{"tags": "a"}, map[string]any{"tags": "b"}).GetReplaces(), typ)
		}
	}
}

func TestKubernetesReplacesAsTheProviderDoes(t *testing.T) {
	c := newClouds(t)
	meta := func(name string) map[string]any { return map[string]any{"metadata": map[string]any{"name": name}} }
	image := func(name string) map[string]any {
		return map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": "psql", "image": name}},
		}}}}
	}
	limit := func(n float64) map[string]any { return map[string]any{"spec": map[string]any{"backoffLimit": n}} }
	for name, test := range map[string]struct {
		typ           string
		before, after map[string]any
		replaces      []string
	}{
		"name":     {catalog.KubernetesNamespace, meta("a"), meta("b"), []string{"metadata.name"}},
		"template": {catalog.KubernetesJob, image("a"), image("b"), []string{"spec.template.spec.containers[0].image"}},
		"limit":    {catalog.KubernetesJob, limit(1), limit(2), nil},
		"data": {
			catalog.KubernetesConfigMap, map[string]any{"data": map[string]any{"a": "b"}},
			map[string]any{"data": map[string]any{"a": "c"}},
			[]string{"data"},
		},
	} {
		response := c.diff(t, test.typ, test.before, test.after)
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, response.GetChanges(), name)
		assert.Equal(t, test.replaces, response.GetReplaces(), name)
	}
}

// replaced lists the properties that a package's own tables say replace.
func replaced(p *provider.Package) map[string][]string {
	all := map[string][]string{}
	for typ, t := range p.Types {
		all[typ] = t.Replaces
	}
	return all
}
