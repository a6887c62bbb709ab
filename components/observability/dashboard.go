package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// A dashboard is 24 columns wide; each graph takes a third.
const graphWidth, graphHeight = 8, 6

// newDashboard draws every metric that an alarm is about, three graphs a row, with the alarm's threshold.
func (o *Observability) newDashboard(ctx *pulumi.Context) error {
	all := append(o.databaseAlarms(), o.loadBalancerAlarms()...)
	all = append(all, o.nodeAlarms()...)
	widgets := pulumi.Array{}
	for i, a := range all {
		widgets = append(widgets, pulumi.Map{
			"type": pulumi.String("metric"), "x": pulumi.Int(i % 3 * graphWidth), "y": pulumi.Int(i / 3 * graphHeight),
			"width": pulumi.Int(graphWidth), "height": pulumi.Int(graphHeight),
			"properties": pulumi.Map{
				"title": pulumi.String(a.name), "region": pulumi.String(o.args.Account.Region), "view": pulumi.String("timeSeries"),
				"stat": pulumi.String(a.statistic), "period": pulumi.Int(max(a.period, 60)), "metrics": pulumi.Array{a.path()},
				"annotations": pulumi.Map{"horizontal": pulumi.Array{
					pulumi.Map{"label": pulumi.String("alarm"), "value": pulumi.Float64(a.threshold)},
				}},
			},
		})
	}
	_, err := cloudwatch.NewDashboard(ctx, o.name+"-dashboard", &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(o.args.ClusterName),
		DashboardBody: pulumi.JSONMarshal(pulumi.Map{"widgets": widgets}),
	}, pulumi.Parent(o))
	a := o.args.Account
	o.DashboardURL = pulumi.String(fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#dashboards:name=%s",
		a.Region, consoleOf(a.Partition), a.Region, o.args.ClusterName)).ToStringOutput()
	return err
}

// path names a metric as dashboards do: namespace, name, and each dimension with its value.
func (a alarm) path() pulumi.Array {
	path := pulumi.Array{pulumi.String(a.namespace), pulumi.String(a.metric)}
	for _, key := range []string{
		"LoadBalancer", "TargetGroup", "DBInstanceIdentifier", "CertificateArn", "ClusterName",
	} {
		if value, ok := a.dimensions[key]; ok {
			path = append(path, pulumi.String(key), value)
		}
	}
	return path
}

func consoleOf(partition string) string {
	switch partition {
	case "aws-cn":
		return "console.amazonaws.cn"
	case "aws-us-gov":
		return "console.amazonaws-us-gov.com"
	}
	return "console.aws.amazon.com"
}
