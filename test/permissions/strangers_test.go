package permissions_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/deployer"
)

// anybodys is what the policies allow on resources that are not the stack's: IAM knows neither a name nor a tag that tells
// them from the stack's own. Each with the reason.
var anybodys = map[string]string{
	"ec2:AuthorizeSecurityGroupEgress on security-group-rule":  "a new rule; its group must be the stack's",
	"ec2:AuthorizeSecurityGroupIngress on security-group-rule": "a new rule; its group must be the stack's",
	"ec2:CreateNetworkInterface on network-interface":          "a new interface of a resolver; subnet and group must be the stack's",
	"ec2:DeleteNetworkInterface on network-interface":          "Route 53 Resolver's interfaces bear no tags",
	"ec2:CreateTags on instance":                               "of an instance that is being launched, as the launch template has them",
	"ec2:CreateTags on volume":                                 "of a volume that is being launched, as the launch template has them",
	"ec2:RunInstances on image":                                "a machine image is Amazon's or the customer's",
	"ec2:RunInstances on instance":                             "Auto Scaling tags it; the launch template must be the stack's",
	"ec2:RunInstances on network-interface":                    "made with the instance; subnet and group must be the stack's",
	"ec2:RunInstances on volume":                               "made with the instance",
	"iam:GetRole on role":                                      "who deploys, found by the session's role",
	"iam:CreateServiceLinkedRole on role":                      "only the named services' own roles",
	"rds:CreateDBInstance on og":                               "RDS's default option group",
	"rds:ModifyDBInstance on og":                               "RDS's default option group",
	"route53:AssociateVPCWithHostedZone on hostedzone":         "AWS makes the zone of a private endpoint in an account of its own",
	"rds:RestoreDBInstanceFromDBSnapshot on og":                "RDS's default option group",
}

// another makes of a call one on a resource of the same kind that belongs to somebody else: with another name, where the
// account gives one, and with another stack's tag.
func (d *deployment) another(c call) call {
	var names []string
	for _, r := range d.resources {
		for _, key := range []string{"bucket", "identifier", "name", "dashboardName"} {
			if name, _ := r.Outputs[key].(string); r.Package == "aws" {
				names = append(names, name)
			}
		}
	}
	for _, r := range d.graph.Resources {
		if strings.HasPrefix(r.Type, "origin:") {
			names = append(names, r.Name)
		}
	}
	names = append(append(names, d.graph.Existing...), d.parent.Existing...)
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" || n == "default" })
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longest first
	strange := func(context map[string]string) map[string]string {
		context = maps.Clone(context)
		for key, value := range context {
			if strings.Contains(key, "Tag/") && (value == d.graph.Stack || key == openedBy) {
				context[key] = "another"
			}
			if key == "iam:PolicyARN" {
				context[key] = "arn:aws:iam::aws:policy/AdministratorAccess"
			}
		}
		return context
	}
	c.Context, c.Candidates = strange(c.Context), slices.Clone(c.Candidates)
	for i, candidate := range c.Candidates {
		parts := strings.SplitN(candidate.ARN, ":", 6)
		for _, name := range names {
			parts[5] = strings.ReplaceAll(parts[5], name, "another")
		}
		c.Candidates[i].ARN, c.Candidates[i].Context = strings.Join(parts, ":"), strange(candidate.Context)
	}
	return c
}

func TestD02ThePoliciesAllowNothingOnWhatIsNotTheStacks(t *testing.T) {
	used := map[string]bool{}
	for _, stack := range slices.Sorted(maps.Keys(files)) {
		t.Run(stack, func(t *testing.T) {
			d := rehearse(t, stack)
			var calls []call
			made, _ := d.judged(t)
			for _, c := range made {
				if strings.HasSuffix(c.Policy, "-"+string(deployer.Up)) { // the others allow a part of it
					calls = append(calls, d.another(c))
				}
			}
			found := map[string]string{}
			judged := 0
			for i, v := range simulate(t, d.policies(t), calls) {
				for _, r := range v.Requests {
					if what := calls[i].Action + " on " + r.Type; r.ARN != "*" {
						judged++
						if r.Allowed {
							found[what] = r.ARN + " by " + strings.Join(r.Statements, ", ")
						}
					}
				}
			}
			for _, what := range slices.Sorted(maps.Keys(found)) {
				if used[what] = true; anybodys[what] == "" {
					t.Errorf("%s: %s", what, found[what])
				}
			}
			t.Logf("%s: %d requests", stack, judged)
		})
	}
	for what := range anybodys {
		assert.True(t, used[what], "%s needs no exception any more", what)
	}
}

// What a policy allows on everything must be what IAM cannot limit to a resource, as AWS publishes it.
func TestD02OnlyWhatKnowsNoResourceIsAllowedOnEverything(t *testing.T) {
	for _, stack := range slices.Sorted(maps.Keys(files)) {
		t.Run(stack, func(t *testing.T) {
			d := rehearse(t, stack)
			calls, verdicts := d.judged(t)
			limited := map[string]bool{}
			for i, v := range verdicts {
				for _, r := range v.Requests {
					limited[calls[i].Action] = r.ARN != "*"
				}
			}
			for name, documents := range d.policies(t) {
				for _, document := range documents {
					for _, s := range document.Statement {
						for _, action := range s.Action {
							assert.False(t, slices.Contains(s.Resource, "*") && limited[action], "%s: %s: %s", name, s.Sid, action)
						}
					}
				}
			}
		})
	}
}
