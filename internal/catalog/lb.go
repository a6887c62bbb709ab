package catalog

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of lb.
const (
	ELBListener     = "aws:lb/listener:Listener"
	ELBLoadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	ELBTargetGroup  = "aws:lb/targetGroup:TargetGroup"
)

var lbTypes = []Type{
	{
		Token: ELBListener,
		Identity: Identity{
			Listing: Listing{"aws elbv2 describe-listeners --load-balancer-arn {loadBalancerArn}", "Listeners"},
		},
		Loss: Loss{
			Downtime: "the port answers nobody in between",
		},
		Price: Price{Free: partOfLB},
		Permissions: Permissions{
			Create: []Grant{
				onLoadBalancer.allow("elasticloadbalancing:CreateListener"),
				onListener.allow("elasticloadbalancing:AddTags", "elasticloadbalancing:ModifyListenerAttributes"),
			},
			Read: []Grant{readsBalancing},
			Update: []Grant{
				onListener.allow(
					"elasticloadbalancing:AddTags", "elasticloadbalancing:ModifyListener",
					"elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:RemoveTags",
				),
			},
			Delete: []Grant{onListener.allow("elasticloadbalancing:DeleteListener")},
		},
		Simulation: Simulation{
			ID: ByCode, Outputs: map[string]any{"arn": "{id}"},
		},
		Failures: idBeforeWait("elbv2/listener.go resourceListenerCreate"),
		None:     none(quiet, closed, plain, instant, None{Exposes: "the load balancer opens what it listens on"}),
	},
	{
		Token: ELBLoadBalancer,
		Identity: Identity{
			StateID: form("{arn}"),
			ARN:     "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{id}",
		},
		Loss: Loss{
			Lost:     "the load balancer's DNS name, which records outside the stack may hold",
			Downtime: "the portal is down until the new name is in DNS",
		},
		Effects: []Effect{
			{Property: "subnets", Downtime: "requests on addresses that go away fail until clients ask DNS again"},
		},
		Guards: []Guard{
			{"enableDeletionProtection", off, "the load balancer is no longer protected from deletion"},
			{"accessLogs.enabled", off, "accesses are no longer logged"},
		},
		Refusals: []Refusal{
			{"enableDeletionProtection", isTrue, "enableDeletionProtection: the load balancer refuses (bpa:ingress.deletionProtection)"},
		},
		Exposes: func(urn string, in map[string]any) []Opening {
			if in["internal"] == true {
				return nil
			}
			return opens(urn, "the load balancer's public addresses", 443, everybody)
		},
		Waits: []Wait{
			{For: []string{S3BucketPolicy}, Why: "it writes to the bucket at once, or is refused"},
			{For: []string{EC2InternetGateway}, Why: "one that faces the internet is refused in a VPC without a gateway"},
		},
		// 2.3-2.9 min
		Duration: Duration{Create: 156 * time.Second, Delete: 30 * time.Second, Source: Logs},
		Price:    Price{Rule: priceLoadBalancer},
		Permissions: Permissions{
			Create: []Grant{
				onLoadBalancer.allow("elasticloadbalancing:AddTags", "elasticloadbalancing:CreateLoadBalancer"),
				onLoadBalancer.allow("elasticloadbalancing:ModifyLoadBalancerAttributes"),
				links("elasticloadbalancing.amazonaws.com"),
				anything.allow(
					"ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeInternetGateways",
					"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
				),
			},
			Read: []Grant{readsBalancing},
			Update: []Grant{
				onLoadBalancer.allow(
					"elasticloadbalancing:AddTags", "elasticloadbalancing:ModifyLoadBalancerAttributes",
					"elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetIpAddressType",
					"elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
				),
			},
			Delete: []Grant{
				onLoadBalancer.allow("elasticloadbalancing:DeleteLoadBalancer"),
				anything.allow("ec2:DescribeNetworkInterfaces"),
			},
		},
		Simulation: Simulation{
			ID:      "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex:16}",
			Name:    Naming{"name", 32, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "{id}", "zoneId": "Z1H1FL5HABSF5", "vpcId": ""},
			Protected: Answer{
				"OperationNotPermitted", "Load balancer '{id}' cannot be deleted because deletion protection is enabled",
			},
		},
		Failures: idBeforeWait("elbv2/load_balancer.go resourceLoadBalancerCreate"),
		None:     none(plain),
	},
	{
		Token: ELBTargetGroup,
		Identity: Identity{
			StateID: form("{arn}"),
			ARN:     "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{id}",
		},
		Loss: Loss{
			Downtime: "no target is healthy until the checks have passed",
		},
		Price: Price{Free: partOfLB},
		Permissions: Permissions{
			Create: []Grant{
				onTargetGroup.allow(
					"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateTargetGroup",
					"elasticloadbalancing:ModifyTargetGroupAttributes",
				),
				anything.allow("ec2:DescribeVpcs"),
			},
			Read: []Grant{readsBalancing},
			Update: []Grant{
				onTargetGroup.when(
					Own, "elasticloadbalancing:AddTags", "elasticloadbalancing:ModifyTargetGroup",
					"elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags",
				),
			},
			Delete: []Grant{onTargetGroup.when(Own, "elasticloadbalancing:DeleteTargetGroup")},
		},
		Simulation: Simulation{
			ID:   "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex:16}",
			Name: Naming{"name", 32, []string{"namePrefix"}}, Outputs: map[string]any{"arn": "{id}"},
			InUse: Answer{"ResourceInUse", "Target group '{id}' is currently in use by a listener or a rule ({blocker.id})"},
		},
		Failures: idBeforeWait("elbv2/target_group.go resourceTargetGroupCreate"),
		None:     none(quiet, closed, plain, instant, None{Exposes: itsGroup}),
	},
}

var readsBalancing = anything.allow(
	"elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeListenerAttributes",
	"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancerAttributes",
	"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags",
	"elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
)

// priceLoadBalancer pays for a load balancer, and where it faces the internet, for an address in each subnet.
func priceLoadBalancer(p Pricing, r *stackdoc.Resource) {
	if kind := r.Text("loadBalancerType"); kind != "" && kind != "application" {
		p.Missing("load balancers of type %s: the table has prices of application alone", kind)
		return
	}
	p.Paid("alb.hour", 1)
	p.ByUse("alb.lcu")
	if !property.True(r.Property("internal")) {
		p.Paid("ipv4.hour", length(p, "the subnets of the load balancer", r.Property("subnets")))
		p.Assume("a load balancer that faces the internet has one public address a subnet; under load it takes more")
		p.ByUse("transfer.internet")
	}
}
