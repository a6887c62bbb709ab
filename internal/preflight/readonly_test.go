package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/preflight"
)

// A whole preflight, with everything that it can ask about configured, calls nothing that could write.
func TestD01NothingIsWritten(t *testing.T) {
	w := newWorld(t)
	w.whole(t)
	report := w.run()
	services := map[string]bool{}
	for _, operation := range w.operations {
		service, name, _ := strings.Cut(operation, ":")
		services[service] = true
		assert.True(t, preflight.IsRead(name), operation)
	}
	for _, service := range []string{"STS", "EC2", "RDS", "EKS", "ECR", "SSM", "ACM", "Route 53", "S3", "KMS", "Service Quotas",
		"IAM", "Elastic Load Balancing v2"} {
		assert.True(t, services[service], "%s was asked: %v", service, report.Findings)
	}
}

// whole configures everything that a preflight can ask about.
func (w *world) whole(t *testing.T) {
	t.Helper()
	imported(hostname, 90)(t, w)
	bucket(true)(t, w)
	withKey(true)(t, w)
	withRepositories(map[string]string{"kafka": "3.1.0-690", "kong": "4.0.3-6"})(t, w)
	withInstances(64)(t, w)
	w.config.AWS.RoleARN = "arn:aws:iam::111122223333:role/deployer"
	w.list("role/ops", "user/eve")
	withCluster(map[string]string{w.config.AWS.RoleARN: ""})(t, w)
	withBastion("Online")(t, w)
	given(leftToIAM)(t, w)
}

func TestTheRunbookNamesEveryActionThatIsRead(t *testing.T) {
	w := newWorld(t)
	w.whole(t)
	w.record(quotas(map[string]float64{"L-F678F1CE": -5}))
	w.run()
	w.config.Nodes.AMIID = "ami-0123456789abcdef9"
	existing(func(*config.ExistingVPC) {})(t, w)
	w.run()
	read := map[string]bool{}
	for _, operation := range w.operations {
		service, name, _ := strings.Cut(operation, ":")
		if service != "STS" { // GetCallerIdentity needs no permission, AssumeRole is the role's to allow
			read[preflight.IAMAction(service, name)] = true
		}
	}
	page, err := os.ReadFile("../../docs/preflight.md")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(page), "```text\n")
	block, _, _ := strings.Cut(after, "```")
	assert.Equal(t, slices.Sorted(maps.Keys(read)), strings.Fields(block))
}

func TestNoTestReachesARealCloud(t *testing.T) {
	for _, url := range []string{"https://sts.us-west-2.amazonaws.com", "https://cloud.mongodb.com", "http://example.com"} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		require.NoError(t, err)
		_, err = http.DefaultClient.Do(request) //nolint:bodyclose // there is no answer
		require.ErrorContains(t, err, "proxyconnect tcp: dial tcp 127.0.0.1:1", url)
	}
	w := newWorld(t)
	w.options.Endpoint, w.options.Only = "", []string{"chart"}
	assert.Contains(t, w.finding("identity").Detail, "dial tcp 127.0.0.1:1", "AWS's own endpoint")
}

func TestTheGuardRefusesWhatIsNoReadBeforeItIsSent(t *testing.T) {
	w := newWorld(t)
	c, err := preflight.Open(ctx, w.options)
	require.NoError(t, err)
	_, err = ec2.NewFromConfig(c).CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.ErrorContains(t, err, "preflight: EC2:CreateVpc is not a read, and was not sent")
	_, err = kms.NewFromConfig(c).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: aws.String("1")})
	require.ErrorContains(t, err, "KMS:ScheduleKeyDeletion is not a read")
	assert.Empty(t, w.proxy.seen)
	assert.Empty(t, w.operations)
}

func TestTheNamesOfReads(t *testing.T) {
	for _, name := range []string{
		"GetCallerIdentity", "ListHostedZonesByName", "DescribeVpcs", "HeadBucket", "BatchGetImage", "AssumeRole",
	} {
		assert.True(t, preflight.IsRead(name), name)
	}
	for _, name := range []string{
		"CreateVpc", "DeleteRole", "PutObject", "ModifyVpcAttribute", "TagResource", "AssumeRoleWithSAML", "RunInstances",
	} {
		assert.False(t, preflight.IsRead(name), name)
	}
}

func TestWhatMayNotBeReadIsAWarningThatNamesTheAction(t *testing.T) {
	try(t, []example{
		{"a JSON protocol", "quota vpc", func(_ *testing.T, w *world) { w.proxy.denied["GetServiceQuota"] = true }, warns,
			"not checked: the caller may not servicequotas:GetServiceQuota"},
		{"EC2", "quota eip", func(_ *testing.T, w *world) { w.proxy.denied["DescribeAddresses"] = true }, warns,
			"the caller may not ec2:DescribeAddresses"},
		{"a query protocol", "quota alb", func(_ *testing.T, w *world) { w.proxy.denied["DescribeLoadBalancers"] = true }, warns,
			"the caller may not elasticloadbalancing:DescribeLoadBalancers"},
		{"EC2, for all instances", "quota vcpu", func(_ *testing.T, w *world) { w.proxy.denied["DescribeInstances"] = true }, warns,
			"the caller may not ec2:DescribeInstances"},
		{"RDS", "database", func(_ *testing.T, w *world) { w.proxy.denied["DescribeOrderableDBInstanceOptions"] = true }, warns,
			"the caller may not rds:DescribeOrderableDBInstanceOptions"},
		{"REST", "kubernetes", func(_ *testing.T, w *world) { w.proxy.denied["GET /cluster-versions"] = true }, warns,
			"the caller may not eks:DescribeClusterVersions"},
		{"SSM", "machine images", func(_ *testing.T, w *world) { w.proxy.denied["GetParameter"] = true }, warns,
			"the caller may not ssm:GetParameter"},
		{"ACM", "acm certificate", func(t *testing.T, w *world) {
			imported(hostname, 90)(t, w)
			w.proxy.denied["DescribeCertificate"] = true
		}, warns, "the caller may not acm:DescribeCertificate"},
	})
}

func TestChecksRunInBoundsAndReportInOrder(t *testing.T) {
	var running, most atomic.Int32
	names := []string{"a", "b", "c", "d", "e", "f"}
	found := preflight.RunChecks(ctx, 2, time.Minute, names, func(_ context.Context, name string) ([]preflight.Finding, error) {
		now := running.Add(1)
		for {
			if seen := most.Load(); now <= seen || most.CompareAndSwap(seen, now) {
				break
			}
		}
		defer running.Add(-1)
		return []preflight.Finding{{Check: name, Status: passes}}, nil
	})
	assert.LessOrEqual(t, most.Load(), int32(2))
	var order []string
	for _, f := range found {
		order = append(order, f.Check)
	}
	assert.Equal(t, names, order)
}

func TestACheckThatDoesNotAnswerFails(t *testing.T) {
	found := preflight.RunChecks(ctx, 1, time.Millisecond, []string{"slow"},
		func(ctx context.Context, _ string) ([]preflight.Finding, error) {
			<-ctx.Done()
			return []preflight.Finding{{Check: "seen before", Status: passes}}, ctx.Err()
		})
	require.Len(t, found, 2, "what was seen before is kept")
	assert.Equal(t, preflight.Finding{Check: "slow", Status: fails, Detail: "no answer within 1ms",
		Remedy: "check the network and the region, then run preflight again"}, found[1])
}

func TestAnErrorFails(t *testing.T) {
	found := preflight.RunChecks(ctx, 1, time.Minute, []string{"odd"}, func(context.Context, string) ([]preflight.Finding, error) {
		return nil, errors.New("the cloud\nis odd")
	})
	assert.Equal(t, "the cloud is odd", found[0].Detail)
	assert.Equal(t, fails, found[0].Status)
}

func TestWhatAServiceAnswersIsSaidInALine(t *testing.T) {
	try(t, []example{
		{"no answer of AWS", "kubernetes", func(_ *testing.T, w *world) {
			w.proxy.recorded["GET /cluster-versions"] = func([]byte, *http.Request) (int, string, string) {
				return http.StatusNotFound, "text/html", "<html>Not found</html>"
			}
		}, fails, "EKS DescribeClusterVersions: an answer that is not of AWS (HTTP status 404)"},
		{"an error", "quota vpc", func(_ *testing.T, w *world) {
			w.proxy.recorded["GetServiceQuota"] = func([]byte, *http.Request) (int, string, string) {
				return http.StatusBadRequest, jsonBody, `{"__type":"IllegalArgumentException","Message":"no such\nquota"}`
			}
		}, fails, "Service Quotas GetServiceQuota: IllegalArgumentException: no such quota"},
	})
}

func TestTheReportFitsATerminalAndIsJSON(t *testing.T) {
	report := preflight.Report{Stack: "dev", Findings: []preflight.Finding{
		{
			Check:  "identity",
			Status: passes,
			Detail: "arn:aws:sts::111122223333:assumed-role/" + strings.Repeat("long-role-name-", 6) + "/session",
		},
		{Check: "quota vcpu Standard", Status: fails, Detail: "16 of 40 used, 34 more needed",
			Remedy: "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value 50"},
		{Check: "hosted zone", Status: warns, Detail: "none", Remedy: "make one"},
	}}
	var out bytes.Buffer
	require.NoError(t, report.Table(&out))
	for _, line := range strings.Split(out.String(), "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
	}
	assert.Contains(t, out.String(), "preflight dev: 1 passed, 1 warning, 1 failed\n")
	assert.Contains(t, out.String(), "-> make one")
	assert.Contains(t, out.String(), "quota vcpu Standard fail ")
	for _, option := range []string{"request-service-quota-increase", "--service-code ec2", "--desired-value 50"} {
		assert.Contains(t, strings.Join(strings.Fields(out.String()), " "), option, "no option is broken at a hyphen")
	}
	assert.True(t, report.Failed())
	out.Reset()
	require.NoError(t, report.JSON(&out))
	var read preflight.Report
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	assert.Equal(t, report, read)
}

func TestOnlyWhatIsNamedIsChecked(t *testing.T) {
	w := newWorld(t)
	w.options.Only = []string{"zones", "chart"}
	var checks []string
	for _, f := range w.run().Findings {
		checks = append(checks, f.Check)
	}
	assert.Equal(t, []string{"identity", "zones", "chart"}, checks)
	w.options.Only = []string{"zone"}
	_, err := preflight.Run(ctx, w.options)
	require.ErrorContains(t, err, `no check "zone"; there are zones, network, quotas, instance types`)
}
