package observability_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/observability"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const (
	alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"
	alertType = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
	ruleType  = "aws:cloudwatch/eventRule:EventRule"
)

func args() *observability.Args {
	return &observability.Args{
		Account: testkit.Account, ClusterName: "bpa",
		Observability: config.Observability{
			Notify: []string{"ops@example.com", "https://pager.example.com/in"}, AgentVersion: "v6.4.0-eksbuild.1", LogRetentionDays: 14,
			NoticeDays: []int{90, 7},
			Thresholds: config.Thresholds{
				DatabaseFreePercent: 8, DatabaseCPUPercent: 90, DatabaseConnections: 600,
				LoadBalancerErrors: 10, UnhealthyHosts: 1, VolumeUsedPercent: 85, CertificateDays: 30,
				MongoDBDiskPercent: 80, MongoDBCPUPercent: 90, MongoDBConnectionsPercent: 75,
			},
		},
		Database: observability.Database{Identifier: pulumi.String("bpa-postgres"), StorageGiB: 300},
		LoadBalancer: observability.LoadBalancer{
			ARNSuffix: pulumi.String("app/bpa-alb/1"), CertificateARN: pulumi.String("arn:certificate"),
			TargetGroups: []observability.TargetGroup{
				{Name: "443", ARNSuffix: pulumi.String("targetgroup/a/1")}, {Name: "30101", ARNSuffix: pulumi.String("targetgroup/b/2")},
			},
		},
		AtlasProjectID: pulumi.String("0123456789abcdef01234567"), Nodes: 4,
		Versions: []observability.Version{
			{Name: "kubernetes", Text: "Kubernetes 1.35", What: "leaves support on", Ends: time.Date(2028, 3, 27, 0, 0, 0, 0, time.UTC)},
		},
	}
}

func program(a *observability.Args, url *testkit.Captured) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		o, err := observability.New(ctx, "watch", a)
		if err == nil && url != nil {
			url.Capture(ctx, o.DashboardURL)
		}
		return err
	}
}

func TestD06EverythingThatWakesSomeoneHasAnAlarm(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:cloudwatch/dashboard:Dashboard watch-dashboard",
			ruleType + " watch-kubernetes-7",
			ruleType + " watch-kubernetes-90",
			"aws:cloudwatch/eventTarget:EventTarget watch-kubernetes-7",
			"aws:cloudwatch/eventTarget:EventTarget watch-kubernetes-90",
			"aws:cloudwatch/logGroup:LogGroup watch-performance",
			alarmType + " watch-bpa-5xx",
			alarmType + " watch-certificate",
			alarmType + " watch-database-connections",
			alarmType + " watch-database-cpu",
			alarmType + " watch-database-storage",
			alarmType + " watch-loadbalancer-5xx",
			alarmType + " watch-node-failed",
			alarmType + " watch-node-missing",
			alarmType + " watch-node-not-ready",
			alarmType + " watch-unhealthy-30101",
			alarmType + " watch-unhealthy-443",
			alarmType + " watch-volume-filling",
			"aws:eks/addon:Addon watch-agent",
			"aws:iam/role:Role watch-agent",
			"aws:iam/rolePolicy:RolePolicy watch-agent",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment watch-agent",
			"aws:kms/key:Key watch-key",
			"aws:sns/topic:Topic watch-topic",
			"aws:sns/topicPolicy:TopicPolicy watch-topic",
			"aws:sns/topicSubscription:TopicSubscription watch-https://pager.example.com/in",
			"aws:sns/topicSubscription:TopicSubscription watch-ops@example.com",
			"bpa:observability:Observability watch",
			alertType + " watch-mongodb-backup",
			alertType + " watch-mongodb-connections",
			alertType + " watch-mongodb-cpu",
			alertType + " watch-mongodb-disk",
			alertType + " watch-mongodb-primary",
		}, g.List())
		g.Owned(t, "bpa:observability:Observability")
		for _, alarm := range g.OfType(alarmType) {
			assert.NotEmpty(t, alarm.Plain("alarmDescription"), alarm.Name)
			assert.Equal(t, "bpa-"+strings.TrimPrefix(alarm.Name, "watch-"), alarm.Plain("name"))
			assert.Equal(t, alarm.Plain("evaluationPeriods"), alarm.Plain("datapointsToAlarm"), alarm.Name)
			assert.True(t, g.DependsOn(alarm, "aws:sns/topic:Topic", "watch-topic"), alarm.Name)
		}
	})
}

func TestD06EachAlarmIsOnTheMetricThatItsServiceWrites(t *testing.T) {
	type metric struct {
		namespace, name, statistic string
		dimensions                 map[string]any
		period, periods            float64
		comparison                 string
		threshold                  float64
		missing                    string
	}
	const atLeast, less = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	database, cluster := map[string]any{"DBInstanceIdentifier": "bpa-postgres"}, map[string]any{"ClusterName": "bpa"}
	balancer := map[string]any{"LoadBalancer": "app/bpa-alb/1"}
	want := map[string]metric{
		"database-storage":     {"AWS/RDS", "FreeStorageSpace", "Minimum", database, 300, 3, less, 300 * (1 << 30) * 0.08, "ignore"},
		"database-cpu":         {"AWS/RDS", "CPUUtilization", "Average", database, 300, 3, atLeast, 90, "ignore"},
		"database-connections": {"AWS/RDS", "DatabaseConnections", "Maximum", database, 300, 3, atLeast, 600, "ignore"},
		"loadbalancer-5xx":     {"AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum", balancer, 300, 1, atLeast, 10, "notBreaching"},
		"bpa-5xx":              {"AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", balancer, 300, 1, atLeast, 10, "notBreaching"},
		"unhealthy-443": {"AWS/ApplicationELB", "UnHealthyHostCount", "Maximum",
			map[string]any{"LoadBalancer": "app/bpa-alb/1", "TargetGroup": "targetgroup/a/1"}, 60, 10, atLeast, 1, "breaching"},
		"unhealthy-30101": {"AWS/ApplicationELB", "UnHealthyHostCount", "Maximum",
			map[string]any{"LoadBalancer": "app/bpa-alb/1", "TargetGroup": "targetgroup/b/2"}, 60, 10, atLeast, 1, "breaching"},
		"certificate": {"AWS/CertificateManager", "DaysToExpiry", "Minimum",
			map[string]any{"CertificateArn": "arn:certificate"}, 86400, 1, less, 30, "ignore"},
		"node-not-ready": {"ContainerInsights", "node_status_condition_ready", "Minimum", cluster, 60, 5, less, 1, "ignore"},
		"node-failed":    {"ContainerInsights", "cluster_failed_node_count", "Maximum", cluster, 60, 5, atLeast, 1, "ignore"},
		"node-missing":   {"ContainerInsights", "cluster_node_count", "Maximum", cluster, 60, 15, less, 4, "breaching"},
		"volume-filling": {"ContainerInsights", "node_filesystem_utilization", "Maximum", cluster, 60, 15, atLeast, 85, "ignore"},
	}
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		require.Len(t, g.OfType(alarmType), len(want))
		for name, m := range want {
			a := g.Get(t, alarmType, "watch-"+name)
			assert.Equal(t, m, metric{
				a.Plain("namespace").(string), a.Plain("metricName").(string), a.Plain("statistic").(string),
				a.Plain("dimensions").(map[string]any), a.Plain("period").(float64), a.Plain("evaluationPeriods").(float64),
				a.Plain("comparisonOperator").(string), a.Plain("threshold").(float64), a.Plain("treatMissingData").(string),
			}, name)
		}
	})
}

func TestD06MongoDBHasAlertsThatSomebodyGets(t *testing.T) {
	percent := func(metric string, threshold float64) map[string]any {
		return map[string]any{"metricName": metric, "mode": "AVERAGE", "operator": "GREATER_THAN", "threshold": threshold, "units": "RAW"}
	}
	email := map[string]any{"typeName": "EMAIL", "emailAddress": "ops@example.com", "intervalMin": 60.0}
	owners := map[string]any{
		"typeName": "GROUP", "roles": []any{"GROUP_OWNER"}, "emailEnabled": true, "smsEnabled": false, "intervalMin": 60.0,
	}
	for _, c := range []struct {
		notify []string
		told   map[string]any
	}{
		{args().Notify, email}, {[]string{"https://pager.example.com/in"}, owners}, {nil, owners},
	} {
		a := args()
		a.Notify = c.notify
		testkit.Both(t, program(a, nil), func(t *testing.T, g *testkit.Graph) {
			for name, want := range map[string]struct {
				event             string
				metric, threshold any
				minutes           float64
			}{
				"disk":        {"OUTSIDE_METRIC_THRESHOLD", percent("DISK_PARTITION_SPACE_USED_DATA", 80), nil, 15},
				"cpu":         {"OUTSIDE_METRIC_THRESHOLD", percent("NORMALIZED_SYSTEM_CPU_USER", 90), nil, 15},
				"connections": {"OUTSIDE_METRIC_THRESHOLD", percent("CONNECTIONS_PERCENT", 75), nil, 15},
				"primary":     {"NO_PRIMARY", nil, nil, 5},
				"backup": {
					"CPS_SNAPSHOT_BEHIND", nil, map[string]any{"operator": "GREATER_THAN", "threshold": 12.0, "units": "HOURS"}, 0,
				},
			} {
				made := g.Get(t, alertType, "watch-mongodb-"+name)
				assert.Equal(t, []any{true, want.event, want.metric, want.threshold}, []any{
					made.Plain("enabled"), made.Plain("eventType"), made.Plain("metricThresholdConfig"), made.Plain("thresholdConfig"),
				}, name)
				assert.Nil(t, made.Plain("matchers"), "an alert that matches too little never rings")
				told := map[string]any{"delayMin": want.minutes}
				maps.Copy(told, c.told)
				assert.Equal(t, []any{told}, made.Plain("notifications"), name)
			}
		})
	}
}

func TestD06TheTopicIsEncryptedAndOnlyAlarmsAndNoticesPublish(t *testing.T) {
	g, err := testkit.Update(program(args(), nil))
	require.NoError(t, err)
	topic := g.Get(t, "aws:sns/topic:Topic", "watch-topic")
	assert.Equal(t, "arn:aws:kms:us-west-2:111122223333:watch-key", topic.Plain("kmsMasterKeyId"))
	key := g.Get(t, "aws:kms/key:Key", "watch-key").Policy(t, "policy")
	assert.Len(t, key, 3)
	policy := g.Get(t, "aws:sns/topicPolicy:TopicPolicy", "watch-topic").Policy(t, "policy")
	assert.Len(t, policy, 2)
	for sid, service := range map[string]string{"Alarms": "cloudwatch.amazonaws.com", "Notices": "events.amazonaws.com"} {
		principal := map[string]any{"Service": []any{service}}
		assert.Equal(t, principal, key[sid]["Principal"], "who cannot encrypt cannot publish")
		assert.Equal(t, []any{"kms:GenerateDataKey*", "kms:Decrypt"}, key[sid]["Action"])
		assert.NotContains(t, key[sid], "Condition", "a condition would silence it")
		assert.Equal(t, principal, policy[sid]["Principal"])
		assert.Equal(t, []any{"sns:Publish"}, policy[sid]["Action"])
	}
	assert.Equal(t, map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:cloudwatch:us-west-2:111122223333:alarm:bpa-*"}},
		policy["Alarms"]["Condition"])
	assert.NotContains(t, policy["Notices"], "Condition", "EventBridge sends nothing that a condition could look at")
	for target, protocol := range map[string]string{"ops@example.com": "email", "https://pager.example.com/in": "https"} {
		assert.Equal(t, protocol, g.Get(t, "aws:sns/topicSubscription:TopicSubscription", "watch-"+target).Plain("protocol"))
	}
}

func TestD06ANoticeIsSentOnItsDayAlone(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		// 2028-03-27 less 90 and 7 days.
		assert.Equal(t, "cron(0 8 28 12 ? 2027)", g.Get(t, ruleType, "watch-kubernetes-90").Plain("scheduleExpression"))
		assert.Equal(t, "cron(0 8 20 3 ? 2028)", g.Get(t, ruleType, "watch-kubernetes-7").Plain("scheduleExpression"))
		var message string
		target := g.Get(t, "aws:cloudwatch/eventTarget:EventTarget", "watch-kubernetes-7")
		require.NoError(t, json.Unmarshal([]byte(target.Plain("input").(string)), &message), "a target's input is JSON")
		assert.Contains(t, message, "Kubernetes 1.35 of bpa leaves support on 2028-03-27, in 7 days.")
	})
}

func TestD06TheAgentHasARoleOfItsOwnAndALogGroupBeforeIt(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		agent := g.Get(t, "aws:eks/addon:Addon", "watch-agent")
		assert.Equal(t, "amazon-cloudwatch-observability", agent.Plain("addonName"))
		assert.Equal(t, "v6.4.0-eksbuild.1", agent.Plain("addonVersion"))
		assert.JSONEq(t, `{"agent":{"config":{"logs":{"metrics_collected":{"kubernetes":{"enhanced_container_insights":true}}}}},
			"containerLogs":{"enabled":false}}`, agent.Plain("configurationValues").(string))
		assert.True(t, g.DependsOn(agent, "aws:cloudwatch/logGroup:LogGroup", "watch-performance"))
		assert.True(t, g.DependsOn(agent, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "watch-agent"))
		logs := g.Get(t, "aws:cloudwatch/logGroup:LogGroup", "watch-performance")
		assert.Equal(t, "/aws/containerinsights/bpa/performance", logs.Plain("name"))
		assert.Equal(t, 14.0, logs.Plain("retentionInDays"))
	})
}

func TestD06TheDashboardDrawsEveryAlarm(t *testing.T) {
	url := testkit.Captured{}
	g, err := testkit.Update(program(args(), &url))
	require.NoError(t, err)
	address, known := url.Value()
	assert.True(t, known)
	assert.Equal(t, "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#dashboards:name=bpa", address)
	dashboard := g.Get(t, "aws:cloudwatch/dashboard:Dashboard", "watch-dashboard")
	var body struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          struct {
				Title   string
				Metrics [][]string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(dashboard.Plain("dashboardBody").(string)), &body))
	require.Len(t, body.Widgets, len(g.OfType(alarmType)))
	places := map[[2]int]bool{}
	for _, w := range body.Widgets {
		alarm := g.Get(t, alarmType, "watch-"+w.Properties.Title)
		require.Len(t, w.Properties.Metrics, 1)
		path := w.Properties.Metrics[0]
		assert.Equal(t, []string{alarm.Plain("namespace").(string), alarm.Plain("metricName").(string)}, path[:2])
		assert.Len(t, path, 2+2*len(alarm.Plain("dimensions").(map[string]any)))
		assert.LessOrEqual(t, w.X+w.Width, 24)
		assert.False(t, places[[2]int{w.X, w.Y}], "two graphs in one place")
		places[[2]int{w.X, w.Y}] = true
	}
}

func TestUnknownOutputsStayUnknownInAPreview(t *testing.T) {
	a := args()
	p := func(ctx *pulumi.Context) error {
		a.Database.Identifier = pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) string { return "" }).(pulumi.StringOutput)
		_, err := observability.New(ctx, "watch", a)
		return err
	}
	g, err := testkit.Preview(p)
	require.NoError(t, err)
	dimensions := g.Get(t, alarmType, "watch-database-cpu").Inputs[resource.PropertyKey("dimensions")]
	assert.True(t, dimensions.ContainsUnknowns())
}

func TestBadArgumentsAreRefusedTogether(t *testing.T) {
	a := args()
	a.ClusterName, a.Nodes, a.Notify = "", 0, []string{"ftp://example.com"}
	a.LoadBalancer.TargetGroups[1].Name = "443"
	_, err := testkit.Update(program(a, nil))
	require.Error(t, err)
	for _, path := range []string{"ClusterName", "Nodes", "notify[0]", "LoadBalancer.TargetGroups[1].Name"} {
		assert.ErrorContains(t, err, path)
	}
}
