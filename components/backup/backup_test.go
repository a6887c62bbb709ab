package backup_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/backup"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func args() *backup.Args {
	return &backup.Args{
		Account:     testkit.Account,
		ClusterName: "bpa",
		VolumeTag:   [2]string{"bpa:volume", "bpa-opt"},
		Backup:      config.Backup{IntervalHours: 12, Time: "05:00", Keep: 14},
	}
}

func program(a *backup.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := backup.New(ctx, "backup", a)
		return err
	}
}

func TestD05VolumesAreSnapshotByTheirTag(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:dlm/lifecyclePolicy:LifecyclePolicy backup-volumes",
			"aws:iam/role:Role backup-role",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment backup-role",
			"bpa:backup:Backup backup",
		}, g.List())
		g.Owned(t, "bpa:backup:Backup")
		policy := g.Get(t, "aws:dlm/lifecyclePolicy:LifecyclePolicy", "backup-volumes")
		assert.Equal(t, map[string]any{
			"resourceTypes": []any{"VOLUME"}, "targetTags": map[string]any{"bpa:volume": "bpa-opt"},
			"schedules": []any{map[string]any{
				"name": "every 12 hours", "copyTags": true, "retainRule": map[string]any{"count": 14.0},
				"createRule": map[string]any{"interval": 12.0, "intervalUnit": "HOURS", "times": "05:00"},
			}},
		}, policy.Plain("policyDetails"))
		assert.True(t, g.DependsOn(policy, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "backup-role"))
		assert.Equal(t, "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole",
			g.Get(t, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "backup-role").Plain("policyArn"))
	})
}

func TestAScheduleThatCannotBeIsRefused(t *testing.T) {
	a := args()
	a.IntervalHours, a.Keep, a.VolumeTag = 5, 0, [2]string{}
	_, err := testkit.Update(program(a))
	require.Error(t, err)
	for _, path := range []string{"intervalHours: 5: must be an interval that Data Lifecycle Manager offers",
		"keep: 0: must be from 1 to 1000", "VolumeTag"} {
		assert.ErrorContains(t, err, path)
	}
}
