package faults_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const rds, role = catalog.RDSInstance, catalog.IAMRole

func operation(verb provider.Verb, typ, name string, inputs map[string]any) *provider.Operation {
	return &provider.Operation{Verb: verb, Type: typ, ID: name, URN: resource.URN("urn:pulumi:s::p::" + typ + "::" + name), Inputs: inputs}
}

func try(p *faults.Plan, op *provider.Operation) error {
	return p.Middleware()(context.Background(), op, func() error { return nil })
}

func TestAFaultIsReadOrRefusedWithWhatIsAllowed(t *testing.T) {
	f, err := faults.Parse(rds + " create 1 InsufficientDBInstanceCapacity")
	require.NoError(t, err)
	assert.Equal(t, faults.Fault{Type: rds, Verb: provider.Create, Count: 1, Code: "InsufficientDBInstanceCapacity"}, f)
	for text, want := range map[string]string{
		"rds create 1 X":                  `"rds" must be a resource type that is simulated, such as ` + rds + `, or *`,
		rds + " make 1 X":                 `"make" must be create, update or delete`,
		rds + " create 0 X":               `"0" must be a number of calls, from 1 on`,
		rds + " create 1 X stale outputs": `create of ` + rds + ` fails as "created, id lost" or "atomic", not as "stale outputs"`,
		rds + " create 1":                 "must be `TYPE VERB COUNT ERROR [CLASS]`",
	} {
		_, err := faults.Parse(text)
		require.ErrorContains(t, err, want)
	}
}

func TestTheFirstCallsFailAndTheNextSucceeds(t *testing.T) {
	p := &faults.Plan{Faults: []faults.Fault{{Type: rds, Verb: provider.Create, Count: 2, Code: "InsufficientDBInstanceCapacity"}}}
	create := operation(provider.Create, rds, "db", nil)
	require.NoError(t, try(p, operation(provider.Delete, rds, "db", nil)))
	require.NoError(t, try(p, operation(provider.Create, role, "r", nil)))
	require.ErrorContains(t, try(p, create), "InsufficientDBInstanceCapacity: ")
	require.Error(t, try(p, create))
	require.NoError(t, try(p, create))
	assert.Equal(t, []string{"create " + rds + " db", "create " + rds + " db"}, p.Failed())
}

func TestThrottlingIsRetriedByTheProviderUpToItsLimit(t *testing.T) {
	throttled := func(count int) error {
		p := &faults.Plan{Faults: []faults.Fault{{Type: "*", Verb: provider.Create, Count: count, Code: faults.Throttling}}}
		return try(p, operation(provider.Create, rds, "db", nil))
	}
	require.NoError(t, throttled(25))
	require.ErrorContains(t, throttled(26), "ThrottlingException: Rate exceeded (26 attempts)")
}

func TestARoleIsNotVisibleAtOnce(t *testing.T) {
	p := &faults.Plan{Faults: []faults.Fault{{Type: role, Verb: provider.Create, Count: 3, Code: faults.NotVisible}}}
	require.NoError(t, try(p, operation(provider.Create, role, "node", nil)))
	uses := operation(provider.Create, rds, "db", map[string]any{"roles": []any{map[string]any{"arn": "arn:aws:iam::1:role/node"}}})
	require.NoError(t, try(p, uses), "the provider tries until it is")
	p.Faults[0].Count = 30
	require.NoError(t, try(p, operation(provider.Create, role, "other", nil)))
	require.ErrorContains(t, try(p, operation(provider.Create, rds, "db", map[string]any{"role": "other"})), "NotYetVisible")
}

func TestTheSameSeedFailsTheSameOperations(t *testing.T) {
	run := func(seed int64) []string {
		p := &faults.Plan{Seed: seed, Rate: 0.3}
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			_ = try(p, operation(provider.Create, rds, name, nil))
		}
		return p.Failed()
	}
	assert.Equal(t, run(1), run(1))
	assert.NotEqual(t, run(1), run(2))
	assert.NotEmpty(t, run(1))
	assert.Less(t, len(run(1)), 10)
}

// An operation that failed may succeed the next time, as often as any other.
func TestEveryAttemptIsAnotherThrowOfTheDice(t *testing.T) {
	p := &faults.Plan{Seed: 7, Rate: 0.3}
	for i := range 50 {
		create := operation(provider.Create, rds, fmt.Sprintf("db-%d", i), nil)
		attempts := 1
		for try(p, create) != nil {
			attempts++
			require.Less(t, attempts, 15, "attempts to create db-%d", i)
		}
	}
}

func TestEachOnceFailsEverythingTheFirstTime(t *testing.T) {
	p := &faults.Plan{EachOnce: true}
	op := operation(provider.Update, rds, "db", nil)
	require.Error(t, try(p, op))
	require.NoError(t, try(p, op))
}

func TestWhatTheServiceRefusesIsPassedOn(t *testing.T) {
	refused := errors.New("DependencyViolation")
	err := (&faults.Plan{}).Middleware()(context.Background(), operation(provider.Delete, rds, "db", nil), func() error { return refused })
	require.ErrorIs(t, err, refused)
}

// attempt lets an operation end as its class of failures has it, and says whether the cloud has done anything.
func attempt(t *testing.T, fault string, verb provider.Verb, typ string) (op *provider.Operation, done bool, err error) {
	t.Helper()
	f, err := faults.Parse(fault)
	require.NoError(t, err)
	p := &faults.Plan{Faults: []faults.Fault{f}, Kill: func() error { return nil }}
	op = operation(verb, typ, "x", nil)
	err = p.Middleware()(context.Background(), op, func() error {
		done = true
		return nil
	})
	assert.Empty(t, p.Unused())
	return op, done, err
}

func TestAnOperationFailsInItsProvidersWay(t *testing.T) {
	var kept *provider.Incomplete
	_, done, err := attempt(t, rds+" create 1 X atomic", provider.Create, rds)
	require.ErrorContains(t, err, "X: ")
	assert.False(t, done, "nothing is made")

	_, done, err = attempt(t, rds+" create 1 X", provider.Create, rds)
	require.Error(t, err)
	assert.True(t, done, "made")
	assert.NotErrorAs(t, err, &kept, "and the engine hears of no id")

	_, done, err = attempt(t, rds+" update 1 X", provider.Update, rds)
	require.ErrorAs(t, err, &kept, "the engine writes it down")
	assert.False(t, done, "and nothing is made")

	op, done, err := attempt(t, catalog.KubernetesJob+" create 1 X", provider.Create, catalog.KubernetesJob)
	require.ErrorAs(t, err, &kept)
	assert.True(t, done)
	assert.Equal(t, provider.Unready, op.Outcome)

	op, _, err = attempt(t, catalog.HelmRelease+" create 1 X dies with plugin", provider.Create, catalog.HelmRelease)
	require.NoError(t, err)
	assert.Equal(t, provider.Killed, op.Outcome)
}

func TestWhatReturnsBeforeItsEffectFailsWhatWaitsForIt(t *testing.T) {
	f, err := faults.Parse(catalog.AtlasDatabaseUser + " create 1 NotDeployed")
	require.NoError(t, err)
	p := &faults.Plan{Faults: []faults.Fault{f}}
	require.NoError(t, try(p, operation(provider.Create, catalog.AtlasDatabaseUser, "user", nil)))
	assert.Equal(t, []string{"create " + catalog.AtlasDatabaseUser + " user: NotDeployed"}, p.Unseen())
	release := operation(provider.Create, catalog.HelmRelease, "release", nil)
	require.ErrorContains(t, try(p, release), "NotDeployed")
	require.NoError(t, try(p, release), "then it has happened")
	assert.Empty(t, p.Unseen())
}

func TestAFaultThatNothingAsksForIsNamed(t *testing.T) {
	p := &faults.Plan{Faults: []faults.Fault{{Type: rds, Verb: provider.Update, Count: 1, Code: "X"}}}
	require.NoError(t, try(p, operation(provider.Create, rds, "db", nil)))
	assert.Equal(t, p.Faults, p.Unused())
}
