// Package upgrades rehearses each kind of upgrade that docs/upgrades.md describes: what it does, in which order, and that
// nothing that holds data is replaced.
package upgrades_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// stack is a small stack file, to which each test adds.
const stack = `config:
  pulumi:disable-default-providers: ['*']
  bpa:environment: development
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
`

const atlas = "  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}\n"

// next is Kubernetes 1.36 with add-ons for it. The versions of the add-ons stand for those that `aws eks
// describe-addon-versions` names; only that of kube-proxy differs from the pins of 1.35.
const next = `  bpa:cluster:
    version: "1.36"
    addonVersions:
      vpc-cni: v1.21.1-eksbuild.3
      kube-proxy: v1.36.0-eksbuild.2
      coredns: v1.14.0-eksbuild.1
      aws-ebs-csi-driver: v1.56.0-eksbuild.1
      eks-pod-identity-agent: v1.3.10-eksbuild.2
`

// project writes a whole stack file into a project folder of its own.
func project(t *testing.T, text string) rehearsal.Options {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "tools/go.mod", "tools/go.sum"} {
		b, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	file := filepath.Join(dir, "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	o, err := platform.Options(file, "test", io.Discard)
	require.NoError(t, err)
	return o
}

// upgrade deploys one stack file and then the other, and returns what the second did. Nothing that holds data is replaced,
// in the preview or in the clouds.
func upgrade(t *testing.T, before, after string) []rehearsal.Operation {
	t.Helper()
	result, err := rehearsal.Apply(context.Background(), project(t, stack+before), project(t, stack+after))
	require.NoError(t, err, result.Text)
	for _, s := range rehearsal.Loses(result.Changes) {
		assert.False(t, rehearsal.Stateful(s.URN), "%s %s", s.Op, s.URN)
	}
	for _, o := range result.Operations {
		assert.False(t, rehearsal.Stateful(o.URN) && o.Verb != provider.Update, "%s %s", o.Verb, o.URN)
	}
	return result.Operations
}

// steps are "wave verb name".
func steps(operations []rehearsal.Operation) []string {
	var list []string
	for _, o := range operations {
		verb := string(o.Verb)
		name := o.URN.Name()
		if len(o.Nodes) > 0 {
			verb, name = "roll", strings.Join(o.Nodes, " ")
		}
		list = append(list, string(rune('0'+o.Wave))+" "+verb+" "+name)
	}
	return list
}

// named returns the operation on a resource.
func named(t *testing.T, operations []rehearsal.Operation, name string) rehearsal.Operation {
	t.Helper()
	for _, o := range operations {
		if o.URN.Name() == name {
			return o
		}
	}
	require.FailNow(t, "no such operation", name)
	return rehearsal.Operation{}
}

func TestR16D03TheControlPlaneIsUpgradedAloneWhileTheNodesStay(t *testing.T) {
	operations := upgrade(t, atlas, atlas+next+"  bpa:nodes: {version: \"1.35\"}\n")
	assert.Equal(t, []string{"1 update cluster-eksCluster", "2 update cluster-kube-proxy", "3 update addons-coredns"}, steps(operations))
	control := named(t, operations, "cluster-eksCluster")
	assert.Equal(t, []string{"version 1.35 -> 1.36"}, control.Versions)
	for _, addon := range operations[1:] {
		assert.Greater(t, addon.Began, control.Ended, "%s waits for the control plane", addon.URN.Name())
	}
}

func TestR17D03NodesAreUpgradedOneAtATime(t *testing.T) {
	const held = "  bpa:nodes: {version: \"1.35\", items: [{name: node-1}, {name: node-2}, {name: node-3}, {name: node-4}]}\n"
	const first = "  bpa:nodes: {version: \"1.35\", items: [{name: node-1, version: \"1.36\", amiRelease: v20261118}, " +
		"{name: node-2}, {name: node-3}, {name: node-4}]}\n"
	operations := upgrade(t, atlas+next+held, atlas+next+first)
	assert.Equal(t, []string{
		"1 update nodes-node-1-launchTemplate", "2 update nodes-node-1", "3 roll node-1", "4 delete roll-job",
	}, steps(operations))
	assert.Equal(t, []string{"imageId"}, operations[0].Changes)
	assert.Greater(t, operations[1].Began, operations[0].Ended)
}

func TestD03ANewImageOfOneNodeReplacesThatNodeOnly(t *testing.T) {
	operations := upgrade(t, atlas, atlas+
		"  bpa:nodes: {items: [{name: node-1}, {name: node-2}, {name: node-3, amiRelease: v20261118}, {name: node-4}]}\n")
	assert.Equal(t, []string{
		"1 update nodes-node-3-launchTemplate", "2 update nodes-node-3", "3 roll node-3", "4 delete roll-job",
	}, steps(operations))
}

// A cost tag reaches what runs by the job, and replaces nothing.
func TestATagReplacesNoNode(t *testing.T) {
	tagged := strings.Replace(stack, `"111122223333"}`, `"111122223333", tags: {cost-center: "7"}}`, 1)
	require.NotEqual(t, stack, tagged)
	result, err := rehearsal.Apply(context.Background(), project(t, stack+atlas), project(t, tagged+atlas))
	require.NoError(t, err, result.Text)
	assert.Equal(t, provider.Create, named(t, result.Operations, "roll-job").Verb)
	for _, o := range result.Operations {
		assert.Empty(t, o.Nodes, o.URN.Name())
	}
}

// All in one `up`: the control plane, what the nodes are launched from, the add-ons, and then one node after the other.
func TestD03TheControlPlaneComesFirstAndThenOneNodeAfterTheOther(t *testing.T) {
	operations := upgrade(t, atlas, atlas+next+"  bpa:nodes: {amiRelease: v20261118}\n")
	control, job := named(t, operations, "cluster-eksCluster"), rehearsal.Operation{}
	for _, o := range operations {
		if o.URN != control.URN {
			assert.Greater(t, o.Began, control.Ended, "%s waits for the control plane", o.URN.Name())
		}
		if len(o.Nodes) > 0 {
			assert.Empty(t, job.Nodes, "one job replaces them")
			job = o
		}
	}
	assert.Equal(t, []string{"node-1", "node-2", "node-3", "node-4"}, job.Nodes)
	assert.Greater(t, job.Began, named(t, operations, "addons-coredns").Ended, "the add-ons are through before a node goes")
}

func TestR09D03AMajorVersionOfPostgreSQLGetsItsParameterGroupFirst(t *testing.T) {
	operations := upgrade(t, atlas, atlas+"  bpa:database: {engineVersion: \"17.10\", allowMajorUpgrade: true}\n")
	assert.Equal(t, []string{
		"1 create database-parameters", "2 update database-instance", "3 delete database-parameters",
	}, steps(operations))
	assert.Subset(t, operations[1].Changes, []string{"allowMajorVersionUpgrade", "engineVersion", "parameterGroupName"})
	assert.Greater(t, operations[1].Began, operations[0].Ended, "the group of the new family is there")
	assert.Greater(t, operations[2].Began, operations[1].Ended, "the old one goes when the instance has let go of it")
}

// Three kinds in one `up`, each in place: none waits for another but the release, which starts with its databases (R20).
func TestR16D03PostgreSQLMinorMongoDBMajorAndBPAReleaseChangeInPlace(t *testing.T) {
	operations := upgrade(t, atlas+"  bpa:database: {engineVersion: \"16.13\"}\n", `  bpa:database: {engineVersion: "16.14"}
  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa], version: "8.0"}
  bpa:application: {release: 4.0.4-1}
`)
	assert.Equal(t, []string{"1 update atlas-cluster", "1 update database-instance", "2 update bpa-release"}, steps(operations))
	assert.Equal(t, []string{"mongoDbMajorVersion 7.0 -> 8.0"}, operations[0].Versions)
	assert.Equal(t, []string{"engineVersion 16.13 -> 16.14"}, operations[1].Versions)
	assert.Greater(t, operations[2].Began, max(operations[0].Ended, operations[1].Ended))
}

// RDS no longer creates 16.8, and a stack that was deployed with it can be changed, and upgraded, all the same.
func TestR16D03AStackWhoseVersionIsGoneCanStillBeChangedAndUpgraded(t *testing.T) {
	const gone = atlas + "  bpa:deployed: true\n  bpa:database: {engineVersion: \"16.8\"}\n"
	operations := upgrade(t, gone, gone+"  bpa:nodes: {volumeGiB: 2100}\n")
	for _, o := range operations {
		assert.Equal(t, provider.Update, o.Verb, o.URN)
	}
	operations = upgrade(t, gone, atlas+"  bpa:database: {engineVersion: \"16.14\"}\n")
	assert.Equal(t, []string{"1 update database-instance"}, steps(operations))
	assert.Equal(t, []string{"engineVersion 16.8 -> 16.14"}, operations[0].Versions)
}
