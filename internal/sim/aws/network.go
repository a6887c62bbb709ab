package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// networkTypes are the types of VPC, Route 53 Resolver and flow logs.
func networkTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		catalog.EC2Vpc: {
			ID: id("vpc"), Blocks: inUse("DependencyViolation", "vpc", catalog.EC2DefaultSecurityGroup+".vpcId"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "vpc/"+r.ID), "ownerId": account(r),
					"defaultSecurityGroupId": r.Kept("defaultSecurityGroupId", func() any { return "sg-" + hexID(r, 17) }),
					"mainRouteTableId":       r.Kept("mainRouteTableId", func() any { return "rtb-" + hexID(r, 17) }),
					"defaultNetworkAclId":    r.Kept("defaultNetworkAclId", func() any { return "acl-" + hexID(r, 17) }),
				}
			},
		},
		catalog.EC2VpcIpv4CidrBlockAssociation: {ID: id("vpc-cidr-assoc")},
		catalog.EC2Subnet: {
			ID: id(
				"subnet",
			),
			Blocks: inUse("DependencyViolation", "subnet", catalog.EC2RouteTableAssociation+".subnetId"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "subnet/"+r.ID), "ownerId": account(r), "availabilityZone": subnetZone(r),
					"availabilityZoneId": zoneID(subnetZone(r)),
				}
			},
		},
		catalog.EC2InternetGateway: {
			ID: id("igw"), Outputs: hasARN("ec2", "internet-gateway/"),
		},
		catalog.EC2Eip: {
			ID: id("eipalloc"), Blocks: inUse("InvalidIPAddress.InUse", "address"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "elastic-ip/"+r.ID), "allocationId": r.ID,
					"publicIp": r.Kept("publicIp", func() any { return fmt.Sprintf("198.51.100.%d", 1+r.Store.Serial()%250) }),
				}
			},
		},
		catalog.EC2NatGateway: {ID: id("nat"), Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"networkInterfaceId": r.Kept("networkInterfaceId", func() any { return "eni-" + hexID(r, 17) })}
		}},
		catalog.EC2RouteTable: {
			ID:      id("rtb"),
			Outputs: hasARN("ec2", "route-table/"),
			Blocks: inUse(
				"DependencyViolation",
				"routeTable",
				catalog.EC2Route+".routeTableId",
				catalog.EC2VpcEndpoint+".routeTableIds",
			),
		},
		catalog.EC2Route: {
			ID: func(r *provider.Request) string {
				return "r-" + r.Str("routeTableId") + strings.TrimLeft(hexID(r, 9), "0")
			},
			Outputs: func(*provider.Request) map[string]any {
				return map[string]any{"state": "active", "origin": "CreateRoute"}
			},
		},
		catalog.EC2RouteTableAssociation: {ID: id("rtbassoc")},
		catalog.EC2VpcEndpoint:           {ID: id("vpce"), Outputs: endpointOutputs},
		catalog.EC2FlowLog:               {ID: id("fl"), Outputs: hasARN("ec2", "vpc-flow-log/")},
		catalog.EC2SecurityGroup: {
			ID: id("sg"), Name: named("name", 255, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ec2", "security-group/"+r.ID), "ownerId": account(r)}
			},
			Blocks: groupInUse(
				catalog.EC2SecurityGroupRule+".securityGroupId",
				catalog.VPCSecurityGroupIngressRule+".securityGroupId",
				catalog.VPCSecurityGroupEgressRule+".securityGroupId"),
		},
		catalog.EC2SecurityGroupRule:        {ID: id("sgrule"), Outputs: ruleOutputs},
		catalog.VPCSecurityGroupIngressRule: {ID: id("sgr"), Outputs: ruleOutputs},
		catalog.VPCSecurityGroupEgressRule:  {ID: id("sgr"), Outputs: ruleOutputs},
		catalog.EC2DefaultSecurityGroup: {
			ID: id("sg"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ec2", "security-group/"+r.ID), "name": "default", "ownerId": account(r)}
			},
		},
		catalog.Route53ResolverEndpoint: {
			ID: id("rslvr-out"), Blocks: inUse("InvalidRequestException", "resolver endpoint"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "route53resolver", "resolver-endpoint/"+r.ID), "hostVpcId": ""}
			},
		},
		catalog.Route53ResolverRule: {
			ID: id("rslvr-rr"), Blocks: inUse("ResourceInUseException", "resolver rule"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn":         arn(r, "route53resolver", "resolver-rule/"+r.ID),
					"ownerId":     account(r),
					"shareStatus": "NOT_SHARED",
				}
			},
		},
		catalog.Route53ResolverRuleAssociation: {ID: id("rslvr-rrassoc")},
	}
}

// subnetZone: AWS chooses where the program does not.
func subnetZone(r *provider.Request) string {
	if zone := r.Str("availabilityZone"); zone != "" {
		return zone
	}
	return region(r) + zoneLetters(region(r))[:1]
}

func ruleOutputs(r *provider.Request) map[string]any {
	return map[string]any{
		"arn": arn(r, "ec2", "security-group-rule/"+r.ID), "securityGroupRuleId": r.ID,
	}
}

// endpointOutputs: AWS's own services accept at once, another account's service waits for its owner.
func endpointOutputs(r *provider.Request) map[string]any {
	state := "available"
	if !strings.HasPrefix(r.Str("serviceName"), "com.amazonaws."+region(r)+".") {
		state = "pendingAcceptance"
	}
	out := map[string]any{"arn": arn(r, "ec2", "vpc-endpoint/"+r.ID), "state": state, "ownerId": account(r)}
	if r.Str("vpcEndpointType") != "Interface" {
		out["prefixListId"] = r.Kept("prefixListId", func() any { return "pl-" + hexID(r, 8) })
		return out
	}
	out["dnsEntries"] = []any{map[string]any{
		"dnsName":      r.ID + "." + strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."),
		"hostedZoneId": "Z1YSA3EXCYUU9Z",
	}}
	return out
}

// zoneID turns us-west-2a into usw2-az1.
func zoneID(zone string) string {
	if len(zone) < 3 {
		return ""
	}
	parts := strings.Split(zone[:len(zone)-1], "-")
	short := parts[0]
	for _, p := range parts[1:] {
		short += p[:1]
	}
	return fmt.Sprintf("%s-az%d", short, 1+int(zone[len(zone)-1]-'a'))
}
