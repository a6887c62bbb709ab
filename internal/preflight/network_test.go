package preflight_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
)

const parentID, parentRole = "777788889999", "arn:aws:iam::777788889999:role/network"

// subnetsIn returns the default VPC of an account, and its subnets by zone.
func subnetsIn(t *testing.T, c aws.Config) (vpc string, byZone map[string]string) {
	t.Helper()
	out := must(ec2.NewFromConfig(c).DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{
		Filters: []types.Filter{{Name: aws.String("default-for-az"), Values: []string{"true"}}},
	}))(t)
	require.NotEmpty(t, out.Subnets)
	byZone = map[string]string{}
	for _, s := range out.Subnets {
		byZone[*s.AvailabilityZone] = *s.SubnetId
	}
	return *out.Subnets[0].VpcId, byZone
}

// existing makes the default VPC the stack's, and then spoils it.
func existing(spoil func(*config.ExistingVPC)) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		vpc, byZone := subnetsIn(t, w.aws)
		e := &config.ExistingVPC{VpcID: vpc}
		for _, zone := range w.config.Network.Zones {
			e.Subnets = append(e.Subnets, config.ExistingSubnet{Zone: zone, Private: byZone[zone], Pod: byZone[zone]})
		}
		spoil(e)
		w.config.Network.Existing = e
	}
}

// parent puts the Atlas endpoint into another account's VPC, and then spoils it.
func parent(spoil func(*world, *config.ParentAccount)) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		theirs := w.aws.Copy()
		theirs.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(w.aws), parentRole))
		vpc, byZone := subnetsIn(t, theirs)
		p := &config.ParentAccount{AccountID: parentID, RoleARN: parentRole, VpcID: vpc}
		for _, zone := range w.config.Network.Zones {
			p.SubnetIDs = append(p.SubnetIDs, byZone[zone])
		}
		spoil(w, p)
		w.config.Atlas.ParentAccount = p
	}
}

func TestAnExistingNetworkMustBeThere(t *testing.T) {
	try(t, []example{
		{"there", "network", existing(func(*config.ExistingVPC) {}), passes, "has the 3 subnets"},
		{"another VPC", "network", existing(func(e *config.ExistingVPC) { e.VpcID = "vpc-0123456789abcdef9" }), fails,
			"vpc-0123456789abcdef9 has no subnet-"},
		{"no such subnet", "network", existing(func(e *config.ExistingVPC) { e.Subnets[1].Pod = "subnet-00000000000000009" }), fails,
			"has no subnet-00000000000000009"},
		{"in another zone", "network", existing(func(e *config.ExistingVPC) { e.Subnets[0].Zone = "us-west-2d" }), fails,
			"is in us-west-2a, not in us-west-2d"},
		{"not to be seen", "network", func(t *testing.T, w *world) {
			existing(func(*config.ExistingVPC) {})(t, w)
			w.proxy.denied["DescribeSubnets"] = true
		}, warns, "the caller may not ec2:DescribeSubnets"},
		{"there", "parent account", parent(func(*world, *config.ParentAccount) {}), passes, "has the 3 subnets"},
		{"of another account", "parent account", parent(func(_ *world, p *config.ParentAccount) { p.AccountID = "444455556666" }), fails,
			"is of account 777788889999, not 444455556666"},
		{"the stack's own subnets", "parent account", parent(func(_ *world, p *config.ParentAccount) {
			p.SubnetIDs[0] = "subnet-00000000000000009"
		}), fails, "has no subnet-00000000000000009"},
		{"a role that may not be assumed", "parent account", parent(func(w *world, _ *config.ParentAccount) {
			w.proxy.denied["AssumeRole"] = true
		}), fails, "may not assume " + parentRole},
	})
}

// routed gives the existing VPC's main table, or that of the first zone's private subnet alone, a default route.
func routed(firstAlone bool, to func(*testing.T, *ec2.Client, *config.ExistingVPC, *ec2.CreateRouteInput)) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		existing(func(*config.ExistingVPC) {})(t, w)
		c, e := ec2.NewFromConfig(w.aws), w.config.Network.Existing
		tables := must(c.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
			Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{e.VpcID}}},
		}))(t)
		require.Len(t, tables.RouteTables, 1)
		table := tables.RouteTables[0].RouteTableId
		if firstAlone {
			table = must(c.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &e.VpcID}))(t).RouteTable.RouteTableId
			must(c.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: &e.Subnets[0].Private}))(t)
		}
		route := &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0")}
		to(t, c, e, route)
		must(c.CreateRoute(ctx, route))(t)
	}
}

func toNAT(t *testing.T, c *ec2.Client, e *config.ExistingVPC, route *ec2.CreateRouteInput) {
	address := must(c.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc}))(t)
	nat := must(c.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{AllocationId: address.AllocationId, SubnetId: &e.Subnets[0].Private}))(t)
	route.NatGatewayId = nat.NatGateway.NatGatewayId
}

func toInternet(t *testing.T, c *ec2.Client, e *config.ExistingVPC, route *ec2.CreateRouteInput) {
	gateway := must(c.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{}))(t).InternetGateway.InternetGatewayId
	must(c.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway, VpcId: &e.VpcID}))(t)
	route.GatewayId = gateway
}

func toTransit(t *testing.T, c *ec2.Client, _ *config.ExistingVPC, route *ec2.CreateRouteInput) {
	route.TransitGatewayId = must(c.CreateTransitGateway(ctx, &ec2.CreateTransitGatewayInput{}))(t).TransitGateway.TransitGatewayId
}

// The provider of the parent account assumes its role as the caller, not as the stack's role.
func TestTheParentsRoleIsAssumedByTheCaller(t *testing.T) {
	w := newWorld(t)
	parent(func(*world, *config.ParentAccount) {})(t, w)
	w.config.AWS.RoleARN = "arn:aws:iam::111122223333:role/deployer"
	w.only("parent account")
	var asked []string
	w.proxy.recorded["AssumeRole"] = func(body []byte, r *http.Request) (int, string, string) {
		if strings.Contains(string(body), url.QueryEscape(parentRole)) {
			asked = append(asked, r.Header.Get("Authorization"))
		}
		return 0, "", ""
	}
	require.Equal(t, passes, w.finding("parent account").Status)
	require.Len(t, asked, 1)
	require.Contains(t, asked[0], "Credential="+accessKey+"/")
}

func TestAnImageThroughTheCacheNeedsARouteTheFirstTime(t *testing.T) {
	const check, none = "node routes", "no default route to a NAT gateway"
	try(t, []example{
		{"no route", check, existing(func(*config.ExistingVPC) {}), warns, none},
		{"by NAT", check, routed(false, toNAT), passes, "3 of 3 private subnets have a default route, and 2 images"},
		{"by a transit gateway", check, routed(false, toTransit), passes, "3 of 3 private subnets"},
		{"by an internet gateway, without an address", check, routed(false, toInternet), warns, none},
		{"not to be seen", check, func(t *testing.T, w *world) {
			existing(func(*config.ExistingVPC) {})(t, w)
			w.proxy.denied["DescribeRouteTables"] = true
		}, warns, "the caller may not ec2:DescribeRouteTables"},
		{"nothing comes through the cache", check, func(t *testing.T, w *world) {
			existing(func(*config.ExistingVPC) {})(t, w)
			w.config.Registry.PullThrough = nil
		}, passes, "0 of 3 private subnets have a default route, and 0 images"},
	})
	w := newWorld(t)
	routed(true, toNAT)(t, w)
	w.only(check)
	got, subnets := w.finding(check), w.config.Network.Existing.Subnets
	require.NotContains(t, got.Detail, subnets[0].Private, "it has a table of its own")
	require.Contains(t, got.Detail, subnets[1].Private+", "+subnets[2].Private)
	require.Contains(t, got.Remedy, "111122223333.dkr.ecr.us-west-2.amazonaws.com/bpa-dev/public/docker/library/postgres:16.14, ")
}
