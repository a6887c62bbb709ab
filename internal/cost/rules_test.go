package cost_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
)

var node = regexp.MustCompile(`(?m)^ *([a-z]+:[A-Za-z0-9./]+:[A-Za-z0-9]+) `)

func TestD07EveryTypeOfTheProgramIsPricedOrFreeForAReason(t *testing.T) {
	var types []string
	for _, file := range []string{"dev.graph", "prod.graph"} {
		graph, err := os.ReadFile("../../test/platform/testdata/" + file)
		require.NoError(t, err)
		for _, m := range node.FindAllStringSubmatch(string(graph), -1) {
			types = append(types, m[1])
		}
	}
	slices.Sort(types)
	types = slices.Compact(types)
	require.Greater(t, len(types), 70, "the graphs must have been read")
	for _, typ := range types {
		assert.True(t, catalog.PriceOf(typ).Known(), "internal/catalog does not say what %s costs, or why it costs nothing", typ)
	}
	for _, typ := range catalog.All() {
		if typ.Price.Known() {
			assert.Contains(t, types, typ.Token, "the program makes no %s: its rule is dead", typ.Token)
		}
	}
}

func TestD07TotalsWorkedOutByHand(t *testing.T) {
	for name, c := range map[string]struct {
		resource map[string]any
		want     cost.Cents
	}{
		// 730 × 0.10
		"a control plane": {made(urn("Cluster", catalog.EKSCluster, "c"), map[string]any{"version": "1.35"}), 7300},
		// 730 × 0.05
		"a NAT gateway": {made(urn("Network", catalog.EC2NatGateway, "n"), nil), 3650},
		// 730 × 0.005
		"an address": {made(urn("Network", catalog.EC2Eip, "n"), nil), 365},
		// 3 zones × 730 × 0.01
		"an interface endpoint": {made(urn("Network", catalog.EC2VpcEndpoint, "e"), map[string]any{
			"vpcEndpointType": "Interface", "subnetIds": []any{"a", "b", plugin.UnknownStringValue},
		}), 2190},
		"a gateway endpoint": {made(urn("Network", catalog.EC2VpcEndpoint, "e"), map[string]any{
			"vpcEndpointType": "Gateway",
		}), 0},
		// 730 × 0.0225 = 16.425, half a cent goes up
		"an internal load balancer": {made(urn("Ingress", catalog.ELBLoadBalancer, "l"), map[string]any{
			"internal": true, "loadBalancerType": "application", "subnets": []any{"a", "b", "c"},
		}), 1643},
		// and 3 × 730 × 0.005
		"a load balancer that faces the internet": {made(urn("Ingress", catalog.ELBLoadBalancer, "l"), map[string]any{
			"internal": false, "subnets": []any{"a", "b", "c"},
		}), 1643 + 1095},
		// 100 × 0.10
		"a volume": {made(urn("Nodes", catalog.EBSVolume, "v"), map[string]any{
			"type": "gp3", "size": 100.0, "iops": 3000.0, "throughput": 125.0,
		}), 1000},
		// 100 × 0.10 + 1000 × 0.01 + 100 × 0.02
		"a fast volume": {made(urn("Nodes", catalog.EBSVolume, "v"), map[string]any{
			"type": "gp3", "size": 100.0, "iops": 4000.0, "throughput": 225.0,
		}), 2200},
		// 730 × 2.00 + 50 × 0.20
		"a database": {made(urn("Database", catalog.RDSInstance, "d"), map[string]any{
			"engine": "postgres", "instanceClass": "db.x.2xlarge", "storageType": "gp3", "allocatedStorage": 50.0, "multiAz": false,
		}), 146000 + 1000},
		// both twice
		"a database with a standby": {made(urn("Database", catalog.RDSInstance, "d"), map[string]any{
			"engine": "postgres", "instanceClass": "db.x.2xlarge", "storageType": "gp3", "allocatedStorage": 50.0, "multiAz": true,
		}), 2 * (146000 + 1000)},
		"a key":    {made(urn("Registry", catalog.KMSKey, "k"), nil), 100},
		"an alarm": {made(urn("Observability", catalog.CloudWatchMetricAlarm, "a"), map[string]any{"metricName": "m"}), 10},
		// an expression and two metrics
		"an alarm on an expression": {made(urn("Observability", catalog.CloudWatchMetricAlarm, "a"), map[string]any{
			"metricQueries": []any{
				map[string]any{"expression": "a/b"}, map[string]any{"metric": map[string]any{}}, map[string]any{"metric": map[string]any{}},
			},
		}), 20},
		// 730 × 0.01 + 8 × 0.10, the image's own disk
		"a bastion": {made(urn("Bastion", catalog.EC2Instance, "b"), map[string]any{
			"instanceType": "t9.tiny", "rootBlockDevice": map[string]any{"volumeType": "gp3"},
		}), 730 + 80},
		"a VPC": {made(urn("Network", catalog.EC2Vpc, "v"), nil), 0},
	} {
		e := estimate(t, c.resource)
		assert.Equal(t, c.want, e.Total, name)
		assert.Empty(t, whys(e), name)
	}
}

// group is a group of machines, n, with its launch template beside it; id is what the group has for the template's.
func group(id string, inputs map[string]any) []map[string]any {
	const name = "n"
	beside := func(r map[string]any) { r["parent"] = project + name }
	inputs["launchTemplate"] = map[string]any{"id": id}
	return []map[string]any{
		made(urn("Nodes", catalog.EC2LaunchTemplate, name), map[string]any{
			"instanceType": "m1.big",
			"blockDeviceMappings": []any{
				map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{"volumeType": "gp3", "volumeSize": 100.0}},
			},
			"networkInterfaces": []any{map[string]any{"associatePublicIpAddress": "false"}},
		}, beside, func(r map[string]any) { r["id"] = "lt-" + name }),
		made(urn("Nodes", catalog.AutoScalingGroup, name), inputs, beside),
	}
}

func TestAGroupPaysForItsMachinesAndTheirDisks(t *testing.T) {
	for _, id := range []string{"lt-n", plugin.UnknownStringValue} {
		e := estimate(t, group(id, map[string]any{"desiredCapacity": 2.0})...)
		assert.Equal(t, cost.Cents(2*73000+2*1000), e.Total, "2 × 730 × 1.00, and 2 × 100 × 0.10")
		require.Len(t, e.Components, 1)
		assert.Equal(t, "nodes", e.Components[0].Name)
	}
	e := estimate(t, group("lt-n", map[string]any{"minSize": 3.0})...)
	assert.Equal(t, cost.Cents(3*74000), e.Total, "without a desired capacity it has its smallest size")
	other := group("lt-n", map[string]any{})[0]
	other["id"], other["inputs"] = "lt-other", map[string]any{"instanceType": "t9.tiny"}
	e = estimate(t, append([]map[string]any{other}, group("lt-n", map[string]any{"desiredCapacity": 2.0})...)...)
	assert.Equal(t, cost.Cents(2*74000), e.Total, "of two templates beside it, it has the one that it names")
	e = estimate(t, group("lt-n", map[string]any{"desiredCapacity": plugin.UnknownNumberValue})...)
	assert.Equal(t, []string{"n: desiredCapacity is known only after up"}, whys(e))
	e = estimate(t, group("lt-n", map[string]any{"desiredCapacity": 2.0})[1])
	assert.Equal(t, []string{"n: its launch template is not among the resources: make the preview with --show-sames"}, whys(e))
}

func TestExtendedSupportIsPaidFromTheDayAfterStandardSupport(t *testing.T) {
	cluster := func(version string, inputs map[string]any) map[string]any {
		inputs["version"] = version
		return made(urn("Cluster", catalog.EKSCluster, "c"), inputs)
	}
	last := time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC) // of 1.35, by infra/versions
	assert.Equal(t, cost.Cents(7300), estimateOn(t, last, cluster("1.35", map[string]any{})).Total)
	e := estimateOn(t, last.AddDate(0, 0, 1), cluster("1.35", map[string]any{}))
	assert.Equal(t, cost.Cents(7300+36500), e.Total, "730 × 0.50 more")
	assert.Contains(t, e.Assumed, "Kubernetes 1.35 has left standard support on 2027-03-27, and extended support is paid for")
	standard := map[string]any{"upgradePolicy": map[string]any{"supportType": "STANDARD"}}
	assert.Equal(t, cost.Cents(7300), estimateOn(t, last.AddDate(0, 0, 1), cluster("1.35", standard)).Total)
	e = estimate(t, cluster("9.99", map[string]any{}))
	const why = `c: whether Kubernetes "9.99" is in extended support is not known: infra/versions has no such version`
	assert.Equal(t, []string{why}, whys(e))
}

func TestD07WhatHasNoPriceIsNamedAndNotGuessed(t *testing.T) {
	database := func(key string, value any) map[string]any {
		inputs := map[string]any{"engine": "postgres", "instanceClass": "db.x.2xlarge", "storageType": "gp3", "allocatedStorage": 50.0}
		inputs[key] = value
		return made(urn("Database", catalog.RDSInstance, "d"), inputs)
	}
	atlas := func(tier string, nodes, disk float64, where string) map[string]any {
		return made(urn("Atlas", catalog.AtlasAdvancedCluster, "a"), map[string]any{
			"replicationSpecs": []any{map[string]any{"regionConfigs": []any{map[string]any{
				"providerName": where, "regionName": "US_WEST_2",
				"electableSpecs": map[string]any{"instanceSize": tier, "nodeCount": nodes, "diskSizeGb": disk},
			}}}},
		})
	}
	insights := database("performanceInsightsRetentionPeriod", 31.0)
	volume := made(urn("Nodes", catalog.EBSVolume, "v"), map[string]any{"type": "io2", "size": 10.0})
	balancer := made(urn("Ingress", catalog.ELBLoadBalancer, "l"), map[string]any{"loadBalancerType": "network"})
	endpoint := func(inputs map[string]any) map[string]any {
		return made(urn("Network", catalog.EC2VpcEndpoint, "e"), inputs)
	}
	for want, r := range map[string]map[string]any{
		"a: aws:sqs/queue:Queue is a type whose price is not known here": made(urn("BPA", "aws:sqs/queue:Queue", "a"), nil),

		"d: RDS db.y.large (1 × 730 h): the table has no price of it in us-west-2": database("instanceClass", "db.y.large"),

		`d: RDS with engine "mysql": the table has prices of postgres alone`:                database("engine", "mysql"),
		`d: RDS storage of type "io2": the table has prices of gp3 alone`:                   database("storageType", "io2"),
		"d: RDS storage with IOPS or throughput of its own: the table has no price of them": database("iops", 9000.0),

		"d: allocatedStorage is known only after up": database("allocatedStorage", plugin.UnknownNumberValue),
		"d: its instance class is not known":         database("instanceClass", plugin.UnknownStringValue),

		"d: Performance Insights for 31 days: 7 are free, and the table has no price of more": insights,

		"v: EBS volumes of type io2: the table has prices of gp3 alone":                volume,
		"l: load balancers of type network: the table has prices of application alone": balancer,
		"e: VPC endpoints of type GatewayLoadBalancer: the table has prices of Interface alone": endpoint(map[string]any{
			"vpcEndpointType": "GatewayLoadBalancer",
		}),
		"a: Atlas M200 (1 × 730 h): the table has no price of it in us-west-2": atlas("M200", 3, 0, "AWS"),
		"a: Atlas M30 with 5 nodes: the table has prices of replica sets of 3": atlas("M30", 5, 40, "AWS"),
		"a: Atlas on GCP: the table has prices of AWS alone":                   atlas("M30", 3, 40, "GCP"),
		"a: Atlas disk: 40 GB, where M10 has 10":                               atlas("M10", 3, 40, "AWS"),
	} {
		assert.Contains(t, whys(estimate(t, r)), want)
	}
	assert.Empty(t, whys(estimate(t, atlas("M30", 3, 40, "AWS"))))
	assert.Equal(t, cost.Cents(39420), estimate(t, atlas("M30", 3, 40, "AWS")).Total, "730 × 0.54")
	// A first preview does not know in which zones Atlas offers its service: three are taken for granted, and said.
	e := estimate(t, endpoint(map[string]any{"vpcEndpointType": "Interface", "subnetIds": plugin.UnknownArrayValue}))
	assert.Equal(t, cost.Cents(2190), e.Total, "730 × 3 × 0.01")
	assert.Contains(t, e.Assumed, "an interface endpoint whose subnets are known only after up has one in each of the 3 zones")
}

func TestWhatIsPaidByUseIsLeftOutUntilSomebodySaysHowMuch(t *testing.T) {
	resources := stack(t, "us-west-2", made(urn("Network", catalog.EC2NatGateway, "n"), nil))
	options := cost.Options{Table: testTable(t), Date: today}
	e, err := cost.New(resources, options)
	require.NoError(t, err)
	assert.Equal(t, cost.Cents(3650), e.Total)
	assert.Contains(t, e.LeftOut, cost.LeftOut{
		Key: "nat.gb", What: "data through NAT", Unit: "GB", Components: []string{"network"}, USD: 0.05,
	})

	options.Usage = map[string]float64{"nat.gb": 500}
	if e, err = cost.New(resources, options); assert.NoError(t, err) {
		assert.Equal(t, cost.Cents(3650+2500), e.Total, "500 × 0.05")
		for _, l := range e.LeftOut {
			assert.NotEqual(t, "nat.gb", l.Key)
		}
	}
	for want, usage := range map[string]map[string]float64{
		`"nat.gbs": must be one of what the stack pays by use: [nat.gb transfer.zones]`: {"nat.gbs": 1},
		`"nat.gb": -1: must not be negative`:                                            {"nat.gb": -1},
		`"transfer.zones": the table has no price of it in us-west-2`:                   {"transfer.zones": 1},
	} {
		options.Usage = usage
		_, err := cost.New(resources, options)
		require.ErrorContains(t, err, want)
	}
}
