package preflight

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/bpa-on-aws/platform/infra/naming"
)

// stackTag is on everything that the program makes; see stacks/providers.go.
const stackTag = "bpa:stack"

// own reports whether tags are those of this stack: the program's own, or those that an Auto Scaling group gives to the
// nodes of its cluster.
func (f *flight) own(tags []types.Tag) bool {
	names := naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region)
	for _, t := range tags {
		switch aws.ToString(t.Key) {
		case stackTag:
			return aws.ToString(t.Value) == f.Config.Name
		case "kubernetes.io/cluster/" + names.Cluster():
			return true
		}
	}
	return false
}

// count adds one to a usage, and to its own part where the tags say so.
func (f *flight) count(u *usage, tags []types.Tag) {
	u.all++
	if f.own(tags) {
		u.own++
	}
}

func (f *flight) vpcs(ctx context.Context) (usage, error) {
	var u usage
	pages := ec2.NewDescribeVpcsPaginator(f.ec2, &ec2.DescribeVpcsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return u, err
		}
		for _, v := range page.Vpcs {
			f.count(&u, v.Tags)
		}
	}
	return u, nil
}

func (f *flight) elasticIPs(ctx context.Context) (usage, error) {
	var u usage
	out, err := f.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return u, err
	}
	for _, a := range out.Addresses {
		f.count(&u, a.Tags)
	}
	return u, nil
}

// natGateways counts the gateways of the fullest chosen zone: the quota is per zone.
func (f *flight) natGateways(ctx context.Context) (usage, error) {
	zones, err := f.zones(ctx)
	if err != nil {
		return usage{}, err
	}
	where, err := f.subnetZones(ctx)
	if err != nil {
		return usage{}, err
	}
	perZone := map[string]*usage{}
	pages := ec2.NewDescribeNatGatewaysPaginator(f.ec2, &ec2.DescribeNatGatewaysInput{Filter: []types.Filter{
		{Name: aws.String("state"), Values: []string{"pending", "available"}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return usage{}, err
		}
		for _, g := range page.NatGateways {
			zone := where[aws.ToString(g.SubnetId)]
			if perZone[zone] == nil {
				perZone[zone] = &usage{}
			}
			f.count(perZone[zone], g.Tags)
		}
	}
	var fullest usage
	for _, zone := range zones {
		if u := perZone[zone]; u != nil && u.all-u.own >= fullest.all-fullest.own {
			fullest = *u
		}
	}
	return fullest, nil
}

// subnetZones returns the zone of every subnet.
func (f *flight) subnetZones(ctx context.Context) (map[string]string, error) {
	where := map[string]string{}
	pages := ec2.NewDescribeSubnetsPaginator(f.ec2, &ec2.DescribeSubnetsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Subnets {
			where[aws.ToString(s.SubnetId)] = aws.ToString(s.AvailabilityZone)
		}
	}
	return where, nil
}

// interfaceEndpoints counts those of the VPC, as the quota is per VPC: an existing one's, or those that the stack has.
func (f *flight) interfaceEndpoints(ctx context.Context) (usage, error) {
	var u usage
	filters := []types.Filter{{Name: aws.String("vpc-endpoint-type"), Values: []string{"Interface"}}}
	if existing := f.Config.Network.Existing; existing != nil {
		filters = append(filters, types.Filter{Name: aws.String("vpc-id"), Values: []string{existing.VpcID}})
	} else {
		filters = append(filters, types.Filter{Name: aws.String("tag:" + stackTag), Values: []string{f.Config.Name}})
	}
	pages := ec2.NewDescribeVpcEndpointsPaginator(f.ec2, &ec2.DescribeVpcEndpointsInput{Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return u, err
		}
		for _, e := range page.VpcEndpoints {
			f.count(&u, e.Tags)
		}
	}
	return u, nil
}

// loadBalancers counts application load balancers; the stack's own is known by its name.
func (f *flight) loadBalancers(ctx context.Context) (usage, error) {
	name := naming.New(f.Config.Name, f.Config.AWS.AccountID, f.Config.AWS.Region).LoadBalancer()
	var u usage
	pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(f.elb, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return u, err
		}
		for _, b := range page.LoadBalancers {
			if b.Type != elb.LoadBalancerTypeEnumApplication {
				continue
			}
			u.all++
			if aws.ToString(b.LoadBalancerName) == name {
				u.own++
			}
		}
	}
	return u, nil
}

// instance is a running on-demand instance.
type instance struct {
	instanceType string
	own          bool
}

// instances lists what counts against the on-demand quotas: pending and running instances that are not spot.
func (f *flight) instances(ctx context.Context) ([]instance, error) {
	var list []instance
	pages := ec2.NewDescribeInstancesPaginator(f.ec2, &ec2.DescribeInstancesInput{Filters: []types.Filter{
		{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				if i.InstanceLifecycle != types.InstanceLifecycleTypeSpot {
					list = append(list, instance{string(i.InstanceType), f.own(i.Tags)})
				}
			}
		}
	}
	return list, nil
}

// typeSizes returns the vCPUs of instance types. Of a type that the region does not know there is none.
func (f *flight) typeSizes(ctx context.Context, names []string) (map[string]int, error) {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	sizes := map[string]int{}
	// A filter takes names that do not exist, where a list of types would fail as a whole.
	pages := ec2.NewDescribeInstanceTypesPaginator(f.ec2, &ec2.DescribeInstanceTypesInput{Filters: []types.Filter{
		{Name: aws.String("instance-type"), Values: slices.Sorted(maps.Keys(wanted))},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.InstanceTypes {
			if t.VCpuInfo != nil {
				sizes[string(t.InstanceType)] = int(aws.ToInt32(t.VCpuInfo.DefaultVCpus))
			}
		}
	}
	return sizes, nil
}
