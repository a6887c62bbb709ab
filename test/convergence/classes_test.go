package convergence_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// ways is the greatest number of ways in which an operation fails: those of a cluster of Atlas and of a release.
const ways = 3

// Every creation and every deletion of the dev stack fails once in each of the ways in which its provider lets it fail, and ends
// with the same resources, by `up` alone or by `bpactl recover` and `up`.
func TestEveryOperationOfTheDevStackMayFailOnceInEveryWay(t *testing.T) {
	for nth := range ways {
		t.Run(fmt.Sprintf("way %d", nth), func(t *testing.T) {
			o := dev(t)
			o.Faults, o.Retry, o.ContinueOnError = &faults.Plan{EachOnce: true, Nth: nth}, 40, true
			result, err := rehearsal.Cycle(context.Background(), o)
			require.NoError(t, err, last(result.Text))
			assert.Equal(t, result.Created, result.Deleted)
		})
	}
}
