package failures

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Atlas has no private connection string before the endpoint is connected; the next apply reads it (docs/facts.md §3).
func TestConnectionStringsComeWithTheEndpoint(t *testing.T) {
	all := map[string]Failure{}
	for _, f := range table(t) {
		all[f.Name] = f
	}
	c := newClouds(t)
	connected := all["An Atlas endpoint service that is still connected"].Make
	cluster := all["An Atlas cluster under termination protection"].Make[1]
	for _, r := range connected[:len(connected)-1] {
		require.NoError(t, c.create(r))
	}
	require.NoError(t, c.create(cluster))
	strings := c.made["cluster"].outputs["connectionStrings"].ArrayValue()[0].ObjectValue()
	assert.Empty(t, strings["privateEndpoints"].ArrayValue(), "no endpoint, no string")

	require.NoError(t, c.create(connected[len(connected)-1]))
	m := c.made["cluster"]
	olds, err := plugin.MarshalProperties(m.outputs, plugin.MarshalOptions{})
	require.NoError(t, err)
	updated, err := c.client(m.Type).
		Update(context.Background(), &pulumirpc.UpdateRequest{Urn: urn(m.Resource), Id: m.id, News: olds, Olds: olds})
	require.NoError(t, err)
	after, err := plugin.UnmarshalProperties(updated.GetProperties(), plugin.MarshalOptions{})
	require.NoError(t, err)
	strings = after["connectionStrings"].ArrayValue()[0].ObjectValue()
	assert.NotEmpty(t, strings["privateEndpoints"].ArrayValue(), "the next apply finds it")
}
