// Package convergence proves that a deployment which fails anywhere is finished by running it again: nothing is orphaned,
// duplicated or lost.
package convergence_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/kubernetes"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func dev(t *testing.T) rehearsal.Options {
	t.Helper()
	o, err := platform.Options("../../Pulumi.dev.yaml", "dev", io.Discard)
	require.NoError(t, err)
	return o
}

// edited are options with parts of their stack file replaced.
func edited(t *testing.T, o rehearsal.Options, oldnew ...string) rehearsal.Options {
	t.Helper()
	text, err := os.ReadFile(o.StackFile)
	require.NoError(t, err)
	o.StackFile = filepath.Join(t.TempDir(), "Pulumi.dev.yaml")
	for i := 0; i < len(oldnew); i += 2 {
		require.Contains(t, string(text), oldnew[i])
	}
	require.NoError(t, os.WriteFile(o.StackFile, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600))
	return o
}

// change deploys a stack and returns its state, and what rehearses it with parts of its file replaced.
func change(t *testing.T, before rehearsal.Options, oldnew ...string) (state []byte, after rehearsal.Options) {
	t.Helper()
	before.Passphrase = "rehearsal"
	deployed, err := rehearsal.Up(context.Background(), before)
	require.NoError(t, err, last(deployed.Text))
	return deployed.State, edited(t, before, oldnew...)
}

// ways is the greatest number of ways in which one of the operations fails on a type of the clouds.
func ways(halfway bool, verbs ...string) (most int) {
	for _, described := range catalog.All() {
		for _, verb := range verbs {
			for nth, f := range described.FailuresOf(verb) {
				if described.Simulated() && (nth == 0 || !halfway || f.Class != catalog.Atomic) {
					most = max(most, nth+1)
				}
			}
		}
	}
	return most
}

// inEveryWay runs a test once for each way in which the operations fail. Those after the first are, without -each, those that leave
// something behind: what leaves nothing is the same for every type.
func inEveryWay(t *testing.T, test func(t *testing.T, plan *faults.Plan), verbs ...string) {
	for nth := range ways(!*each, verbs...) {
		t.Run(fmt.Sprintf("way %d", nth), func(t *testing.T) {
			test(t, &faults.Plan{EachOnce: true, Nth: nth, Halfway: nth > 0 && !*each})
		})
	}
}

// inventory is what a stack has made, as `TYPE NAME`. What a service makes by itself, such as an access log, is left out.
func inventory(resources []*provider.Resource) (all []string) {
	for _, r := range inTurn(resources) {
		all = append(all, r.Type+" "+r.URN.Name())
	}
	slices.Sort(all)
	return all
}

// fails reports whether an operation on a type fails by the plan.
func fails(p *faults.Plan, typ, verb string) bool {
	classes := catalog.Of(typ).FailuresOf(verb)
	return catalog.Of(typ).Simulated() && p.Nth < len(classes) && (!p.Halfway || classes[p.Nth].Class != catalog.Atomic)
}

// Every creation and deletion on every resource of the dev stack fails once, in each of the ways in which its provider lets it
// fail: each `up` and each destroy gets one layer further than the one before, alone or after `bpactl recover`. A rehearsal
// checks after the last `up` that state and clouds hold the same, each once, that the second preview shows no change, and after
// the last destroy that nothing is left.
func TestEveryOperationOfTheDevStackMayFailOnce(t *testing.T) {
	whole, err := rehearsal.Up(context.Background(), dev(t))
	require.NoError(t, err)
	inEveryWay(t, func(t *testing.T, plan *faults.Plan) {
		o := dev(t)
		o.Faults, o.Retry, o.ContinueOnError = plan, 60, true
		result, err := rehearsal.Cycle(context.Background(), o)
		require.NoError(t, err, last(result.Text))
		assert.Equal(t, result.Created, result.Deleted)
		assert.Equal(t, inventory(whole.Resources), inventory(result.Resources), "the same as without a failure")

		failed := map[string]int{}
		for _, f := range plan.Failed() {
			failed[f]++
		}
		deployed, err := stackdoc.Deployed(result.State)
		require.NoError(t, err)
		kept := map[resource.URN]bool{}
		for _, r := range deployed {
			kept[r.URN] = r.RetainOnDelete
		}
		for _, r := range result.Resources {
			if r.URN == "" {
				continue // a service made it by itself, such as an access log
			}
			for _, verb := range []string{"create", "delete"} {
				if fails(plan, r.Type, verb) && (verb != "delete" || !kept[r.URN]) {
					assert.Positive(t, failed[verb+" "+r.Type+" "+r.URN.Name()], "%s of %s %s failed", verb, r.Type, r.URN.Name())
				}
			}
		}
		assert.Positive(t, result.Retries)
	}, "create", "delete")
}

// settled are the types of the dev stack that no setting updates in place, though their provider could, each with what becomes of
// what it is made of. TestEveryUpdateOfAChangeMayFailOnce holds the table to what happens.
var settled = map[string]string{
	catalog.EC2RouteTableAssociation:                    "a subnet keeps its route table",
	catalog.EC2SecurityGroupRule:                        "the cluster's component fixes its description",
	catalog.ECRPullThroughCacheRule:                     "its upstream is another rule, and it has no credential",
	catalog.S3BucketOwnershipControls:                   "fixed: no setting opens a bucket",
	catalog.S3BucketPolicy:                              "fixed: what may write to the bucket is the region's",
	catalog.S3BucketPublicAccessBlock:                   "fixed: no setting opens a bucket",
	catalog.S3BucketServerSideEncryptionConfigurationV2: "fixed: no setting chooses the encryption",
	catalog.S3BucketVersioningV2:                        "fixed: no setting turns versions off",
	catalog.SecretsManagerSecretVersion:                 "another value is another version",
	catalog.SNSTopicPolicy:                              "fixed: who publishes is no setting",
	catalog.KubernetesJob:                               "another script or credential is another job",
	catalog.KubernetesConfigMap:                         "its name follows what it holds",
	catalog.KubernetesNamespace:                         "its name alone, and another name is another namespace",
	catalog.KubernetesSecret:                            "its name follows what it holds",
	catalog.KubernetesServiceAccount:                    "its name alone",
	catalog.KubernetesClusterRole:                       "fixed: what the job may do is no setting",
	catalog.KubernetesClusterRoleBinding:                "joins two fixed names",
	catalog.KubernetesStorageClass:                      "fixed, but for a key, which makes another class",
	catalog.AtlasPrivateLinkEndpointService:             "all that the program gives it replaces it",
	catalog.AtlasProject:                                "its name is the stack's",
}

// updatable reports whether the provider of a type updates any of its inputs in place.
func updatable(typ string) bool {
	for _, p := range []*provider.Package{aws.Package(), atlas.Package(), kubernetes.Package(), random.Package()} {
		for name, property := range p.Schemas.Types[typ] {
			if !property.ForceNew && !slices.Contains(p.Types[typ].Replaces, name) && property.Kind != "" {
				return true
			}
		}
	}
	return false
}

// Every update of a change of all that a stack file may change in place fails once, in each of the ways in which its provider lets
// it fail, and the change is finished by running it again, alone or after `bpactl recover`. The change updates every type of the
// dev stack, with all that watches and saves it, but those that have no input to update, and those of the table.
func TestEveryUpdateOfAChangeMayFailOnce(t *testing.T) {
	watched := edited(t, dev(t),
		"  bpa:atlas:\n", "  bpa:observability: {enabled: true}\n  bpa:backup: {enabled: true}\n  bpa:atlas:\n    version: \"7.0\"\n")
	deployed, changed := change(t, watched,
		"observability: {enabled: true}", "observability: {enabled: true, logRetentionDays: 7,\n"+
			"    thresholds: {databaseCpuPercent: 80, mongodbCpuPercent: 80}}",
		"backup: {enabled: true}", "backup: {enabled: true, keep: 7}\n"+
			"  bpa:registry: {keepImages: 20, pullThrough: [public.ecr.aws, quay.io]}\n"+
			"  bpa:application: {environment: {LOG_LEVEL: debug}, values: {changed: true}}",
		"volumeGiB: 200", "volumeGiB: 300\n    maxMapCount: 300000\n    amiRelease: v20261118",
		"storageGiB: 50", "storageGiB: 80\n    backupRetentionDays: 3\n    parameters: {log_min_duration_statement: \"1000\"}",
		"version: \"7.0\"", "version: \"8.0\"",
		"instanceSize: M10", "instanceSize: M20\n    backupRetentionDays: 7",
		"databases: [bpa]", "databases: [bpa, more]",
		"allowedCidrs: [10.0.0.0/8]",
		"allowedCidrs: [10.0.0.0/9]\n    logRetentionDays: 30\n    tlsPolicy: ELBSecurityPolicy-TLS13-1-3-2021-06",
		"[203.0.113.0/24]", "[203.0.113.0/25]\n    logTypes: [api]\n    logRetentionDays: 30",
		"nodeCidr: 10.21.0.0/16", "nodeCidr: 10.21.0.0/16\n    flowLogRetentionDays: 7\n    nat: perZone",
		"accountId: \"111122223333\"", "accountId: \"111122223333\"\n    tags: {owner: somebody}",
	)
	inEveryWay(t, func(t *testing.T, plan *faults.Plan) {
		var mu sync.Mutex
		updated, types := map[resource.URN]bool{}, map[string]bool{}
		o := changed
		o.Faults, o.Retry, o.ContinueOnError = plan, 60, true
		o.Middleware = func(_ context.Context, op *provider.Operation, next func() error) error {
			if op.Verb == provider.Update {
				mu.Lock()
				updated[op.URN], types[op.Type] = true, true
				mu.Unlock()
			}
			return next()
		}
		plan.Only = provider.Update
		result, err := rehearsal.Upgrade(context.Background(), deployed, o)
		require.NoError(t, err, last(result.Text))
		failed := strings.Join(plan.Failed(), "\n")
		for urn := range updated {
			if typ := string(urn.Type()); fails(plan, typ, "update") {
				assert.Contains(t, failed, "update "+typ+" "+urn.Name())
			}
		}
		for _, r := range inTurn(result.Resources) {
			if _, known := types[r.Type]; !known && catalog.Of(r.Type).Simulated() {
				types[r.Type] = false
			}
		}
		for typ, seen := range types {
			assert.Equal(t, updatable(typ) && settled[typ] == "", seen, "%s is updated by this change, or in the table", typ)
		}
	}, "update")
}

func last(text string) string {
	return text[max(0, len(text)-3000):]
}

// The resources whose failure teams have met, each alone, as the engine behaves by default: it stops.
func TestASingleFailureIsFinishedByRunningAgain(t *testing.T) {
	for _, fault := range []string{
		catalog.RDSInstance + " create 1 InsufficientDBInstanceCapacity",
		catalog.AtlasAdvancedCluster + " create 1 OUT_OF_CAPACITY",
		catalog.AutoScalingGroup + " create 2 InsufficientInstanceCapacity",
		catalog.HelmRelease + " delete 1 release-not-deleted",
		catalog.EC2Vpc + " delete 2 DependencyViolation",
	} {
		t.Run(strings.Fields(fault)[0], func(t *testing.T) {
			o := dev(t)
			parsed, err := faults.Parse(fault)
			require.NoError(t, err)
			o.Faults, o.Retry = &faults.Plan{Faults: []faults.Fault{parsed}}, parsed.Count
			operate := rehearsal.Up
			if parsed.Verb == provider.Delete {
				operate = rehearsal.Cycle
			}
			result, err := operate(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Len(t, o.Faults.Failed(), parsed.Count)
			assert.LessOrEqual(t, result.Retries, parsed.Count)
		})
	}
}

func TestThrottlingAndRolesThatAreNotVisibleYetAreSatOut(t *testing.T) {
	o := dev(t)
	o.Faults = &faults.Plan{Faults: []faults.Fault{
		{Type: "*", Verb: provider.Create, Count: 20, Code: faults.Throttling},
		{Type: catalog.IAMRole, Verb: provider.Create, Count: 3, Code: faults.NotVisible},
	}}
	result, err := rehearsal.Up(context.Background(), o)
	require.NoError(t, err, last(result.Text))
	assert.Zero(t, result.Retries)
	assert.Empty(t, o.Faults.Failed(), "nobody sees what the provider repeats")
}

func TestRandomFaultsConverge(t *testing.T) {
	o := dev(t)
	o.Faults, o.Retry, o.ContinueOnError = &faults.Plan{Seed: 7, Rate: 0.1}, 40, true
	result, err := rehearsal.Cycle(context.Background(), o)
	require.NoError(t, err, last(result.Text))
	assert.NotEmpty(t, o.Faults.Failed())
}

// The engine is killed while operations are under way: the clouds finish them, and the state never hears of it. What
// `bpactl recover` does is all that comes between that and the next run.
func TestAKilledEngineIsFinishedByRunningAgain(t *testing.T) {
	taken := 0
	for at, operate := range map[int]func(context.Context, rehearsal.Options) (*rehearsal.Result, error){
		1: rehearsal.Up, 40: rehearsal.Up, 120: rehearsal.Up, 300: rehearsal.Cycle,
	} {
		t.Run(fmt.Sprintf("at operation %d", at), func(t *testing.T) {
			o := dev(t)
			o.Retry, o.KillAt = 3, at
			result, err := operate(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Positive(t, result.Retries)
			for _, report := range result.Recovered {
				taken += len(report.Taken)
				assert.Empty(t, report.Open, "a listing that is complete leaves nothing open")
			}
		})
	}
	assert.Positive(t, taken, "something was under way, and was taken over")
}

// In the middle of a replacement the state holds the old resource, and the cloud both.
func TestAnEngineKilledInAReplacementIsFinishedByRunningAgain(t *testing.T) {
	deployed, moved := change(t, dev(t), "volumeGiB: 200", "volumeGiB: 200\n    items:\n"+
		"      - {name: node-1, zone: us-west-2b}\n      - {name: node-2, zone: us-west-2c}\n"+
		"      - {name: node-3, zone: us-west-2a}\n      - {name: node-4, zone: us-west-2b}")
	for _, at := range []int{1, 4, 8} {
		t.Run(fmt.Sprintf("at operation %d", at), func(t *testing.T) {
			o := moved
			o.Retry, o.KillAt = 3, at
			result, err := rehearsal.Upgrade(context.Background(), deployed, o)
			require.NoError(t, err, last(result.Text))
			assert.Positive(t, result.Retries)
			assert.NotEmpty(t, rehearsal.Loses(result.Changes), "the change replaces something")
		})
	}
}
