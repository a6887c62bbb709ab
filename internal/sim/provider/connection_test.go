package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

func TestEachConnectionIsAProviderWithSettingsOfItsOwn(t *testing.T) {
	coloured := toy()
	coloured.Invokes = map[string]provider.Invoke{"toy:index:colour": func(r *provider.Request) (map[string]any, error) {
		return map[string]any{"colour": r.Config.String("colour", "none")}, nil
	}}
	server, first := connectTo(t, coloured)
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", server.Ports()["toy"]),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	second := client{pulumirpc.NewResourceProviderClient(conn), t}
	for colour, c := range map[string]client{"red": first, "blue": second} {
		args, err := plugin.MarshalProperties(resource.PropertyMap{"colour": resource.NewProperty(colour)}, keep)
		require.NoError(t, err)
		_, err = c.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: args, AcceptSecrets: true, AcceptResources: true})
		require.NoError(t, err)
	}
	for colour, c := range map[string]client{"red": first, "blue": second} {
		answer, err := c.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "toy:index:colour"})
		require.NoError(t, err)
		assert.Equal(t, colour, answer.GetReturn().GetFields()["colour"].GetStringValue())
	}
}

func TestTheEngineIsToldTheDetailsOfADifference(t *testing.T) {
	_, c := connect(t)
	olds, err := plugin.MarshalProperties(box(), keep)
	require.NoError(t, err)
	news, err := plugin.MarshalProperties(resource.PropertyMap{"name": resource.NewProperty("b")}, keep)
	require.NoError(t, err)
	diff, err := c.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn(boxType, "a"), Id: "b", OldInputs: olds, News: news})
	require.NoError(t, err)
	assert.True(t, diff.GetHasDetailedDiff())
	assert.Equal(t, pulumirpc.PropertyDiff_DELETE_REPLACE, diff.GetDetailedDiff()["size"].GetKind())
}
