// Package convergence proves that a deployment which fails anywhere is finished by running it again: nothing is orphaned,
// duplicated or lost.
package convergence_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/rehearsal"
	"github.com/bpa-on-aws/platform/infra/rehearsal/cloud"
	"github.com/bpa-on-aws/platform/infra/rehearsal/faults"
	"github.com/bpa-on-aws/platform/stacks/rehearsed"
)

func dev(t *testing.T) rehearsal.Options {
	t.Helper()
	o, err := rehearsed.Options("../../Pulumi.dev.yaml", "dev", io.Discard)
	require.NoError(t, err)
	return o
}

// Every operation on every resource of the dev stack fails the first time: each `up` and each destroy gets one layer
// further than the one before. A rehearsal checks after the last `up` that state and clouds hold the same, each once, that
// the second preview shows no change, and after the last destroy that nothing is left.
func TestEveryOperationOfTheDevStackMayFailOnce(t *testing.T) {
	o := dev(t)
	o.Faults, o.Retry, o.ContinueOnError = &faults.Plan{EachOnce: true}, 60, true
	result, err := rehearsal.Cycle(context.Background(), o)
	require.NoError(t, err, last(result.Text))
	assert.Equal(t, result.Created, result.Deleted)

	failed := map[string]int{}
	for _, f := range o.Faults.Failed() {
		failed[f]++
	}
	for _, r := range result.Resources {
		if r.URN == "" {
			continue // a service made it by itself, such as an access log
		}
		for _, verb := range []string{"create", "delete"} {
			assert.Equal(t, 1, failed[verb+" "+r.Type+" "+r.URN.Name()], "%s of %s %s failed exactly once", verb, r.Type, r.URN.Name())
		}
	}
	assert.Greater(t, result.Retries, 10, "one layer of the graph at a time")
}

// Every update of a change fails the first time, and the change is finished by running it again.
func TestEveryUpdateOfAChangeMayFailOnce(t *testing.T) {
	before := dev(t)
	before.Passphrase = "rehearsal"
	deployed, err := rehearsal.Up(context.Background(), before)
	require.NoError(t, err, last(deployed.Text))

	text, err := os.ReadFile("../../Pulumi.dev.yaml")
	require.NoError(t, err)
	changed := strings.NewReplacer(
		"volumeGiB: 200", "volumeGiB: 300\n    maxMapCount: 300000", "storageGiB: 50", "storageGiB: 80\n    backupRetentionDays: 3",
		"instanceSize: M10", "instanceSize: M20\n    backupRetentionDays: 7", "allowedCidrs: [10.0.0.0/8]", "allowedCidrs: [10.0.0.0/9]",
		"[203.0.113.0/24]", "[203.0.113.0/25]",
	).Replace(string(text))
	o := before
	o.StackFile = filepath.Join(t.TempDir(), "Pulumi.dev.yaml")
	require.NoError(t, os.WriteFile(o.StackFile, []byte(changed), 0o600))
	o.Faults, o.Retry, o.ContinueOnError = &faults.Plan{EachOnce: true}, 60, true
	result, err := rehearsal.Upgrade(context.Background(), deployed.State, o)
	require.NoError(t, err, last(result.Text))

	failed := strings.Join(o.Faults.Failed(), "\n")
	for _, step := range result.Changes {
		if step.Op == "update" {
			assert.Contains(t, failed, "update "+string(step.URN.Type())+" "+step.URN.Name())
		}
	}
	assert.GreaterOrEqual(t, strings.Count(failed, "update "), 8, failed)
}

func last(text string) string {
	return text[max(0, len(text)-3000):]
}

// The resources whose failure teams have met, each alone, as the engine behaves by default: it stops.
func TestASingleFailureIsFinishedByRunningAgain(t *testing.T) {
	for _, fault := range []string{
		"aws:rds/instance:Instance create 1 InsufficientDBInstanceCapacity",
		"mongodbatlas:index/advancedCluster:AdvancedCluster create 1 OUT_OF_CAPACITY",
		"aws:autoscaling/group:Group create 2 InsufficientInstanceCapacity",
		"kubernetes:helm.sh/v3:Release delete 1 release-not-deleted",
		"aws:ec2/vpc:Vpc delete 2 DependencyViolation",
	} {
		t.Run(strings.Fields(fault)[0], func(t *testing.T) {
			o := dev(t)
			parsed, err := faults.Parse(fault)
			require.NoError(t, err)
			o.Faults, o.Retry = &faults.Plan{Faults: []faults.Fault{parsed}}, parsed.Count
			operate := rehearsal.Up
			if parsed.Verb == cloud.Delete {
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
		{Type: "*", Verb: cloud.Create, Count: 20, Code: faults.Throttling},
		{Type: "aws:iam/role:Role", Verb: cloud.Create, Count: 3, Code: faults.NotVisible},
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

// The engine is killed while operations are under way: the clouds finish them, and the state never hears of it.
func TestAKilledEngineIsFinishedByRunningAgain(t *testing.T) {
	for after, operate := range map[int32]func(context.Context, rehearsal.Options) (*rehearsal.Result, error){
		1: rehearsal.Up, 40: rehearsal.Up, 120: rehearsal.Up, 300: rehearsal.Cycle,
	} {
		t.Run(fmt.Sprintf("at operation %d", after), func(t *testing.T) {
			o := dev(t)
			var operations atomic.Int32
			o.Retry = 3
			o.Middleware = func(_ context.Context, _ *cloud.Operation, next func() error) error {
				if operations.Add(1) == after {
					require.NoError(t, killEngine())
				}
				return next()
			}
			result, err := operate(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Positive(t, result.Retries)
		})
	}
}

// killEngine kills the engine, a child of this process, as an operator's laptop does that runs out of battery.
func killEngine() error {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		before, after, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(after)
		if strings.HasSuffix(before, "(pulumi") && len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return err
			}
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return os.ErrProcessDone
}
