package platform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/timeline"
)

// An `up` takes no longer than what it must wait for: docs/decisions/0009.
func TestUpWaitsForNothingWithoutNeed(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		resources, err := timeline.FromState(cycle(t, stack).State)
		require.NoError(t, err)
		tl := timeline.New(resources)
		assert.LessOrEqual(t, tl.Ratio(), 1.05, stack)
		assert.Empty(t, tl.Needless, "%s: edges that serialise without need", stack)
	}
}
