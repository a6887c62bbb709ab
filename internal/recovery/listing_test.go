package recovery_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

// Documents as commands of the AWS CLI print them, one behind the other.
const printed = `
{"ResourceTagMappingList": [
  {"ResourceARN": "arn:aws:ec2:us-west-2:111122223333:subnet/subnet-1", "Tags": [
    {"Key": "Name", "Value": "a"}, {"Key": "bpa:stack", "Value": "bpa-dev"}]},
  {"ResourceARN": "arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/bpa-dev/50dc6c495c0c9188", "Tags": []},
  {"ResourceARN": "arn:aws:glue:us-west-2:111122223333:job/other", "Tags": []}]}
{"SecurityGroups": [
  {"GroupId": "sg-1", "GroupName": "cluster-pods-399819f", "Description": "Pods", "VpcId": "vpc-1", "IpPermissions": []},
  {"GroupId": "sg-2", "GroupName": "default", "Description": "default VPC security group", "VpcId": "vpc-1"}]}
{"SecurityGroupRules": [
  {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
   "ReferencedGroupInfo": {"GroupId": "sg-3"}},
  {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
   "CidrIpv4": "0.0.0.0/0"}]}
{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.21.0.0/16", "CidrBlockAssociationSet": [
  {"AssociationId": "vpc-cidr-assoc-1", "CidrBlock": "10.21.0.0/16"},
  {"AssociationId": "vpc-cidr-assoc-2", "CidrBlock": "100.64.0.0/16"}]}]}
{"RoleDetailList": [
  {"RoleName": "cluster-node-a40f085", "RolePolicyList": [{"PolicyName": "nodes-volumes-d2a1f2c"}],
   "Tags": [{"Key": "bpa:stack", "Value": "bpa-dev"}]},
  {"RoleName": "cluster-node-0000000", "RolePolicyList": [], "Tags": [{"Key": "bpa:stack", "Value": "bpa-other"}]}]}
{"KeyMetadata": {"KeyId": "1234abcd", "Description": "Encrypts bpa"}}
{"ARN": "arn:secret", "Name": "x", "Versions": [
  {"VersionId": "old", "VersionStages": ["AWSPREVIOUS"]}, {"VersionId": "new", "VersionStages": ["AWSCURRENT"]}]}
{"Reservations": []}
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bootstrap-credentials-1a2b3c4d", "namespace": "bpa-system"}},
  {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "bootstrap-job-1a2b3c4d", "namespace": "bpa-system"}},
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "bpa-system"}}]}
[{"type": "mongodbatlas:index/project:Project", "id": "0123"}]
`

func TestWhatTheAWSCLIPrintsIsRead(t *testing.T) {
	found, unread, err := recovery.ReadListing([]byte(printed))
	require.NoError(t, err)
	assert.Equal(t, 3, unread, "a job of Glue, a document of another kind, and a role of another stack")
	byID := map[string]recovery.Found{}
	for _, f := range found {
		byID[f.Type+" "+f.ID] = f
	}
	assert.Len(t, byID, len(found))
	for key, want := range map[string]recovery.Found{
		catalog.EC2Subnet + " subnet-1": {Inputs: inputs{"tags": inputs{"Name": "a", "bpa:stack": "bpa-dev"}}},
		catalog.ELBLoadBalancer + " arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/bpa-dev/50dc6c495c0c9188": {
			Name: "bpa-dev", Inputs: inputs{"name": "bpa-dev", "tags": inputs{}},
		},
		catalog.EC2SecurityGroup + " sg-1": {
			Name: "cluster-pods-399819f", Inputs: inputs{
				"groupId": "sg-1", "groupName": "cluster-pods-399819f", "name": "cluster-pods-399819f",
				"description": "Pods", "vpcId": "vpc-1",
			},
		},
		catalog.VPCSecurityGroupEgressRule + " sgr-2": {Inputs: inputs{
			"securityGroupRuleId": "sgr-2", "groupId": "sg-1", "securityGroupId": "sg-1", "isEgress": true, "ipProtocol": "-1",
			"cidrIpv4": "0.0.0.0/0", "referencedSecurityGroupId": nil, "cidrIpv6": nil, "prefixListId": nil,
		}},
		catalog.EC2SecurityGroupRule + " sgr-2": {Inputs: inputs{
			"securityGroupId": "sg-1", "type": "egress", "protocol": "-1", "cidrBlocks": []any{"0.0.0.0/0"}, "sourceSecurityGroupId": nil,
		}},
		catalog.EC2VpcIpv4CidrBlockAssociation + " vpc-cidr-assoc-2": {Inputs: inputs{
			"associationId": "vpc-cidr-assoc-2", "cidrBlock": "100.64.0.0/16", "vpcId": "vpc-1",
		}},
		catalog.IAMRole + " cluster-node-a40f085": {
			Name: "cluster-node-a40f085", Inputs: inputs{"name": "cluster-node-a40f085", "tags": inputs{"bpa:stack": "bpa-dev"}},
		},
		catalog.IAMRolePolicy + " cluster-node-a40f085:nodes-volumes-d2a1f2c": {
			Name: "nodes-volumes-d2a1f2c", Inputs: inputs{
				"role": "cluster-node-a40f085", "name": "nodes-volumes-d2a1f2c", "tags": inputs{"bpa:stack": "bpa-dev"},
			},
		},
		catalog.KMSKey + " 1234abcd":                            {Inputs: inputs{"description": "Encrypts bpa"}},
		catalog.SecretsManagerSecretVersion + " arn:secret|new": {Inputs: inputs{"secretId": "arn:secret"}},
	} {
		got, there := byID[key]
		if assert.True(t, there, key) {
			assert.Equal(t, want.Name, got.Name, key)
			assert.Equal(t, want.Inputs, got.Inputs, key)
		}
	}
	assert.Contains(t, byID, catalog.EC2DefaultSecurityGroup+" sg-2")
	assert.Equal(t, "bootstrap-credentials-1a2b3c4d", byID[catalog.KubernetesSecret+" bpa-system/bootstrap-credentials-1a2b3c4d"].Name)
	assert.Contains(t, byID, catalog.KubernetesJob+" bpa-system/bootstrap-job-1a2b3c4d")
	assert.Contains(t, byID, catalog.AtlasProject+" 0123")
	assert.NotContains(t, byID, catalog.EC2VpcIpv4CidrBlockAssociation+" vpc-cidr-assoc-1", "the VPC's own range")
}

func TestWhatTheAtlasCLIPrintsIsRead(t *testing.T) {
	found, _, err := recovery.ReadListing([]byte(`{"results": [
		{"id": "50", "groupId": "0123", "name": "bpa-dev", "clusterType": "REPLICASET", "stateName": "IDLE"}], "totalCount": 1}
		[{"id": "77", "cloudProvider": "AWS", "regionName": "US_WEST_2", "interfaceEndpoints": ["vpce-1"], "status": "AVAILABLE"}]`))
	require.NoError(t, err)
	require.Len(t, found, 3)
	assert.Equal(t, catalog.AtlasAdvancedCluster, found[0].Type)
	assert.Equal(t, inputs{"name": "bpa-dev", "projectId": "0123", "clusterType": "REPLICASET"}, found[0].Inputs)
	assert.Equal(t, catalog.AtlasPrivateLinkEndpointService, found[2].Type)
	assert.Equal(t, inputs{"privateLinkId": "77", "providerName": "AWS", "endpointServiceId": "vpce-1"}, found[2].Inputs)
}

func TestAListingThatIsNoJSONIsRefused(t *testing.T) {
	_, _, err := recovery.ReadListing([]byte("An error occurred (AccessDenied)"))
	assert.ErrorContains(t, err, "reading the listing")
}
