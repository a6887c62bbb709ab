package deployer

import (
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// stackTag is on everything that the program makes; see stacks/providers.go.
const stackTag = "bpa:stack"

// Block is the Condition of a statement: values by operator and key.
type Block map[string]map[string][]string

// conditions are the blocks of the catalog's conditions. They get the graph, and the grants of the policy.
var conditions = map[catalog.Condition]func(Graph, catalog.Grant, []catalog.Grant) Block{
	catalog.Made: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
		return Block{"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}}}
	},
	catalog.Own: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
		return Block{"StringEquals": {"aws:ResourceTag/" + stackTag: {g.Stack}}}
	},
	catalog.Unclaimed: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
		return Block{
			"Null":         {"aws:ResourceTag/" + stackTag: {"true"}},
			"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}},
		}
	},
	catalog.Creating: func(g Graph, _ catalog.Grant, all []catalog.Grant) Block {
		return Block{"StringEquals": {"aws:RequestTag/" + stackTag: {g.Stack}, "ec2:CreateAction": creations(all)}}
	},
	catalog.Launching: func(Graph, catalog.Grant, []catalog.Grant) Block {
		return Block{"StringEquals": {"ec2:CreateAction": {"RunInstances"}}}
	},
	catalog.Templated: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
		return Block{"ArnLike": {"ec2:LaunchTemplate": {g.Account.ARN("ec2", "launch-template/*")}}}
	},
	catalog.Lends: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
		return Block{
			"Bool":         {"kms:GrantIsForAWSResource": {"true"}},
			"StringEquals": {"aws:ResourceTag/" + stackTag: {g.Stack}},
		}
	},
	catalog.PassedTo: func(_ Graph, grant catalog.Grant, _ []catalog.Grant) Block {
		return Block{"StringEquals": {"iam:PassedToService": {grant.Service}}}
	},
	catalog.Linked: func(_ Graph, grant catalog.Grant, _ []catalog.Grant) Block {
		return Block{"StringEquals": {"iam:AWSServiceName": {grant.Service}}}
	},
	catalog.Opened: func(Graph, catalog.Grant, []catalog.Grant) Block {
		return Block{"StringEquals": {"ssm:resourceTag/aws:ssmmessages:session-id": {"${aws:userid}"}}}
	},
	catalog.Attached: func(g Graph, _ catalog.Grant, _ []catalog.Grant) Block {
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
func creations(all []catalog.Grant) []string {
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
