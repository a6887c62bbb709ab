package convergence_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

var each = flag.Bool("each", false, "one resource a deployment, and a killed engine at every tenth operation: takes half an hour")

// inTurn orders resources so that the first of each type come first: who stops half-way has seen every type.
func inTurn(all []*provider.Resource) []*provider.Resource {
	seen, nth := map[string]int{}, map[*provider.Resource]int{}
	var own []*provider.Resource
	for _, r := range all {
		if r.URN != "" { // else a service made it by itself, such as an access log
			nth[r] = seen[r.Type]
			seen[r.Type]++
			own = append(own, r)
		}
	}
	slices.SortStableFunc(own, func(a, b *provider.Resource) int { return nth[a] - nth[b] })
	return own
}

// Every resource of the dev stack in turn, each in a deployment of its own in which nothing else fails: its creation fails,
// the engine stops as it does by default, and `up` is run again; then its deletion, and destroy is run again. The test of
// CI, TestEveryOperationOfTheDevStackMayFailOnce, has all of them fail in one deployment.
func TestEachResourceFailsAlone(t *testing.T) {
	if !*each {
		t.Skip("run with -each")
	}
	whole, err := rehearsal.Up(context.Background(), dev(t))
	require.NoError(t, err)
	for _, r := range inTurn(whole.Resources) {
		t.Run(r.URN.Name()+" "+r.Type, func(t *testing.T) {
			var attempts [2]atomic.Int64
			o := dev(t)
			o.Retry = 2
			o.Middleware = func(_ context.Context, op *provider.Operation, next func() error) error {
				if op.URN != r.URN || op.Verb == provider.Update {
					return next()
				}
				n := &attempts[0]
				if op.Verb == provider.Delete {
					n = &attempts[1]
				}
				if n.Add(1) == 1 {
					return fmt.Errorf("the %s of %s fails once", op.Verb, op.URN.Name())
				}
				return next()
			}
			result, err := rehearsal.Cycle(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Equal(t, 2, result.Retries, "one `up` and one destroy failed")
			assert.Equal(t, [2]int64{2, 2}, [2]int64{attempts[0].Load(), attempts[1].Load()})
		})
	}
}

// An engine that is killed at any operation, not only at those that CI tries.
func TestAnEngineKilledAtEveryTenthOperationIsFinishedByRunningAgain(t *testing.T) {
	if !*each {
		t.Skip("run with -each")
	}
	whole, err := rehearsal.Up(context.Background(), dev(t))
	require.NoError(t, err)
	for at := 1; at < 2*len(inTurn(whole.Resources)); at += 10 { // each is created, and deleted
		t.Run(fmt.Sprintf("at operation %d", at), func(t *testing.T) {
			o := dev(t)
			o.Retry, o.KillAt = 3, at
			result, err := rehearsal.Cycle(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Positive(t, result.Retries)
			for _, report := range result.Recovered {
				assert.Empty(t, report.Open, "a listing that is complete leaves nothing open")
			}
		})
	}
}
