package catalog

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
			ImportID: "{dashboardName}",
			StateID:  "{dashboardName}",
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"cloudwatch:PutDashboard"}, On: OnDashboard},
			},
			Read: []Grant{
				{Actions: []string{"cloudwatch:GetDashboard"}, On: OnDashboard},
			},
			Update: []Grant{
				{Actions: []string{"cloudwatch:PutDashboard"}, On: OnDashboard},
			},
			Delete: []Grant{
				{Actions: []string{"cloudwatch:DeleteDashboards"}, On: OnDashboard},
			},
		},
		Simulation: Simulation{
			ID: AsRead, Outputs: map[string]any{"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{id}"},
			Replaces: []string{"dashboardName"},
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchEventRule,
		Identity: Identity{
			StateID: "{name}",
		},
		Loss: Loss{
			Downtime: "nobody is told of what happens in between",
		},
		Price: Price{Free: "rules of the default bus cost nothing"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"events:PutRule", "events:TagResource"}, On: OnEventRule},
			},
			Read: []Grant{
				{Actions: []string{"events:DescribeRule", "events:ListTagsForResource"}, On: OnEventRule},
			},
			Update: []Grant{
				{Actions: []string{"events:PutRule", "events:TagResource", "events:UntagResource"}, On: OnEventRule},
			},
			Delete: []Grant{
				{Actions: []string{"events:DeleteRule"}, On: OnEventRule},
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 64, []string{"namePrefix"}},
			Outputs:  map[string]any{"arn": "arn:{partition}:events:{region}:{account}:rule/{id}"},
			Replaces: []string{"name", "namePrefix", "eventBusName"},
			InUse:    Answer{"ValidationException", "Rule can't be deleted since it has targets."},
			By:       []string{CloudWatchEventTarget + ".rule"},
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchEventTarget,
		Identity: Identity{
			ImportID: "{rule}/{targetId}",
			StateID:  "{rule}-{targetId}",
		},
		Loss: Loss{
			Downtime: "nobody is told of what happens in between",
		},
		Price: Price{Free: "targets of the default bus cost nothing"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"events:PutTargets"}, On: OnEventRule},
			},
			Read: []Grant{
				{Actions: []string{"events:ListTargetsByRule"}, On: OnEventRule},
			},
			Update: []Grant{
				{Actions: []string{"events:PutTargets"}, On: OnEventRule},
			},
			Delete: []Grant{
				{Actions: []string{"events:RemoveTargets"}, On: OnEventRule},
			},
		},
		Simulation: Simulation{ID: ByCode, Replaces: []string{"rule", "eventBusName", "targetId"}},
		Failures:   inOneCall,
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: CloudWatchLogGroup,
		Identity: Identity{
			StateID: "{name}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the logs in the group",
		},
		Guards: []Guard{
			{"retentionInDays", less, "older logs are deleted"},
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"logs:TagResource"}, On: OnLogGroup},
				{Actions: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}, On: OnLogGroup},
				{Actions: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}, On: OnLogStreams},
			},
			Read: []Grant{
				{Actions: []string{"logs:DescribeLogGroups"}},
				{Actions: []string{"logs:ListTagsForResource"}, On: OnLogGroup},
			},
			Update: []Grant{
				{Actions: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}, On: OnLogGroup},
				{Actions: []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}, On: OnLogStreams},
				{Actions: []string{"logs:DeleteRetentionPolicy"}, On: OnLogStreams},
				{Actions: []string{"logs:DeleteRetentionPolicy", "logs:TagResource", "logs:UntagResource"}, On: OnLogGroup},
			},
			Delete: []Grant{
				{Actions: []string{"logs:DeleteLogGroup"}, On: OnLogGroup},
				{Actions: []string{"logs:DeleteLogGroup"}, On: OnLogStreams},
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 512, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:logs:{region}:{account}:log-group:{id}"},
			Taken:   "ResourceAlreadyExistsException",
		},
		Failures: inOneCall,
		None:     none(closed, plain, instant, None{Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: CloudWatchMetricAlarm,
		Identity: Identity{
			ImportID: "{name}",
			StateID:  "{name}",
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Waits: []Wait{
			{For: []string{HelmRelease}, Why: "an alarm about what is not there yet rings, and so does one about what is being destroyed"},
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"}, On: OnAlarm},
			},
			Read: []Grant{
				{Actions: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"}, On: OnAlarm},
			},
			Update: []Grant{
				{Actions: []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"}, On: OnAlarm},
			},
			Delete: []Grant{
				{Actions: []string{"cloudwatch:DeleteAlarms"}, On: OnAlarm},
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, nil},
			Outputs:  map[string]any{"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}"},
			Replaces: []string{"name"}, Newer: []string{"name"},
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
}
