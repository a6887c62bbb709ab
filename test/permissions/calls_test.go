package permissions_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/deployer"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// candidate is a resource that a call may touch, and what IAM knows when it does.
type candidate struct {
	ARN     string            `json:"arn"`
	Context map[string]string `json:"context"`
}

// call is an action in an account, for the simulator. Why says which operation makes it.
type call struct {
	Policy     string            `json:"policy"`
	Account    string            `json:"account"`
	Action     string            `json:"action"`
	Context    map[string]string `json:"context"`
	Candidates []candidate       `json:"candidates"`
	// Kind is the operation's verb and type, such as `create ec2/vpc`.
	Kind string `json:"-"`
	Why  string `json:"-"`
}

// The verbs beside those of the rehearsal.
const reading provider.Verb = "read"

// purposes are those whose policies must allow what a verb does.
var purposes = map[provider.Verb][]deployer.Purpose{
	provider.Create: {deployer.Up}, provider.Update: {deployer.Up}, provider.Delete: {deployer.Up, deployer.Destroy},
	reading: deployer.Purposes(),
}

// calls lists what every operation calls. A rehearsal neither refreshes nor changes a stack, so each resource is read and
// updated too.
func (d *deployment) calls(t *testing.T) []call {
	t.Helper()
	operations := slices.Clone(d.operations)
	for _, op := range d.operations {
		if op.Verb == provider.Create {
			for _, verb := range []provider.Verb{provider.Update, reading} {
				op.Verb = verb
				operations = append(operations, op)
			}
		}
	}
	var list []call
	for _, op := range operations {
		self := d.find(op.Type, op.ID)
		require.NotNil(t, self, "%s %s", op.Type, op.ID)
		for _, c := range d.callsOf(t, op, self) {
			c.Account, c.Why = d.account(d.arnOf(self)), fmt.Sprintf("%s %s %s", op.Verb, op.Type, op.URN.Name())
			c.Kind = fmt.Sprintf("%s %s", op.Verb, strings.Split(op.Type, ":")[1])
			for _, purpose := range purposes[op.Verb] {
				c.Policy = c.Account + "-" + string(purpose)
				list = append(list, c)
			}
		}
	}
	return append(list, d.lookups(t)...)
}

// lookups lists what every run asks, whatever it then does.
func (d *deployment) lookups(t *testing.T) []call {
	t.Helper()
	var list []call
	for _, grant := range catalog.Lookups.Read {
		for _, action := range grant.Actions {
			c := call{Account: d.graph.Account.ID, Action: action, Kind: "lookup", Why: "lookup", Context: map[string]string{}}
			for _, arn := range d.standIns(&provider.Resource{}, reading, grant, action) {
				c.Candidates = append(c.Candidates, candidate{arn, c.Context})
			}
			for _, purpose := range deployer.Purposes() {
				c.Policy = c.Account + "-" + string(purpose)
				list = append(list, c)
			}
		}
	}
	return list
}

// needs returns the grants that an operation on a type takes, reading included.
func needs(t *testing.T, typ string, verb provider.Verb) []catalog.Grant {
	t.Helper()
	p, err := deployer.Permissions(typ)
	require.NoError(t, err)
	return slices.Concat(map[provider.Verb][]catalog.Grant{
		provider.Create: p.Create, provider.Update: p.Update, provider.Delete: p.Delete, reading: nil,
	}[verb], p.Read)
}

// callsOf lists what one operation calls, without account and policy.
func (d *deployment) callsOf(t *testing.T, op provider.Operation, self *provider.Resource) []call {
	t.Helper()
	grants := needs(t, op.Type, op.Verb)
	if op.Verb == provider.Create {
		for _, origin := range deployer.Origins(op.Inputs) {
			grants = append(grants, needs(t, origin.Type, provider.Create)...)
		}
	}
	near := d.near(self)
	list := d.tagging(op, self, grants)
	for _, grant := range grants {
		for _, action := range grant.Actions {
			s := situation{d: d, op: op, self: self, near: near, grant: grant, action: action}
			c := call{Action: action, Context: s.context(nil)}
			for _, r := range near {
				if arn := d.arnOf(r); arn != "" && action != "iam:CreateServiceLinkedRole" { // no role of the stack's
					c.Candidates = append(c.Candidates, candidate{arn, s.context(r)})
				}
			}
			for _, arn := range d.standIns(self, op.Verb, grant, action) {
				c.Candidates = append(c.Candidates, candidate{arn, s.context(nil)})
			}
			list = append(list, c)
		}
	}
	return list
}

// tagging is how EC2's resources come by their tags: with the call that makes them, or later.
func (d *deployment) tagging(op provider.Operation, self *provider.Resource, grants []catalog.Grant) []call {
	arn := d.arnOf(self)
	if op.Type == untagged || !strings.Contains(arn, ":ec2:") || len(grants) == 0 || !strings.HasPrefix(grants[0].Actions[0], "ec2:") {
		return nil
	}
	switch op.Verb {
	case provider.Create:
		context := tags("aws:RequestTag/", self)
		context["ec2:CreateAction"] = strings.TrimPrefix(grants[0].Actions[0], "ec2:")
		if op.Type != catalog.EC2DefaultSecurityGroup { // AWS made it
			return []call{{Action: "ec2:CreateTags", Context: context, Candidates: []candidate{{arn, context}}}}
		}
	case provider.Update:
		context := tags("aws:ResourceTag/", self)
		return []call{
			{Action: "ec2:CreateTags", Context: context, Candidates: []candidate{{arn, context}}},
			{Action: "ec2:DeleteTags", Context: context, Candidates: []candidate{{arn, context}}},
		}
	}
	return nil
}

func (d *deployment) find(typ, id string) *provider.Resource {
	for _, r := range d.resources {
		if r.Type == typ && r.ID == id {
			return r
		}
	}
	return nil
}

// depths are how far references are followed: from an Auto Scaling group by its launch template and instance profile to the
// role. Others touch only what they name.
var depths = map[string]int{catalog.AutoScalingGroup: 3, catalog.EC2Instance: 2}

// near returns a resource, and what it refers to by id, ARN or name.
func (d *deployment) near(self *provider.Resource) []*provider.Resource {
	list := []*provider.Resource{self}
	from := list
	for range max(1, depths[self.Type]) {
		var next []*provider.Resource
		for _, r := range from {
			for _, value := range texts(r.Inputs) {
				for _, other := range append(d.named(value), d.entries(r)...) {
					if !slices.Contains(list, other) {
						list, next = append(list, other), append(next, other)
					}
				}
			}
		}
		from = next
	}
	return list
}

// entries returns the access entry that a policy is associated with: both name its principal.
func (d *deployment) entries(r *provider.Resource) []*provider.Resource {
	if r.Type != catalog.EKSAccessPolicyAssociation {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.resources), func(e *provider.Resource) bool {
		return e.Type != catalog.EKSAccessEntry || e.Inputs["principalArn"] != r.Inputs["principalArn"]
	})
}

// named returns what has a value as its id, ARN or name: but no dashboard, which bears the cluster's name, and which nothing
// refers to. What exists outside the stack has an id only.
func (d *deployment) named(value string) []*provider.Resource {
	var list []*provider.Resource
	for _, r := range d.resources {
		if r.Package == "aws" && r.Type != catalog.CloudWatchDashboard && value != "" &&
			(r.ID == value || d.arnOf(r) == value || r.Outputs["name"] == value) {
			list = append(list, r)
		}
	}
	if m := form.FindStringSubmatch(value); len(list) == 0 && m != nil && slices.Contains([]string{"vpc", "subnet", "sg"}, m[1]) {
		owner := d.graph.Account
		if d.hasParent && slices.Contains(d.parent.Existing, value) {
			owner = d.parent.Account
		}
		list = append(list, &provider.Resource{Package: "aws", Type: "outside", ID: value,
			Outputs: map[string]any{"arn": owner.ARN("ec2", kinds[m[1]]+"/"+value)}})
	}
	return list
}

// texts are the strings in a value, without those of tags.
func texts(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		list = append(list, v)
	case []any:
		for _, e := range v {
			list = append(list, texts(e)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key != "tags" && key != "tagsAll" {
				list = append(list, texts(v[key])...)
			}
		}
	}
	return list
}
