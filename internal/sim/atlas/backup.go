package atlas

import (
	"fmt"
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	// policyDoc: the pages are those of "Manage Backup Policies" and of the provider's policy items.
	policyDoc   = "www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy"
	scheduleDoc = "registry.terraform.io/providers/mongodb/mongodbatlas/latest/docs/resources/cloud_backup_schedule"
)

// backups are the schedules of clusters' snapshots.
var backups = provider.Code{
	catalog.AtlasCloudBackupSchedule: {
		Rules: []provider.Rule{
			{Code: "CLUSTER_NOT_FOUND", Source: apiDoc, OnCreate: true, Fails: clusterMissing},
			{Code: "INVALID_RESTORE_WINDOW", Source: issues + "625", Fails: windowPositive},
			{Code: "rehearsal", Source: scheduleDoc, Fails: frequencyKnown},
			{Code: "rehearsal", Source: scheduleDoc, Fails: retentionKnown},
			{Code: "rehearsal", Source: scheduleDoc, Fails: retentionOrder},
			{Code: "rehearsal", Source: policyDoc, Fails: windowKept},
		},
	},
}

// restoreJobs are those of a cluster's backups, which the rehearsal lets end at once.
func restoreJobs(r *provider.Request) (map[string]any, error) {
	var jobs []any
	for _, job := range r.Store.All(catalog.AtlasCloudBackupSnapshotRestoreJob) {
		if job.Inputs["projectId"] == r.Inputs["projectId"] && job.Inputs["clusterName"] == r.Inputs["clusterName"] {
			jobs = append(jobs, map[string]any{
				"id": job.Outputs["snapshotRestoreJobId"], "finishedAt": r.Today.UTC().Format(time.RFC3339), "failed": false,
			})
		}
	}
	return map[string]any{"id": r.Str("clusterName"), "results": jobs, "totalCount": float64(len(jobs))}, nil
}

func clusterMissing(r *provider.Request) string {
	if !named(r, r.Str("clusterName")) {
		return fmt.Sprintf("No cluster named %s exists in group %s.", r.Str("clusterName"), r.Str("projectId"))
	}
	return ""
}

func windowPositive(r *provider.Request) string {
	if days, given := r.Inputs["restoreWindowDays"].(float64); given && days < 1 {
		return "The restore window days should be a positive number."
	}
	return ""
}

// item is a policy item: snapshots of one frequency, and how long they are kept.
type item struct {
	name, unit  string
	every, days float64
}

// unitDays is how many days a unit of retention has, taking the shortest month and year.
var unitDays = map[string]float64{"days": 1, "weeks": 7, "months": 28, "years": 365}

// frequencies are the documented intervals of the items that the program makes, from the most frequent to the least.
var frequencies = []struct {
	name, property string
	every          []float64
}{
	{"hourly", "policyItemHourly", []float64{1, 2, 4, 6, 8, 12}},
	{"daily", "policyItemDaily", []float64{1}},
}

// items are the policy items of a schedule, the most frequent first.
func items(r *provider.Request) []item {
	var all []item
	for _, f := range frequencies {
		if in, ok := r.Inputs[f.property].(map[string]any); ok {
			unit, _ := in["retentionUnit"].(string)
			every, _ := in["frequencyInterval"].(float64)
			value, _ := in["retentionValue"].(float64)
			all = append(all, item{f.name, unit, every, value * unitDays[unit]})
		}
	}
	return all
}

// The wording of the rest is the rehearsal's own: the documents name no code.
func frequencyKnown(r *provider.Request) string {
	for _, i := range items(r) {
		for _, f := range frequencies {
			if f.name == i.name && !slices.Contains(f.every, i.every) {
				return fmt.Sprintf("the %s policy item is taken every %v: Atlas takes one of %v", i.name, i.every, f.every)
			}
		}
	}
	return ""
}

func retentionKnown(r *provider.Request) string {
	for _, i := range items(r) {
		if unitDays[i.unit] == 0 {
			return fmt.Sprintf("the %s policy item is kept in %q: Atlas knows days, weeks, months and years", i.name, i.unit)
		}
	}
	return ""
}

// retentionOrder: what is taken less often is kept at least as long.
func retentionOrder(r *provider.Request) string {
	all := items(r)
	for n, i := range all[min(1, len(all)):] {
		if before := all[n]; i.days < before.days {
			return fmt.Sprintf("the %s policy item is kept %v days and the %s one %v: a less frequent item is kept at least as long",
				i.name, i.days, before.name, before.days)
		}
	}
	return ""
}

// windowKept: "You can't configure a restore window that is longer than the Hourly Snapshot Retention Time." Without an hourly item
// there is nothing to compare.
func windowKept(r *provider.Request) string {
	days, _ := r.Inputs["restoreWindowDays"].(float64)
	for _, i := range items(r) {
		if i.name == "hourly" && days > i.days {
			return fmt.Sprintf("the restore window of %v days is longer than hourly snapshots are kept, %v", days, i.days)
		}
	}
	return ""
}
