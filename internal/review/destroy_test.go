package review_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

func TestADestroyedClusterOfAtlasKeepsItsSnapshotsOnlyWhereTheyAreRetained(t *testing.T) {
	for kept, inputs := range map[string]map[string]any{
		"nothing: Atlas deletes the cluster's snapshots with it": {},
		"the cluster's snapshots, in the project":                {"retainBackupsEnabled": true},
	} {
		plan, err := review.NewPlan(stateOf(t, "urn:pulumi:prod::bpa::"+catalog.AtlasAdvancedCluster+"::atlas-cluster", inputs))
		require.NoError(t, err)
		require.Len(t, plan.Lost, 1)
		assert.Contains(t, plan.Markdown(), "every MongoDB database")
		assert.Contains(t, plan.Markdown(), "stays: "+kept)
	}
}
