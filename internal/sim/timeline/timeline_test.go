package timeline_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func urn(typ, name string) resource.URN {
	return resource.URN("urn:pulumi:test::bpa::" + typ + "::" + name)
}

const (
	nat = catalog.EC2NatGateway // 1m45s
	alb = catalog.ELBLoadBalancer
	rds = catalog.RDSInstance // 11m
	log = catalog.CloudWatchLogGroup
)

func made(typ, name string, inputs map[string][]resource.URN, more ...resource.URN) *stackdoc.Resource {
	r := &stackdoc.Resource{URN: urn(typ, name), Custom: true, PropertyDependencies: inputs, Dependencies: more}
	for _, list := range inputs {
		r.Dependencies = append(r.Dependencies, list...)
	}
	return r
}

func names(spans []*timeline.Span) []string {
	var list []string
	for _, s := range spans {
		list = append(list, s.Resource.URN.Name())
	}
	return list
}

func TestTheCriticalPathIsTheLongestChain(t *testing.T) {
	tl := timeline.New([]*stackdoc.Resource{
		made(log, "quick", nil), made(nat, "nat", nil), made(rds, "database", map[string][]resource.URN{"x": {urn(nat, "nat")}}),
		made(alb, "balancer", map[string][]resource.URN{"x": {urn(nat, "nat"), urn(log, "quick")}}),
	})
	assert.Equal(t, 105*time.Second+11*time.Minute, tl.Makespan)
	assert.Equal(t, tl.Makespan, tl.LowerBound)
	assert.Equal(t, []string{"nat", "database"}, names(tl.Critical))
	assert.Empty(t, tl.Needless)
	assert.InDelta(t, 1, tl.Ratio(), 0.001)
}

func TestAnEdgeThatNothingDemandsIsNeedless(t *testing.T) {
	tl := timeline.New([]*stackdoc.Resource{made(nat, "nat", nil), made(rds, "database", nil, urn(nat, "nat"))})
	assert.Equal(t, 11*time.Minute, tl.LowerBound)
	assert.Equal(t, 105*time.Second+11*time.Minute, tl.Makespan)
	assert.Equal(t, []timeline.Edge{{From: urn(rds, "database"), To: urn(nat, "nat"), Cost: 105 * time.Second}}, tl.Needless)
	assert.Contains(t, tl.Summary(), "  database waits for nat (1m45s)\n")

	// The same edge, where an order of AWS demands it, is true.
	policy := catalog.S3BucketPolicy
	tl = timeline.New([]*stackdoc.Resource{made(policy, "logs", nil), made(alb, "balancer", nil, urn(policy, "logs"))})
	assert.Empty(t, tl.Needless)
	assert.Equal(t, tl.Makespan, tl.LowerBound)
}

func TestARemoteComponentIsThereWhenItsChildrenAre(t *testing.T) {
	group := resource.URN("urn:pulumi:test::bpa::" + catalog.EKSNodeGroupV2Component + "::node")
	child := &stackdoc.Resource{
		URN:    "urn:pulumi:test::bpa::" + catalog.EKSNodeGroupV2Component + "$" + catalog.AutoScalingGroup + "::asg",
		Custom: true, Parent: group,
	}
	tl := timeline.New([]*stackdoc.Resource{
		made(nat, "nat", nil), {URN: group, Dependencies: []resource.URN{urn(nat, "nat")}}, child,
		made(catalog.EKSAddon, "dns", nil, group),
	})
	assert.Equal(t, []string{"nat", "asg", "dns"}, names(tl.Critical))
	assert.Equal(t, (105+156+40)*time.Second, tl.Makespan)
}

func TestInputsDecideWhereTheyMatter(t *testing.T) {
	assert.Equal(t, 18*time.Minute, timeline.For(rds, true, map[string]any{"multiAz": true}).Create)
	assert.Equal(
		t,
		5*time.Second,
		timeline.For(catalog.EC2VpcEndpoint, true, map[string]any{"vpcEndpointType": "Gateway"}).Create,
	)
	assert.Zero(t, timeline.For("bpa:network:Network", false, nil).Create)
	assert.Zero(t, timeline.For(catalog.AwsProvider, true, nil).Create)
	assert.Equal(t, catalog.Default, timeline.For(catalog.IAMRole, true, nil).Source)
}

func TestTheReportIsWellFormedAndTheSameEveryTime(t *testing.T) {
	network := func(r *stackdoc.Resource) *stackdoc.Resource {
		r.URN = resource.URN("urn:pulumi:test::bpa::bpa:network:Network$" + r.Type() + "::" + r.URN.Name())
		return r
	}
	first := network(made(nat, "nat <&>", nil))
	second := made(rds, "database", map[string][]resource.URN{"x": {first.URN}})
	second.URN = resource.URN("urn:pulumi:test::bpa::bpa:database:Database$" + rds + "::database")
	tl := timeline.New([]*stackdoc.Resource{first, second, network(made(log, "logs", nil))})
	dir := t.TempDir()
	require.NoError(t, tl.Write(dir, "A & B"))
	for _, name := range []string{"timeline.svg", "graph.svg"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		for decoder := xml.NewDecoder(strings.NewReader(string(b))); ; {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
		}
	}
	markdown := tl.Markdown("A & B")
	assert.Contains(t, markdown, "  network --> database\n")
	assert.Contains(t, markdown, "  database :crit, 105, 765\n")
	for range 10 {
		require.Equal(t, markdown, tl.Markdown("A & B"))
		require.Equal(t, tl.Graph("x"), tl.Graph("x"))
	}
}

func TestTheOrderOfTheStateDoesNotMatter(t *testing.T) {
	resources := []*stackdoc.Resource{
		made(log, "a", nil), made(log, "b", nil), made(nat, "c", nil), made(nat, "d", nil),
		made(alb, "last", nil, urn(nat, "d"), urn(nat, "c"), urn(log, "a")),
	}
	want := timeline.New(resources)
	assert.Equal(t, []string{"c", "last"}, names(want.Critical))
	slices.Reverse(resources)
	slices.Reverse(resources[0].Dependencies)
	got := timeline.New(resources)
	assert.Equal(t, want.Gantt("x"), got.Gantt("x"))
	assert.Equal(t, want.Markdown("x"), got.Markdown("x"))
}
