package atlas_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const restoreType = "mongodbatlas:index/cloudBackupSnapshotRestoreJob:CloudBackupSnapshotRestoreJob"

func TestD05ABackupIsPutOverWhatTheClusterHoldsByAJob(t *testing.T) {
	for _, c := range []struct {
		from          config.AtlasRestore
		cluster, kind string
		delivery      map[string]any
		snapshot      any
	}{
		{
			config.AtlasRestore{SnapshotID: "0123456789abcdef01234567"}, "bpa-test", "snapshot",
			map[string]any{"automated": true}, "0123456789abcdef01234567",
		},
		{
			config.AtlasRestore{Time: "2026-11-23T10:00:00Z", Cluster: "bpa-other"}, "bpa-other", "moment",
			map[string]any{"pointInTime": true, "pointInTimeUtcSeconds": 1795428000.0}, nil,
		},
	} {
		t.Run(c.kind, func(t *testing.T) {
			a := args()
			a.RestoreFrom = &c.from
			g, err := testkit.Update(program(a, nil), endpoints())
			require.NoError(t, err)
			job := g.Get(t, restoreType, "atlas-restore")
			assert.Equal(t, c.cluster, job.Plain("clusterName"))
			delivery := job.Plain("deliveryTypeConfig").(map[string]any)
			assert.Equal(t, "bpa-test", delivery["targetClusterName"])
			for key, want := range c.delivery {
				assert.Equal(t, want, delivery[key], key)
			}
			if c.snapshot != nil {
				assert.Equal(t, c.snapshot, job.Plain("snapshotId"))
			}
			assert.True(t, g.DependsOn(job, clusterType, "atlas-cluster"))
		})
	}
}

func TestNothingIsRestoredUnlessItIsAskedFor(t *testing.T) {
	g, err := testkit.Update(program(args(), nil), endpoints())
	require.NoError(t, err)
	assert.Empty(t, g.OfType(restoreType))
}
