package atlas_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
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
			g, err := testkit.Update(program(a, nil), endpoints(), jobs("2026-11-28T10:00:00Z", false))
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

// jobs lists a restore job that has ended, or not, by the third question.
func jobs(finished string, failed bool) testkit.Option {
	asked := 0
	return testkit.WithCall("mongodbatlas:index/getCloudBackupSnapshotRestoreJobs:getCloudBackupSnapshotRestoreJobs",
		func(resource.PropertyMap) (resource.PropertyMap, error) {
			job := map[string]any{"id": "job", "failed": failed}
			if asked++; asked > 2 {
				job["finishedAt"] = finished
			}
			return resource.NewPropertyMapFromMap(map[string]any{"id": "jobs", "results": []any{job}}), nil
		})
}

func TestD05TheConnectionStringComesWhenTheRestoreHasEnded(t *testing.T) {
	a := args()
	a.RestoreFrom = &config.AtlasRestore{SnapshotID: "0123456789abcdef01234567"}
	id := testkit.WithOutputs(restoreType, func(string, resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"snapshotRestoreJobId": resource.NewProperty("job")}
	})
	var connection testkit.Captured
	_, err := testkit.Update(program(a, &connection), endpoints(), id, jobs("2026-11-28T10:00:00Z", false))
	require.NoError(t, err)
	uri, _ := connection.Value()
	assert.Equal(t, "mongodb+srv://ours", uri)
	_, err = testkit.Update(program(a, nil), endpoints(), id, jobs("", true))
	require.ErrorContains(t, err, "restore job job of cluster bpa-test has failed")
	_, err = testkit.Update(program(a, nil), endpoints(), id, jobs("", false))
	require.ErrorContains(t, err, "restore job job of cluster bpa-test has not ended")
}

func TestNothingIsRestoredUnlessItIsAskedFor(t *testing.T) {
	g, err := testkit.Update(program(args(), nil), endpoints())
	require.NoError(t, err)
	assert.Empty(t, g.OfType(restoreType))
}
