package database_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func TestD05ARestoredInstanceStandsBesideTheOldOne(t *testing.T) {
	const snapshot, instance = "rds:bpa-test-postgres-2026-11-24-07-05", "bpa-test-postgres"
	moment := func(time string) config.DatabaseRestore {
		return config.DatabaseRestore{PointInTime: &config.DatabasePointInTime{Instance: instance, Time: time}}
	}
	names := map[string]bool{}
	for _, c := range []struct {
		from config.DatabaseRestore
		key  string
		want any
	}{
		{config.DatabaseRestore{Snapshot: snapshot}, "snapshotIdentifier", snapshot},
		{moment("2026-11-23T10:00:00Z"), "restoreToPointInTime", map[string]any{
			"sourceDbInstanceIdentifier": instance, "restoreTime": "2026-11-23T10:00:00Z",
		}},
		{moment(""), "restoreToPointInTime", map[string]any{
			"sourceDbInstanceIdentifier": instance, "useLatestRestorableTime": true,
		}},
	} {
		a := args()
		a.RestoreFrom = &c.from
		testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
			made := g.Get(t, instanceType, "database-instance")
			assert.Equal(t, c.want, made.Plain(c.key))
			name := made.Plain("identifier").(string)
			assert.Regexp(t, "^bpa-test-postgres-[0-9a-f]{6}$", name)
			assert.Equal(t, true, made.Plain("deletionProtection"))
			names[name] = true
		}, address())
	}
	assert.Len(t, names, 3, "another origin is another instance")
}

func TestARestoreFromTwoThingsIsRefused(t *testing.T) {
	a := args()
	a.RestoreFrom = &config.DatabaseRestore{Snapshot: "one", PointInTime: &config.DatabasePointInTime{Instance: "other"}}
	_, err := testkit.Update(program(a))
	require.ErrorContains(t, err, "database: restoreFrom: (not set): must be either snapshot or pointInTime")
}
