package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What a missing datapoint means to an alarm (CloudWatch's TreatMissingData).
const (
	// good: the service writes the metric only when something happens.
	good = "notBreaching"
	// bad: the metric is always written, so that its absence is the trouble itself.
	bad = "breaching"
	// keep: the metric is written rarely, or stops for a reason that another alarm tells.
	keep = "ignore"
)

const (
	above = "GreaterThanOrEqualToThreshold"
	below = "LessThanThreshold"
	gib   = 1 << 30
)

// alarm is a threshold on one metric.
type alarm struct {
	// name is part of the alarm's name, about is what whoever is woken reads first.
	name, about       string
	namespace, metric string
	dimensions        pulumi.StringMap
	statistic         string
	// period in seconds; the alarm rings where all of that many periods in a row are beyond the threshold.
	period, periods int
	comparison      string
	threshold       float64
	missing         string
}

func (o *Observability) newAlarms(ctx *pulumi.Context) error {
	all := append(o.databaseAlarms(), o.loadBalancerAlarms()...)
	for _, a := range append(all, o.nodeAlarms()...) {
		actions := pulumi.Array{o.topic.Arn}
		if _, err := cloudwatch.NewMetricAlarm(ctx, o.name+"-"+a.name, &cloudwatch.MetricAlarmArgs{
			Name: pulumi.String(o.args.ClusterName + "-" + a.name), AlarmDescription: pulumi.String(a.about),
			Namespace: pulumi.String(a.namespace), MetricName: pulumi.String(a.metric), Dimensions: a.dimensions,
			Statistic: pulumi.String(a.statistic), Period: pulumi.Int(a.period), EvaluationPeriods: pulumi.Int(a.periods),
			DatapointsToAlarm: pulumi.Int(a.periods), ComparisonOperator: pulumi.String(a.comparison),
			Threshold: pulumi.Float64(a.threshold), TreatMissingData: pulumi.String(a.missing),
			AlarmActions: actions, OkActions: actions,
		}, pulumi.Parent(o), pulumi.DependsOn(o.args.After)); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

// databaseAlarms: RDS writes its metrics every minute while the instance runs. Where they are missing, the instance is
// stopped or being replaced, of which connections that fail and BPA's own answers tell sooner.
func (o *Observability) databaseAlarms() []alarm {
	t, db := o.args.Thresholds, o.args.Database
	metric := func(a alarm) alarm {
		a.namespace, a.dimensions, a.missing = "AWS/RDS", pulumi.StringMap{"DBInstanceIdentifier": db.Identifier}, keep
		a.period, a.periods = 300, 3
		return a
	}
	free := float64(db.StorageGiB) * gib * float64(t.DatabaseFreePercent) / 100
	return []alarm{
		metric(alarm{
			name: "database-storage", metric: "FreeStorageSpace", statistic: "Minimum", comparison: below, threshold: free,
			about: fmt.Sprintf("Less than %d%% of the database's %d GiB is free: a full instance stops. Storage that grows by itself "+
				"should have grown at 10%%; see database.maxStorageGiB.", t.DatabaseFreePercent, db.StorageGiB),
		}),
		metric(alarm{
			name: "database-cpu", metric: "CPUUtilization", statistic: "Average", comparison: above,
			threshold: float64(t.DatabaseCPUPercent),
			about:     "The database's CPU is busy for 15 minutes: see Performance Insights, then database.instanceClass.",
		}),
		metric(alarm{
			name: "database-connections", metric: "DatabaseConnections", statistic: "Maximum", comparison: above,
			threshold: float64(t.DatabaseConnections),
			about:     "The database will soon refuse connections: BPA leaks them, or database.instanceClass is too small.",
		}),
	}
}

// loadBalancerAlarms: counts of errors are written only where there are some. Counts of hosts are written while a target
// group has any: without, nobody is served. ACM writes the days to a certificate's end twice a day, and no longer once
// it has ended: the alarm must then stay as it is.
func (o *Observability) loadBalancerAlarms() []alarm {
	t, lb := o.args.Thresholds, o.args.LoadBalancer
	errors := func(name, metric, about string) alarm {
		return alarm{
			name: name, metric: metric, about: about, namespace: "AWS/ApplicationELB",
			dimensions: pulumi.StringMap{"LoadBalancer": lb.ARNSuffix}, statistic: "Sum", period: 300, periods: 1,
			comparison: above, threshold: float64(t.LoadBalancerErrors), missing: good,
		}
	}
	all := []alarm{
		errors("loadbalancer-5xx", "HTTPCode_ELB_5XX_Count",
			"The load balancer answers with errors of its own: no healthy node, or nodes that break the connection."),
		errors("bpa-5xx", "HTTPCode_Target_5XX_Count", "BPA answers with errors: see the pods of its namespace."),
		{
			name:      "certificate",
			metric:    "DaysToExpiry",
			namespace: "AWS/CertificateManager",
			about: fmt.Sprintf(
				"The certificate ends in less than %d days: put the new files in place and run pulumi up.",
				t.CertificateDays,
			),
			dimensions: pulumi.StringMap{"CertificateArn": lb.CertificateARN},
			statistic:  "Minimum",
			period:     86400,
			periods:    1,
			comparison: below,
			threshold:  float64(t.CertificateDays),
			missing:    keep,
		},
	}
	for _, g := range lb.TargetGroups {
		all = append(all, alarm{
			name: "unhealthy-" + g.Name, metric: "UnHealthyHostCount", namespace: "AWS/ApplicationELB",
			about:      "Nodes do not answer on the node port behind listener " + g.Name + ": see BPA's ingress and the node.",
			dimensions: pulumi.StringMap{"LoadBalancer": lb.ARNSuffix, "TargetGroup": g.ARNSuffix},
			statistic:  "Maximum", period: 60, periods: 10, comparison: above, threshold: float64(t.UnhealthyHosts), missing: bad,
		})
	}
	return all
}

// nodeAlarms are about Container Insights' metrics, which are written every minute. Readiness and filesystems are written by
// the agent of each node for itself, so a node that is dead says nothing of either; the counts are written by one agent
// for all. Where nobody writes a count, nobody knows how nodes are: node-missing rings, and the others keep quiet.
func (o *Observability) nodeAlarms() []alarm {
	metric := func(a alarm) alarm {
		a.namespace, a.dimensions = "ContainerInsights", pulumi.StringMap{"ClusterName": pulumi.String(o.args.ClusterName)}
		a.period = 60
		return a
	}
	return []alarm{
		metric(alarm{
			name:       "node-not-ready",
			metric:     "node_status_condition_ready",
			statistic:  "Minimum",
			periods:    5,
			comparison: below,
			threshold:  1,
			missing:    keep,
			about:      "A node that runs is not ready, so it gets no pods: kubectl describe nodes; journalctl -u kubelet on the node.",
		}),
		// The agent counts a node whose conditions are unknown, and one under pressure, but not one that says itself that it
		// is not ready.
		metric(alarm{
			name: "node-failed", metric: "cluster_failed_node_count", statistic: "Maximum", periods: 5, comparison: above, threshold: 1,
			missing: keep, about: "A node has not been heard of, or is short of memory, disk or process ids: kubectl describe nodes, " +
				"then docs/recovery.md.",
		}),
		// A replacement takes some minutes: the old node goes before the new one comes (docs/decisions/0003).
		metric(alarm{
			name: "node-missing", metric: "cluster_node_count", statistic: "Maximum", periods: 15, comparison: below,
			threshold: float64(o.args.Nodes), missing: bad,
			about: fmt.Sprintf("Fewer than %d nodes for 15 minutes, or no word of them: see the Auto Scaling groups' activity, "+
				"then docs/recovery.md.", o.args.Nodes),
		}),
		// The agent writes a value for each device of a node; the highest is the fullest of all, /opt among them: it is mounted
		// before kubelet starts, and so before the agent's pod, which sees the mounts of its beginning.
		metric(alarm{
			name: "volume-filling", metric: "node_filesystem_utilization", statistic: "Maximum", periods: 15, comparison: above,
			threshold: float64(o.args.Thresholds.VolumeUsedPercent), missing: keep,
			about: "A filesystem of a node, /opt or the root, is filling: df -h on the nodes, then nodes.items[].volumeGiB.",
		}),
	}
}
