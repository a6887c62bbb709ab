package deployer_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/deployer"
)

// graph is a stack of the given resources.
func graph(resources ...deployer.Resource) deployer.Graph {
	return deployer.Graph{Account: account.Of("111122223333", "us-west-2"), Stack: "bpa", Cluster: "bpa", Path: "bpa", Resources: resources}
}

func bucket(name string) deployer.Resource {
	return deployer.Resource{Type: catalog.S3BucketV2, Name: name}
}

// statement finds a statement by its Sid.
func statement(t *testing.T, documents []deployer.Document, sid string) deployer.Statement {
	t.Helper()
	for _, d := range documents {
		for _, s := range d.Statement {
			if s.Sid == sid {
				return s
			}
		}
	}
	require.Failf(t, "no such statement", "%s in %+v", sid, documents)
	return deployer.Statement{}
}

func TestATypeWithoutPermissionsIsAnErrorThatNamesIt(t *testing.T) {
	_, err := deployer.Documents(graph(deployer.Resource{Type: "aws:sqs/queue:Queue"}), deployer.Up)
	require.EqualError(t, err, "deployer: aws:sqs/queue:Queue has no permissions in internal/catalog: "+
		"write down what its creation, reading, changing and deletion need")
	_, err = deployer.Documents(graph(), "destruction")
	require.ErrorContains(t, err, `"destruction": must be one of [up preview destroy]`)
}

func TestAPolicyNamesWhatTheStackNames(t *testing.T) {
	documents, err := deployer.Documents(graph(bucket("b"), bucket("a"), bucket("a")), deployer.Destroy)
	require.NoError(t, err)
	s := statement(t, documents, "Bucket")
	assert.Equal(t, []string{"arn:aws:s3:::a", "arn:aws:s3:::b"}, s.Resource)
	assert.Contains(t, s.Action, "s3:DeleteBucket")
	assert.NotContains(t, s.Action, "s3:CreateBucket")
}

func TestTheOrderOfResourcesChangesNothing(t *testing.T) {
	one := []deployer.Resource{bucket("a"), bucket("b"), {Type: catalog.EC2Vpc}, {Type: catalog.KMSKey}}
	other := []deployer.Resource{one[3], one[1], one[2], one[0]}
	first, err := deployer.Documents(graph(one...), deployer.Up)
	require.NoError(t, err)
	for range 20 { // maps are walked in another order each time
		again, err := deployer.Documents(graph(other...), deployer.Up)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestARoleIsPassedOnlyToTheServiceThatItTrusts(t *testing.T) {
	role := func(name, service string) deployer.Resource {
		return deployer.Resource{Type: catalog.IAMRole, Name: name, TrustedBy: []string{service}}
	}
	documents, err := deployer.Documents(graph(
		deployer.Resource{Type: catalog.EKSCluster}, deployer.Resource{Type: catalog.IAMInstanceProfile, Name: "p"},
		role("control", "eks.amazonaws.com"), role("node", "ec2.amazonaws.com")), deployer.Up)
	require.NoError(t, err)
	eks, ec2 := statement(t, documents, "RolePassedToEks"), statement(t, documents, "RolePassedToEc2")
	assert.Equal(t, []string{"arn:aws:iam::111122223333:role/control"}, eks.Resource)
	assert.Equal(t, deployer.Block{"StringEquals": {"iam:PassedToService": {"eks.amazonaws.com"}}}, eks.Condition)
	assert.Equal(t, []string{"arn:aws:iam::111122223333:role/node"}, ec2.Resource)
}

func TestAnExistingNetworkIsAllowedByItsIds(t *testing.T) {
	g := graph(deployer.Resource{Type: catalog.EC2SecurityGroup})
	g.Existing = []string{"vpc-0123456789abcdef0", "", "subnet-0123456789abcdef1"}
	documents, err := deployer.Documents(g, deployer.Up)
	require.NoError(t, err)
	s := statement(t, documents, "VpcOwnExisting")
	assert.Equal(t, []string{"arn:aws:ec2:us-west-2:111122223333:vpc/vpc-0123456789abcdef0"}, s.Resource)
	assert.Equal(t, []string{"ec2:CreateSecurityGroup"}, s.Action)
	assert.Empty(t, s.Condition)
}

func TestOriginsAreNamesOrARNs(t *testing.T) {
	for text, name := range map[string]string{
		"bpa-2026-11-23": "bpa-2026-11-23", "rds:bpa-2026-11-23": "rds:bpa-2026-11-23",
		"arn:aws:rds:us-west-2:444455556666:snapshot:rds:bpa-2026-11-23": "rds:bpa-2026-11-23",
	} {
		assert.Equal(t, []deployer.Resource{{Type: catalog.OriginRDSSnapshot, Name: name}},
			deployer.Origins(map[string]any{"snapshotIdentifier": text}))
	}
	assert.Equal(t, []deployer.Resource{{Type: catalog.OriginRDSInstance, Name: "bpa-postgres"}}, deployer.Origins(map[string]any{
		"restoreToPointInTime": map[string]any{"sourceDbInstanceIdentifier": "bpa-postgres"},
	}))
	assert.Empty(t, deployer.Origins(map[string]any{"snapshotId": ""}))
}

func TestWhatIAMWouldRefuseIsAnError(t *testing.T) {
	var many []deployer.Resource
	for i := range 200 {
		many = append(many, bucket(fmt.Sprintf("a-bucket-with-quite-a-long-name-%03d", i)))
	}
	_, err := deployer.Documents(graph(many...), deployer.Up)
	require.ErrorContains(t, err, "statement Bucket has ")
	require.ErrorContains(t, err, "and a policy may have 6144")
}
