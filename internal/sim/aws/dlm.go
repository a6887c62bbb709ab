package aws

import (
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// dlm are the policies of Data Lifecycle Manager.
var dlm = provider.Code{
	catalog.DLMLifecyclePolicy: {
		Values: []provider.Value{
			oneOf("state", "ENABLED DISABLED"),
			oneOf("policyDetails.resourceTypes.[]", "VOLUME INSTANCE"),
			oneOf("policyDetails.schedules.[].createRule.intervalUnit", "HOURS"),
			{Property: "policyDetails.schedules.[].createRule.interval", Numbers: []float64{1, 2, 3, 4, 6, 8, 12, 24}, Source: dlmAPI},
			{
				Property: "policyDetails.schedules.[].createRule.times",
				Source:   dlmAPI,
				Pattern: regexp.MustCompile(
					`^(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$`,
				),
				Text: "see https://en.wikipedia.org/wiki/24-hour_clock",
			},
			{Property: "policyDetails.schedules.[].retainRule.count", Min: 1, Max: 1000, Source: dlmAPI},
			{Property: "description", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z _-]{1,500}$`),
				Text: "see https://docs.aws.amazon.com/dlm/latest/APIReference/API_CreateLifecyclePolicy.html"},
		},
		Rules: []provider.Rule{{Code: "InvalidRequestException", Source: dlmAPI, Fails: retains}},
		Gone: func(r *provider.Request) {
			for _, volume := range r.Store.All(catalog.EBSVolume) {
				if snapshots(r.Inputs, volume) {
					tags, _ := volume.Outputs["tagsAll"].(map[string]any)
					leaveSnapshot(r, volume, tags)
				}
			}
		},
	},
}

// snapshots reports whether a policy takes snapshots of a volume. They outlive both: who deletes a policy keeps what it has made.
// Source: docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html ("retained … indefinitely").
func snapshots(policy map[string]any, volume *provider.Resource) bool {
	tags, _ := volume.Outputs["tagsAll"].(map[string]any)
	target, _ := at(policy, "policyDetails", "targetTags").(map[string]any)
	for key, value := range target {
		if tags[key] != value {
			return false
		}
	}
	return len(target) > 0
}

const dlmAPI = "docs.aws.amazon.com/dlm/latest/APIReference/API_CreateRule.html"

// retains: a schedule keeps a count of snapshots or keeps them for a time, not both.
func retains(r *provider.Request) string {
	for _, s := range objects(at(r.Inputs, "policyDetails", "schedules")) {
		rule, _ := s["retainRule"].(map[string]any)
		if _, count := rule["count"]; count == (rule["interval"] != nil) {
			return "Exactly one of Count and Interval must be specified in RetainRule"
		}
	}
	return ""
}
