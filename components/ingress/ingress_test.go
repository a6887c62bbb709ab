package ingress_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/ingress"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func args() *ingress.Args {
	return &ingress.Args{
		Account: testkit.Account, LoadBalancerName: "bpa-test-alb", VpcID: pulumi.String("vpc-1"),
		SubnetIDs:           pulumi.StringArray{pulumi.String("subnet-a"), pulumi.String("subnet-b")},
		Targets:             []ingress.Target{{Name: "node-1", AutoScalingGroupName: pulumi.String("asg-1")}},
		NodeSecurityGroupID: pulumi.String("sg-nodes"), NodeCIDR: "10.20.0.0/16", Protect: true,
		Ingress: config.Ingress{
			Scheme: "internal", AllowedCIDRs: []string{"10.0.0.0/8"}, Hostname: "bpa.example.com",
			HTTPSNodePort: 30443, PortalNodePort: 30101,
			TLSPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", LogRetentionDays: 90, DeletionProtection: true,
			Certificate: config.Certificate{CertificateFile: "certificate.pem", PrivateKeyFile: "key.pem"},
		},
		Imported: ingress.Imported{CertificatePEM: "leaf", ChainPEM: "chain", PrivateKey: pulumi.String("private-key")},
	}
}

func program(a *ingress.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := ingress.New(ctx, "ingress", a)
		return err
	}
}

func TestR02TheLoadBalancerSpreadsOverTheNodesAndLogs(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:acm/certificate:Certificate ingress-certificate",
			"aws:autoscaling/attachment:Attachment ingress-30101-node-1",
			"aws:autoscaling/attachment:Attachment ingress-443-node-1",
			"aws:ec2/securityGroup:SecurityGroup ingress-group",
			"aws:lb/listener:Listener ingress-30101",
			"aws:lb/listener:Listener ingress-443",
			"aws:lb/loadBalancer:LoadBalancer ingress-alb",
			"aws:lb/targetGroup:TargetGroup ingress-30101",
			"aws:lb/targetGroup:TargetGroup ingress-443",
			"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2 ingress-logs",
			"aws:s3/bucketPolicy:BucketPolicy ingress-logs",
			"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ingress-logs",
			"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 ingress-logs",
			"aws:s3/bucketV2:BucketV2 ingress-logs",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ingress-to-30101",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ingress-to-30443",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ingress-30101-from-10.0.0.0/8",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ingress-443-from-10.0.0.0/8",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ingress-node-30101",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ingress-node-30443",
			"bpa:ingress:Ingress ingress",
		}, g.List())
		g.Owned(t, "bpa:ingress:Ingress")
		assert.Equal(t, []string{"aws:s3/bucketV2:BucketV2 ingress-logs"}, g.Protected())
		alb := g.Get(t, "aws:lb/loadBalancer:LoadBalancer", "ingress-alb")
		assert.Equal(t, "application", alb.Plain("loadBalancerType"))
		assert.Equal(t, true, alb.Plain("internal"))
		assert.Equal(t, true, alb.Plain("enableDeletionProtection"))
		assert.Equal(t, true, alb.Plain("dropInvalidHeaderFields"))
		assert.Equal(t, true, alb.Plain("accessLogs").(map[string]any)["enabled"])
		assert.True(
			t,
			g.DependsOn(alb, "aws:s3/bucketPolicy:BucketPolicy", "ingress-logs"),
			"or the first write is refused and the ALB fails",
		)
	})
}

func TestR02ALoadBalancerThatFacesTheInternetWaitsForTheGateway(t *testing.T) {
	testkit.Both(t, func(ctx *pulumi.Context) error {
		gateway, err := ec2.NewInternetGateway(ctx, "igw", &ec2.InternetGatewayArgs{})
		if err != nil {
			return err
		}
		a := args()
		a.Scheme, a.After = "internet-facing", []pulumi.Resource{gateway}
		_, err = ingress.New(ctx, "ingress", a)
		return err
	}, func(t *testing.T, g *testkit.Graph) {
		alb := g.Get(t, "aws:lb/loadBalancer:LoadBalancer", "ingress-alb")
		assert.True(t, g.DependsOn(alb, "aws:ec2/internetGateway:InternetGateway", "igw"), "or AWS refuses it")
		assert.True(t, g.DependsOn(alb, "aws:s3/bucketPolicy:BucketPolicy", "ingress-logs"))
	})
}

func TestR02AccessLogsAreWrittenByLoadBalancersOfThisAccountOnly(t *testing.T) {
	g, err := testkit.Update(program(args()))
	require.NoError(t, err)
	policy := g.Get(t, "aws:s3/bucketPolicy:BucketPolicy", "ingress-logs").Policy(t, "policy")
	assert.Equal(t, []any{"arn:aws:s3:us-west-2:111122223333:ingress-logs/AWSLogs/111122223333/*"}, policy["Write"]["Resource"])
	assert.Equal(t, map[string]any{"Service": []any{"logdelivery.elasticloadbalancing.amazonaws.com"}}, policy["Write"]["Principal"])
	assert.Equal(t, []any{"s3:PutObject"}, policy["Write"]["Action"])
	assert.Equal(t, "Deny", policy["TLSOnly"]["Effect"])
}

func TestR26ListenersServe443And30101OverTLS(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		for port, nodePort := range map[float64]float64{443: 30443, 30101: 30101} {
			name := map[float64]string{443: "ingress-443", 30101: "ingress-30101"}[port]
			listener := g.Get(t, "aws:lb/listener:Listener", name)
			assert.Equal(t, port, listener.Plain("port"))
			assert.Equal(t, "HTTPS", listener.Plain("protocol"))
			assert.Equal(t, "ELBSecurityPolicy-TLS13-1-2-2021-06", listener.Plain("sslPolicy"))
			target := g.Get(t, "aws:lb/targetGroup:TargetGroup", name)
			assert.Equal(t, nodePort, target.Plain("port"), "port 443 needs a node port of its own (docs/facts.md §9)")
			assert.Equal(t, "instance", target.Plain("targetType"))
			attachment := g.Get(t, "aws:autoscaling/attachment:Attachment", name+"-node-1")
			assert.Equal(t, "asg-1", attachment.Plain("autoscalingGroupName"))
			assert.True(t, g.DependsOn(listener, "aws:lb/targetGroup:TargetGroup", name))
		}
	})
}

func TestR25TheLoadBalancerReachesItsNodePortsAndNothingElse(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		for _, r := range g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
			assert.Equal(t, r.Plain("fromPort"), r.Plain("toPort"), "%s: single ports", r.Name)
			if r.Plain("securityGroupId") == "sg-nodes" {
				assert.Nil(t, r.Plain("cidrIpv4"), "%s: the load balancer is named by its group", r.Name)
				assert.Contains(t, r.Inputs, testkit.Key("referencedSecurityGroupId"))
			} else {
				assert.Equal(t, "10.0.0.0/8", r.Plain("cidrIpv4"), r.Name)
			}
		}
		for _, r := range g.OfType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") {
			assert.Equal(t, "10.20.0.0/16", r.Plain("cidrIpv4"), r.Name)
		}
	})
}

func TestR22TheCertificateIsImportedWithASecretKey(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		certificate := g.Get(t, "aws:acm/certificate:Certificate", "ingress-certificate")
		assert.True(t, certificate.Secret("privateKey"))
		assert.Equal(t, "leaf", certificate.Plain("certificateBody"))
		assert.Equal(t, "chain", certificate.Plain("certificateChain"), "ACM wants leaf and chain apart")
	})
	a := args()
	a.Certificate.ARN, a.Imported = "arn:aws:acm:us-west-2:111122223333:certificate/1", ingress.Imported{}
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		assert.Empty(t, g.OfType("aws:acm/certificate:Certificate"))
		assert.Equal(t, a.Certificate.ARN, g.Get(t, "aws:lb/listener:Listener", "ingress-443").Plain("certificateArn"))
	})
}

func TestBadIngressArgumentsAreReportedAtOnce(t *testing.T) {
	g, err := testkit.Update(program(&ingress.Args{
		LoadBalancerName: "a-name-that-is-far-too-long-for-it",
		Ingress:          config.Ingress{Scheme: "public", AllowedCIDRs: []string{"everyone"}, HTTPSNodePort: 443},
	}))
	for _, part := range []string{
		`LoadBalancerName: "a-name-that-is-far-too-long-for-it": must have 1-32 characters`,
		`scheme: "public": must be one of internal, internet-facing`, `SubnetIDs: 0: must be in at least two zones`,
		`allowedCidrs[0]: "everyone": must be an IPv4 CIDR`, `httpsNodePort: 443: must be from 30000 to 32767`,
		`Imported: (not set): must be certificate and key, or certificate.arn given`,
	} {
		require.ErrorContains(t, err, "ingress: "+part)
	}
	assert.Empty(t, g.List())
}
