package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/naming"
)

const routesCheck = "node routes"

// nodeRoutes asks whether the nodes' subnets of an existing VPC have a way out. An image that comes through ECR's cache needs
// one the first time (docs/facts.md §10).
func (f *flight) nodeRoutes(ctx context.Context, e *config.ExistingVPC) (Finding, error) {
	var tables []types.RouteTable
	pages := ec2.NewDescribeRouteTablesPaginator(f.ec2, &ec2.DescribeRouteTablesInput{
		Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{e.VpcID}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Finding{}, err
		}
		tables = append(tables, page.RouteTables...)
	}
	var shut []string
	for _, s := range e.Subnets {
		if !leadsOut(tableOf(tables, s.Private)) {
			shut = append(shut, s.Private)
		}
	}
	images := f.cachedImages()
	if len(shut) == 0 || len(images) == 0 {
		return pass(routesCheck, "%d of %d private subnets have a default route, and %d images come through the cache",
			len(e.Subnets)-len(shut), len(e.Subnets), len(images)), nil
	}
	return warn(routesCheck, fmt.Sprintf("give them one for the first `up`, or pull once from a machine that has one, while `up` waits: %s",
		strings.Join(images, ", ")), "%s: no default route to a NAT gateway, a transit gateway or a firewall; ECR's cache needs one "+
		"when an image is pulled for the first time", strings.Join(shut, ", ")), nil
}

// cachedImages are the names, in the stack's registry, of the images that its pods pull through the cache.
func (f *flight) cachedImages() []string {
	r, host := f.Config.Registry, account.Of(f.Config.AWS.AccountID, f.Config.AWS.Region).RegistryHost()
	var cached []string
	for _, image := range []string{f.Config.Database.BootstrapImage, f.Config.Nodes.RollImage} {
		upstream, name, _ := strings.Cut(image, "/")
		if prefix, _ := naming.CachePrefix(r.PathPrefix, upstream); slices.Contains(r.PullThrough, upstream) {
			cached = append(cached, host+"/"+prefix+"/"+name)
		}
	}
	return cached
}

// tableOf is the route table of a subnet: its own, or the VPC's main one.
func tableOf(tables []types.RouteTable, subnet string) types.RouteTable {
	var main types.RouteTable
	for _, t := range tables {
		for _, a := range t.Associations {
			if aws.ToString(a.SubnetId) == subnet {
				return t
			}
			if aws.ToBool(a.Main) {
				main = t
			}
		}
	}
	return main
}

// leadsOut reports whether a private subnet with this table reaches the internet. An internet gateway does not count, as nodes
// have no public address; whatever else stands there is taken for a way.
func leadsOut(t types.RouteTable) bool {
	return slices.ContainsFunc(t.Routes, func(r types.Route) bool {
		return aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" && r.State != types.RouteStateBlackhole &&
			!strings.HasPrefix(aws.ToString(r.GatewayId), "igw-")
	})
}
