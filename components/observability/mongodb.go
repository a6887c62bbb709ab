package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// mongoAlarm is an alert of Atlas: on a metric of a member, or on an event.
type mongoAlarm struct {
	// name is part of the logical name: an alert of Atlas has no other.
	name, event string
	// metric is empty for an event. The alarm rings above the threshold, in percent, or for an event in hours where it is not 0.
	metric    string
	threshold int
	// minutes is how long it has to last.
	minutes int
}

// mongoAlarms: Atlas watches each member itself, and names no metric of AWS. Source of the names: Atlas Admin API v2,
// HostMetricThreshold, ReplicaSetEventTypeViewForNdsGroupAlertableNoThreshold, CpsBackupEventTypeViewForNdsGroupAlertableWithThreshold.
func (o *Observability) mongoAlarms() []mongoAlarm {
	t := o.args.Thresholds
	metric := func(name, metric string, threshold int) mongoAlarm {
		return mongoAlarm{name: name, event: "OUTSIDE_METRIC_THRESHOLD", metric: metric, threshold: threshold, minutes: 15}
	}
	return []mongoAlarm{
		metric("mongodb-disk", "DISK_PARTITION_SPACE_USED_DATA", t.MongoDBDiskPercent),
		metric("mongodb-cpu", "NORMALIZED_SYSTEM_CPU_USER", t.MongoDBCPUPercent),
		metric("mongodb-connections", "CONNECTIONS_PERCENT", t.MongoDBConnectionsPercent),
		{name: "mongodb-primary", event: "NO_PRIMARY", minutes: 5},
		{name: "mongodb-backup", event: "CPS_SNAPSHOT_BEHIND", threshold: 12},
	}
}

// newMongoAlarms makes the alerts of the project. They match nothing, and so ring for every cluster in it: Atlas takes no
// cluster's name for what is a host's (docs/facts.md §3), and an alert that matches too little never rings. `enabled` has to be
// said: without it the provider makes an alert that never rings.
func (o *Observability) newMongoAlarms(ctx *pulumi.Context) error {
	for _, a := range o.mongoAlarms() {
		args := &mongodbatlas.AlertConfigurationArgs{
			ProjectId:     o.args.AtlasProjectID,
			Enabled:       pulumi.Bool(true),
			EventType:     pulumi.String(a.event),
			Notifications: o.told(a.minutes),
		}
		switch {
		case a.metric != "":
			args.MetricThresholdConfig = &mongodbatlas.AlertConfigurationMetricThresholdConfigArgs{
				MetricName: pulumi.String(a.metric), Mode: pulumi.String("AVERAGE"), Operator: pulumi.String("GREATER_THAN"),
				Threshold: pulumi.Float64(float64(a.threshold)), Units: pulumi.String("RAW"),
			}
		case a.threshold > 0:
			args.ThresholdConfig = &mongodbatlas.AlertConfigurationThresholdConfigArgs{
				Operator: pulumi.String("GREATER_THAN"), Threshold: pulumi.Float64(float64(a.threshold)), Units: pulumi.String("HOURS"),
			}
		}
		if _, err := mongodbatlas.NewAlertConfiguration(ctx, o.name+"-"+a.name, args,
			pulumi.Parent(o), pulumi.DependsOn(o.args.After)); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

// told are who Atlas tells, and again every hour: the addresses of notify. Its URLs are not among them, as they speak SNS's
// protocol. Where there is no address, it is the project's owners, so that somebody is told.
func (o *Observability) told(minutes int) mongodbatlas.AlertConfigurationNotificationArray {
	var all mongodbatlas.AlertConfigurationNotificationArray
	for _, target := range o.args.Notify {
		if config.Protocol(target) == "email" {
			all = append(all, &mongodbatlas.AlertConfigurationNotificationArgs{
				TypeName: pulumi.String("EMAIL"), EmailAddress: pulumi.String(target), DelayMin: pulumi.Int(minutes),
				IntervalMin: pulumi.Int(60),
			})
		}
	}
	if len(all) > 0 {
		return all
	}
	return mongodbatlas.AlertConfigurationNotificationArray{&mongodbatlas.AlertConfigurationNotificationArgs{
		TypeName: pulumi.String("GROUP"), Roles: pulumi.StringArray{pulumi.String("GROUP_OWNER")}, EmailEnabled: pulumi.Bool(true),
		SmsEnabled: pulumi.Bool(false), DelayMin: pulumi.Int(minutes), IntervalMin: pulumi.Int(60),
	}}
}
