package permissions_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/deployer"
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

// spared are resources near an operation that an action could touch, and does not; with the reason.
var spared = map[string]string{
	"lookup ssm:GetParameter lacks [parameter any resource]":                                  "a public parameter is of no account, which the simulator cannot judge",
	"create eks/addon iam:GetRole lacks [role any resource]":                                  "an add-on without a role",
	"create eks/addon iam:PassRole lacks [role any resource]":                                 "an add-on without a role",
	"create lb/targetGroup elasticloadbalancing:AddTags lacks [loadbalancer any resource]":    "what AWS publishes here is of classic load balancers alone",
	"update lb/targetGroup elasticloadbalancing:AddTags lacks [loadbalancer any resource]":    "as above",
	"update lb/targetGroup elasticloadbalancing:RemoveTags lacks [loadbalancer any resource]": "as above",
	"delete ec2/instance ec2:ModifyInstanceAttribute on security-group":                       "a deletion lifts the protection, and changes no group",
	"delete rds/instance rds:AddTagsToResource on db":                                         "a deletion tags the final snapshot",
	"delete rds/instance rds:ModifyDBInstance on og":                                          "a deletion lifts the protection, and changes no group",
	"delete rds/instance rds:ModifyDBInstance on pg":                                          "as above",
	"delete rds/instance rds:ModifyDBInstance on subgrp":                                      "as above",
	"delete rds/instance rds:AddTagsToResource on pg":                                         "as above",
	"delete rds/instance rds:AddTagsToResource on subgrp":                                     "as above",
}

func TestThePoliciesAllowEveryOperationOfARehearsal(t *testing.T) {
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
				if used[what] = true; spared[what] == "" {
					t.Errorf("%s: %s", what, denied[what])
				}
			}
			t.Logf("%s: %d operations, %d calls, %d requests", stack, len(d.operations), len(calls), requests)
		})
	}
	for what := range spared {
		assert.True(t, used[what], "%s needs not be spared any more", what)
	}
}
