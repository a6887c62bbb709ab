package permissions_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/deployer"
)

// policies returns the documents of every purpose, by account and purpose.
func (d *deployment) policies(t *testing.T) map[string][]deployer.Document {
	t.Helper()
	all := map[string][]deployer.Document{}
	for _, purpose := range deployer.Purposes() {
		for account, documents := range d.documents(t, purpose) {
			all[account+"-"+string(purpose)] = documents
		}
	}
	return all
}

// judged returns the calls of a deployment, and what the simulator says of them. It is asked once for all tests.
func (d *deployment) judged(t *testing.T) ([]call, []verdict) {
	t.Helper()
	if d.verdicts == nil {
		d.made = d.calls(t)
		d.verdicts = simulate(t, d.policies(t), d.made)
	}
	return d.made, d.verdicts
}

// spared are resources near an operation that an action could touch and does not, and what it cannot be judged by.
var spared = []string{
	// A restore reads the snapshot by its name, and no list of the database's own.
	"create rds/instance rds:DescribeDBSnapshots on db",
	// An add-on without a role passes none.
	"create eks/addon iam:PassRole lacks [role any resource]",
	// A deletion lifts the protection, and changes no group; it tags the final snapshot alone.
	"delete ec2/instance ec2:ModifyInstanceAttribute on security-group",
	"delete ebs/volume ec2:CreateTags on volume",
	"delete rds/instance rds:AddTagsToResource on db",
	"delete rds/instance rds:AddTagsToResource on pg",
	"delete rds/instance rds:AddTagsToResource on subgrp",
	"delete rds/instance rds:ModifyDBInstance on og",
	"delete rds/instance rds:ModifyDBInstance on pg",
	"delete rds/instance rds:ModifyDBInstance on subgrp",
	// What AWS publishes of these is of classic load balancers alone.
	"create lb/targetGroup elasticloadbalancing:AddTags lacks [loadbalancer any resource]",
	"update lb/targetGroup elasticloadbalancing:AddTags lacks [loadbalancer any resource]",
	"update lb/targetGroup elasticloadbalancing:RemoveTags lacks [loadbalancer any resource]",
	// A public parameter is of no account, which the simulator cannot judge.
	"lookup ssm:GetParameter lacks [parameter any resource]",
}

func TestD02ThePoliciesAllowEveryOperationOfARehearsal(t *testing.T) {
	used := map[string]bool{}
	for _, stack := range slices.Sorted(maps.Keys(files)) {
		t.Run(stack, func(t *testing.T) {
			d := rehearse(t, stack)
			calls, verdicts := d.judged(t)
			denied := map[string]string{}
			requests := 0
			for i, v := range verdicts {
				c := calls[i]
				if v.Error != "" {
					denied[c.Why+" "+c.Action] = v.Error
				}
				if len(v.Missing) > 0 {
					denied[fmt.Sprintf("%s %s lacks %v", c.Kind, c.Action, v.Missing)] = c.Why
				}
				for _, r := range v.Requests {
					requests++
					if !r.Allowed {
						denied[fmt.Sprintf("%s %s on %s", c.Kind, c.Action, r.Type)] = fmt.Sprintf("%s: %s %s", c.Policy, c.Why, r.ARN)
					}
				}
			}
			for _, what := range slices.Sorted(maps.Keys(denied)) {
				if used[what] = true; !slices.Contains(spared, what) {
					t.Errorf("%s: %s", what, denied[what])
				}
			}
			t.Logf("%s: %d operations, %d calls, %d requests", stack, len(d.operations), len(calls), requests)
		})
	}
	for _, what := range spared {
		assert.True(t, used[what], "%s needs not be spared any more", what)
	}
}
