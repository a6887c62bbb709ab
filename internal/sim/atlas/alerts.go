package atlas

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// alertCode is where the provider refuses by itself.
const alertCode = "mongodb/terraform-provider-mongodbatlas v1.41.0 internal/service/alertconfiguration/resource.go Schema"

// alerts are those of a project.
var alerts = provider.Code{
	catalog.AtlasAlertConfiguration: {
		ID:      alertID,
		Outputs: alertOutputs,
		Values: []provider.Value{
			{
				Property: "notifications.[].typeName",
				Source:   alertCode,
				OneOf: strings.Fields(
					"EMAIL SMS PAGER_DUTY SLACK DATADOG OPS_GENIE VICTOR_OPS WEBHOOK USER TEAM GROUP ORG MICROSOFT_TEAMS",
				),
			},
			{Property: "notifications.[].intervalMin", Min: 5, Max: math.MaxInt32, Source: apiDoc},
			{Property: "metricThresholdConfig.operator", OneOf: []string{"GREATER_THAN", "LESS_THAN"}, Source: alertCode},
		},
		Rules: []provider.Rule{
			{Code: "rehearsal", Source: apiDoc, Fails: alertSilent},
			{Code: "rehearsal", Source: apiDoc, Fails: alertThreshold},
			{Code: "rehearsal", Source: alertMatchers, Fails: alertMatches},
			{Code: "rehearsal", Source: apiDoc, Fails: alertReaches},
		},
	},
}

// alertMatchers: the page has a table of the fields that each kind of alert matches by.
const alertMatchers = "registry.terraform.io/providers/mongodb/mongodbatlas/latest/docs/resources/alert_configuration"

// alertID is the provider's id, which holds the one that Atlas invents.
func alertID(r *provider.Request) string {
	properties := maps.Clone(r.Inputs)
	properties["alertConfigurationId"] = r.Hex(24)
	id, _ := catalog.Of(catalog.AtlasAlertConfiguration).Identity.StateID(properties)
	return id
}

func alertOutputs(r *provider.Request) map[string]any {
	return map[string]any{"alertConfigurationId": heldBy(r.ID, "id")}
}

// The wording is the rehearsal's own: the documents name no code.
func alertSilent(r *provider.Request) string {
	if r.Inputs["enabled"] != true {
		return "an alert without enabled is made, and never rings"
	}
	return ""
}

// percent are the metrics that the program has alerts on, which are in percent. They have the unit RAW.
var percent = strings.Fields("DISK_PARTITION_SPACE_USED_DATA NORMALIZED_SYSTEM_CPU_USER CONNECTIONS_PERCENT")

func alertThreshold(r *provider.Request) string {
	metric, _ := r.Inputs["metricThresholdConfig"].(map[string]any)
	limit, _ := r.Inputs["thresholdConfig"].(map[string]any)
	switch event := r.Str("eventType"); event {
	case "OUTSIDE_METRIC_THRESHOLD":
		if name, _ := metric["metricName"].(string); !slices.Contains(percent, name) || metric["units"] != "RAW" || limit != nil {
			return fmt.Sprintf(
				"%s needs metricThresholdConfig alone, with a metric in percent: %q in %v is none",
				event,
				name,
				metric["units"],
			)
		}
	case "NO_PRIMARY":
		if metric != nil || limit != nil {
			return event + " takes no threshold"
		}
	case "CPS_SNAPSHOT_BEHIND":
		if unit, _ := limit["units"].(string); metric != nil || limit["operator"] != "GREATER_THAN" ||
			!slices.Contains([]string{"SECONDS", "MINUTES", "HOURS", "DAYS"}, unit) {
			return event + " needs thresholdConfig alone, above a time"
		}
	default:
		return fmt.Sprintf("the event %q is none that this rehearsal knows", event)
	}
	return ""
}

// alertMatches: what is about hosts or backups takes no cluster's name.
func alertMatches(r *provider.Request) string {
	matchers, _ := r.Inputs["matchers"].([]any)
	for _, m := range matchers {
		matcher, _ := m.(map[string]any)
		if field, _ := matcher["fieldName"].(string); field == "CLUSTER_NAME" && r.Str("eventType") != "NO_PRIMARY" {
			return fmt.Sprintf("%s cannot be matched by %s", r.Str("eventType"), field)
		}
	}
	return ""
}

// alertReaches: an address, or somebody with a role.
func alertReaches(r *provider.Request) string {
	told, _ := r.Inputs["notifications"].([]any)
	for _, n := range told {
		to, _ := n.(map[string]any)
		if to["typeName"] == "EMAIL" && to["emailAddress"] == nil {
			return "a notification EMAIL needs emailAddress"
		}
		if to["typeName"] == "GROUP" && to["emailEnabled"] != true && to["smsEnabled"] != true {
			return "a notification GROUP without emailEnabled and smsEnabled tells nobody"
		}
	}
	return ""
}
