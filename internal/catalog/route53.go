package catalog

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of route53.
const (
	Route53ResolverEndpoint        = "aws:route53/resolverEndpoint:ResolverEndpoint"
	Route53ResolverRule            = "aws:route53/resolverRule:ResolverRule"
	Route53ResolverRuleAssociation = "aws:route53/resolverRuleAssociation:ResolverRuleAssociation"
)

var route53Types = []Type{
	{
		Token: Route53ResolverEndpoint,
		Identity: Identity{
			ARN: "arn:{partition}:route53resolver:{region}:{account}:resolver-endpoint/{id}",
		},
		Loss: Loss{
			Lost:     "addresses that the on-premises network may have allowed",
			Downtime: "names of the on-premises network are not found in between",
		},
		Duration: Duration{Create: 2 * time.Minute, Delete: time.Minute, Source: Plan},
		Price:    Price{Rule: priceResolver},
		Permissions: Permissions{
			Create: []Grant{
				onResolverEndpoint.when(Made, "route53resolver:CreateResolverEndpoint", "route53resolver:TagResource"),
				onNetworkInterface.allow("ec2:CreateNetworkInterface"),
				onSubnet.when(Own, "ec2:CreateNetworkInterface"),
				onSecurityGroup.when(Own, "ec2:CreateNetworkInterface"),
				anything.allow("ec2:DescribeAvailabilityZones", "ec2:DescribeSecurityGroups"),
			},
			Read: []Grant{
				onResolverEndpoint.when(
					Own, "route53resolver:GetResolverEndpoint", "route53resolver:ListResolverEndpointIpAddresses",
					"route53resolver:ListTagsForResource",
				),
				anything.allow("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
			},
			Update: []Grant{
				onResolverEndpoint.when(
					Own, "route53resolver:AssociateResolverEndpointIpAddress", "route53resolver:DisassociateResolverEndpointIpAddress",
					"route53resolver:UntagResource", "route53resolver:UpdateResolverEndpoint",
				),
				onResolverEndpoint.when(Own, "route53resolver:TagResource"),
			},
			Delete: []Grant{
				onResolverEndpoint.when(Own, "route53resolver:DeleteResolverEndpoint"),
				onNetworkInterface.allow("ec2:DeleteNetworkInterface"),
			},
		},
		Simulation: Simulation{
			ID: "rslvr-out-{hex:17}", Name: Naming{Property: "name"},
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
		Identity: Identity{
			ARN: "arn:{partition}:route53resolver:{region}:{account}:resolver-rule/{id}",
		},
		Loss: Loss{
			Downtime: "names of the on-premises network are not found in between",
		},
		Price: Price{Free: "a part of the Resolver endpoint, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{onResolverRule.when(Made, "route53resolver:CreateResolverRule", "route53resolver:TagResource")},
			Read:   []Grant{onResolverRule.when(Own, "route53resolver:GetResolverRule", "route53resolver:ListTagsForResource")},
			Update: []Grant{
				onResolverRule.when(
					Own, "route53resolver:TagResource", "route53resolver:UntagResource", "route53resolver:UpdateResolverRule",
				),
			},
			Delete: []Grant{onResolverRule.when(Own, "route53resolver:DeleteResolverRule")},
		},
		Simulation: Simulation{
			Plans: []Planned{{"resolverEndpointId", removed, "planned so by provider 6.13.0"}},
			ID:    "rslvr-rr-{hex:17}", Name: Naming{Property: "name"},
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
		Identity: Identity{
			Listing: Listing{"aws route53resolver list-resolver-rule-associations", "ResolverRuleAssociations"},
		},
		Loss: Loss{
			Downtime: "names of the on-premises network are not found in between",
		},
		Price: Price{Free: "a part of the Resolver endpoint, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{onResolverRule.when(Own, "route53resolver:AssociateResolverRule"), anything.allow("ec2:DescribeVpcs")},
			Read:   []Grant{onResolverRule.when(Own, "route53resolver:GetResolverRuleAssociation")},
			Delete: []Grant{onResolverRule.when(Own, "route53resolver:DisassociateResolverRule")},
		},
		Simulation: Simulation{ID: "rslvr-rrassoc-{hex:17}", Name: Naming{Property: "name"}},
		Failures:   idBeforeWait("route53resolver/rule_association.go resourceRuleAssociationCreate"),
		None:       none(quiet, closed, plain, instant),
	},
}

func priceResolver(p Pricing, r *stackdoc.Resource) {
	p.Paid("resolver.hour", length(p, "the addresses of the Resolver endpoint", r.Property("ipAddresses")))
	p.ByUse("resolver.queries")
}
