package rehearsal_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// options rehearses a program with an empty stack file.
func options(t *testing.T, program pulumi.RunFunc) rehearsal.Options {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte(noDefaults), 0o600))
	project := filepath.Join(dir, "Pulumi.yaml") // the platform's own insists on its configuration
	require.NoError(t, os.WriteFile(project, []byte("name: bpa\nruntime: go\n"), 0o600))
	return rehearsal.Options{
		Project: project, ToolsModule: "../../../tools/go.mod", StackFile: file, Stack: "test",
		Program: func(string) pulumi.RunFunc { return program },
	}
}

const noDefaults = "config:\n  pulumi:disable-default-providers: ['*']\n"

func newVpc(ctx *pulumi.Context) (*aws.Provider, *ec2.Vpc, *ec2.Subnet, error) {
	provider, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{
		Region: pulumi.String("eu-west-1"), AllowedAccountIds: pulumi.StringArray{pulumi.String("444455556666")},
	})
	if err != nil {
		return nil, nil, nil, err
	}
	vpc, err := ec2.NewVpc(
		ctx,
		"vpc",
		&ec2.VpcArgs{CidrBlock: pulumi.String("10.0.0.0/16")},
		pulumi.Provider(provider),
		pulumi.Protect(true),
	)
	if err != nil {
		return nil, nil, nil, err
	}
	subnet, err := ec2.NewSubnet(
		ctx,
		"subnet",
		&ec2.SubnetArgs{VpcId: vpc.ID(), CidrBlock: pulumi.String("10.0.0.0/24")},
		pulumi.Provider(provider),
	)
	return provider, vpc, subnet, err
}

func TestCycleLeavesNothingAndKeepsSecrets(t *testing.T) {
	o := options(t, func(ctx *pulumi.Context) error {
		provider, vpc, _, err := newVpc(ctx)
		if err != nil {
			return err
		}
		generator, err := random.NewProvider(ctx, "random", &random.ProviderArgs{})
		if err != nil {
			return err
		}
		password, err := random.NewRandomPassword(
			ctx,
			"password",
			&random.RandomPasswordArgs{Length: pulumi.Int(32)},
			pulumi.Provider(generator),
		)
		if err != nil {
			return err
		}
		secret, err := secretsmanager.NewSecret(ctx, "secret", &secretsmanager.SecretArgs{}, pulumi.Provider(provider))
		if err != nil {
			return err
		}
		_, err = secretsmanager.NewSecretVersion(ctx, "version", &secretsmanager.SecretVersionArgs{
			SecretId: secret.ID(), SecretString: password.Result,
		}, pulumi.Provider(provider))
		ctx.Export("vpc", vpc.Arn)
		ctx.Export("password", password.Result)
		return err
	})
	o.ReadOutputs = true
	result, err := rehearsal.Cycle(context.Background(), o)
	require.NoError(t, err, result.Text)
	assert.Equal(t, 8, result.Created, "stack, two providers and five resources")
	assert.Equal(t, result.Created, result.Deleted)
	assert.Zero(t, result.SecondPreview)
	assert.Regexp(t, `^arn:aws:ec2:eu-west-1:444455556666:vpc/vpc-[0-9a-f]{17}$`, result.Outputs["vpc"].Value)

	password, _ := result.Outputs["password"].Value.(string)
	require.Len(t, password, 32)
	assert.True(t, result.Outputs["password"].Secret)
	assert.NotContains(t, string(result.State), password)
	assert.NotContains(t, result.Text, password)
	assert.True(t, json.Valid(result.State))
}

func TestFailureNamesTheFirstCause(t *testing.T) {
	_, err := rehearsal.Up(context.Background(), options(t, func(ctx *pulumi.Context) error {
		provider, _, _, err := newVpc(ctx)
		if err != nil {
			return err
		}
		_, err = ec2.NewSubnet(ctx, "lost", &ec2.SubnetArgs{
			VpcId: pulumi.String("vpc-0123456789abcdef0"), CidrBlock: pulumi.String("10.9.0.0/24"),
		}, pulumi.Provider(provider))
		return err
	}))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "urn:pulumi:test::bpa::"+catalog.EC2Subnet+"::lost")
	assert.Contains(t, err.Error(), "InvalidVpcID.NotFound: The ID 'vpc-0123456789abcdef0' does not exist")
	assert.NotContains(t, err.Error(), "\n", "one line is enough")
}

func TestUnknownTypeIsRefusedByName(t *testing.T) {
	_, err := rehearsal.Up(context.Background(), options(t, func(ctx *pulumi.Context) error {
		provider, _, _, err := newVpc(ctx)
		if err != nil {
			return err
		}
		_, err = ec2.NewPlacementGroup(ctx, "group", &ec2.PlacementGroupArgs{Strategy: pulumi.String("cluster")}, pulumi.Provider(provider))
		return err
	}))
	require.ErrorContains(t, err, "rehearsal: aws: resource type "+catalog.EC2PlacementGroup+" is not simulated")
}

// seen are the children that pulumi-eks 3.9.1 registers for a cluster named eks and a group named node-1, in API mode
// with an instance role, as recorded from the real component.
var seen = []string{
	catalog.AutoScalingGroup + " node-1",
	catalog.EC2LaunchTemplate + " node-1-launchTemplate",
	catalog.EC2SecurityGroup + " eks-eksClusterSecurityGroup",
	catalog.EC2SecurityGroup + " eks-nodeSecurityGroup",
	catalog.EC2SecurityGroupRule + " eks-eksClusterIngressRule",
	catalog.EC2SecurityGroupRule + " eks-eksClusterInternetEgressRule",
	catalog.EC2SecurityGroupRule + " eks-eksExtApiServerClusterIngressRule",
	catalog.EC2SecurityGroupRule + " eks-eksNodeClusterIngressRule",
	catalog.EC2SecurityGroupRule + " eks-eksNodeIngressRule",
	catalog.EC2SecurityGroupRule + " eks-eksNodeInternetEgressRule",
	catalog.EKSAccessEntry + " eks-defaultNodeGroupInstanceRole",
	catalog.EKSAddon + " eks-kube-proxy",
	catalog.EKSAddon + " eks-vpc-cni",
	catalog.EKSCluster + " eks-eksCluster",
	catalog.IAMRole + " eks-eksRole-role",
	catalog.IAMRolePolicyAttachment + " eks-eksRole-4b490823",
	catalog.EKSClusterComponent + " eks",
	catalog.EKSNodeGroupV2Component + " node-1",
	catalog.EKSServiceRoleComponent + " eks-eksRole",
	catalog.EKSVpcCniAddonComponent + " eks-vpc-cni",
	catalog.KubernetesProvider + " eks-eks-k8s",
}

func TestEksChildrenAreThoseOfTheRealComponent(t *testing.T) {
	result, err := rehearsal.Cycle(context.Background(), options(t, eksProgram("1.35")))
	require.NoError(t, err, result.Text)
	resources, err := stackdoc.Deployed(result.State)
	require.NoError(t, err)
	var got []string
	for _, r := range resources {
		name := r.Name()
		if strings.HasPrefix(name, "eks-") || name == "node-1" || strings.HasPrefix(name, "node-1-") ||
			r.Type() == catalog.EKSClusterComponent {
			got = append(got, r.Type()+" "+name)
		}
	}
	assert.ElementsMatch(t, seen, got)
}

func TestAFailureInsideAComponentIsNamed(t *testing.T) {
	_, err := rehearsal.Up(context.Background(), options(t, eksProgram("1.27")))
	require.ErrorContains(t, err, "InvalidParameterException: unsupported Kubernetes version 1.27")
}

func TestCoreDNSBeforeTheNodesIsDegraded(t *testing.T) {
	_, err := rehearsal.Up(context.Background(), options(t, func(ctx *pulumi.Context) error {
		return eksProgramWith(ctx, "1.35", &eks.CoreDnsAddonOptionsArgs{})
	}))
	require.ErrorContains(t, err, "(last state: 'DEGRADED', timeout: 20m0s)")
}

// eksProgram makes a cluster in two zones, and a group of nodes.
func eksProgram(version string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error { return eksProgramWith(ctx, version, nil) }
}

func eksProgramWith(ctx *pulumi.Context, version string, coredns *eks.CoreDnsAddonOptionsArgs) error {
	provider, vpc, subnet, err := newVpc(ctx)
	if err != nil {
		return err
	}
	other, err := ec2.NewSubnet(ctx, "other", &ec2.SubnetArgs{
		VpcId: vpc.ID(), CidrBlock: pulumi.String("10.0.1.0/24"), AvailabilityZone: pulumi.String("eu-west-1b"),
	}, pulumi.Provider(provider))
	if err != nil {
		return err
	}
	component, err := eks.NewProvider(ctx, "eks", &eks.ProviderArgs{})
	if err != nil {
		return err
	}
	role, err := iam.NewRole(
		ctx,
		"role",
		&iam.RoleArgs{AssumeRolePolicy: pulumi.String(`{"Version":"2012-10-17","Statement":[]}`)},
		pulumi.Provider(provider),
	)
	if err != nil {
		return err
	}
	api, off := eks.AuthenticationModeApi, true
	cluster, err := eks.NewCluster(ctx, "eks", &eks.ClusterArgs{
		AuthenticationMode: &api, SkipDefaultNodeGroup: &off, InstanceRole: role, VpcId: vpc.ID(),
		PrivateSubnetIds: pulumi.StringArray{subnet.ID(), other.ID()}, Version: pulumi.String(version),
		CorednsAddonOptions: coredns,
	}, pulumi.Providers(provider, component))
	if err != nil {
		return err
	}
	_, err = eks.NewNodeGroupV2(ctx, "node-1", &eks.NodeGroupV2Args{
		Cluster: cluster, AmiId: pulumi.String("ami-0123456789abcdef0"), NodeSecurityGroupId: cluster.NodeSecurityGroupId,
		ClusterIngressRuleId: cluster.ClusterIngressRuleId, InstanceProfileName: pulumi.String("profile"),
		MinSize: pulumi.Int(1), MaxSize: pulumi.Int(1), DesiredCapacity: pulumi.Int(1), MinRefreshPercentage: pulumi.Int(0),
		NodeSubnetIds: pulumi.StringArray{subnet.ID()}, Labels: pulumi.StringMap{"name": pulumi.String("node-1")},
	}, pulumi.Providers(provider, component))
	return err
}
