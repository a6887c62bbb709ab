package review_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

type inputs = map[string]any

// unknown is what the engine writes for a text that is known only after `up`.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

func TestWhateverOpensANetworkIsFound(t *testing.T) {
	acl := func(cidr string) inputs {
		return inputs{"ingress": []any{
			inputs{"action": "allow", "protocol": "6", "fromPort": 22.0, "toPort": 22.0, "cidrBlock": cidr},
			inputs{"action": "deny", "protocol": "-1", "cidrBlock": "0.0.0.0/0"},
		}}
	}
	group := func(key, cidr string) inputs {
		return inputs{key: []any{inputs{"protocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "cidrBlocks": []any{cidr}}}}
	}
	api := func(public bool, cidrs ...any) inputs {
		return inputs{"vpcConfig": inputs{"endpointPublicAccess": public, "publicAccessCidrs": cidrs}}
	}
	service := func(kind string) inputs {
		return inputs{"spec": inputs{"type": kind, "ports": []any{inputs{"port": 8080.0}}}}
	}
	for name, c := range map[string]struct {
		typ           string
		before, after inputs
		want          string
	}{
		"a group's own rules": {
			catalog.EC2SecurityGroup,
			group("ingress", "10.0.0.0/16"),
			group("ingress", "10.0.0.0/8"),
			"opens tcp port 5432 to 10.0.0.0/8",
		},
		"a way out": {
			catalog.EC2SecurityGroup,
			group("egress", "10.0.0.0/16"),
			group("egress", "0.0.0.0/0"),
			"lets out tcp port 5432 to 0.0.0.0/0: anywhere",
		},
		"a network ACL": {catalog.EC2NetworkACL, acl("10.0.0.0/16"), acl("0.0.0.0/0"), "tcp port 22 to 0.0.0.0/0: everybody"},
		"a rule of an ACL": {
			catalog.EC2NetworkACLRule,
			nil,
			inputs{"networkAclId": "acl-1", "ruleAction": "allow", "protocol": "-1", "cidrBlock": "192.0.2.0/24"},
			"opens every port to 192.0.2.0/24",
		},
		"a public API": {
			catalog.EKSCluster,
			api(false),
			api(true, "192.0.2.0/24"),
			"opens tcp port 443 of the Kubernetes API to 192.0.2.0/24",
		},
		"more of the API": {catalog.EKSCluster, api(true, "192.0.2.0/24"), api(true), "the Kubernetes API to 0.0.0.0/0: everybody"},
		"a public database": {
			catalog.RDSInstance,
			inputs{},
			inputs{"publiclyAccessible": true},
			"the database's public address to 0.0.0.0/0: everybody",
		},
		"a public balancer": {
			catalog.ELBLoadBalancer,
			inputs{"internal": true},
			inputs{"internal": false},
			"the load balancer's public addresses to 0.0.0.0/0: everybody",
		},
		"a public instance": {
			catalog.EC2Instance,
			inputs{},
			inputs{"associatePublicIpAddress": true},
			"the instance's public address to 0.0.0.0/0",
		},
		"a public subnet": {
			catalog.EC2Subnet,
			inputs{},
			inputs{"mapPublicIpOnLaunch": true},
			"public addresses in the subnet to 0.0.0.0/0",
		},
		"a way to the gateway": {
			catalog.EC2Route,
			inputs{"routeTableId": "rtb-1", "natGatewayId": "nat-1", "destinationCidrBlock": "0.0.0.0/0"},
			inputs{"routeTableId": "rtb-1", "gatewayId": "igw-1", "destinationCidrBlock": "0.0.0.0/0"},
			"a way to and from the internet to 0.0.0.0/0",
		},
		"public nodes": {
			catalog.EC2LaunchTemplate,
			inputs{},
			inputs{"networkInterfaces": []any{inputs{"associatePublicIpAddress": "true"}}},
			"public addresses of the instances",
		},
		"a public bucket": {
			catalog.S3BucketACLV2,
			inputs{"acl": "private"},
			inputs{"acl": "public-read"},
			"the bucket to 0.0.0.0/0: everybody",
		},
		"a function's URL": {
			catalog.LambdaFunctionURL,
			inputs{"authorizationType": "AWS_IAM"},
			inputs{"authorizationType": "NONE"},
			"the function's URL",
		},
		"a Service": {
			catalog.KubernetesService,
			service("ClusterIP"),
			service("LoadBalancer"),
			"tcp port 8080 of a load balancer of Kubernetes to 0.0.0.0/0: everybody",
		},
		"an entry at Atlas": {
			catalog.AtlasProjectIPAccessList,
			nil,
			inputs{"cidrBlock": "192.0.2.0/24"},
			"MongoDB Atlas to 192.0.2.0/24",
		},
		"a prefix list": {
			catalog.VPCSecurityGroupIngressRule,
			nil,
			inputs{"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 1.0, "toPort": 9.0, "prefixListId": "pl-1"},
			"opens tcp ports 1-9 to `pl-1`",
		},
		"an unknown network": {
			catalog.VPCSecurityGroupIngressRule,
			nil,
			inputs{"securityGroupId": "sg-1", "ipProtocol": "tcp", "cidrIpv4": unknown},
			"something known after up",
		},
	} {
		t.Run(name, func(t *testing.T) {
			same := step("same", stack+"aws:sqs/queue:Queue::q", inputs{}, inputs{}) // not a first deployment
			op := map[bool]string{true: "create", false: "update"}[c.before == nil]
			r := reviewSteps(t, same, step(op, stack+c.typ+"::it", c.before, c.after))
			require.Len(t, of(r, review.Network), 1)
			f := of(r, review.Network)[0]
			assert.Contains(t, f.Text, c.want)
			assert.True(t, f.NeedsApproval)
			if c.before != nil {
				back := reviewSteps(t, same, step("update", stack+c.typ+"::it", c.after, c.before))
				assert.Empty(t, of(back, review.Network), "the way back closes")
			}
			kept := reviewSteps(t, same, step("update", stack+c.typ+"::it", c.after, c.after))
			if c.after["cidrIpv4"] != unknown {
				assert.Empty(t, of(kept, review.Network), "what stays opens nothing")
			}
		})
	}
}

// of returns the findings about a subject.
func of(r *review.Review, s review.Subject) []review.Finding {
	var found []review.Finding
	for _, f := range r.Findings {
		if f.Subject == s {
			found = append(found, f)
		}
	}
	return found
}

func TestOnePublicThingDoesNotExcuseAnother(t *testing.T) {
	balancer := stack + catalog.ELBLoadBalancer + "::"
	r := reviewSteps(t, step("same", balancer+"old", inputs{"internal": false}, inputs{"internal": false}),
		step("update", balancer+"new", inputs{"internal": true}, inputs{"internal": false}))
	assert.Equal(t, []string{balancer + "new"}, r.Missing())
}

func TestARuleThatMovesAlongWithItsGroupOpensNothing(t *testing.T) {
	rule := func(group, cidr string) inputs {
		return inputs{"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrIpv4": cidr}
	}
	urn := stack + catalog.VPCSecurityGroupIngressRule + "::rule"
	r := reviewSteps(t, step("replace", urn, rule("sg-1", "10.0.0.0/8"), rule(unknown, "10.0.0.0/8"), "securityGroupId"))
	assert.Empty(t, of(r, review.Network))
	r = reviewSteps(t, step("replace", urn, rule("sg-1", "10.0.0.0/8"), rule(unknown, "0.0.0.0/0"), "securityGroupId", "cidrIpv4"))
	assert.Len(t, of(r, review.Network), 1)
}

// What is made together with what it opens has nobody behind it yet; a load balancer has.
func TestWhatIsNewMayHaveAWayOut(t *testing.T) {
	same := step("same", stack+"aws:sqs/queue:Queue::q", inputs{}, inputs{})
	for _, c := range []struct {
		typ  string
		in   inputs
		safe bool
	}{
		{
			catalog.VPCSecurityGroupEgressRule,
			inputs{"securityGroupId": unknown, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
			true,
		},
		{
			catalog.VPCSecurityGroupEgressRule,
			inputs{"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
			false,
		},
		{catalog.EC2Subnet, inputs{"mapPublicIpOnLaunch": true}, true},
		{catalog.EC2Route, inputs{"routeTableId": unknown, "gatewayId": "igw-1", "destinationCidrBlock": "0.0.0.0/0"}, true},
		{catalog.EC2Route, inputs{"routeTableId": "rtb-1", "gatewayId": unknown, "destinationCidrBlock": "0.0.0.0/0"}, false},
		{catalog.ELBLoadBalancer, inputs{}, false},
	} {
		r := reviewSteps(t, same, step("create", stack+c.typ+"::it", nil, c.in))
		assert.Len(t, of(r, review.Network), 1, c.typ)
		assert.Equal(t, c.safe, r.Safe(), "%s %v", c.typ, c.in)
	}
}
