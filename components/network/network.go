// Package network builds the VPC that everything else lives in: three zones, each with a public, a private and a pod
// subnet (R01, R08, R13), or takes over an existing one.
package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Args are the arguments of New.
type Args struct {
	// Network is what the configuration says, with the Zones that are looked up where it names none: at least two.
	config.Network
	Account account.Account
	// ClusterName marks the subnets that load balancers of the cluster may use.
	ClusterName string
}

// Zone is one availability zone of the network. PublicSubnetID is empty where an existing VPC has none.
type Zone struct {
	Name                                         string
	PublicSubnetID, PrivateSubnetID, PodSubnetID pulumi.StringOutput
}

// Network is the component.
type Network struct {
	pulumi.ResourceState

	VpcID pulumi.StringOutput `pulumi:"vpcId"`
	Zones []Zone
	// NodeCIDR and PodCIDR are the ranges as given.
	NodeCIDR, PodCIDR string
	// Routes are the way out: NAT gateways, routes and their associations.
	Routes []pulumi.Resource
	// Gateway is the internet gateway, without which no load balancer can face the internet. Nothing in an existing VPC.
	Gateway []pulumi.Resource
	// Services are endpoints and resolver rules. A node needs them before it can boot, beside Routes.
	Services []pulumi.Resource

	name   string
	args   *Args
	public bool
}

// New builds the network, or takes over Args.Existing.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Network, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	n := &Network{name: name, args: args, NodeCIDR: args.NodeCIDR, PodCIDR: args.PodCIDR}
	if err := ctx.RegisterComponentResource("bpa:network:Network", name, n, opts...); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	build := n.create
	if args.Existing != nil {
		build = n.takeOver
	}
	if err := build(ctx); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if args.DNS.Mode == config.ForwardDNS {
		if err := n.forward(ctx); err != nil {
			return nil, fmt.Errorf("network: resolver: %w", err)
		}
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vpcId": n.VpcID, "privateSubnetIds": n.PrivateSubnetIDs(), "podSubnetIds": n.PodSubnetIDs(),
	})
}

func (a *Args) validate() error {
	var p problem.List
	p.Require(len(a.Zones) >= 2, "Zones", a.Zones, "must be at least two availability zones")
	config.Validate(&p, a.Network)
	return p.Err("network: ")
}

func (n *Network) takeOver(*pulumi.Context) error {
	n.VpcID = pulumi.String(n.args.Existing.VpcID).ToStringOutput()
	for _, z := range n.args.Existing.Subnets {
		zone := Zone{
			Name: z.Zone, PrivateSubnetID: pulumi.String(z.Private).ToStringOutput(),
			PodSubnetID: pulumi.String(z.Pod).ToStringOutput(),
		}
		if z.Public != "" {
			zone.PublicSubnetID, n.public = pulumi.String(z.Public).ToStringOutput(), true
		}
		n.Zones = append(n.Zones, zone)
	}
	return nil
}

// create makes a VPC from nothing.
func (n *Network) create(ctx *pulumi.Context) error {
	vpc, err := n.newVpc(ctx)
	if err != nil {
		return err
	}
	zones, err := n.newSubnets(ctx, vpc)
	if err != nil {
		return err
	}
	tables, err := n.newRouting(ctx, vpc, zones)
	if err != nil {
		return fmt.Errorf("routing: %w", err)
	}
	if err := n.newEndpoints(ctx, vpc, tables); err != nil {
		return fmt.Errorf("endpoints: %w", err)
	}
	if n.args.FlowLogRetentionDays > 0 {
		if err := n.newFlowLogs(ctx, vpc); err != nil {
			return fmt.Errorf("flow logs: %w", err)
		}
	}
	return nil
}

func (n *Network) newVpc(ctx *pulumi.Context) (*ec2.Vpc, error) {
	vpc, err := ec2.NewVpc(ctx, n.name+"-vpc", &ec2.VpcArgs{
		CidrBlock: pulumi.String(n.args.NodeCIDR), EnableDnsHostnames: pulumi.Bool(true), EnableDnsSupport: pulumi.Bool(true),
		Tags: n.tags("vpc"),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, fmt.Errorf("vpc: %w", err)
	}
	n.VpcID = vpc.ID().ToStringOutput()
	// A security group that nobody chose must let nothing through.
	_, err = ec2.NewDefaultSecurityGroup(ctx, n.name+"-default", &ec2.DefaultSecurityGroupArgs{VpcId: vpc.ID()}, pulumi.Parent(n))
	return vpc, err
}

func (n *Network) tags(role string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(n.args.ClusterName + "-" + role)}
}

// PrivateSubnetIDs returns the private subnet of each zone.
func (n *Network) PrivateSubnetIDs() pulumi.StringArray {
	return n.collect(func(z Zone) pulumi.StringOutput { return z.PrivateSubnetID })
}

// PodSubnetIDs returns the pod subnet of each zone.
func (n *Network) PodSubnetIDs() pulumi.StringArray {
	return n.collect(func(z Zone) pulumi.StringOutput { return z.PodSubnetID })
}

// PublicSubnetIDs returns the public subnet of each zone, or nothing where an existing VPC has none.
func (n *Network) PublicSubnetIDs() pulumi.StringArray {
	if !n.public {
		return nil
	}
	return n.collect(func(z Zone) pulumi.StringOutput { return z.PublicSubnetID })
}

func (n *Network) collect(id func(Zone) pulumi.StringOutput) pulumi.StringArray {
	ids := make(pulumi.StringArray, 0, len(n.Zones))
	for _, z := range n.Zones {
		ids = append(ids, id(z))
	}
	return ids
}
