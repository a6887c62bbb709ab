package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// networkTypes are the types of VPC, Route 53 Resolver and flow logs.
func networkTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		"aws:ec2/vpc:Vpc": {
			ID: id("vpc"), Blocks: inUse("DependencyViolation", "vpc", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup.vpcId"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "vpc/"+r.ID), "ownerId": account(r),
					"defaultSecurityGroupId": r.Kept("defaultSecurityGroupId", func() any { return "sg-" + hexID(r, 17) }),
					"mainRouteTableId":       r.Kept("mainRouteTableId", func() any { return "rtb-" + hexID(r, 17) }),
					"defaultNetworkAclId":    r.Kept("defaultNetworkAclId", func() any { return "acl-" + hexID(r, 17) }),
				}
			},
		},
		"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {ID: id("vpc-cidr-assoc")},
		"aws:ec2/subnet:Subnet": {
			ID: id(
				"subnet",
			),
			Blocks: inUse("DependencyViolation", "subnet", "aws:ec2/routeTableAssociation:RouteTableAssociation.subnetId"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "subnet/"+r.ID), "ownerId": account(r), "availabilityZone": subnetZone(r),
					"availabilityZoneId": zoneID(subnetZone(r)),
				}
			},
		},
		"aws:ec2/internetGateway:InternetGateway": {
			ID: id("igw"), Outputs: hasARN("ec2", "internet-gateway/"),
		},
		"aws:ec2/eip:Eip": {
			ID: id("eipalloc"), Blocks: inUse("InvalidIPAddress.InUse", "address"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": arn(r, "ec2", "elastic-ip/"+r.ID), "allocationId": r.ID,
					"publicIp": r.Kept("publicIp", func() any { return fmt.Sprintf("198.51.100.%d", 1+r.Store.Serial()%250) }),
				}
			},
		},
		"aws:ec2/natGateway:NatGateway": {ID: id("nat"), Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"networkInterfaceId": r.Kept("networkInterfaceId", func() any { return "eni-" + hexID(r, 17) })}
		}},
		"aws:ec2/routeTable:RouteTable": {
			ID:      id("rtb"),
			Outputs: hasARN("ec2", "route-table/"),
			Blocks: inUse(
				"DependencyViolation",
				"routeTable",
				"aws:ec2/route:Route.routeTableId",
				"aws:ec2/vpcEndpoint:VpcEndpoint.routeTableIds",
			),
		},
		"aws:ec2/route:Route": {
			ID: func(r *provider.Request) string {
				return "r-" + r.Str("routeTableId") + strings.TrimLeft(hexID(r, 9), "0")
			},
			Outputs: func(*provider.Request) map[string]any {
				return map[string]any{"state": "active", "origin": "CreateRoute"}
			},
		},
		"aws:ec2/routeTableAssociation:RouteTableAssociation": {ID: id("rtbassoc")},
		"aws:ec2/vpcEndpoint:VpcEndpoint":                     {ID: id("vpce"), Outputs: endpointOutputs},
		"aws:ec2/flowLog:FlowLog":                             {ID: id("fl"), Outputs: hasARN("ec2", "vpc-flow-log/")},
		"aws:ec2/securityGroup:SecurityGroup": {
			ID: id("sg"), Name: named("name", 255, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ec2", "security-group/"+r.ID), "ownerId": account(r)}
			},
			Blocks: groupInUse(
				"aws:ec2/securityGroupRule:SecurityGroupRule.securityGroupId",
				"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule.securityGroupId",
				"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule.securityGroupId"),
		},
		"aws:ec2/securityGroupRule:SecurityGroupRule":               {ID: id("sgrule"), Outputs: ruleOutputs},
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {ID: id("sgr"), Outputs: ruleOutputs},
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {ID: id("sgr"), Outputs: ruleOutputs},
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
			ID: id("sg"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ec2", "security-group/"+r.ID), "name": "default", "ownerId": account(r)}
			},
		},
		"aws:route53/resolverEndpoint:ResolverEndpoint": {
			ID: id("rslvr-out"), Blocks: inUse("InvalidRequestException", "resolver endpoint"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "route53resolver", "resolver-endpoint/"+r.ID), "hostVpcId": ""}
			},
		},
		"aws:route53/resolverRule:ResolverRule": {
			ID: id("rslvr-rr"), Blocks: inUse("ResourceInUseException", "resolver rule"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn":         arn(r, "route53resolver", "resolver-rule/"+r.ID),
					"ownerId":     account(r),
					"shareStatus": "NOT_SHARED",
				}
			},
		},
		"aws:route53/resolverRuleAssociation:ResolverRuleAssociation": {ID: id("rslvr-rrassoc")},
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
