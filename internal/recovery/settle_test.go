package recovery_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

type object = map[string]any

const (
	vpcType    = catalog.EC2Vpc
	bucketType = catalog.S3BucketV2
	tableType  = catalog.EC2RouteTableAssociation
)

func entry(typ, name, id string, inputs object) object {
	e := object{"urn": "urn:pulumi:dev::bpa::" + typ + "::" + name, "type": typ, "custom": true, "inputs": inputs}
	if id != "" {
		e["id"] = id
	}
	return e
}

func underWay(kind string, resource object) object { return object{"type": kind, "resource": resource} }

func state(t *testing.T, resources, operations []object) []byte {
	t.Helper()
	b, err := json.Marshal(object{"version": 3, "deployment": object{
		"manifest": object{"magic": "kept"}, "resources": resources, "pending_operations": operations,
	}})
	require.NoError(t, err)
	return b
}

// resources are those of a state, which must have nothing under way.
func resources(t *testing.T, exported []byte) []object {
	t.Helper()
	var s struct {
		Deployment struct {
			Manifest  object
			Resources []object
			Pending   []object `json:"pending_operations"`
		}
	}
	require.NoError(t, json.Unmarshal(exported, &s))
	assert.Empty(t, s.Deployment.Pending)
	assert.Equal(t, object{"magic": "kept"}, s.Deployment.Manifest, "what is not understood is kept")
	return s.Deployment.Resources
}

func TestACreationThatWasUnderWayGetsItsID(t *testing.T) {
	tags := object{"Name": "bpa-dev-vpc"}
	before := state(t, []object{entry(vpcType, "other", "vpc-1", object{"tags": tags})}, []object{
		underWay("creating", entry(vpcType, "network-vpc", "", object{"tags": tags, "cidrBlock": "10.0.0.0/16"})),
		underWay("creating", entry(bucketType, "files", "", object{"bucket": "bpa-files"})),
		underWay("creating", entry(tableType, "table", "", object{"subnetId": "subnet-1"})),
		underWay("updating", entry(vpcType, "other", "vpc-1", object{})),
		underWay("creating", object{"urn": "urn:pulumi:dev::bpa::bpa:network:Network::network", "type": "bpa:network:Network"}),
	})
	found := []recovery.Found{
		{Type: vpcType, ID: "vpc-1", Inputs: object{"tags": object{"Name": "bpa-dev-vpc", "bpa:stack": "bpa-dev"}}},
		{Type: vpcType, ID: "vpc-2", Inputs: object{"tags": object{"Name": "bpa-dev-vpc", "bpa:stack": "bpa-dev"}}},
	}
	settled, report, err := recovery.Settle(before, recovery.Listing{Found: found})
	require.NoError(t, err)
	after := resources(t, settled)
	require.Len(t, after, 3)
	assert.Equal(t, "vpc-2", after[1]["id"], "vpc-1 belongs to another resource of the state")
	assert.Equal(t, after[1]["inputs"], after[1]["outputs"])
	assert.Equal(t, "bpa-files", after[2]["id"], "its name is its id, listed or not")
	assert.Equal(t, "taken over: "+catalog.EC2Vpc+" network-vpc (vpc-2)\n"+
		"taken over: "+catalog.S3BucketV2+" files (bpa-files)\n"+
		"read again: "+catalog.EC2Vpc+" other\n"+
		"open: "+catalog.EC2RouteTableAssociation+" table: nothing like it is in the listing\n", report.String())
}

// An import may ask for a resource by another id than its provider reads it by.
func TestACreationGetsTheIDThatItsProviderReadsItBy(t *testing.T) {
	const typ, arn = catalog.EKSPodIdentityAssociation, "arn:aws:eks:us-west-2:111122223333:podidentityassociation/bpa-dev/a-1"
	found, _, err := recovery.ReadListing([]byte(`{"ResourceTagMappingList": [{"ResourceARN": "` + arn + `", "Tags": []}]}`))
	require.NoError(t, err)
	begun := underWay("creating", entry(typ, "roll", "", object{"clusterName": "bpa-dev"}))
	settled, _, err := recovery.Settle(state(t, nil, []object{begun}), recovery.Listing{Found: found})
	require.NoError(t, err)
	assert.Equal(t, "a-1", resources(t, settled)[0]["id"])
	assert.Equal(t, "bpa-dev,a-1", found[0].ID)

	held := entry(typ, "other", "a-1", object{"clusterName": "bpa-dev"})
	_, report, err := recovery.Settle(state(t, []object{held}, []object{begun}), recovery.Listing{Found: found, Whole: true})
	require.NoError(t, err)
	assert.Len(t, report.Missing, 1, "that one is another resource's")
}

func TestOfTwoThatMayBeMeantNoneIsTaken(t *testing.T) {
	tags := object{"tags": object{"bpa:stack": "bpa-dev"}}
	before := state(t, nil, []object{underWay("creating", entry(vpcType, "network-vpc", "", tags))})
	settled, report, err := recovery.Settle(before, recovery.Listing{Whole: true, Found: []recovery.Found{
		{Type: vpcType, ID: "vpc-1", Inputs: tags}, {Type: vpcType, ID: "vpc-2", Inputs: tags},
	}})
	require.NoError(t, err)
	assert.Empty(t, resources(t, settled))
	require.Len(t, report.Open, 1)
	assert.Equal(t, "2 may be meant", report.Open[0].Why)
}

// An engine may have noted an operation, and been killed before it asked a cloud for it.
func TestWhatAWholeListingLacksWasNotMade(t *testing.T) {
	before := state(t, nil, []object{underWay("creating", entry(vpcType, "network-vpc", "", object{"cidrBlock": "10.0.0.0/16"}))})
	for whole, want := range map[bool]string{
		true:  "not made: " + catalog.EC2Vpc + " network-vpc\n",
		false: "open: " + catalog.EC2Vpc + " network-vpc: nothing like it is in the listing\n",
	} {
		settled, report, err := recovery.Settle(before, recovery.Listing{Whole: whole})
		require.NoError(t, err)
		assert.Empty(t, resources(t, settled))
		assert.Equal(t, want, report.String())
	}
}

func TestAReplacementThatWasUnderWayKeepsTheOldToBeDeleted(t *testing.T) {
	old, gone := entry(bucketType, "files", "files-1", object{}), entry(bucketType, "logs", "logs-1", object{})
	gone["pendingReplacement"] = true // deleted before its replacement is made
	before := state(t, []object{old, entry(vpcType, "after", "vpc-1", object{}), gone}, []object{
		underWay("creating", entry(bucketType, "files", "", object{"bucket": "files-2"})),
		underWay("creating", entry(bucketType, "logs", "", object{"bucket": "logs-2"})),
	})
	settled, _, err := recovery.Settle(before, recovery.Listing{})
	require.NoError(t, err)
	var order []any
	for _, r := range resources(t, settled) {
		order = append(order, r["id"], r["delete"])
	}
	assert.Equal(t, []any{"files-2", nil, "vpc-1", nil, "logs-2", nil, "files-1", true}, order)
}

func TestIDsConsistOfInputsAsTheProvidersWriteThem(t *testing.T) {
	for want, resource := range map[string]object{
		"r-rtb-11080289494": entry(catalog.EC2Route, "x", "", object{"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0"}),
		"bpa:vpc-cni":       entry(catalog.EKSAddon, "x", "", object{"clusterName": "bpa", "addonName": "vpc-cni"}),
		"bpa-ns/bpa":        entry(catalog.HelmRelease, "x", "", object{"namespace": "bpa-ns", "name": "bpa"}),
		"bpa-ns/env": entry(catalog.KubernetesSecret, "x", "",
			object{"metadata": object{"namespace": "bpa-ns", "name": "env"}}),
		"logs": entry(catalog.S3BucketPolicy, "x", "", object{"bucket": "logs"}),
		"Y2x1c3Rlcl9uYW1l:YnBh-cHJvamVjdF9pZA==:NTA=": entry(catalog.AtlasAdvancedCluster, "x", "",
			object{"projectId": "50", "name": "bpa"}),
	} {
		settled, report, err := recovery.Settle(state(t, nil, []object{underWay("creating", resource)}), recovery.Listing{})
		require.NoError(t, err)
		require.Len(t, report.Taken, 1, want)
		assert.Equal(t, want, resources(t, settled)[0]["id"])
	}
	// An id of which a part is not known is none.
	_, report, err := recovery.Settle(state(t, nil, []object{
		underWay("creating", entry(catalog.EKSAddon, "x", "", object{"clusterName": "bpa"})),
		underWay("creating", entry(catalog.EC2Route, "x", "", object{"routeTableId": "rtb-1"})),
		underWay("creating", entry(catalog.AtlasDatabaseUser, "x", "", object{"username": "bpa"})),
	}), recovery.Listing{})
	require.NoError(t, err)
	assert.Len(t, report.Open, 3)
}

// fake is an engine that remembers what it was asked.
type fake struct {
	states [][]byte
	calls  []string
	fails  string
}

func (f *fake) call(name string) error {
	f.calls = append(f.calls, name)
	if f.fails == name {
		return errors.New("no")
	}
	return nil
}

func (f *fake) Cancel(context.Context) error { return f.call("cancel") }

func (f *fake) Export(context.Context) ([]byte, error) {
	next := f.states[0]
	f.states = f.states[min(1, len(f.states)-1):]
	return next, f.call("export")
}

func (f *fake) Import(context.Context, []byte) error { return f.call("import") }

func (f *fake) Refresh(context.Context) error { return f.call("refresh") }

func nothing(context.Context, []recovery.Planned) (recovery.Listing, error) {
	return recovery.Listing{}, nil
}

func TestAStackWithWhichNothingIsWrongIsLeftAsItIs(t *testing.T) {
	engine := &fake{states: [][]byte{state(t, []object{entry(bucketType, "files", "files", object{})}, nil)}}
	report, err := recovery.Recover(context.Background(), engine, recovery.Account{
		List: func(context.Context, []recovery.Planned) (recovery.Listing, error) {
			return recovery.Listing{}, errors.New("nobody has to look")
		},
	})
	require.NoError(t, err)
	assert.True(t, report.Empty())
	assert.Equal(t, []string{"cancel", "export"}, engine.calls)
}

func TestWhatARefreshDropsWasNotMade(t *testing.T) {
	begun := []object{
		underWay("creating", entry(bucketType, "files", "", object{"bucket": "files"})),
		underWay("creating", entry(bucketType, "logs", "", object{"bucket": "logs"})),
	}
	refreshed := state(t, []object{entry(bucketType, "files", "files", object{})}, nil)
	engine := &fake{states: [][]byte{state(t, nil, begun), refreshed}}
	report, err := recovery.Recover(context.Background(), engine, recovery.Account{List: nothing})
	require.NoError(t, err)
	assert.Equal(t, []string{"cancel", "export", "import", "refresh", "export"}, engine.calls)
	assert.Equal(t, "taken over: "+catalog.S3BucketV2+" files (files)\nnot made: "+catalog.S3BucketV2+" logs\n", report.String())
}

func TestWhatFailsIsNamed(t *testing.T) {
	begun := state(t, nil, []object{underWay("creating", entry(bucketType, "files", "", object{"bucket": "files"}))})
	for call, want := range map[string]string{
		"cancel": "releasing the lock: no", "export": "reading the state: no",
		"import": "writing the state: no", "refresh": "refreshing: no",
	} {
		_, err := recovery.Recover(context.Background(), &fake{states: [][]byte{begun}, fails: call}, recovery.Account{List: nothing})
		require.EqualError(t, err, want)
	}
	fails := func(context.Context, []recovery.Planned) (recovery.Listing, error) {
		return recovery.Listing{}, errors.New("no")
	}
	_, err := recovery.Recover(context.Background(), &fake{states: [][]byte{begun}}, recovery.Account{List: fails})
	require.EqualError(t, err, "listing what is in the clouds: no")
	_, _, err = recovery.Settle([]byte("no"), recovery.Listing{})
	require.ErrorContains(t, err, "reading the state")
}

func TestTheCloudsAreAskedForWhatTagsAndInputsDoNotTell(t *testing.T) {
	sought := []recovery.Planned{
		planned(bucketType, "files", inputs{"bucket": "files"}),
		planned(vpcType, "network-vpc", inputs{}),
		planned(
			catalog.ELBListener,
			"a",
			inputs{"loadBalancerArn": "arn:lb"},
		),
		planned(tableType, "a", inputs{}),
		planned(tableType, "b", inputs{}),
		planned(catalog.AtlasProject, "atlas-project", inputs{}),
		planned(catalog.KMSKey, "key", inputs{}),
	}
	assert.Equal(t, []string{
		"aws resourcegroupstaggingapi get-resources --tag-filters Key=bpa:stack,Values=bpa-dev --output json --region us-west-2",
		"aws elbv2 describe-listeners --load-balancer-arn arn:lb --output json --region us-west-2",
		"aws ec2 describe-route-tables --output json --region us-west-2",
		"atlas projects list --output json",
	}, recovery.ListingCommands("bpa-dev", "us-west-2", sought), "a bucket's id is its name, and VPCs and keys are tagged")
}
