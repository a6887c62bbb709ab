package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// differ asks the simulated provider what a change means.
type differ func(token string, before, after map[string]any) *pulumirpc.DiffResponse

func newDiffer(t *testing.T) differ {
	t.Helper()
	server, err := provider.NewServer(Package())
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(
		fmt.Sprintf("127.0.0.1:%d", server.Ports()["aws"]),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	client := pulumirpc.NewResourceProviderClient(conn)
	return func(token string, before, after map[string]any) *pulumirpc.DiffResponse {
		olds, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(before), plugin.MarshalOptions{})
		require.NoError(t, err)
		news, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(after), plugin.MarshalOptions{})
		require.NoError(t, err)
		response, err := client.Diff(context.Background(), &pulumirpc.DiffRequest{
			Urn: "urn:pulumi:test::bpa::" + token + "::x", OldInputs: olds, News: news,
		})
		require.NoError(t, err)
		return response
	}
}

// sample makes two different values of a kind: of a block, one more element.
func sample(p *provider.Property) (one, other any) {
	switch {
	case strings.HasPrefix(p.Kind, "[]{"):
		return []any{map[string]any{"a": "b"}}, []any{map[string]any{"a": "b"}, map[string]any{"a": "c"}}
	case strings.HasPrefix(p.Kind, "{"):
		return map[string]any{"a": "b"}, nil
	case p.Kind == "bool":
		return true, false
	case p.Kind == "number":
		return 1.0, 2.0
	case strings.HasPrefix(p.Kind, "[]"), p.Kind == "any" && p.Max > 0:
		return []any{"a"}, []any{"b"}
	case strings.HasPrefix(p.Kind, "map:"):
		return map[string]any{"a": "b"}, map[string]any{"a": "c"}
	}
	return "a", "b"
}

func TestEveryPropertyReplacesOrUpdatesAsTheSchemaSays(t *testing.T) {
	types := extract(t)
	diff := newDiffer(t)
	count := 0
	for token, properties := range provider.MustSchemas(schemaFile).Types {
		for name, p := range properties {
			fact, known := types[token].Properties[name]
			if !known {
				continue
			}
			count++
			one, other := sample(p)
			response := diff(token, map[string]any{name: one}, map[string]any{name: other})
			place := token + "." + name
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, response.GetChanges(), place)
			assert.Contains(t, response.GetDiffs(), name, place)
			assert.Equal(t, fact.ForceNew, slices.Contains(response.GetReplaces(), name), place)
			for path, d := range response.GetDetailedDiff() {
				assert.True(t, strings.HasPrefix(path, name), "%s: %s is shown", place, path)
				assert.Equal(t, fact.ForceNew, strings.HasSuffix(d.GetKind().String(), "_REPLACE"), place)
			}
		}
	}
	assert.Greater(t, count, 500)
}

// What is put in the place of another and has the same id would be deleted with it, if it were made first.
func TestSomeReplacementsDeleteFirst(t *testing.T) {
	diff := newDiffer(t)
	policy := func(text string) map[string]any { return map[string]any{"repository": "a", "policy": text} }
	response := diff(catalog.ECRLifecyclePolicy, policy("{}"), policy(`{"rules": []}`))
	assert.NotEmpty(t, response.GetReplaces())
	assert.True(t, response.GetDeleteBeforeReplace())
	response = diff(catalog.EC2Vpc, map[string]any{"cidrBlock": "10.0.0.0/16"}, map[string]any{"cidrBlock": "10.1.0.0/16"})
	assert.NotEmpty(t, response.GetReplaces())
	assert.False(t, response.GetDeleteBeforeReplace())
}

func TestAChangeInsideAPropertyReplacesWhereTheSchemaSays(t *testing.T) {
	diff := newDiffer(t)
	network := func(cidr string) map[string]any {
		return map[string]any{"kubernetesNetworkConfig": map[string]any{"serviceIpv4Cidr": cidr}}
	}
	response := diff(catalog.EKSCluster, network("172.20.0.0/16"), network("172.21.0.0/16"))
	assert.Equal(t, []string{"kubernetesNetworkConfig.serviceIpv4Cidr"}, response.GetReplaces())
	scaling := func(n float64) map[string]any {
		return map[string]any{"launchTemplate": map[string]any{"id": "lt-1", "version": fmt.Sprint(n)}}
	}
	assert.Empty(t, diff(catalog.EKSNodeGroup, scaling(1), scaling(2)).GetReplaces(), "another version is an update")
}

func TestWhatMeansNothingIsNoChange(t *testing.T) {
	diff := newDiffer(t)
	for name, test := range map[string]struct {
		token         string
		before, after map[string]any
	}{
		"order of a set": {
			catalog.RDSSubnetGroup, map[string]any{"subnetIds": []any{"a", "b"}}, map[string]any{"subnetIds": []any{"b", "a"}},
		},
		"a default written out": {catalog.EC2Vpc, map[string]any{}, map[string]any{"enableDnsSupport": true}},
		"a computed property left out": {
			catalog.EC2Subnet, map[string]any{"availabilityZone": "us-west-2a"}, map[string]any{},
		},
	} {
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff(test.token, test.before, test.after).GetChanges(), name)
	}
	assert.Equal(
		t,
		pulumirpc.DiffResponse_DIFF_SOME,
		diff(catalog.EC2Vpc, map[string]any{}, map[string]any{"enableDnsSupport": false}).GetChanges(),
	)
}

// Source: terraform-plugin-sdk v2 helper/schema/schema.go diffList and diffSet: of a block's ForceNew, the count of its elements
// is judged alone, and each member by its own. A plan of the real provider shows the same of these three.
func TestABlockReplacesWhereItComesOrGoesAndItsMembersByTheirOwn(t *testing.T) {
	diff := newDiffer(t)
	moment := func(time string) map[string]any {
		return map[string]any{"restoreToPointInTime": map[string]any{"sourceDbInstanceIdentifier": "db", "restoreTime": time}}
	}
	disk := func(name string) any { return map[string]any{"deviceName": name} }
	disks := func(names ...any) map[string]any { return map[string]any{"ephemeralBlockDevices": names} }
	imported := map[string]any{"s3Import": map[string]any{"bucketName": "b", "ingestionRole": "r"}}
	for name, test := range map[string]struct {
		token         string
		before, after map[string]any
		replaces      []string
	}{
		"another member":  {catalog.RDSInstance, moment("2026-11-20T10:00:00Z"), moment("2026-11-21T10:00:00Z"), nil},
		"a block comes":   {catalog.RDSInstance, nil, moment("2026-11-20T10:00:00Z"), []string{"restoreToPointInTime"}},
		"a block goes":    {catalog.RDSInstance, moment("2026-11-20T10:00:00Z"), nil, []string{"restoreToPointInTime"}},
		"another element": {catalog.EC2Instance, disks(disk("a")), disks(disk("b")), nil},
		"one more element": {catalog.EC2Instance, disks(disk("a")), disks(disk("a"), disk("b")), []string{
			"ephemeralBlockDevices",
		}},
		"a block with such members": {catalog.RDSInstance, nil, imported, []string{"s3Import"}},
		"and it goes":               {catalog.RDSInstance, imported, nil, []string{"s3Import"}},
	} {
		response := diff(test.token, test.before, test.after)
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, response.GetChanges(), name)
		assert.Equal(t, test.replaces, response.GetReplaces(), name)
	}
}
