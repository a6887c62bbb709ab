package catalog

import (
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of cloudwatch.
const (
	CloudWatchDashboard   = "aws:cloudwatch/dashboard:Dashboard"
	CloudWatchEventRule   = "aws:cloudwatch/eventRule:EventRule"
	CloudWatchEventTarget = "aws:cloudwatch/eventTarget:EventTarget"
	CloudWatchLogGroup    = "aws:cloudwatch/logGroup:LogGroup"
	CloudWatchMetricAlarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

var cloudwatchTypes = []Type{
	{
		Token: CloudWatchDashboard,
		Identity: Identity{
			ImportID: form("{dashboardName}"),
			StateID:  form("{dashboardName}"),
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Price:       Price{Rule: paysEach("cloudwatch.dashboard")},
		Permissions: setting(onDashboard, "cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"),
		Simulation: Simulation{
			ID: AsRead, Outputs: map[string]any{"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{id}"},
			Replaces: []string{"dashboardName"},
		},
		Failures: idBeforeWait("cloudwatch/dashboard.go resourceDashboardPut"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchEventRule,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:events:{region}:{account}:rule/{name}",
		},
		Loss: Loss{
			Downtime: "nobody is told of what happens in between",
		},
		Price: Price{Free: "rules of the default bus cost nothing"},
		Permissions: Permissions{
			Create: []Grant{onEventRule.allow("events:PutRule", "events:TagResource")},
			Read:   []Grant{onEventRule.allow("events:DescribeRule", "events:ListTagsForResource")},
			Update: []Grant{onEventRule.allow("events:PutRule", "events:TagResource", "events:UntagResource")},
			Delete: []Grant{onEventRule.allow("events:DeleteRule")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 64, []string{"namePrefix"}},
			Outputs:  map[string]any{"arn": "arn:{partition}:events:{region}:{account}:rule/{id}"},
			Replaces: []string{"name", "namePrefix", "eventBusName"},
			InUse:    Answer{"ValidationException", "Rule can't be deleted since it has targets."},
			By:       []string{CloudWatchEventTarget + ".rule"},
		},
		Failures: idBeforeWait("events/rule.go resourceRuleCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchEventTarget,
		Identity: Identity{
			ImportID: form("{rule}/{targetId}"),
			StateID:  form("{rule}-{targetId}"),
		},
		Loss: Loss{
			Downtime: "nobody is told of what happens in between",
		},
		Price:       Price{Free: "targets of the default bus cost nothing"},
		Permissions: setting(onEventRule, "events:ListTargetsByRule", "events:PutTargets", "events:RemoveTargets"),
		Simulation:  Simulation{ID: ByCode, Replaces: []string{"rule", "eventBusName", "targetId"}},
		Failures:    idBeforeWait("events/target.go resourceTargetCreate"),
		None:        none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchLogGroup,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:logs:{region}:{account}:log-group:{name...}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the logs in the group",
			Stays:    "aws logs delete-log-group",
		},
		Guards: []Guard{
			{"retentionInDays", less, "older logs are deleted"},
		},
		Price: Price{Rule: paysUse("logs.ingested", "logs.stored")},
		Permissions: Permissions{
			Create: append([]Grant{onLogGroup.allow("logs:TagResource")}, logGroup...),
			Read:   []Grant{anything.allow("logs:DescribeLogGroups"), onLogGroup.allow("logs:ListTagsForResource")},
			Update: append([]Grant{
				onLogStreams.allow("logs:DeleteRetentionPolicy"),
				onLogGroup.allow("logs:DeleteRetentionPolicy", "logs:TagResource", "logs:UntagResource"),
			}, logGroup...),
			Delete: []Grant{onLogGroup.allow("logs:DeleteLogGroup"), onLogStreams.allow("logs:DeleteLogGroup")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 512, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:logs:{region}:{account}:log-group:{id}"},
			Taken:   "ResourceAlreadyExistsException",
		},
		Failures: idBeforeWait("logs/group.go resourceGroupCreate"),
		None:     none(closed, plain, instant, None{Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: CloudWatchMetricAlarm,
		Identity: Identity{
			ImportID: form("{name}"),
			StateID:  form("{name}"),
			ARN:      "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name...}",
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Waits: []Wait{
			{For: []string{HelmRelease}, Why: "an alarm about what is not there yet rings, and so does one about what is being destroyed"},
		},
		Price: Price{Rule: priceAlarm},
		Permissions: Permissions{
			Create: []Grant{onAlarm.allow("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource")},
			Read:   []Grant{onAlarm.allow("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource")},
			Update: []Grant{onAlarm.allow("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource")},
			Delete: []Grant{onAlarm.allow("cloudwatch:DeleteAlarms")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, nil},
			Outputs:  map[string]any{"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}"},
			Replaces: []string{"name"},
		},
		Failures: idBeforeWait("cloudwatch/metric_alarm.go resourceMetricAlarmCreate"),
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
}

// logGroup: CloudWatch Logs judges most actions by the group and its streams, and tagging by the group alone.
var logGroup = []Grant{
	onLogGroup.allow("logs:CreateLogGroup", "logs:PutRetentionPolicy"),
	onLogStreams.allow("logs:CreateLogGroup", "logs:PutRetentionPolicy"),
}

// priceAlarm pays for each metric that an alarm looks at.
func priceAlarm(p Pricing, r *stackdoc.Resource) {
	metrics := 0.0
	for _, q := range property.List(r.Property("metricQueries")) {
		if property.Get(q, "metric") != nil {
			metrics++
		}
	}
	p.Paid("cloudwatch.alarm", max(metrics, 1))
}
