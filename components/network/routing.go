package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// newRouting connects the subnets: public ones to the internet gateway, private and pod ones of a zone through one
// route table of their own to a NAT gateway. There is a table a zone in either NAT mode, so that changing the mode
// changes routes and replaces nothing.
func (n *Network) newRouting(ctx *pulumi.Context, vpc *ec2.Vpc, zones []zoneSubnets) ([]*ec2.RouteTable, error) {
	gateway, err := ec2.NewInternetGateway(
		ctx,
		n.name+"-igw",
		&ec2.InternetGatewayArgs{VpcId: vpc.ID(), Tags: n.tags("igw")},
		pulumi.Parent(n),
	)
	if err != nil {
		return nil, err
	}
	n.Gateway = []pulumi.Resource{gateway}
	public, err := n.newTable(ctx, vpc, "public")
	if err != nil {
		return nil, err
	}
	internet, err := ec2.NewRoute(ctx, n.name+"-internet", &ec2.RouteArgs{
		RouteTableId: public.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), GatewayId: gateway.ID(),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, err
	}
	tables := []*ec2.RouteTable{public}
	var nat *ec2.NatGateway
	for i, zone := range zones {
		if err := n.associate(ctx, public, zone.public, "public", zone.name); err != nil {
			return nil, err
		}
		if i == 0 || n.args.NAT == config.NATPerZone {
			if nat, err = n.newNAT(ctx, zone, gateway, internet); err != nil {
				return nil, fmt.Errorf("nat in %s: %w", zone.name, err)
			}
		}
		table, err := n.newPrivateRoutes(ctx, vpc, zone, nat)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// newNAT makes a gateway with a fixed address. It must go before the internet gateway goes, so it depends on it.
func (n *Network) newNAT(
	ctx *pulumi.Context,
	zone zoneSubnets,
	gateway *ec2.InternetGateway,
	internet *ec2.Route,
) (*ec2.NatGateway, error) {
	address, err := ec2.NewEip(ctx, n.name+"-nat-"+zone.name, &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: n.tags("nat-" + zone.name)},
		pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{gateway}))
	if err != nil {
		return nil, err
	}
	nat, err := ec2.NewNatGateway(ctx, n.name+"-nat-"+zone.name, &ec2.NatGatewayArgs{
		AllocationId: address.ID(), SubnetId: zone.public.ID(), Tags: n.tags("nat-" + zone.name),
	}, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{internet}))
	if err == nil {
		n.Routes = append(n.Routes, nat)
	}
	return nat, err
}

// newPrivateRoutes gives the private and pod subnets of a zone their way out.
func (n *Network) newPrivateRoutes(ctx *pulumi.Context, vpc *ec2.Vpc, zone zoneSubnets, nat *ec2.NatGateway) (*ec2.RouteTable, error) {
	table, err := n.newTable(ctx, vpc, "private-"+zone.name)
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(ctx, n.name+"-egress-"+zone.name, &ec2.RouteArgs{
		RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String("0.0.0.0/0"), NatGatewayId: nat.ID(),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, err
	}
	n.Routes = append(n.Routes, route)
	if err := n.associate(ctx, table, zone.private, "private", zone.name); err != nil {
		return nil, err
	}
	return table, n.associate(ctx, table, zone.pod, "pod", zone.name)
}

func (n *Network) newTable(ctx *pulumi.Context, vpc *ec2.Vpc, role string) (*ec2.RouteTable, error) {
	return ec2.NewRouteTable(ctx, n.name+"-"+role, &ec2.RouteTableArgs{VpcId: vpc.ID(), Tags: n.tags(role)}, pulumi.Parent(n))
}

func (n *Network) associate(ctx *pulumi.Context, table *ec2.RouteTable, subnet *ec2.Subnet, role, zone string) error {
	association, err := ec2.NewRouteTableAssociation(ctx, fmt.Sprintf("%s-%s-%s", n.name, role, zone), &ec2.RouteTableAssociationArgs{
		RouteTableId: table.ID(), SubnetId: subnet.ID(),
	}, pulumi.Parent(n))
	n.Routes = append(n.Routes, association)
	return err
}
