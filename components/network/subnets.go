package network

import (
	"fmt"
	"net"

	"github.com/apparentlymart/go-cidr/cidr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ZoneCIDRs are the ranges of one zone's subnets.
type ZoneCIDRs struct{ Public, Private, Pod string }

// maxZones is how many zones the ranges are laid out for. The layout does not depend on how many are used, so a range
// never moves.
const maxZones = 4

// Subnets computes the ranges of each zone. The node range is cut into eight: private subnets take one eighth each from
// the start, and public ones, which hold only load balancers and NAT gateways, a sixty-fourth each from the last
// eighth. The pod range is cut into four.
func Subnets(nodeCIDR, podCIDR string, zones int) ([]ZoneCIDRs, error) {
	if zones > maxZones {
		return nil, fmt.Errorf("%d zones: at most %d fit", zones, maxZones)
	}
	_, nodes, err := net.ParseCIDR(nodeCIDR)
	if err != nil {
		return nil, err
	}
	_, pods, err := net.ParseCIDR(podCIDR)
	if err != nil {
		return nil, err
	}
	result := make([]ZoneCIDRs, zones)
	for i := range result {
		private, err := cidr.Subnet(nodes, 3, i)
		if err != nil {
			return nil, fmt.Errorf("private subnet %d of %s: %w", i, nodeCIDR, err)
		}
		public, err := cidr.Subnet(nodes, 6, 56+i)
		if err != nil {
			return nil, fmt.Errorf("public subnet %d of %s: %w", i, nodeCIDR, err)
		}
		pod, err := cidr.Subnet(pods, 2, i)
		if err != nil {
			return nil, fmt.Errorf("pod subnet %d of %s: %w", i, podCIDR, err)
		}
		result[i] = ZoneCIDRs{Public: public.String(), Private: private.String(), Pod: pod.String()}
	}
	return result, nil
}

// zoneSubnets are the subnets of one zone as resources.
type zoneSubnets struct {
	name                 string
	public, private, pod *ec2.Subnet
}

func (n *Network) newSubnets(ctx *pulumi.Context, vpc *ec2.Vpc) ([]zoneSubnets, error) {
	ranges, err := Subnets(n.args.NodeCIDR, n.args.PodCIDR, len(n.args.Zones))
	if err != nil {
		return nil, err
	}
	// Pod subnets need the secondary range to be associated first (docs/facts.md §4).
	secondary, err := ec2.NewVpcIpv4CidrBlockAssociation(ctx, n.name+"-pods", &ec2.VpcIpv4CidrBlockAssociationArgs{
		VpcId: vpc.ID(), CidrBlock: pulumi.String(n.args.PodCIDR),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, fmt.Errorf("pod range: %w", err)
	}
	var zones []zoneSubnets
	for i, zone := range n.args.Zones {
		z := zoneSubnets{name: zone}
		if z.public, err = n.newSubnet(ctx, vpc, "public", zone, ranges[i].Public, "kubernetes.io/role/elb"); err != nil {
			return nil, err
		}
		if z.private, err = n.newSubnet(ctx, vpc, "private", zone, ranges[i].Private, "kubernetes.io/role/internal-elb"); err != nil {
			return nil, err
		}
		if z.pod, err = n.newSubnet(ctx, vpc, "pod", zone, ranges[i].Pod, "", pulumi.DependsOn([]pulumi.Resource{secondary})); err != nil {
			return nil, err
		}
		zones = append(zones, z)
		n.Zones = append(n.Zones, Zone{
			Name: zone, PublicSubnetID: z.public.ID().ToStringOutput(), PrivateSubnetID: z.private.ID().ToStringOutput(),
			PodSubnetID: z.pod.ID().ToStringOutput(),
		})
	}
	n.public = true
	return zones, nil
}

func (n *Network) newSubnet(
	ctx *pulumi.Context,
	vpc *ec2.Vpc,
	role, zone, block, marker string,
	opts ...pulumi.ResourceOption,
) (*ec2.Subnet, error) {
	tags := n.tags(role + "-" + zone)
	if marker != "" {
		tags[marker] = pulumi.String("1")
		tags["kubernetes.io/cluster/"+n.args.ClusterName] = pulumi.String("shared")
	}
	subnet, err := ec2.NewSubnet(ctx, fmt.Sprintf("%s-%s-%s", n.name, role, zone), &ec2.SubnetArgs{
		VpcId: vpc.ID(), AvailabilityZone: pulumi.String(zone), CidrBlock: pulumi.String(block), Tags: tags,
	}, append([]pulumi.ResourceOption{pulumi.Parent(n)}, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("%s subnet in %s: %w", role, zone, err)
	}
	return subnet, nil
}
