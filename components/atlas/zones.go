package atlas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// subnets are those in a zone that Atlas's service is offered in: EC2 refuses an endpoint with any other.
func (a *Atlas) subnets(ctx *pulumi.Context, service pulumi.StringOutput) pulumi.StringArrayOutput {
	options := []pulumi.InvokeOption{pulumi.Parent(a)}
	if a.args.Endpoint.Provider != nil {
		options = []pulumi.InvokeOption{pulumi.Provider(a.args.Endpoint.Provider)}
	}
	offered := ec2.LookupVpcEndpointServiceOutput(ctx, ec2.LookupVpcEndpointServiceOutputArgs{
		ServiceName: service.ToStringPtrOutput(),
	}, options...).AvailabilityZones()
	zones := pulumi.ToStringArray(a.args.Endpoint.Zones).ToStringArrayOutput()
	if a.args.Endpoint.Zones == nil {
		var asked pulumi.StringArray
		for _, subnet := range a.args.Endpoint.SubnetIDs {
			asked = append(asked, ec2.LookupSubnetOutput(ctx, ec2.LookupSubnetOutputArgs{
				Id: subnet.ToStringOutput().ToStringPtrOutput(),
			}, options...).AvailabilityZone())
		}
		zones = asked.ToStringArrayOutput()
	}
	return pulumi.All(a.args.Endpoint.SubnetIDs.ToStringArrayOutput(), zones, offered, service).ApplyT(
		func(v []any) ([]string, error) {
			subnets, zones, offered := v[0].([]string), v[1].([]string), v[2].([]string)
			var chosen []string
			for i, subnet := range subnets {
				if slices.Contains(offered, zones[i]) {
					chosen = append(chosen, subnet)
				}
			}
			if len(chosen) == 0 {
				return nil, fmt.Errorf("none of the zones %s has Atlas's service %s, which is in %s: choose others (network.zones)",
					strings.Join(zones, ", "), v[3], strings.Join(offered, ", "))
			}
			return chosen, nil
		}).(pulumi.StringArrayOutput)
}
