package platform_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// An `up` takes no longer than what it must wait for: docs/decisions/0009.
func TestUpWaitsForNothingWithoutNeed(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		resources, err := stackdoc.Deployed(cycle(t, stack).State)
		require.NoError(t, err)
		tl := timeline.New(resources)
		assert.LessOrEqual(t, tl.Ratio(), 1.05, stack)
		assert.Empty(t, tl.Needless, "%s: edges that serialise without need", stack)
	}
}
