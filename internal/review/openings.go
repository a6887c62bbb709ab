package review

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/unknown"
)

// everybody is every address there is.
var everybody = []any{"0.0.0.0/0"}

// openings of a resource's inputs: whom it lets in or out.
func openings(c *Change, in map[string]any) []opening {
	if in == nil {
		return nil
	}
	if read := openers[c.Type()]; read != nil {
		return read(c, in)
	}
	return nil
}

// openers read the types that open something.
var openers = map[string]func(*Change, map[string]any) []opening{
	catalog.VPCSecurityGroupIngressRule: func(c *Change, in map[string]any) []opening {
		return []opening{rule(c, in, in["securityGroupId"], "ipProtocol")}
	},
	catalog.VPCSecurityGroupEgressRule: func(c *Change, in map[string]any) []opening {
		return out([]opening{rule(c, in, in["securityGroupId"], "ipProtocol")})
	},
	catalog.EC2SecurityGroupRule: func(c *Change, in map[string]any) []opening {
		rules := []opening{rule(c, in, in["securityGroupId"], "protocol")}
		if in["type"] == "egress" {
			return out(rules)
		}
		return rules
	},
	catalog.EC2SecurityGroup:        inline,
	catalog.EC2DefaultSecurityGroup: inline,
	catalog.EC2NetworkAcl:           inlineACL,
	catalog.EC2DefaultNetworkAcl:    inlineACL,
	catalog.EC2NetworkAclRule: func(c *Change, in map[string]any) []opening {
		if in["ruleAction"] != "allow" {
			return nil
		}
		rules := []opening{rule(c, map[string]any{
			"protocol": in["protocol"], "fromPort": in["fromPort"], "toPort": in["toPort"],
			"cidrBlocks": []any{in["cidrBlock"], in["ipv6CidrBlock"]},
		}, in["networkAclId"], "protocol")}
		if in["egress"] == true {
			return out(rules)
		}
		return rules
	},
	catalog.EKSCluster: func(c *Change, in map[string]any) []opening {
		vpc, _ := in["vpcConfig"].(map[string]any)
		if !may(vpc, "endpointPublicAccess", true) { // the service's default is a public one
			return nil
		}
		cidrs := vpc["publicAccessCidrs"]
		if list, ok := cidrs.([]any); cidrs == nil || ok && len(list) == 0 {
			cidrs = everybody // the service's default
		}
		return []opening{between(c, "the Kubernetes API", 443, cidrs)}
	},
	catalog.RDSInstance:        public("publiclyAccessible", "the database's public address", 5432),
	catalog.RDSClusterInstance: public("publiclyAccessible", "the database's public address", 5432),
	catalog.EC2Subnet:          possible(public("mapPublicIpOnLaunch", "public addresses in the subnet", 0)),
	catalog.EC2Instance:        public("associatePublicIpAddress", "the instance's public address", 0),
	catalog.EC2LaunchTemplate: possible(func(c *Change, in map[string]any) []opening {
		cards, _ := in["networkInterfaces"].([]any)
		for _, card := range cards {
			// The provider takes "true" as well.
			if v, _ := card.(map[string]any); fmt.Sprint(v["associatePublicIpAddress"]) == "true" {
				return []opening{between(c, "public addresses of the instances", 0, everybody)}
			}
		}
		return nil
	}),
	catalog.ELBLoadBalancer: func(c *Change, in map[string]any) []opening {
		if in["internal"] == true {
			return nil
		}
		return []opening{between(c, "the load balancer's public addresses", 443, everybody)}
	},
	catalog.EC2Route: func(c *Change, in map[string]any) []opening {
		gateway, _ := in["gatewayId"].(string)
		if !strings.HasPrefix(gateway, "igw-") && !unknown.Is(gateway) {
			return nil
		}
		o := between(c, "a way to and from the internet", 0, []any{in["destinationCidrBlock"], in["destinationIpv6CidrBlock"]})
		o.harmless = unknown.Is(in["routeTableId"]) // a table of its own, and not one that subnets have already
		return []opening{o}
	},
	catalog.S3BucketAclV2: acl,
	catalog.S3BucketV2:    acl,
	catalog.LambdaFunctionUrl: func(c *Change, in map[string]any) []opening {
		if in["authorizationType"] == "AWS_IAM" {
			return nil
		}
		return []opening{between(c, "the function's URL", 443, everybody)}
	},
	catalog.KubernetesService: service,
	catalog.AtlasProjectIpAccessList: func(c *Change, in map[string]any) []opening {
		return []opening{between(c, "MongoDB Atlas", 27017, []any{in["cidrBlock"], in["ipAddress"]})}
	},
}

// may reports whether a switch is on, or may be: it is not known yet, or is left out and on by default.
func may(in map[string]any, property string, otherwise bool) bool {
	v, given := in[property]
	return !given && otherwise || v == true || unknown.Is(v)
}

// public reads a switch that gives a public address.
func public(property, target string, port int) func(*Change, map[string]any) []opening {
	return func(c *Change, in map[string]any) []opening {
		if !may(in, property, false) {
			return nil
		}
		return []opening{between(c, target, port, everybody)}
	}
}

// possible marks what exposes nothing until something is launched in it.
func possible(read func(*Change, map[string]any) []opening) func(*Change, map[string]any) []opening {
	return func(c *Change, in map[string]any) []opening {
		found := read(c, in)
		for i := range found {
			found[i].harmless = true
		}
		return found
	}
}

// out turns rules into ways out.
func out(rules []opening) []opening {
	for i := range rules {
		rules[i].out = true
	}
	return rules
}

// inline reads the rules that stand in a security group itself.
func inline(c *Change, in map[string]any) []opening {
	read := func(v any) []opening {
		rules, _ := v.([]any)
		var found []opening
		for _, r := range rules {
			if r, ok := r.(map[string]any); ok {
				found = append(found, rule(c, r, string(c.URN), "protocol")) // its id is not among the inputs
			}
		}
		return found
	}
	return append(read(in["ingress"]), out(read(in["egress"]))...)
}

// inlineACL reads the rules of a network ACL that allow something. What a denial before them takes away is not looked at.
func inlineACL(c *Change, in map[string]any) []opening {
	read := func(v any) []opening {
		rules, _ := v.([]any)
		var found []opening
		for _, r := range rules {
			if r, ok := r.(map[string]any); ok && r["action"] == "allow" {
				found = append(found, rule(c, map[string]any{
					"protocol": r["protocol"], "fromPort": r["fromPort"], "toPort": r["toPort"],
					"cidrBlocks": []any{r["cidrBlock"], r["ipv6CidrBlock"]},
				}, string(c.URN), "protocol"))
			}
		}
		return found
	}
	return append(read(in["ingress"]), out(read(in["egress"]))...)
}

// acl reads a bucket's canned ACL.
func acl(c *Change, in map[string]any) []opening {
	if text, _ := in["acl"].(string); !strings.HasPrefix(text, "public-") && text != "authenticated-read" {
		return nil
	}
	return []opening{between(c, "the bucket", 443, everybody)}
}

// service reads a Kubernetes Service that has an address outside of the cluster.
func service(c *Change, in map[string]any) []opening {
	spec, _ := in["spec"].(map[string]any)
	if spec["type"] != "LoadBalancer" {
		return nil
	}
	sources := spec["loadBalancerSourceRanges"]
	if sources == nil {
		sources = everybody
	}
	var found []opening
	ports, _ := spec["ports"].([]any)
	for _, p := range ports {
		if p, ok := p.(map[string]any); ok {
			found = append(found, between(c, "a load balancer of Kubernetes", number(p["port"]), sources))
		}
	}
	return found
}
