package stackfile_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// today is the day that the tests check versions on.
var today = stackfile.On(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))

// base is the smallest stack file there is.
const base = `
bpa:aws: {region: us-west-2, accountId: "111122223333"}
bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2c]}
bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}
`

// write makes a stack file of the base, its sections replaced by those in changes.
func write(t *testing.T, changes string) string {
	t.Helper()
	var sections, changed map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(base), &sections))
	require.NoError(t, yaml.Unmarshal([]byte(changes), &changed))
	maps.Copy(sections, changed)
	b, err := yaml.Marshal(map[string]any{"config": sections})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, b, 0o600))
	return file
}

func load(t *testing.T, changes string) (*stackfile.Result, []string) {
	t.Helper()
	result, err := stackfile.LoadFile(write(t, changes), "test", today)
	return result, stackfile.Problems(err)
}

func TestTheSmallestFileIsAProductionStack(t *testing.T) {
	result, problems := load(t, "")
	require.Empty(t, problems)
	c := result.Config
	assert.Equal(t, "bpa-test", c.Name)
	assert.True(t, c.Protect)
	assert.Equal(t, "perZone", c.Network.NAT)
	assert.True(t, c.Database.MultiAZ && c.Database.DeletionProtection && c.Database.FinalSnapshot && c.Database.ForceTLS)
	assert.True(t, c.Atlas.TerminationProtection && c.Atlas.PointInTimeRecovery)
	assert.Equal(t, "M30", c.Atlas.InstanceSize)
	assert.Equal(t, "db.m5d.2xlarge", c.Database.InstanceClass)
	assert.Empty(t, c.Cluster.PublicAccessCIDRs, "private unless asked otherwise")
	assert.Equal(t, "internal", c.Ingress.Scheme)
}

func TestDevelopmentIsSmallAndUnprotected(t *testing.T) {
	result, problems := load(t, "bpa:environment: development")
	require.Empty(t, problems)
	c := result.Config
	assert.False(t, c.Protect || c.Database.MultiAZ || c.Database.DeletionProtection || c.Database.FinalSnapshot ||
		c.Ingress.DeletionProtection || c.Atlas.TerminationProtection)
	assert.Equal(t, "single", c.Network.NAT)
	assert.Equal(t, "default (development)", result.Origins["protect"])
}

func TestR18NodesHaveTheDirectoriesOfThePaper(t *testing.T) {
	result, problems := load(t, "")
	require.Empty(t, problems)
	want := map[string]string{
		"node-1": "zookeeper1 zookeeper4 zookeeper5 kafka1", "node-2": "zookeeper1 zookeeper2 zookeeper4 zookeeper5 kafka1 kafka2",
		"node-3": "kafka3 zookeeper3 zookeeper4 zookeeper5", "node-4": "elk metrices metrices/prometheus metrices/grafana",
	}
	for i, node := range result.Config.Nodes.Items {
		assert.Equal(t, fmt.Sprintf("node-%d", i+1), node.Name)
		assert.Equal(t, want[node.Name], strings.Join(node.Directories, " "))
		assert.Equal(t, 2048, node.VolumeGiB, "2 TB (R25)")
		assert.Equal(t, result.Config.Network.Zones[i%3], node.Zone, "the zones in turn")
	}
	assert.Equal(t, 262144, result.Config.Nodes.MaxMapCount)
}

func TestR16TheWhitePapersVersionsAreRefusedWithDateAndNearest(t *testing.T) {
	_, problems := load(t, "bpa:profile: whitepaper")
	assert.Equal(t, []string{
		`cluster.version: "1.27": cannot be created since 2025-07-24 (end of extended support); the nearest that can is 1.31`,
		`database.engineVersion: "16.3": cannot be created since 2025-11-25 (RDS no longer creates it); the nearest that can is 16.9`,
		`atlas.version: "5.0": cannot be created since 2024-10-31 (end of life); the nearest that can is 7.0`,
	}, problems)
	result, problems := load(t, "")
	require.Empty(t, problems)
	assert.Equal(t, "4.0.3-6", result.Config.Application.Release)
	assert.Equal(t, "profile supported", result.Origins["cluster.version"])
}

// A stack that is there runs on when its versions can no longer be created, and has to stay deployable.
func TestR16ADeployedStackKeepsItsVersions(t *testing.T) {
	result, problems := load(t, "bpa:deployed: true\nbpa:database: {engineVersion: \"16.8\"}")
	require.Empty(t, problems)
	assert.Equal(t, "16.8", result.Config.Database.EngineVersion)
	_, problems = load(t, "bpa:deployed: true\nbpa:database: {engineVersion: \"15.1\"}")
	require.Len(t, problems, 1, "one that nobody knows is still a mistake")
	_, other := load(t, "bpa:deployed: true\nbpa:cluster: {version: \"1.30\"}")
	assert.Contains(t, other, `cluster.addonVersions.coredns: (not set): must be given: this release has no pin for Kubernetes 1.30`)
	assert.Contains(t, problems[0], "database.engineVersion: \"15.1\": must be a version of RDS PostgreSQL")
}

// What only the reference chart reads is the default of its environment and values, and of no other chart's.
func TestR11TheProgramsOwnNamesAreForItsOwnChart(t *testing.T) {
	result, problems := load(
		t,
		"bpa:application: {environment: {LOG_LEVEL: debug, AUTH_DB_USER: \"${database.admin.user}\", API: {secure: v1:x}}, "+
			"values: {ingress_controller: {replicas: 3}, bpaPlatform: {release: other}}}",
	)
	require.Empty(t, problems)
	a := result.Config.Application
	assert.Equal(t, "debug", a.Environment["LOG_LEVEL"])
	assert.Equal(t, "${database.admin.user}", a.Environment["AUTH_DB_USER"], "the file's value stays")
	assert.Equal(t, "[secret]", a.Environment["API"])
	assert.Equal(t, "${database.host}", a.Environment["PG_HOST"])
	assert.Len(t, a.Environment, 9+2+2, "the paper's nine keys, two of the reference chart, two of the file")
	assert.Equal(t, map[string]any{"create": true, "replicas": 3}, a.Values["ingress_controller"])
	assert.Equal(t, "other", a.Values["bpaPlatform"].(map[string]any)["release"])
	assert.Equal(t, "${registry.url}", a.Values["bpaPlatform"].(map[string]any)["imageRegistry"])

	result, problems = load(t, "bpa:application: {chart: ./chart, values: {x: 1}}")
	require.Empty(t, problems)
	a = result.Config.Application
	assert.Len(t, a.Environment, 9)
	assert.NotContains(t, a.Environment, "PG_HOST")
	assert.Equal(t, map[string]any{"ingress_controller": map[string]any{"create": true}, "x": 1}, a.Values)
	assert.Equal(t, "default", result.Origins["application.environment.AUTH_DB_USER"])

	result, problems = load(
		t,
		"bpa:application: {chart: ./chart, environmentFile: none, values: {probe: {path: null}, ingress_controller: null}}",
	)
	require.Empty(t, problems)
	a = result.Config.Application
	assert.Empty(t, a.Environment)
	assert.Equal(t, map[string]any{"ingress_controller": nil, "probe": map[string]any{"path": nil}}, a.Values, "a null is no absence")
}

func TestANullNeedsACopyOfTheChart(t *testing.T) {
	_, problems := load(t, "bpa:application: {chart: oci://h/c, chartVersion: 1.0.0, values: {a: {b: null}}}")
	assert.Contains(t, strings.Join(problems, "\n"), "must have no null with an oci:// chart")
	_, problems = load(t, "bpa:application: {environmentFile: none, environment: {A: b}}")
	assert.Contains(t, strings.Join(problems, "\n"), "has nowhere to go with environmentFile none")
}

// Each bad input is reported with its path, its value and what is allowed.
func TestBadInputs(t *testing.T) {
	b, err := os.ReadFile("testdata/bad-inputs.yaml")
	require.NoError(t, err)
	var tests []struct {
		Name, Want string
		Config     map[string]any
	}
	require.NoError(t, yaml.Unmarshal(b, &tests))
	require.NotEmpty(t, tests)
	for _, test := range tests {
		t.Run(test.Name, func(t *testing.T) {
			changes, err := yaml.Marshal(test.Config)
			require.NoError(t, err)
			_, problems := load(t, string(changes))
			assert.Contains(t, problems, test.Want)
			assert.NotContains(t, strings.Join(problems, "\n"), "hunter2")
		})
	}
}

// net, ing and at add a setting to a section of the base.
func net(setting string) string {
	return "bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2c], " + setting + "}"
}

func ing(setting string) string {
	return "bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8], " + setting + "}"
}

func at(setting string) string {
	return "bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa], " + setting + "}"
}

// whole is all of an existing VPC.
const whole = `existing: {vpcId: vpc-0123456789abcdef0, subnets: [
		{zone: us-west-2a, private: subnet-0123456789abcdef0, pod: subnet-0123456789abcdef1},
		{zone: us-west-2b, private: subnet-0123456789abcdef2, pod: subnet-0123456789abcdef3},
		{zone: us-west-2c, private: subnet-0123456789abcdef4, pod: subnet-0123456789abcdef5}]}`

// Nobody reaches the API of a new private VPC but by a way that the stack file names or the program makes.
func TestThereIsAlwaysAWayToTheAPI(t *testing.T) {
	for _, test := range []struct{ changes, access, origin string }{
		{"", "bastion", "default"},
		{"bpa:cluster: {publicAccessCidrs: [203.0.113.0/24]}", "public", "cluster.publicAccessCidrs"},
		{net(whole), "network", "network.existing"},
		{net(whole) + "\nbpa:bastion: {enabled: false}", "network", "network.existing"},
		{net(whole) + "\nbpa:cluster: {publicAccessCidrs: [203.0.113.0/24]}", "public", "cluster.publicAccessCidrs"},
		{net(whole) + "\nbpa:cluster: {access: bastion}", "bastion", "stack file"},
		{"bpa:cluster: {access: network, routed: true}\nbpa:bastion: {enabled: false}", "network", "stack file"},
		{"bpa:cluster: {access: bastion, publicAccessCidrs: [203.0.113.0/24]}", "bastion", "stack file"},
	} {
		result, problems := load(t, test.changes)
		require.Empty(t, problems, test.changes)
		assert.Equal(t, test.access, result.Config.Cluster.Access, test.changes)
		assert.Equal(t, test.origin, result.Origins["cluster.access"], test.changes)
	}
	_, problems := load(t, net(whole)+"\nbpa:cluster: {access: network, routed: true}")
	assert.Equal(t, []string{
		"cluster.routed: true: must be false, unless cluster.access is network and this stack makes the VPC",
	}, problems)
}

func TestHalfAnExistingVpcIsRefused(t *testing.T) {
	_, problems := load(t, net(whole))
	require.Empty(t, problems)
	_, problems = load(t, net(strings.Replace(whole, ", pod: subnet-0123456789abcdef3", "", 1)))
	assert.Equal(t, []string{"network.existing.subnets[1].pod: (not set): must be a subnet id"}, problems)
	_, problems = load(t, net("existing: {vpcId: vpc-0123456789abcdef0}"))
	assert.Equal(t, []string{"network.existing.subnets: 0: must describe 3 zones: all of an existing VPC, or none"}, problems)
	_, problems = load(t, net(whole)+"\n"+ing("scheme: internet-facing"))
	assert.Len(t, problems, 3, "an internet-facing load balancer needs public subnets: %v", problems)
	_, problems = load(t, "bpa:network: {"+whole+"}")
	assert.Equal(t, []string{"network.zones: (not set): must list the zones of network.existing"}, slicesCompact(problems))
}

func slicesCompact(lines []string) []string {
	var out []string
	for i, line := range lines {
		if i == 0 || lines[i-1] != line {
			out = append(out, line)
		}
	}
	return out
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, problems := load(
		t,
		"bpa:name: X\nbpa:bastion: {enable: true}\nbpa:database: {masterUsername: admin, storageGiB: 1}\n"+at("instanceSize: M0"),
	)
	assert.Len(t, problems, 5, "%v", problems)
	for _, line := range problems {
		assert.GreaterOrEqual(t, strings.Count(line, ": "), 2, "path: value: what is allowed: %s", line)
	}
}

func TestAPrincipalHasOneAccessEntry(t *testing.T) {
	for list, want := range map[string]string{
		`{principalArn: "ARN:role/ops"}, {principalArn: "ARN:role/ops", policy: view}`:             "[0]",
		`{principalArn: "ARN:role/ops"}, {principalArn: "ARN:role/team/Ops"}`:                      "[0]",
		`{principalArn: "ARN:role/ops"}, {principalArn: "ARN:user/ops"}`:                           "",
		`{principalArn: "ARN:role/ops"}, {principalArn: "arn:aws:iam::444455556666:role/ops"}`:     "",
		`{name: a, principalArn: "ARN:role/a"}, {name: a, principalArn: "ARN:role/b"}`:             "must be unique",
		`{principalArn: "arn:aws:sts::111122223333:assumed-role/ops/eve"}`:                         "of a session that of its role",
		`{principalArn: "ARN:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"}`: "service-linked",
	} {
		list = strings.ReplaceAll(list, "ARN", "arn:aws:iam::111122223333")
		_, problems := load(t, "bpa:cluster: {accessEntries: ["+list+"]}")
		if want == "" {
			assert.Empty(t, problems, list)
			continue
		}
		if assert.Len(t, problems, 1, list) {
			assert.Contains(t, problems[0], want)
		}
	}
}

func TestBothStackFilesAreRight(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		_, err := stackfile.LoadFile("../../Pulumi."+stack+".yaml", stack, today)
		require.NoError(t, err)
	}
}

func TestAFileThatIsNoYAMLNamesItself(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Pulumi.x.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config: [\n"), 0o600))
	_, err := stackfile.LoadFile(file, "x")
	require.ErrorContains(t, err, file)
	_, err = stackfile.LoadFile(file+"-none", "x")
	require.ErrorContains(t, err, "no such file")
}

func TestTheStackIsNamedAfterItsFile(t *testing.T) {
	for path, want := range map[string]string{
		"Pulumi.dev.yaml": "dev", "a/b/Pulumi.acme-1.yaml": "acme-1", "Pulumi.yaml": "", "values.yaml": "", "Pulumi.dev.yml": "",
	} {
		assert.Equal(t, want, stackfile.StackOf(path), path)
	}
}
