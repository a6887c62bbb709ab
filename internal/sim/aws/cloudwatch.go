package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// cloudWatch are logs, alarms, dashboards and EventBridge.
var cloudWatch = provider.Code{
	catalog.CloudWatchLogGroup: {
		Values: []provider.Value{
			{
				Property: "name",
				Source:   tfAWS,
				Pattern:  regexp.MustCompile(`^[\w#/.-]{1,512}$`),
				Text: "isn't a valid log group name (alphanumeric characters, underscores, hyphens, slashes, hash signs and dots are " +
					"allowed)",
			},
			oneOf("logGroupClass", "STANDARD INFREQUENT_ACCESS DELIVERY"),
			retention,
		},
		Rules: []provider.Rule{{
			Code: "AccessDeniedException", Source: "docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
			Fails: logKey,
		}},
		Gone: writtenLate,
	},
	catalog.CloudWatchMetricAlarm: {
		Values: []provider.Value{
			{Property: "name", Min: 1, Max: 255, Source: alarmAPI},
			oneOf("comparisonOperator", "GreaterThanOrEqualToThreshold GreaterThanThreshold LessThanThreshold LessThanOrEqualToThreshold "+
				"LessThanLowerOrGreaterThanUpperThreshold LessThanLowerThreshold GreaterThanUpperThreshold"),
			oneOf("statistic", "SampleCount Average Sum Minimum Maximum"),
			oneOf("treatMissingData", "breaching notBreaching ignore missing"),
			{Property: "alarmDescription", Min: 0, Max: 1024, Source: alarmAPI},
		},
		Rules: []provider.Rule{
			{Code: "ValidationError", Source: alarmAPI, Fails: alarmWindow},
			{Code: "ValidationError", Source: alarmAPI, Fails: alarmPeriod},
		},
	},
	catalog.CloudWatchDashboard: {
		Values: []provider.Value{
			jsonOf("dashboardBody"),
			{Property: "dashboardName", Source: tfAWS, Pattern: regexp.MustCompile(`^[-0-9A-Za-z_]{1,255}$`),
				Text: "must only contain alphanumeric characters, underscores and hyphens"},
		},
	},
	catalog.CloudWatchEventRule: {
		Values: []provider.Value{
			{Property: "scheduleExpression", Min: 0, Max: 256, Source: tfAWS},
			{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`),
				Text: "only alphanumeric characters, hyphens, underscores and periods allowed"},
		},
		Rules: []provider.Rule{{
			Code: "ValidationException", Fails: schedule,
			Source: "docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
		}},
	},
	catalog.CloudWatchEventTarget: {
		ID: func(r *provider.Request) string { return r.Str("rule") + "-" + targetID(r) },
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"targetId": r.Kept("targetId", func() any { return targetID(r) })}
		},
		Values: []provider.Value{{Property: "targetId", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w.-]{1,64}$`),
			Text: "only alphanumeric characters, hyphens, underscores and periods allowed"}},
		Rules: []provider.Rule{{
			Code: "ResourceNotFoundException", Source: "docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html",
			Fails: eventRuleExists,
		}},
	},
}

// lateWriter marks a log group whose writer goes on for a while after what it writes of is gone.
const lateWriter = "late writer"

// writtenLate: a service that writes into a group that is gone makes it again, without retention and tags. EKS does so for the last
// lines of a control plane, by its service-linked role, which no policy of the stack can keep from it
// (github.com/terraform-aws-modules/terraform-aws-eks/issues/2446 and 2763).
func writtenLate(r *provider.Request) {
	name := r.Str("name")
	if strings.HasPrefix(name, "/aws/eks/") || r.Hidden[lateWriter] != nil {
		leaveLogGroup(r, name)
	}
}

// leaveLogGroup is how a service makes a log group where there is none.
func leaveLogGroup(r *provider.Request, name string) {
	if r.Store.Get(catalog.CloudWatchLogGroup, name) != nil {
		return
	}
	inputs := map[string]any{"name": name, "retentionInDays": 0.0}
	r.Store.Leave(&provider.Resource{
		Package: r.Package, Type: catalog.CloudWatchLogGroup, Name: name, ID: name, Inputs: inputs,
		Outputs: map[string]any{"name": name, "retentionInDays": 0.0, "arn": arn(r, "logs", "log-group:"+name)},
	})
}

// getLogGroups lists the log groups whose names begin so.
func getLogGroups(r *provider.Request) (map[string]any, error) {
	arns, names := []any{}, []any{}
	for _, group := range r.Store.All(catalog.CloudWatchLogGroup) {
		if strings.HasPrefix(group.ID, r.Str("logGroupNamePrefix")) {
			arns, names = append(arns, group.Outputs["arn"]), append(names, group.ID)
		}
	}
	return map[string]any{"id": region(r), "arns": arns, "logGroupNames": names}, nil
}

const alarmAPI = "docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"

// retention lists the periods that CloudWatch Logs offers.
var retention = provider.Value{
	Property: "retentionInDays", Source: tfAWS,
	Numbers: []float64{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653},
}

// logKey: CloudWatch Logs encrypts with a key only where the key's own policy lets it.
func logKey(r *provider.Request) string {
	id := r.Str("kmsKeyId")
	key := r.Store.Find(catalog.KMSKey, func(o *provider.Resource) bool { return id != "" && (o.ID == id || o.Outputs["arn"] == id) })
	if key == nil {
		return ""
	}
	list, _ := iamdoc.Parse(text(key.Inputs, "policy"))
	for _, s := range list {
		for _, p := range iamdoc.Principals(s.Principal) {
			if s.Effect == "Allow" && strings.HasPrefix(p, "logs.") {
				return ""
			}
		}
	}
	return fmt.Sprintf("The specified KMS key does not exist or is not allowed to be used with Arn '%s'",
		arn(r, "logs", "log-group:"+r.Str("name")))
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

func targetID(r *provider.Request) string {
	if given := r.Str("targetId"); given != "" {
		return given
	}
	return "terraform-" + r.Hex(16)
}

func eventRuleExists(r *provider.Request) string {
	if name := r.Str("rule"); r.Store.Get(catalog.CloudWatchEventRule, name) == nil {
		return fmt.Sprintf("Rule %s does not exist on EventBus default.", name)
	}
	return ""
}
