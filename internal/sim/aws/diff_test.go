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

// differ asks the simulated provider what a change means; outputs are those before it, where they matter.
type differ func(token string, before, after map[string]any, outputs ...map[string]any) *pulumirpc.DiffResponse

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
	return func(token string, before, after map[string]any, outputs ...map[string]any) *pulumirpc.DiffResponse {
		olds, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(before), plugin.MarshalOptions{})
		require.NoError(t, err)
		news, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(after), plugin.MarshalOptions{})
		require.NoError(t, err)
		request := &pulumirpc.DiffRequest{Urn: "urn:pulumi:test::bpa::" + token + "::x", OldInputs: olds, News: news}
		if len(outputs) > 0 {
			request.Olds, err = plugin.MarshalProperties(resource.NewPropertyMapFromMap(outputs[0]), plugin.MarshalOptions{})
			require.NoError(t, err)
		}
		response, err := client.Diff(context.Background(), request)
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
			replaces := fact.ForceNew || slices.ContainsFunc(catalog.Of(token).Simulation.Plans, func(plan catalog.Planned) bool {
				return plan.Property == name && plan.Replaces(one, other)
			})
			assert.Equal(t, replaces, slices.Contains(response.GetReplaces(), name), place)
			for path, d := range response.GetDetailedDiff() {
				assert.True(t, strings.HasPrefix(path, name), "%s: %s is shown", place, path)
				assert.Equal(t, replaces, strings.HasSuffix(d.GetKind().String(), "_REPLACE"), place)
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

// Which replacements delete first follows from whether the program or the bridge has named the resource, which the bridge notes
// among the inputs when it checks them. Inputs from before it did so count as named by the bridge.
func TestAReplacementOfWhatTheProgramNamesDeletesFirst(t *testing.T) {
	diff := newDiffer(t)
	group := func(notes any, vpc string) map[string]any {
		inputs := map[string]any{"name": "bpa", "port": 443.0, "protocol": "HTTPS", "vpcId": vpc}
		if notes != nil {
			inputs["__defaults"] = notes
		}
		return inputs
	}
	for name, test := range map[string]struct {
		notes any
		first bool
	}{
		"named by the program":     {[]any{}, true},
		"named by the bridge":      {[]any{"name"}, false},
		"before the bridge's note": {nil, false},
	} {
		response := diff(catalog.ELBTargetGroup, group(test.notes, "vpc-1"), group(test.notes, "vpc-2"))
		assert.NotEmpty(t, response.GetReplaces(), name)
		assert.Equal(t, test.first, response.GetDeleteBeforeReplace(), name)
	}
	tagged := group([]any{}, "vpc-1")
	tagged["tags"] = map[string]any{"a": "b"}
	assert.False(t, diff(catalog.ELBTargetGroup, group([]any{}, "vpc-1"), tagged).GetDeleteBeforeReplace(), "an update replaces nothing")
	prefixed := map[string]any{"namePrefix": "bpa", "vpcId": "vpc-1", "__defaults": []any{}}
	other := map[string]any{"namePrefix": "bpa", "vpcId": "vpc-2", "__defaults": []any{}}
	assert.False(t, diff(catalog.ELBTargetGroup, prefixed, other).GetDeleteBeforeReplace(), "a prefix is no name")
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

// What the provider's own plan rules make a new resource of, its schema calls an update.
func TestSomeChangesReplaceByARuleOfTheProvider(t *testing.T) {
	diff := newDiffer(t)
	type inputs = map[string]any
	ten := inputs{"cidrIpv4": "10.0.0.0/8"}
	for name, test := range map[string]struct {
		token         string
		before, after inputs
		replaces      bool
	}{
		"encryption off":       {catalog.EKSCluster, inputs{"encryptionConfig": inputs{"provider": inputs{"keyArn": "a"}}}, inputs{}, true},
		"tenancy dedicated":    {catalog.EC2Vpc, inputs{"instanceTenancy": "default"}, inputs{"instanceTenancy": "dedicated"}, true},
		"tenancy default":      {catalog.EC2Vpc, inputs{"instanceTenancy": "dedicated"}, inputs{"instanceTenancy": "default"}, false},
		"primary IPv6 off":     {catalog.EC2Instance, inputs{"enablePrimaryIpv6": true}, inputs{"enablePrimaryIpv6": false}, true},
		"primary IPv6 on":      {catalog.EC2Instance, inputs{"enablePrimaryIpv6": false}, inputs{"enablePrimaryIpv6": true}, false},
		"endpoint of a rule":   {catalog.Route53ResolverRule, inputs{"resolverEndpointId": "a"}, inputs{}, true},
		"another endpoint":     {catalog.Route53ResolverRule, inputs{"resolverEndpointId": "a"}, inputs{"resolverEndpointId": "b"}, false},
		"a group for a range":  {catalog.VPCSecurityGroupIngressRule, ten, inputs{"referencedSecurityGroupId": "sg"}, true},
		"a range for a range":  {catalog.VPCSecurityGroupIngressRule, ten, inputs{"cidrIpv4": "10.0.0.0/9"}, false},
		"copied tags of a DLM": {catalog.DLMLifecyclePolicy, policyOf(true), policyOf(false), true},
	} {
		assert.Equal(t, test.replaces, len(diff(test.token, test.before, test.after).GetReplaces()) > 0, name)
	}
}

// What the service has computed is no change where the program now says the same.
func TestWhatTheServiceHasComputedMayBeWrittenOut(t *testing.T) {
	diff := newDiffer(t)
	network := func(values map[string]any) map[string]any { return map[string]any{"kubernetesNetworkConfig": values} }
	before := network(map[string]any{"serviceIpv4Cidr": "172.20.0.0/16"})
	made := network(map[string]any{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"})
	same := diff(catalog.EKSCluster, before, made, made)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, same.GetChanges(), same.GetDetailedDiff())
	other := network(map[string]any{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv6"})
	assert.NotEmpty(t, diff(catalog.EKSCluster, before, other, made).GetReplaces())
}

func policyOf(copyTags bool) map[string]any {
	return map[string]any{"policyDetails": map[string]any{"schedules": []any{map[string]any{"name": "a", "copyTags": copyTags}}}}
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
