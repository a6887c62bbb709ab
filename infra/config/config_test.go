package config_test

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

	"github.com/bpa-on-aws/platform/infra/config"
)

// today is the day that the tests check versions on.
var today = config.On(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))

// base is the smallest stack file there is.
const base = `
bpa:aws: {region: us-west-2, accountId: "111122223333"}
bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2c]}
bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
bpa:atlas: {orgId: 0123456789abcdef01234567}
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

func load(t *testing.T, changes string) (*config.Result, []string) {
	t.Helper()
	result, err := config.LoadFile(write(t, changes), "test", today)
	return result, config.Problems(err)
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
		`cluster.addonVersions.vpc-cni: (not set): must be given: this release has no pin for Kubernetes 1.27`,
		`cluster.addonVersions.kube-proxy: (not set): must be given: this release has no pin for Kubernetes 1.27`,
		`cluster.addonVersions.coredns: (not set): must be given: this release has no pin for Kubernetes 1.27`,
		`cluster.addonVersions.aws-ebs-csi-driver: (not set): must be given: this release has no pin for Kubernetes 1.27`,
		`cluster.addonVersions.eks-pod-identity-agent: (not set): must be given: this release has no pin for Kubernetes 1.27`,
		`nodes.amiRelease: (not set): must be a release of the EKS AMI such as v20260930`,
		`database.engineVersion: "16.3": cannot be created since 2025-11-25 (RDS no longer creates it); the nearest that can is 16.9`,
		`atlas.version: "5.0": cannot be created since 2024-10-31 (end of life); the nearest that can is 7.0`,
	}, problems)
	result, problems := load(t, "")
	require.Empty(t, problems)
	assert.Equal(t, "4.0.3-6", result.Config.Application.Release)
	assert.Equal(t, "profile supported", result.Origins["cluster.version"])
}

// Each bad input is reported with its path, its value and what is allowed.
func TestBadInputs(t *testing.T) {
	for _, test := range []struct{ name, changes, want string }{
		{"unknown section", "bpa:netwrk: {}", `netwrk: (not set): unknown key (did you mean network?); allowed: name, environment, profile, protect, aws, network, cluster, nodes, ingress, database, atlas, registry, packages, bastion, application`},
		{"unknown key", "bpa:bastion: {enable: true}", `bastion.enable: (not set): unknown key (did you mean enabled?); allowed: enabled, instanceType, nodeSsh`},
		{"not an object", "bpa:bastion: yes", `bastion: "yes": must be an object with the keys enabled, instanceType, nodeSsh`},
		{"a number for text", "bpa:database: {engineVersion: 16.14}", `database.engineVersion: 16.14: must be text; put it in quotes`},
		{"text for a number", "bpa:database: {storageGiB: big}", `database.storageGiB: "big": must be a whole number`},
		{"text for a switch", "bpa:bastion: {enabled: maybe}", `bastion.enabled: "maybe": must be true or false`},
		{"no list", "bpa:packages: {source: [a]}", `packages.source: [a]: must be text; put it in quotes`},
		{"name", "bpa:name: Acme_Corp", `name: "Acme_Corp": must be 2-20 lower-case letters, digits and single hyphens, first a letter`},
		{"name too long after prefixing", "bpa:name: bpa-of-a-customer-with-a-long-name", `name: "bpa-of-a-customer-with-a-long-name": makes the load balancer name "bpa-of-a-customer-with-a-long-name-alb", which has 38 characters; 32 are allowed`},
		{"environment", "bpa:environment: staging", `environment: "staging": must be one of production, development`},
		{"profile", "bpa:profile: whitepapr", `profile: "whitepapr": must be one of supported, whitepaper (did you mean whitepaper?)`},
		{"account", `bpa:aws: {region: us-west-2, accountId: "1"}`, `aws.accountId: "1": must be 12 digits in quotes`},
		{"account as a number", `bpa:aws: {region: us-west-2, accountId: 111122223333}`, `aws.accountId: 111122223333: must be text; put it in quotes`},
		{"region", `bpa:aws: {region: west, accountId: "111122223333"}`, `aws.region: "west": must be an AWS region such as us-west-2`},
		{"reserved tag", `bpa:aws: {region: us-west-2, accountId: "111122223333", tags: {"aws:x": y}}`, `aws.tags.aws:x: "y": a key must have at most 128 characters and not begin with aws:`},

		{"no CIDR", net("nodeCidr: ten"), `network.nodeCidr: "ten": must be an IPv4 CIDR such as 10.20.0.0/16`},
		{"host bits", net("nodeCidr: 10.20.1.0/16"), `network.nodeCidr: "10.20.1.0/16": must not have host bits; did you mean 10.20.0.0/16?`},
		{"too large", net("nodeCidr: 10.0.0.0/8"), `network.nodeCidr: "10.0.0.0/8": must be a /16 to /22 inside 10.0.0.0/8`},
		{"too small", net("nodeCidr: 10.0.0.0/24"), `network.nodeCidr: "10.0.0.0/24": must be a /16 to /22 inside 10.0.0.0/8`},
		{"illegal secondary", net("podCidr: 192.168.0.0/16"), `network.podCidr: "192.168.0.0/16": must be a /16 to /20 inside 100.64.0.0/10`},
		{"overlap", "bpa:cluster: {serviceCidr: 10.20.0.0/20}", `cluster.serviceCidr: "10.20.0.0/20": must not overlap network.nodeCidr 10.20.0.0/16`},
		{"overlap with pods", "bpa:cluster: {serviceCidr: 100.64.0.0/20}", `cluster.serviceCidr: "100.64.0.0/20": must not overlap network.podCidr 100.64.0.0/16`},
		{"two zones", "bpa:network: {zones: [us-west-2a, us-west-2b]}", `network.zones: [us-west-2a us-west-2b]: must be 3 zones (R01)`},
		{"zone of another region", "bpa:network: {zones: [us-west-2a, us-west-2b, us-east-1a]}", `network.zones[2]: "us-east-1a": must be a zone of us-west-2, such as us-west-2a`},
		{"zone twice", "bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2b]}", `network.zones[2]: "us-west-2b": must be named once`},
		{"NAT", net("nat: none"), `network.nat: "none": must be one of single, perZone`},
		{"endpoint", net("endpoints: [ecr.ap]"), `network.endpoints[0]: "ecr.ap": must be one of s3, ecr.api, ecr.dkr, sts, ec2, logs (did you mean ecr.api?)`},
		{"flow log days", net("flowLogRetentionDays: 10"), `network.flowLogRetentionDays: 10: must be a period that CloudWatch offers: [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653]`},
		{"forward without domains", net("dns: {mode: forward, resolvers: [10.0.0.2]}"), `network.dns.domains: (not set): must list the domains to forward`},
		{"nameservers without resolvers", net("dns: {mode: nameservers}"), `network.dns.resolvers: (not set): must list the on-premises resolvers (R25)`},
		{"resolvers without a mode", net("dns: {resolvers: [10.0.0.2]}"), `network.dns.mode: "none": must be forward or nameservers where resolvers are given`},
		{"resolver", net("dns: {mode: nameservers, resolvers: [dns.corp]}"), `network.dns.resolvers[0]: "dns.corp": must be an IPv4 address`},

		{"EKS version", `bpa:cluster: {version: "1.30"}`, `cluster.version: "1.30": cannot be created since 2026-07-23 (end of extended support); the nearest that can is 1.31`},
		{"EKS version of the future", `bpa:cluster: {version: "1.99"}`, `cluster.version: "1.99": must be a version of EKS that can be created: 1.31, 1.32, 1.33, 1.34, 1.35, 1.36`},
		{"log type", "bpa:cluster: {logTypes: [audits]}", `cluster.logTypes[0]: "audits": must be one of api, audit, authenticator, controllerManager, scheduler (did you mean audit?)`},
		{"access entry", "bpa:cluster: {accessEntries: [{name: ops, principalArn: ops, policy: root}]}", `cluster.accessEntries[0].principalArn: "ops": must be the ARN of an IAM role or user`},
		{"add-on", `bpa:cluster: {addonVersions: {coredsn: v1}}`, `cluster.addonVersions: "coredsn": must be one of vpc-cni, kube-proxy, coredns, aws-ebs-csi-driver, eks-pod-identity-agent (did you mean coredns?)`},

		{"node twice", "bpa:nodes: {items: [{name: node-1}, {name: node-1}]}", `nodes.items[1].name: "node-1": must be unique`},
		{"no nodes", "bpa:nodes: {items: []}", `nodes.items: (not set): must name at least one node`},
		{"node zone", "bpa:nodes: {items: [{name: node-1, zone: us-west-2d}]}", `nodes.items[0].zone: "us-west-2d": must be one of network.zones [us-west-2a us-west-2b us-west-2c]`},
		{"directory", "bpa:nodes: {items: [{name: node-1, directories: [../../etc]}]}", `nodes.items[0].directories[0]: "../../etc": must be a relative path of letters, digits, dots, hyphens and underscores below /opt/bpa/data`},
		{"volume", "bpa:nodes: {volumeGiB: 5, items: [{name: node-1}]}", `nodes.items[0].volumeGiB: 5: must be from 20 to 16384`},
		{"two images", `bpa:nodes: {amiId: ami-0123456789abcdef0, amiRelease: v20260930}`, `nodes.amiRelease: "v20260930": must not be set beside nodes.amiId`},

		{"node port", ing("httpsNodePort: 443"), `ingress.httpsNodePort: 443: must be from 30000 to 32767`},
		{"node port twice", ing("httpsNodePort: 30101"), `ingress.portalNodePort: 30101: must differ from ingress.httpsNodePort`},
		{"everyone to an internal one", "bpa:ingress: {hostname: a.example.com, allowedCidrs: [0.0.0.0/0]}", `ingress.allowedCidrs[0]: "0.0.0.0/0": is allowed for the scheme internet-facing only`},
		{"old TLS", ing("tlsPolicy: ELBSecurityPolicy-2016-08"), `ingress.tlsPolicy: "ELBSecurityPolicy-2016-08": must be a policy for TLS 1.2 or later, ELBSecurityPolicy-TLS13-1-2-… or ELBSecurityPolicy-TLS13-1-3-…`},

		{"master admin", "bpa:database: {masterUsername: admin}", `database.masterUsername: "admin": is reserved by RDS; the default bpaadmin works, and the role admin is made by SQL (R10)`},
		{"master rdsadmin", "bpa:database: {masterUsername: RDSAdmin}", `database.masterUsername: "RDSAdmin": is reserved by RDS; the default bpaadmin works, and the role admin is made by SQL (R10)`},
		{"master kong", "bpa:database: {masterUsername: kong}", `database.masterUsername: "kong": must differ from the roles admin, kong and camunda`},
		{"master too long", "bpa:database: {masterUsername: a1234567890123456}", `database.masterUsername: "a1234567890123456": must be 1-16 letters, digits and underscores, first a letter`},
		{"password in clear text", "bpa:database: {kongPassword: hunter2hunter2}", `database.kongPassword: [secret]: must not be in clear text; use pulumi config set --secret --path 'bpa:database.kongPassword'`},
		{"password as an object", "bpa:database: {kongPassword: {x: hunter2}}", `database.kongPassword: [secret]: must be a secret; use pulumi config set --secret --path 'bpa:database.kongPassword'`},
		{"storage", "bpa:database: {storageGiB: 10}", `database.storageGiB: 10: must be from 20 to 65536`},
		{"storage limit", "bpa:database: {storageGiB: 100, maxStorageGiB: 105}", `database.maxStorageGiB: 105: must be 0, or at least a tenth above storageGiB 100`},
		{"parameter of ours", "bpa:database: {parameters: {password_encryption: scram-sha-256}}", `database.parameters.password_encryption: "scram-sha-256": is set by the program (R09, database.forceTls)`},
		{"engine release label", "bpa:database: {engineVersion: 16.3-R1}", `database.engineVersion: "16.3-R1": must be a version of RDS PostgreSQL that can be created: 16.9, 16.10, 16.11, 16.12, 16.13, 16.14`},
		{"backups", "bpa:database: {backupRetentionDays: 0}", `database.backupRetentionDays: 0: must be from 1 to 35`},

		{"small tier", at("instanceSize: M5"), `atlas.instanceSize: "M5": must be a dedicated tier, M10 or larger: smaller ones have no PrivateLink`},
		{"minor of MongoDB", at("version: 5.0.29"), `atlas.version: "5.0.29": must be a version of MongoDB Atlas that can be created: 7.0, 8.0`},
		{"no organisation", "bpa:atlas: {}", `atlas.orgId: (not set): must be 24 hexadecimal digits, or atlas.projectId names an existing project`},
		{"half a parent account", at(`parentAccount: {accountId: "444455556666"}`), `atlas.parentAccount.vpcId: (not set): must be a VPC id`},
		{"key without its half", at("privateKey: {secure: v1:x}"), `atlas.publicKey: (not set): must be given with atlas.privateKey`},

		{"repository", "bpa:registry: {pathPrefix: BPA/}", `registry.pathPrefix: "BPA/": must be a path of lower-case letters, digits and . _ - between them`},
		{"image twice", "bpa:registry: {images: [kong, kong]}", `registry.images[1]: "kong": must be named once`},
		{"image with a tag", "bpa:registry: {images: ['kong:1']}", `registry.images[0]: "kong:1": must be a repository name without registry and tag`},
		{"upstream", "bpa:registry: {pullThrough: [docker.io]}", `registry.pullThrough[0]: "docker.io": must be one of public.ecr.aws, registry.k8s.io, quay.io`},
		{"OCI chart without a version", "bpa:application: {chart: 'oci://r/c'}", `application.chartVersion: (not set): must be given with an oci:// chart`},
		{"version of a folder", "bpa:application: {chartVersion: 1.0.0}", `application.chartVersion: "1.0.0": belongs to an oci:// chart only`},
		{"whole section sealed", "bpa:packages: {secure: v1:x}", `packages: [secret]: only a single value can be a secret, not a whole section`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := load(t, test.changes)
			assert.Contains(t, problems, test.want)
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
	return "bpa:atlas: {orgId: 0123456789abcdef01234567, " + setting + "}"
}

func TestHalfAnExistingVpcIsRefused(t *testing.T) {
	whole := `existing: {vpcId: vpc-0123456789abcdef0, subnets: [
		{zone: us-west-2a, private: subnet-0123456789abcdef0, pod: subnet-0123456789abcdef1},
		{zone: us-west-2b, private: subnet-0123456789abcdef2, pod: subnet-0123456789abcdef3},
		{zone: us-west-2c, private: subnet-0123456789abcdef4, pod: subnet-0123456789abcdef5}]}`
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
	_, problems := load(t, "bpa:name: X\nbpa:bastion: {enable: true}\nbpa:database: {masterUsername: admin, storageGiB: 1}\n"+at("instanceSize: M0"))
	assert.Len(t, problems, 6, "%v", problems) // admin is reserved, and the name of a role
	for _, line := range problems {
		assert.GreaterOrEqual(t, strings.Count(line, ": "), 2, "path: value: what is allowed: %s", line)
	}
}

func TestBothStackFilesAreRight(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		_, err := config.LoadFile("../../Pulumi."+stack+".yaml", stack, today)
		require.NoError(t, err)
	}
}

func TestAFileThatIsNoYAMLNamesItself(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Pulumi.x.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config: [\n"), 0o600))
	_, err := config.LoadFile(file, "x")
	require.ErrorContains(t, err, file)
	_, err = config.LoadFile(file+"-none", "x")
	require.ErrorContains(t, err, "no such file")
}

func TestTheStackIsNamedAfterItsFile(t *testing.T) {
	for path, want := range map[string]string{
		"Pulumi.dev.yaml": "dev", "a/b/Pulumi.acme-1.yaml": "acme-1", "Pulumi.yaml": "", "values.yaml": "", "Pulumi.dev.yml": "",
	} {
		assert.Equal(t, want, config.StackOf(path), path)
	}
}
