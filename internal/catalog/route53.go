package catalog

import "time"

// The types of route53.
const (
	Route53ResolverEndpoint        = "aws:route53/resolverEndpoint:ResolverEndpoint"
	Route53ResolverRule            = "aws:route53/resolverRule:ResolverRule"
	Route53ResolverRuleAssociation = "aws:route53/resolverRuleAssociation:ResolverRuleAssociation"
)

var route53Types = []Type{
	{
		Token: Route53ResolverEndpoint,
		Loss: Loss{
			Lost:     "addresses that the on-premises network may have allowed",
			Downtime: "names of the on-premises network are not found in between",
		},
		Duration: Duration{Create: 2 * time.Minute, Delete: time.Minute, Source: Plan},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"route53resolver:CreateResolverEndpoint", "route53resolver:TagResource"}, On: OnResolverEndpoint, If: Made},
				{Actions: []string{"ec2:CreateNetworkInterface"}, On: OnNetworkInterface},
				{Actions: []string{"ec2:CreateNetworkInterface"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:CreateNetworkInterface"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:DescribeAvailabilityZones", "ec2:DescribeSecurityGroups"}},
			},
			Read: []Grant{
				{Actions: []string{"route53resolver:GetResolverEndpoint", "route53resolver:ListResolverEndpointIpAddresses", "route53resolver:ListTagsForResource"}, On: OnResolverEndpoint, If: Own},
				{Actions: []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeVpcs"}},
			},
			Update: []Grant{
				{Actions: []string{"route53resolver:AssociateResolverEndpointIpAddress", "route53resolver:DisassociateResolverEndpointIpAddress", "route53resolver:UntagResource", "route53resolver:UpdateResolverEndpoint"}, On: OnResolverEndpoint, If: Own},
				{Actions: []string{"route53resolver:TagResource"}, On: OnResolverEndpoint, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"route53resolver:DeleteResolverEndpoint"}, On: OnResolverEndpoint, If: Own},
				{Actions: []string{"ec2:DeleteNetworkInterface"}, On: OnNetworkInterface},
			},
		},
		Simulation: Simulation{
			ID: "rslvr-out-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:route53resolver:{region}:{account}:resolver-endpoint/{id}", "hostVpcId": "",
			},
			InUse: hasDependencies("InvalidRequestException", "resolver endpoint"),
		},
		Failures: idBeforeWait("route53resolver/endpoint.go resourceEndpointCreate"),
		None:     none(quiet, closed, plain, None{Exposes: itsGroup, Waits: noWait}),
	},
	{
		Token: Route53ResolverRule,
		Loss: Loss{
			Downtime: "names of the on-premises network are not found in between",
		},
		Price: Price{Free: "a part of the Resolver endpoint, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"route53resolver:CreateResolverRule", "route53resolver:TagResource"}, On: OnResolverRule, If: Made},
			},
			Read: []Grant{
				{Actions: []string{"route53resolver:GetResolverRule", "route53resolver:ListTagsForResource"}, On: OnResolverRule, If: Own},
			},
			Update: []Grant{
				{Actions: []string{"route53resolver:TagResource", "route53resolver:UntagResource", "route53resolver:UpdateResolverRule"}, On: OnResolverRule, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"route53resolver:DeleteResolverRule"}, On: OnResolverRule, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "rslvr-rr-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:route53resolver:{region}:{account}:resolver-rule/{id}", "ownerId": "{account}",
				"shareStatus": "NOT_SHARED",
			},
			InUse: hasDependencies("ResourceInUseException", "resolver rule"),
		},
		Failures: idBeforeWait("route53resolver/rule.go resourceRuleCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: Route53ResolverRuleAssociation,
		Loss: Loss{
			Downtime: "names of the on-premises network are not found in between",
		},
		Price: Price{Free: "a part of the Resolver endpoint, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"route53resolver:AssociateResolverRule"}, On: OnResolverRule, If: Own},
				{Actions: []string{"ec2:DescribeVpcs"}},
			},
			Read: []Grant{
				{Actions: []string{"route53resolver:GetResolverRuleAssociation"}, On: OnResolverRule, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"route53resolver:DisassociateResolverRule"}, On: OnResolverRule, If: Own},
			},
		},
		Simulation: Simulation{ID: "rslvr-rrassoc-{hex:17}"},
		Failures:   inOneCall,
		None:       none(quiet, closed, plain, instant),
	},
}
