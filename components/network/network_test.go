package network_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/network"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

var zones = []string{"us-west-2a", "us-west-2b", "us-west-2c"}

func args() *network.Args {
	return &network.Args{
		Account: testkit.Account, ClusterName: "bpa",
		Network: config.Network{
			Zones: zones, NodeCIDR: "10.20.0.0/16", PodCIDR: "100.64.0.0/16", NAT: config.SingleNAT, DNS: config.DNS{Mode: "none"},
		},
	}
}

func program(a *network.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := network.New(ctx, "network", a)
		return err
	}
}

func TestR01ThreeZonesWithOneNATGateway(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default",
			"aws:ec2/eip:Eip network-nat-us-west-2a",
			"aws:ec2/internetGateway:InternetGateway network-igw",
			"aws:ec2/natGateway:NatGateway network-nat-us-west-2a",
			"aws:ec2/route:Route network-egress-us-west-2a",
			"aws:ec2/route:Route network-egress-us-west-2b",
			"aws:ec2/route:Route network-egress-us-west-2c",
			"aws:ec2/route:Route network-internet",
			"aws:ec2/routeTable:RouteTable network-private-us-west-2a",
			"aws:ec2/routeTable:RouteTable network-private-us-west-2b",
			"aws:ec2/routeTable:RouteTable network-private-us-west-2c",
			"aws:ec2/routeTable:RouteTable network-public",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-pod-us-west-2a",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-pod-us-west-2b",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-pod-us-west-2c",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-private-us-west-2a",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-private-us-west-2b",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-private-us-west-2c",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-public-us-west-2a",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-public-us-west-2b",
			"aws:ec2/routeTableAssociation:RouteTableAssociation network-public-us-west-2c",
			"aws:ec2/subnet:Subnet network-pod-us-west-2a",
			"aws:ec2/subnet:Subnet network-pod-us-west-2b",
			"aws:ec2/subnet:Subnet network-pod-us-west-2c",
			"aws:ec2/subnet:Subnet network-private-us-west-2a",
			"aws:ec2/subnet:Subnet network-private-us-west-2b",
			"aws:ec2/subnet:Subnet network-private-us-west-2c",
			"aws:ec2/subnet:Subnet network-public-us-west-2a",
			"aws:ec2/subnet:Subnet network-public-us-west-2b",
			"aws:ec2/subnet:Subnet network-public-us-west-2c",
			"aws:ec2/vpc:Vpc network-vpc",
			"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation network-pods",
			"bpa:network:Network network",
		}, g.List())
		g.Owned(t, "bpa:network:Network")
		for i, zone := range zones {
			for _, role := range []string{"public", "private", "pod"} {
				assert.Equal(t, zone, g.Get(t, "aws:ec2/subnet:Subnet", "network-"+role+"-"+zone).Plain("availabilityZone"), i)
			}
		}
		vpc := g.Get(t, "aws:ec2/vpc:Vpc", "network-vpc")
		assert.Equal(t, true, vpc.Plain("enableDnsHostnames"), "a private endpoint's name needs it")
		assert.Empty(t, g.Get(t, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "network-default").Plain("ingress"))
		// Without this order a destroy cannot detach the gateway while an address is in use.
		nat := g.Get(t, "aws:ec2/natGateway:NatGateway", "network-nat-us-west-2a")
		assert.True(t, g.DependsOn(nat, "aws:ec2/internetGateway:InternetGateway", "network-igw"))
	})
}

func TestR01NATGatewayPerZoneChangesRoutesOnly(t *testing.T) {
	single, err := testkit.Update(program(args()))
	require.NoError(t, err)
	a := args()
	a.NAT = config.NATPerZone
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		assert.Len(t, g.OfType("aws:ec2/natGateway:NatGateway"), 3)
		var more []string
		for _, line := range g.List() {
			if !slices.Contains(single.List(), line) {
				more = append(more, line)
			}
		}
		assert.Equal(t, []string{
			"aws:ec2/eip:Eip network-nat-us-west-2b", "aws:ec2/eip:Eip network-nat-us-west-2c",
			"aws:ec2/natGateway:NatGateway network-nat-us-west-2b", "aws:ec2/natGateway:NatGateway network-nat-us-west-2c",
		}, more, "the mode adds gateways and replaces nothing")
	})
}

func TestR13PodSubnetsWaitForTheirRange(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		association := g.Get(t, "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", "network-pods")
		assert.Equal(t, "100.64.0.0/16", association.Plain("cidrBlock"))
		for _, zone := range zones {
			pod := g.Get(t, "aws:ec2/subnet:Subnet", "network-pod-"+zone)
			assert.True(t, g.DependsOn(pod, association.Type, association.Name), "facts: associated before subnets")
			assert.True(t, netip.MustParsePrefix("100.64.0.0/16").Overlaps(netip.MustParsePrefix(pod.Plain("cidrBlock").(string))))
		}
	})
}

func TestSubnetsNeverOverlapAndNeverMove(t *testing.T) {
	for _, ranges := range [][2]string{
		{"10.20.0.0/16", "100.64.0.0/16"}, {"10.0.0.0/22", "100.127.240.0/20"}, {"10.255.0.0/18", "100.64.0.0/18"},
	} {
		four, err := network.Subnets(ranges[0], ranges[1], 4)
		require.NoError(t, err)
		var all []netip.Prefix
		for _, zone := range four {
			for _, text := range []string{zone.Public, zone.Private, zone.Pod} {
				all = append(all, netip.MustParsePrefix(text))
			}
		}
		for i, a := range all {
			inside := netip.MustParsePrefix(ranges[0]).Contains(a.Addr()) || netip.MustParsePrefix(ranges[1]).Contains(a.Addr())
			assert.True(t, inside && a == a.Masked(), "%s in %v", a, ranges)
			assert.LessOrEqual(t, a.Bits(), 28, "AWS makes no smaller subnet")
			for _, b := range all[i+1:] {
				assert.False(t, a.Overlaps(b), "%s and %s", a, b)
			}
		}
		for n := 2; n < 4; n++ {
			fewer, err := network.Subnets(ranges[0], ranges[1], n)
			require.NoError(t, err)
			assert.Equal(t, four[:n], fewer, "another zone moves no range")
		}
	}
	_, err := network.Subnets("10.0.0.0/16", "100.64.0.0/16", 5)
	require.ErrorContains(t, err, "at most 4")
	_, err = network.Subnets("ten", "100.64.0.0/16", 3)
	require.Error(t, err)
}

func TestEndpointsAdmitHTTPSFromNodesAndPodsOnly(t *testing.T) {
	a := args()
	a.Endpoints = []string{"s3", "ecr.api", "ecr.dkr", "sts", "ec2", "logs"}
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		made := g.OfType("aws:ec2/vpcEndpoint:VpcEndpoint")
		require.Len(t, made, 6)
		for _, e := range made {
			assert.Equal(t, "com.amazonaws.us-west-2."+e.Name[len("network-"):], e.Plain("serviceName"))
			if e.Name == "network-s3" {
				assert.Equal(t, "Gateway", e.Plain("vpcEndpointType"))
				assert.Len(t, e.Plain("routeTableIds"), 4, "all tables, the public one too")
				continue
			}
			assert.Equal(t, "Interface", e.Plain("vpcEndpointType"))
			assert.Equal(t, true, e.Plain("privateDnsEnabled"))
			assert.Len(t, e.Plain("subnetIds"), 3, "one subnet a zone, no more (docs/facts.md §4)")
		}
		rules := map[any]any{}
		for _, r := range g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
			rules[r.Plain("cidrIpv4")] = r.Plain("fromPort")
		}
		assert.Equal(t, map[any]any{"10.20.0.0/16": 443.0, "100.64.0.0/16": 443.0}, rules)
	})
	none := args()
	none.Endpoints = []string{"s3"}
	g, err := testkit.Update(program(none))
	require.NoError(t, err)
	assert.Empty(t, g.OfType("aws:ec2/securityGroup:SecurityGroup"), "a gateway endpoint has no security group")
}

func TestFlowLogsHaveARetentionAndARoleForTheirGroupOnly(t *testing.T) {
	a := args()
	a.FlowLogRetentionDays = 14
	g, err := testkit.Update(program(a))
	require.NoError(t, err)
	assert.Equal(t, 14.0, g.Get(t, "aws:cloudwatch/logGroup:LogGroup", "network-flow-logs").Plain("retentionInDays"))
	flow := g.Get(t, "aws:ec2/flowLog:FlowLog", "network-flow-logs")
	assert.Equal(t, "ALL", flow.Plain("trafficType"))
	assert.True(t, g.DependsOn(flow, "aws:iam/rolePolicy:RolePolicy", "network-flow-logs"), "without the right to write it fails")
	write := g.Get(t, "aws:iam/rolePolicy:RolePolicy", "network-flow-logs").Policy(t, "policy")["0"]
	assert.Equal(t, []any{"arn:aws:cloudwatch:us-west-2:111122223333:network-flow-logs:*"}, write["Resource"])
	assert.NotContains(t, write["Action"], "logs:CreateLogGroup")
}

func TestR25DomainsAreForwardedToTheOnPremisesResolvers(t *testing.T) {
	a := args()
	a.DNS = config.DNS{
		Mode: config.ForwardDNS, Domains: []string{"corp.example.com"}, Resolvers: []string{"10.0.0.2", "10.0.0.3"},
	}
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		endpoint := g.Get(t, "aws:route53/resolverEndpoint:ResolverEndpoint", "network-resolver")
		assert.Equal(t, "OUTBOUND", endpoint.Plain("direction"))
		assert.Len(t, endpoint.Plain("ipAddresses"), 3)
		rule := g.Get(t, "aws:route53/resolverRule:ResolverRule", "network-resolver-corp.example.com")
		assert.Equal(t, "FORWARD", rule.Plain("ruleType"))
		const allowed = `^[0-9A-Za-z_ -]{1,64}$` // by the provider, which names by the logical name where it is given none
		assert.Regexp(t, allowed, endpoint.Plain("name"))
		assert.Regexp(t, allowed, rule.Plain("name"))
		association := g.Get(t, "aws:route53/resolverRuleAssociation:ResolverRuleAssociation", "network-resolver-corp.example.com")
		assert.Regexp(t, allowed, association.Plain("name"))
		assert.Equal(t, []any{
			map[string]any{"ip": "10.0.0.2", "port": 53.0}, map[string]any{"ip": "10.0.0.3", "port": 53.0},
		}, rule.Plain("targetIps"))
		assert.Len(t, g.OfType("aws:route53/resolverRuleAssociation:ResolverRuleAssociation"), 1)
		assert.Len(t, g.OfType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), 4, "TCP and UDP to each resolver")
		assert.Empty(t, g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"))
	})
}

func TestAnExistingVpcIsTakenOverAndNotTouched(t *testing.T) {
	a := args()
	a.Existing = &config.ExistingVPC{VpcID: "vpc-0123456789abcdef0", Subnets: []config.ExistingSubnet{
		{Zone: "us-west-2a", Private: "subnet-00000001", Pod: "subnet-00000011"},
		{Zone: "us-west-2b", Private: "subnet-00000002", Pod: "subnet-00000012"},
		{Zone: "us-west-2c", Private: "subnet-00000003", Pod: "subnet-00000013"},
	}}
	testkit.Both(t, func(ctx *pulumi.Context) error {
		n, err := network.New(ctx, "network", a)
		require.NoError(t, err)
		assert.Len(t, n.PrivateSubnetIDs(), 3)
		assert.Empty(t, n.PublicSubnetIDs())
		assert.Empty(t, append(n.Routes, n.Services...))
		return nil
	}, func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{"bpa:network:Network network"}, g.List())
	})
}

func TestBadArgumentsAreReportedAtOnceAndNothingIsRegistered(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*network.Args)
		want   string
	}{
		"all at once": {func(a *network.Args) {
			*a = network.Args{Network: config.Network{NAT: "none", Endpoints: []string{"sqs"}, DNS: config.DNS{Mode: "none"}}}
		},
			"network: Zones: []: must be at least two availability zones\n" +
				"network: nodeCidr: (not set): must be an IPv4 CIDR such as 10.20.0.0/16\n" +
				"network: podCidr: (not set): must be an IPv4 CIDR such as 10.20.0.0/16\n" +
				"network: nat: \"none\": must be one of single, perZone\n" +
				"network: endpoints[0]: \"sqs\": must be one of s3, ecr.api, ecr.dkr, sts, ec2, logs"},
		"half a VPC": {func(a *network.Args) { a.Existing = &config.ExistingVPC{VpcID: "vpc-0123456789abcdef0"} },
			"network: existing.subnets: 0: must describe 3 zones: all of an existing VPC, or none"},
		"half a zone": {func(a *network.Args) {
			a.Existing = &config.ExistingVPC{VpcID: "vpc-0123456789abcdef0", Subnets: []config.ExistingSubnet{{Zone: "us-west-2a"}}}
		}, "network: existing.subnets[0].private: (not set): must be a subnet id"},
		"no domains": {func(a *network.Args) { a.DNS = config.DNS{Mode: config.ForwardDNS, Resolvers: []string{"10.0.0.2"}} },
			"network: dns.domains: (not set): must list the domains to forward"},
	} {
		t.Run(name, func(t *testing.T) {
			a := args()
			test.change(a)
			g, err := testkit.Update(program(a))
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
			assert.Empty(t, g.List())
		})
	}
}
