package cost_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// testPrices are round, so that a total can be worked out by hand. Hours are 730.
const testPrices = `
items:
  eks.cluster: {what: control plane, unit: hour}
  eks.extendedSupport: {what: extended support, unit: hour}
  ec2.*: {what: "EC2 *", unit: hour}
  ebs.gp3: {what: gp3, unit: GB-month}
  ebs.gp3.iops: {what: IOPS, unit: IOPS-month}
  ebs.gp3.throughput: {what: throughput, unit: MiB/s-month}
  nat.hour: {what: NAT gateway, unit: hour}
  nat.gb: {what: data through NAT, unit: GB}
  endpoint.hour: {what: endpoint, unit: hour}
  endpoint.gb: {what: data through endpoints, unit: GB}
  ipv4.hour: {what: address, unit: hour}
  alb.hour: {what: load balancer, unit: hour}
  alb.lcu: {what: capacity units, unit: LCU-hour, unpriced: true}
  rds.postgres.*: {what: "RDS *", unit: hour}
  rds.gp3: {what: RDS storage, unit: GB-month}
  rds.backup: {what: RDS backups, unit: GB-month, unpriced: true}
  kms.key: {what: key, unit: month}
  kms.requests: {what: KMS requests, unit: 10000 requests, unpriced: true}
  cloudwatch.alarm: {what: alarm, unit: month}
  atlas.*: {what: "Atlas *", unit: hour}
  atlas.storage: {what: Atlas disk, unit: GB-month, unpriced: true}
  transfer.zones: {what: data between zones, unit: GB, unpriced: true}
  transfer.internet: {what: data to the internet, unit: GB, unpriced: true}
  ec2.credits: {what: CPU credits, unit: vCPU-hour, unpriced: true}
standIns: {us-west-2: us-east-1}
derived:
  - {from: rds.postgres.db.x.2xlarge, because: they are in proportion, times: {rds.postgres.db.x.xlarge: 0.5}}
sources:
  - title: the west
    publisher: https://example.com/west
    read: a test
    seen: 2026-06-01
    regions: [us-west-2]
    usd:
      eks.cluster: 0.10
      eks.extendedSupport: 0.50
      ec2.m1.big: 1.00
      ebs.gp3: 0.10
      ebs.gp3.iops: 0.01
      ebs.gp3.throughput: 0.02
      nat.hour: 0.05
      nat.gb: 0.05
      endpoint.hour: 0.01
      endpoint.gb: 0.01
      ipv4.hour: 0.005
      alb.hour: 0.0225
      rds.gp3: 0.20
      kms.key: 1.00
      cloudwatch.alarm: 0.10
  - title: the east
    publisher: https://example.com/east
    read: a test
    seen: 2026-11-25
    undated: true
    regions: [us-east-1]
    usd: {rds.postgres.db.x.2xlarge: 2.00, ec2.t9.tiny: 0.01, atlas.M30: 0.54, atlas.M10: 0.08}
`

const (
	project  = "urn:pulumi:prod::bpa::"
	provider = project + catalog.AwsProvider + "::aws"
)

// urn is that of a resource in a component, such as nodes.
func urn(component, typ, name string) string {
	return project + "bpa:" + component + ":" + component + "$" + typ + "::" + name
}

// made is a resource of a state, in us-west-2.
func made(urn string, inputs map[string]any, more ...func(map[string]any)) map[string]any {
	r := map[string]any{"urn": urn, "custom": true, "provider": provider + "::0123", "inputs": inputs, "parent": project + "parent"}
	for _, change := range more {
		change(r)
	}
	return r
}

// stack is the state that `pulumi stack export` would write.
func stack(t *testing.T, region string, resources ...map[string]any) []*stackdoc.Resource {
	t.Helper()
	all := append([]map[string]any{made(provider, map[string]any{"region": region})}, resources...)
	b, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": all}})
	require.NoError(t, err)
	read, err := cost.FromState(b)
	require.NoError(t, err)
	return read
}

func testTable(t *testing.T) *cost.Table {
	t.Helper()
	table, err := cost.Read([]byte(testPrices))
	require.NoError(t, err)
	return table
}

// today is a day on which the prices of the west are just below six months old.
var today = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func estimate(t *testing.T, resources ...map[string]any) *cost.Estimate {
	t.Helper()
	return estimateOn(t, today, resources...)
}

func estimateOn(t *testing.T, on time.Time, resources ...map[string]any) *cost.Estimate {
	t.Helper()
	e, err := cost.New(stack(t, "us-west-2", resources...), cost.Options{Table: testTable(t), Date: on})
	require.NoError(t, err)
	return e
}

// whys are the reasons for what is missing.
func whys(e *cost.Estimate) []string {
	var texts []string
	for _, m := range e.Missing {
		texts = append(texts, m.URN.Name()+": "+m.Why)
	}
	return texts
}
