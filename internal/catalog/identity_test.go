package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

type inputs = map[string]any

func importID(typ string, properties inputs) (string, bool) {
	return catalog.Of(typ).Identity.ImportID.Of(properties)
}

// documented are inputs from which each form must make the id that the provider's own documentation shows.
var documented = map[string]inputs{
	catalog.CloudWatchDashboard:   {"dashboardName": "dashboard_name"},
	catalog.CloudWatchEventTarget: {"rule": "rule-name", "targetId": "target-id"},
	catalog.CloudWatchMetricAlarm: {"name": "alarm-12345"},
	catalog.EC2Route:              {"routeTableId": "rtb-656C65616E6F72", "destinationCidrBlock": "10.42.0.0/16"},
	catalog.EC2RouteTableAssociation: {
		"subnetId": "subnet-6777656e646f6c796e", "routeTableId": "rtb-656c65616e6f72",
	},
	catalog.EC2SecurityGroupRule: {
		"securityGroupId": "sg-7472697374616e", "type": "ingress", "protocol": "-1", "fromPort": 0.0, "toPort": 65536.0,
		"sourceSecurityGroupId": "sg-6176657279",
	},
	catalog.ECRLifecyclePolicy:      {"repository": "tf-example"},
	catalog.ECRPullThroughCacheRule: {"ecrRepositoryPrefix": "ecr-public"},
	catalog.ECRRepository:           {"name": "test-service"},
	catalog.EKSAccessEntry:          {"clusterName": "my_cluster_name", "principalArn": "my_principal_arn"},
	catalog.EKSAccessPolicyAssociation: {
		"clusterName": "my_cluster_name", "principalArn": "my_principal_arn", "policyArn": "my_policy_arn",
	},
	catalog.EKSAddon: {
		"clusterName": "my_cluster_name",
		"addonName":   "my_addon_name",
	},
	catalog.EKSCluster:                {"name": "my_cluster"},
	catalog.EKSPodIdentityAssociation: {"clusterName": "example", "id": "a-12345678"},
	catalog.IAMRolePolicyAttachment: {
		"role":      "test-role",
		"policyArn": "arn:aws:iam::xxxxxxxxxxxx:policy/test-policy",
	},
	catalog.RDSInstance:                      {"identifier": "mydb-rds-instance"},
	catalog.S3BucketLifecycleConfigurationV2: {"bucket": "bucket-name"},
	catalog.S3BucketObjectv2: {
		"bucket": "some-bucket-name",
		"key":    "some/key.txt",
	},
	catalog.S3BucketOwnershipControls:                   {"bucket": "my-bucket"},
	catalog.S3BucketPolicy:                              {"bucket": "my-tf-test-bucket"},
	catalog.S3BucketPublicAccessBlock:                   {"bucket": "my-bucket"},
	catalog.S3BucketServerSideEncryptionConfigurationV2: {"bucket": "bucket-name"},
	catalog.S3BucketVersioningV2:                        {"bucket": "bucket-name"},
	catalog.SNSTopicPolicy: {
		"arn": "arn:aws:sns:us-west-2:123456789012:my-topic",
	},
	catalog.AtlasAdvancedCluster: {
		"projectId": "1112222b3bf99403840e8934",
		"name":      "Cluster0",
	},
	catalog.AtlasCloudBackupSchedule: {
		"projectId": "5d0f1f73cf09a29120e173cf", "clusterName": "MyClusterTest",
	},
	catalog.AtlasDatabaseUser: {
		"projectId": "1112222b3bf99403840e8934", "username": "my-username-dash", "authDatabaseName": "my-db-name",
	},
	catalog.AtlasPrivateLinkEndpoint: {
		"projectId": "1112222b3bf99403840e8934", "privateLinkId": "3242342343112", "providerName": "AWS", "region": "us-east-1",
	},
	catalog.AtlasPrivateLinkEndpointService: {
		"projectId":         "1112222b3bf99403840e8934",
		"privateLinkId":     "3242342343112",
		"endpointServiceId": "vpce-4242342343",
		"providerName":      "AWS",
	},
	catalog.KubernetesNamespace:          {"metadata": inputs{"name": "myNamespace"}},
	catalog.KubernetesConfigMap:          {"metadata": inputs{"namespace": "<namespace>", "name": "<releaseName>"}},
	catalog.KubernetesSecret:             {"metadata": inputs{"namespace": "<namespace>", "name": "<releaseName>"}},
	catalog.KubernetesJob:                {"metadata": inputs{"namespace": "<namespace>", "name": "<releaseName>"}},
	catalog.KubernetesServiceAccount:     {"metadata": inputs{"namespace": "<namespace>", "name": "<releaseName>"}},
	catalog.KubernetesClusterRole:        {"metadata": inputs{"name": "<releaseName>"}},
	catalog.KubernetesClusterRoleBinding: {"metadata": inputs{"name": "<releaseName>"}},
	catalog.HelmRelease:                  {"namespace": "<namespace>", "name": "<releaseName>"},
}

// sources are the modules whose source documents a provider's types, and the folder of a type's file.
var sources = map[string]struct{ module, folder string }{
	"aws":          {"github.com/pulumi/pulumi-aws/sdk/v6", "go/aws"},
	"mongodbatlas": {"github.com/pulumi/pulumi-mongodbatlas/sdk/v3", "go/mongodbatlas"},
}

// documentation returns the source that documents a type.
func documentation(t *testing.T, typ string) string {
	t.Helper()
	pkg, rest, _ := strings.Cut(typ, ":")
	at := sources[pkg]
	dir, err := sdkdoc.ModuleDir(at.module)
	require.NoError(t, err)
	file, _, _ := strings.Cut(rest, ":")
	b, err := os.ReadFile(filepath.Join(dir, at.folder, strings.TrimPrefix(file, "index/")+".go"))
	require.NoError(t, err)
	return string(b)
}

func TestD05EveryIDIsMadeAsTheProviderDocumentsIt(t *testing.T) {
	for typ, given := range documented {
		id, ok := importID(typ, given)
		require.True(t, ok, typ)
		if strings.HasPrefix(typ, "kubernetes:") {
			// Objects are documented as a whole: "namespace/name", as the release has it, and the name alone where there is none.
			continue
		}
		example := regexp.MustCompile(`pulumi import ` + regexp.QuoteMeta(typ) + ` \S+ ` + regexp.QuoteMeta(id) + `\s`)
		assert.Regexp(t, example, documentation(t, typ), typ)
	}
}

func TestWhatCannotBeImportedIsNotDocumented(t *testing.T) {
	const typ = catalog.AutoScalingAttachment
	assert.NotEmpty(t, catalog.Of(typ).Identity.NoImport)
	assert.NotContains(t, documentation(t, typ), "## Import")
}

func TestAnIDWaitsForWhatItIsMadeOf(t *testing.T) {
	_, ok := importID(catalog.EC2Route, inputs{"destinationCidrBlock": "0.0.0.0/0"})
	assert.False(t, ok, "the route table is not known yet")
	_, ok = importID(
		catalog.EC2SecurityGroupRule,
		inputs{"type": "egress", "protocol": "-1", "fromPort": 0.0, "toPort": 0.0},
	)
	assert.False(t, ok, "the group is not known yet")
	_, ok = importID(catalog.KMSKey, inputs{"description": "Encrypts"})
	assert.False(t, ok, "a key's id is its own")
}

func TestARuleOfASecurityGroupIsNamedByAllThatItSays(t *testing.T) {
	rule := inputs{
		"securityGroupId": "sg-1",
		"type":            "egress",
		"protocol":        "-1",
		"fromPort":        0.0,
		"toPort":          0.0,
		"cidrBlocks":      []any{"0.0.0.0/0"},
	}
	id, ok := importID(catalog.EC2SecurityGroupRule, rule)
	assert.True(t, ok)
	assert.Equal(t, "sg-1_egress_all_0_0_0.0.0.0/0", id, "as the documentation shows the default egress rule")
	rule["self"], rule["type"], rule["cidrBlocks"] = true, "ingress", nil
	id, _ = importID(catalog.EC2SecurityGroupRule, rule)
	assert.Equal(t, "sg-1_ingress_all_0_0_self", id)
}

// What a stack consists of can be found again after a loss: its id consists of inputs, or its ARN and tags tell it, or a command
// lists it.
func TestEveryResourceOfAStackIsMadeListedOrExcused(t *testing.T) {
	types := regexp.MustCompile(`(?m)^ +((?:aws|mongodbatlas|kubernetes):\S+)`)
	for _, stack := range []string{"dev", "prod"} {
		graph, err := os.ReadFile(filepath.Join("..", "..", "test", "platform", "testdata", stack+".graph"))
		require.NoError(t, err)
		found := types.FindAllStringSubmatch(string(graph), -1)
		assert.NotEmpty(t, found)
		for _, match := range found {
			i := catalog.Of(match[1]).Identity
			told := i.ARN != "" || i.Listing.Command != ""
			assert.True(t, i.ImportID != nil || i.NoImport != "" || told, "%s: an import cannot find it", match[1])
			assert.True(t, i.StateID != nil || told, "%s: a recovery cannot find it", match[1])
		}
	}
}

func TestAnARNSaysWhatItNames(t *testing.T) {
	const here = ":us-west-2:111122223333:"
	for arn, want := range map[string]struct {
		typ, id, name string
		properties    inputs
	}{
		"arn:aws:ec2" + here + "subnet/subnet-1":         {catalog.EC2Subnet, "subnet-1", "", inputs{}},
		"arn:aws-us-gov:ec2" + here + "security-group/a": {catalog.EC2SecurityGroup, "a", "", inputs{}},
		"arn:aws:rds" + here + "db:bpa":                  {catalog.RDSInstance, "bpa", "bpa", inputs{"identifier": "bpa"}},
		"arn:aws:s3:::bpa-logs":                          {catalog.S3BucketV2, "bpa-logs", "bpa-logs", inputs{"bucket": "bpa-logs"}},
		"arn:aws:logs" + here + "log-group:/aws/eks/bpa:*": {
			catalog.CloudWatchLogGroup, "/aws/eks/bpa", "/aws/eks/bpa", inputs{"name": "/aws/eks/bpa"},
		},
		"arn:aws:iam::111122223333:role/a/b/node": {catalog.IAMRole, "node", "node", inputs{"name": "node"}},
		"arn:aws:eks" + here + "addon/bpa/coredns/1": {
			catalog.EKSAddon, "bpa:coredns", "coredns", inputs{"clusterName": "bpa", "addonName": "coredns"},
		},
		"arn:aws:secretsmanager" + here + "secret:a/kong-x1Y2z3": {
			catalog.SecretsManagerSecret, "arn:aws:secretsmanager" + here + "secret:a/kong-x1Y2z3", "a/kong", inputs{"name": "a/kong"},
		},
	} {
		named, known := catalog.ByARN(arn)
		if assert.True(t, known, arn) {
			assert.Equal(t, []any{want.typ, want.id, want.name, want.properties},
				[]any{named.Type.Token, named.ID, named.Name, named.Properties}, arn)
		}
	}
	for _, arn := range []string{"arn:aws:events" + here + "rule/bus/x", "arn:aws:glue" + here + "job/x", "no ARN"} {
		_, known := catalog.ByARN(arn)
		assert.False(t, known, arn)
	}
	arn, known := catalog.Of(catalog.RDSInstance).Identity.ARN.Of(inputs{
		"partition": "aws", "region": "us-west-2", "account": "111122223333", "identifier": "bpa",
	})
	assert.True(t, known)
	assert.Equal(t, "arn:aws:rds:us-west-2:111122223333:db:bpa", arn)
}
