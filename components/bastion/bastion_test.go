package bastion_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/bastion"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func args() *bastion.Args {
	return &bastion.Args{
		Account: testkit.Account, VpcID: pulumi.String("vpc-1"), SubnetID: pulumi.String("subnet-1"),
		Bastion: config.Bastion{InstanceType: "t3.micro", NodeSSH: true},
		AMIID:   pulumi.String("ami-1"), KeyARN: pulumi.String("arn:aws:kms:us-west-2:111122223333:key/1"),
		NodeSecurityGroupID: pulumi.String("sg-nodes"), NodeCIDR: "10.20.0.0/16",
		ClusterSecurityGroupID: pulumi.String("sg-cluster"),
	}
}

func program(a *bastion.Args, session *testkit.Captured) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		b, err := bastion.New(ctx, "bastion", a)
		if err == nil && session != nil {
			session.Capture(ctx, b.SessionCommand)
		}
		return err
	}
}

func TestR06TheBastionHasNoInboundRule(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ec2/instance:Instance bastion-instance",
			"aws:ec2/securityGroup:SecurityGroup bastion-group",
			"aws:iam/instanceProfile:InstanceProfile bastion-profile",
			"aws:iam/role:Role bastion-role",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment bastion-ssm",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule bastion-https",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule bastion-ssh",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule bastion-api",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule bastion-node-ssh",
			"bpa:bastion:Bastion bastion",
		}, g.List())
		g.Owned(t, "bpa:bastion:Bastion")
		group := g.Get(t, "aws:ec2/securityGroup:SecurityGroup", "bastion-group")
		assert.Nil(t, group.Plain("ingress"))
		// The only inbound rules are those of the nodes and the cluster.
		rule := g.Get(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "bastion-node-ssh")
		assert.Equal(t, "sg-nodes", rule.Plain("securityGroupId"))
		assert.Equal(t, 22.0, rule.Plain("fromPort"))
		assert.Equal(t, 22.0, rule.Plain("toPort"))
		api := g.Get(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "bastion-api")
		assert.Equal(t, []any{"sg-cluster", 443.0, 443.0}, []any{api.Plain("securityGroupId"), api.Plain("fromPort"), api.Plain("toPort")})
		instance := g.Get(t, "aws:ec2/instance:Instance", "bastion-instance")
		assert.Equal(t, false, instance.Plain("associatePublicIpAddress"))
		assert.Nil(t, instance.Plain("keyName"), "Session Manager needs no key")
		assert.Equal(t, "required", instance.Plain("metadataOptions").(map[string]any)["httpTokens"])
		root := instance.Plain("rootBlockDevice").(map[string]any)
		assert.Equal(t, []any{true, "arn:aws:kms:us-west-2:111122223333:key/1"}, []any{root["encrypted"], root["kmsKeyId"]})
		assert.Equal(t, []string{"ami", "rootBlockDevice.kmsKeyId"}, instance.IgnoreChanges,
			"neither a newer image nor another key may replace the bastion")
		assert.Equal(t, "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
			g.Get(t, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "bastion-ssm").Plain("policyArn"))
	})
	var session testkit.Captured
	_, err := testkit.Update(program(args(), &session))
	require.NoError(t, err)
	command, _ := session.Value()
	assert.Equal(t, "aws ssm start-session --target bastion-instance-id --region us-west-2", command)
}

func TestWithoutNodeAccessNothingNamesTheNodes(t *testing.T) {
	a := args()
	a.NodeSSH = false
	g, err := testkit.Update(program(a, nil))
	require.NoError(t, err)
	assert.Len(t, g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"), 1, "but the API lets it in")
	assert.Len(t, g.OfType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), 1)
}

func TestTheInstanceWaitsForItsWayOut(t *testing.T) {
	g, err := testkit.Update(func(ctx *pulumi.Context) error {
		gateway, err := ec2.NewInternetGateway(ctx, "way-out", &ec2.InternetGatewayArgs{})
		if err != nil {
			return err
		}
		a := args()
		a.After = []pulumi.Resource{gateway}
		return program(a, nil)(ctx)
	})
	require.NoError(t, err)
	instance := g.Get(t, "aws:ec2/instance:Instance", "bastion-instance")
	assert.True(t, g.DependsOn(instance, "aws:ec2/internetGateway:InternetGateway", "way-out"))
	assert.True(t, g.DependsOn(instance, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "bastion-https"))
	assert.True(t, g.DependsOn(instance, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "bastion-ssm"),
		"an agent that may not register sleeps for five minutes")
}

func TestMissingArgumentsAreReportedAtOnce(t *testing.T) {
	g, err := testkit.Update(program(&bastion.Args{}, nil))
	for _, field := range []string{"instanceType", "SubnetID", "AMIID", "KeyARN", "ClusterSecurityGroupID"} {
		require.ErrorContains(t, err, "bastion: "+field+": (not set): must be ")
	}
	assert.Empty(t, g.List())
}
