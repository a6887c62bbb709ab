package recovery_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

func planned(typ, name string, given inputs) recovery.Planned {
	return recovery.Planned{URN: resource.URN("urn:pulumi:dev::bpa::" + typ + "::" + name), Custom: true, Inputs: given}
}

const (
	subnetType = catalog.EC2Subnet
	keyType    = catalog.KMSKey
	routeType  = catalog.EC2RouteTableAssociation
)

func TestD05AResourceIsTakenOnlyWhereNothingElseCouldBeMeant(t *testing.T) {
	zoneA, zoneB := inputs{"tags": inputs{"Name": "a"}}, inputs{"tags": inputs{"Name": "b"}}
	want := []recovery.Planned{
		planned(subnetType, "subnet-a", zoneA),
		planned(subnetType, "subnet-b", zoneB),
		planned(keyType, "key", inputs{}),
	}
	ids, open := recovery.Match(want, []recovery.Found{
		{Type: subnetType, ID: "subnet-1", Inputs: inputs{"tags": inputs{"Name": "a", "bpa:stack": "dev"}}},
		{Type: subnetType, ID: "subnet-2", Inputs: inputs{"tags": inputs{"Name": "b", "bpa:stack": "dev"}}},
		{Type: keyType, ID: "1", Inputs: inputs{"description": "one"}}, {Type: keyType, ID: "2", Inputs: inputs{"description": "other"}},
	})
	assert.Equal(t, map[resource.URN]string{want[0].URN: "subnet-1", want[1].URN: "subnet-2"}, ids)
	require.Len(t, open, 1)
	assert.Equal(t, want[2].URN, open[0].URN, "either key may be meant")
}

func TestANameThatAProviderMadeOfALogicalOneSaysWhichItIs(t *testing.T) {
	want := planned(keyType, "cluster-pods", inputs{"vpcId": "vpc-1"})
	ids, open := recovery.Match([]recovery.Planned{want}, []recovery.Found{
		{Type: keyType, ID: "sg-1", Name: "cluster-pods-399819f", Inputs: inputs{"vpcId": "vpc-1"}},
		{Type: keyType, ID: "sg-2", Name: "cluster-pods-of-another", Inputs: inputs{"vpcId": "vpc-1"}},
	})
	assert.Empty(t, open)
	assert.Equal(t, "sg-1", ids[want.URN])
}

func TestSeveralListingsOfAResourceAreOne(t *testing.T) {
	const groupType, defaultType = catalog.EC2SecurityGroup, catalog.EC2DefaultSecurityGroup
	want := []recovery.Planned{
		planned(groupType, "group", inputs{"description": "one"}),
		planned(defaultType, "default", inputs{"vpcId": "vpc-1"}),
	}
	ids, open := recovery.Match(want, []recovery.Found{
		{Type: groupType, ID: "sg-1", Inputs: inputs{"tags": inputs{}}}, {Type: groupType, ID: "sg-2", Inputs: inputs{"tags": inputs{}}},
		{Type: groupType, ID: "sg-1", Name: "group-1234567", Inputs: inputs{"description": "one"}},
		{Type: defaultType, ID: "sg-2", Name: "default", Inputs: inputs{"vpcId": "vpc-1"}},
	})
	assert.Empty(t, open)
	assert.Equal(t, map[resource.URN]string{want[0].URN: "sg-1", want[1].URN: "sg-2"}, ids)
}

func TestAnIDThatIsMadeOfInputsNeedsNoListing(t *testing.T) {
	ready := planned(routeType, "a", inputs{"subnetId": "subnet-1", "routeTableId": "rtb-1"})
	waiting := planned(routeType, "b", inputs{"subnetId": "subnet-2"})
	attachment := planned(catalog.AutoScalingAttachment, "c", inputs{})
	ids, open := recovery.Match([]recovery.Planned{ready, waiting, attachment}, nil)
	assert.Equal(t, map[resource.URN]string{ready.URN: "subnet-1/rtb-1"}, ids)
	require.Len(t, open, 2)
	assert.Equal(t, "what its id is made of is not in the state yet", open[0].Why)
	assert.Contains(t, open[1].Why, "cannot import it")
}

func TestAnImportFileIsFilledAndWhatIsOpenStaysOut(t *testing.T) {
	plan := &recovery.Plan{Resources: []recovery.Planned{
		planned(subnetType, "known", inputs{"tags": inputs{"Name": "a"}}), planned(subnetType, "open", inputs{"tags": inputs{"Name": "z"}}),
		planned(catalog.RandomPassword, "password", inputs{"length": 32.0}),
	}}
	file := `{"resources": [
		{"type": "aws:ec2/subnet:Subnet", "name": "known", "id": "<PLACEHOLDER>", "parent": "network"},
		{"type": "aws:ec2/subnet:Subnet", "name": "open", "id": "<PLACEHOLDER>"},
		{"type": "random:index/randomPassword:RandomPassword", "name": "password", "id": "<PLACEHOLDER>"}]}`
	found := []recovery.Found{{Type: subnetType, ID: "subnet-1", Inputs: inputs{"tags": inputs{"Name": "a"}}}}
	filled, summary, err := recovery.Fill([]byte(file), plan, found, map[string]string{"password": "hunter2"})
	require.NoError(t, err)
	assert.Equal(t, 2, summary.Imported)
	assert.Equal(t, 1, summary.Left)
	var out struct{ Resources []map[string]any }
	require.NoError(t, json.Unmarshal(filled, &out))
	require.Len(t, out.Resources, 2)
	assert.Equal(t, map[string]any{"type": subnetType, "name": "known", "id": "subnet-1", "parent": "network"}, out.Resources[0])
	assert.Equal(t, `"hunter2"`, out.Resources[1]["outputs"].(map[string]any)["result"].(map[string]any)["plaintext"])

	_, _, err = recovery.Fill([]byte(`{"resources": []}`), plan, found, nil)
	assert.ErrorContains(t, err, "they are of two runs")
}

type inputs = map[string]any
