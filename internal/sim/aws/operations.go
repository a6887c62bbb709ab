package aws

import (
	"fmt"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	topicType     = catalog.SNSTopic
	alarmType     = catalog.CloudWatchMetricAlarm
	eventRuleType = catalog.CloudWatchEventRule
	lifecycleType = catalog.DLMLifecyclePolicy
)

// Documents that the rules here come from.
const (
	alarmAPI = "docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
	ruleAPI  = "docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html"
	cronForm = "docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"
	dlmAPI   = "docs.aws.amazon.com/dlm/latest/APIReference/API_CreateRule.html"
	snsAPI   = "docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"
)

// operationsTypes are the types of what watches and backs up: CloudWatch's alarms, EventBridge, SNS and Data Lifecycle
// Manager.
func operationsTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		topicType: {
			ID:   func(r *provider.Request) string { return arn(r, "sns", r.Str("name")) },
			Name: named("name", 256, "namePrefix"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": r.ID, "owner": account(r)}
			},
		},
		catalog.SNSTopicPolicy: {
			ID: property("arn"), Outputs: func(r *provider.Request) map[string]any { return map[string]any{"owner": account(r)} },
		},
		catalog.SNSTopicSubscription: {
			ID: func(r *provider.Request) string { return r.Str("topic") + ":" + uuid(r) },
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn":                          r.ID,
					"ownerId":                      account(r),
					"pendingConfirmation":          true,
					"confirmationWasAuthenticated": false,
				}
			},
		},
		alarmType: {ID: property("name"), Name: named("name", 255), Outputs: hasARN("cloudwatch", "alarm:")},
		catalog.CloudWatchDashboard: {
			ID: property("dashboardName"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"dashboardArn": fmt.Sprintf("arn:%s:cloudwatch::%s:dashboard/%s", partition(region(r)), account(r), r.ID),
				}
			},
		},
		eventRuleType: {
			ID: property("name"), Name: named("name", 64, "namePrefix"), Outputs: hasARN("events", "rule/"),
			Blocks: &provider.Block{
				By: []string{catalog.CloudWatchEventTarget + ".rule"},
				Err: func(*provider.Request, *provider.Resource) error {
					return &provider.Failure{Code: "ValidationException", Message: "Rule can't be deleted since it has targets."}
				},
			},
		},
		catalog.CloudWatchEventTarget: {
			ID: func(r *provider.Request) string { return r.Str("rule") + "-" + targetID(r) },
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"targetId": r.Kept("targetId", func() any { return targetID(r) })}
			},
		},
		lifecycleType: {ID: id("policy"), Outputs: hasARN("dlm", "policy/")},
	}
}

func targetID(r *provider.Request) string {
	if given := r.Str("targetId"); given != "" {
		return given
	}
	return "terraform-" + hexID(r, 16)
}

// operationsValues are the sets and forms that the provider checks in a preview.
var operationsValues = map[string][]provider.Value{
	alarmType: {
		{Property: "name", Min: 1, Max: 255, Source: alarmAPI},
		oneOf("comparisonOperator", "GreaterThanOrEqualToThreshold GreaterThanThreshold LessThanThreshold LessThanOrEqualToThreshold "+
			"LessThanLowerOrGreaterThanUpperThreshold LessThanLowerThreshold GreaterThanUpperThreshold"),
		oneOf("statistic", "SampleCount Average Sum Minimum Maximum"),
		oneOf("treatMissingData", "breaching notBreaching ignore missing"),
		{Property: "alarmDescription", Min: 0, Max: 1024, Source: alarmAPI},
	},
	catalog.CloudWatchDashboard: {
		jsonOf("dashboardBody"),
		{Property: "dashboardName", Source: tfAWS, Pattern: regexp.MustCompile(`^[-0-9A-Za-z_]{1,255}$`),
			Text: "must only contain alphanumeric characters, underscores and hyphens"},
	},
	eventRuleType: {
		{Property: "scheduleExpression", Min: 0, Max: 256, Source: tfAWS},
		{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`),
			Text: "only alphanumeric characters, hyphens, underscores and periods allowed"},
	},
	catalog.SNSTopicSubscription: {
		oneOf("protocol", "application email email-json firehose http https lambda sms sqs"),
	},
	catalog.SNSTopicPolicy: {jsonOf("policy")},
	lifecycleType: {
		oneOf("state", "ENABLED DISABLED"), oneOf("policyDetails.resourceTypes.[]", "VOLUME INSTANCE"),
		oneOf("policyDetails.schedules.[].createRule.intervalUnit", "HOURS"),
		{Property: "policyDetails.schedules.[].createRule.interval", Numbers: []float64{1, 2, 3, 4, 6, 8, 12, 24}, Source: dlmAPI},
		{Property: "policyDetails.schedules.[].createRule.times", Source: dlmAPI,
			Pattern: regexp.MustCompile(`^(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$`), Text: "see https://en.wikipedia.org/wiki/24-hour_clock"},
		{Property: "policyDetails.schedules.[].retainRule.count", Min: 1, Max: 1000, Source: dlmAPI},
		{Property: "description", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z _-]{1,500}$`),
			Text: "see https://docs.aws.amazon.com/dlm/latest/APIReference/API_CreateLifecyclePolicy.html"},
	},
}

// operationsRules are what the services refuse.
func operationsRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		alarmType: {
			{Code: "ValidationError", Source: alarmAPI, Fails: alarmWindow},
			{Code: "ValidationError", Source: alarmAPI, Fails: alarmPeriod},
		},
		eventRuleType:                 {{Code: "ValidationException", Source: cronForm, Fails: schedule}},
		catalog.CloudWatchEventTarget: {{Code: "ResourceNotFoundException", Source: ruleAPI, Fails: eventRuleExists}},
		catalog.SNSTopicPolicy: append(policyRules("policy", "InvalidParameter"), provider.Rule{
			Code: "NotFound", Source: snsAPI, Fails: topicExists("arn"),
		}),
		catalog.SNSTopicSubscription: {{Code: "NotFound", Source: snsAPI, OnCreate: true, Fails: topicExists("topic")}},
		lifecycleType:                {{Code: "InvalidRequestException", Source: dlmAPI, Fails: retains}},
	}
}

// alarmWindow: an alarm looks back a day, or a week where its period is an hour or more.
func alarmWindow(r *provider.Request) string {
	period, _ := r.Inputs["period"].(float64)
	periods, _ := r.Inputs["evaluationPeriods"].(float64)
	limit := 86400.0
	if period >= 3600 {
		limit = 7 * 86400
	}
	if period*periods > limit {
		return fmt.Sprintf("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= %v).", limit)
	}
	return ""
}

func alarmPeriod(r *provider.Request) string {
	period, given := r.Inputs["period"].(float64)
	if !given || period == 10 || period == 20 || period == 30 || period > 0 && int(period)%60 == 0 {
		return ""
	}
	return "Period must be 10, 20, 30 or a multiple of 60."
}

var scheduleForm = regexp.MustCompile(`^(?:rate\([1-9]\d* (?:minutes?|hours?|days?)\)|cron\(\S+ \S+ (?:\S+ \S+ \?|\? \S+ \S+) \S+\))$`)

// schedule: six fields, of which day of month or day of week is a question mark.
func schedule(r *provider.Request) string {
	if s := r.Str("scheduleExpression"); s != "" && !scheduleForm.MatchString(s) {
		return "Parameter ScheduleExpression is not valid."
	}
	return ""
}

func eventRuleExists(r *provider.Request) string {
	if name := r.Str("rule"); r.Store.Get(eventRuleType, name) == nil {
		return fmt.Sprintf("Rule %s does not exist on EventBus default.", name)
	}
	return ""
}

func topicExists(property string) func(*provider.Request) string {
	return func(r *provider.Request) string {
		if topic := r.Str(property); r.Store.Get(topicType, topic) == nil && !r.Store.External(topic) {
			return "Topic does not exist"
		}
		return ""
	}
}

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
