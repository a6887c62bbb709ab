package failures

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

func TestWhatIsNotSimulatedIsRefusedByName(t *testing.T) {
	c := newClouds(t)
	const region, image = "aws:index/getRegion:getRegion", "aws:ec2/getAmi:getAmi"
	for want, call := range map[string]struct {
		function string
		args     map[string]any
	}{
		"function aws:ec2/getVpc:getVpc is not simulated":                           {"aws:ec2/getVpc:getVpc", nil},
		`argument "partition" of function aws:index/getRegion:getRegion`:            {region, map[string]any{"partition": "aws"}},
		"getAmi is simulated for the filter image-id only":                          {image, map[string]any{"mostRecent": true}},
		"getAvailabilityZones is simulated for the state available only":            {zones, map[string]any{"state": "impaired"}},
		"getSubnets is simulated for tags only":                                     {"aws:ec2/getSubnets:getSubnets", filter("vpc-id")},
		"getInstanceTypeOfferings is simulated by availability-zone and":            {offers, filter("instance-type")},
		"multiple RDS DB Instance Classes match the criteria":                       {orderable, map[string]any{"engine": "postgres"}},
		"getAvailabilityZones is simulated for the filter opt-in-status=opt-in-not": {zones, filter("zone-type")},
	} {
		args, err := structpb.NewStruct(call.args)
		require.NoError(t, err)
		_, err = c.clients["aws"].Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: call.function, Args: args})
		assert.ErrorContains(t, err, want)
	}
}

const (
	offers    = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
	orderable = "aws:rds/getOrderableDbInstance:getOrderableDbInstance"
)

const zones = "aws:index/getAvailabilityZones:getAvailabilityZones"

func filter(name string) map[string]any {
	return map[string]any{"filters": []any{map[string]any{"name": name, "values": []any{"x"}}}}
}

func TestUpdatesAreHeldToTheRulesToo(t *testing.T) {
	c := newClouds(t)
	require.NoError(t, c.create(Resource{Name: "bucket", Type: catalog.S3BucketV2, With: map[string]any{"bucket": "bpa-files"}}))
	require.NoError(t, c.create(Resource{Name: "role", Type: catalog.IAMRole, With: map[string]any{
		"name": "r", "assumeRolePolicy": `{"Version":"2012-10-17","Statement":[]}`,
	}}))
	news, err := structpb.NewStruct(map[string]any{
		"name": "r", "assumeRolePolicy": `{"Statement":[{"Effect":"Allow","Action":"sts:AsumeRole"}]}`,
	})
	require.NoError(t, err)
	m := c.made["role"]
	_, err = c.clients["aws"].Update(
		context.Background(),
		&pulumirpc.UpdateRequest{Urn: urn(m.Resource), Id: m.id, News: news, Olds: &structpb.Struct{}},
	)
	assert.ErrorContains(t, err, "INVALID_ACTION: The action sts:AsumeRole does not exist")
}
