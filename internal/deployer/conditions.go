package deployer

import (
	"slices"
	"strings"
)

// stackTag is on everything that the program makes; see stacks/providers.go.
const stackTag = "bpa:stack"

// Block is the Condition of a statement: values by operator and key.
type Block map[string]map[string][]string

// conditions by the name that the table uses. They get the graph, and the grants of the policy.
var conditions = map[string]func(Graph, Grant, []Grant) Block{
	// made: the request tags the new resource as this stack's.
	"made": func(g Graph, _ Grant, _ []Grant) Block {
		return Block{"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}}}
	},
	// own: the resource is tagged as this stack's.
	"own": func(g Graph, _ Grant, _ []Grant) Block {
		return Block{"StringEquals": {"aws:ResourceTag/" + stackTag: {g.Stack}}}
	},
	// unclaimed: the resource is no stack's yet, and the request makes it this one's.
	"unclaimed": func(g Graph, _ Grant, _ []Grant) Block {
		return Block{
			"Null":         {"aws:ResourceTag/" + stackTag: {"true"}},
			"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}},
		}
	},
	// creating: the stack's tag comes with the resource, in one of the calls that this policy allows to make one.
	"creating": func(g Graph, _ Grant, all []Grant) Block {
		return Block{"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}, "ec2:CreateAction": creations(all)}}
	},
	// launching: tags come with the instance, as the launch template has them.
	"launching": func(Graph, Grant, []Grant) Block {
		return Block{"StringEquals": {"ec2:CreateAction": {"RunInstances"}}}
	},
	// templated: the instance comes out of a launch template, which must be the stack's own.
	"templated": func(g Graph, _ Grant, _ []Grant) Block {
		return Block{"ArnLike": {"ec2:LaunchTemplate": {g.Account.ARN("ec2", "launch-template/*")}}}
	},
	// lends: a service of AWS gets the use of the stack's key, and nobody else.
	"lends": func(g Graph, _ Grant, _ []Grant) Block {
		return Block{
			"Bool":         {"kms:GrantIsForAWSResource": {"true"}},
			"StringEquals": {"aws:ResourceTag/" + stackTag: {g.Stack}},
		}
	},
	// passed-to: the role goes to the service that it trusts.
	"passed-to": func(_ Graph, grant Grant, _ []Grant) Block {
		return Block{"StringEquals": {"iam:PassedToService": {grant.Argument}}}
	},
	// linked: the service-linked role of a service.
	"linked": func(_ Graph, grant Grant, _ []Grant) Block {
		return Block{"StringEquals": {"iam:AWSServiceName": {grant.Argument}}}
	},
	// attached: the managed policies that the stack attaches.
	"attached": func(g Graph, _ Grant, _ []Grant) Block {
		var arns []string
		for _, r := range g.Resources {
			if r.PolicyARN != "" {
				arns = append(arns, r.PolicyARN)
			}
		}
		slices.Sort(arns)
		return Block{"ArnEquals": {"iam:PolicyARN": slices.Compact(arns)}}
	},
}

// creations are EC2's actions that make something, by their bare names.
func creations(all []Grant) []string {
	var list []string
	for _, g := range all {
		for _, a := range g.Actions {
			name, ec2 := strings.CutPrefix(a, "ec2:")
			for _, verb := range []string{"Create", "Allocate", "Authorize", "Run"} {
				if ec2 && strings.HasPrefix(name, verb) && name != "CreateTags" {
					list = append(list, name)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
