package platform_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// documented are the settings that README.md, "Destroy", asks for, as it has them.
func documented(t *testing.T) (paths []string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "\n## Destroy\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile(`pulumi config set --path bpa:(\S+) false`).FindAllStringSubmatch(section, -1) {
		paths = append(paths, m[1])
	}
	require.NotEmpty(t, paths)
	for _, typ := range catalog.All() {
		if typ.Loss.Stays != "" {
			assert.Contains(t, section, typ.Loss.Stays, "what removes %s", typ.Token)
		}
	}
	return paths
}

// A person destroys production by the page, and finds what the page says: the step that a destroy demands switches nothing off.
func TestADocumentedDestroyKeepsWhatItsPageSays(t *testing.T) {
	story(t, filepath.Join("..", "..", "Pulumi.prod.yaml"), func(s *rehearsal.Session) {
		require.Error(t, s.Destroy(), "it is protected")
		for _, path := range documented(t) {
			require.NoError(t, s.Set(path, false))
		}
		require.NoError(t, s.Up())
		for _, d := range s.Done() {
			assert.NotEqual(t, catalog.EBSVolume, string(d.URN.Type()), "%s: EC2 changes a volume once in six hours", d)
		}
		for _, secret := range s.Clouds().All(catalog.SecretsManagerSecret) {
			assert.InDelta(t, 30, secret.Inputs["recoveryWindowInDays"], 0, secret.Name)
		}
		used := map[any]bool{}
		for _, volume := range s.Clouds().All(catalog.EBSVolume) {
			used[volume.Inputs["kmsKeyId"]] = true
		}
		require.NoError(t, s.Destroy())
		volumes := map[string]bool{}
		for _, snapshot := range s.Clouds().All(catalog.EBSSnapshot) {
			volumes[snapshot.Name] = true
			tags, _ := snapshot.Inputs["tags"].(map[string]any)
			assert.Equal(t, "bpa-test", tags["bpa:stack"])
		}
		assert.Equal(t, map[string]bool{
			"nodes-node-1": true, "nodes-node-2": true, "nodes-node-3": true, "nodes-node-4": true,
		}, volumes)
		require.Len(t, s.Clouds().All(catalog.RDSAutomatedBackup), 1)
		snapshots := s.Clouds().All(catalog.RDSSnapshot)
		require.Len(t, snapshots, 1)
		keys := map[string]any{}
		for _, key := range s.Clouds().All(catalog.KMSKey) {
			keys[key.Name] = key.Outputs["arn"]
		}
		assert.Len(t, keys, 2, "the keys of the snapshots, without which these are nothing")
		assert.Equal(t, keys["database-key"], snapshots[0].Inputs["kmsKeyId"])
		assert.Equal(t, used, map[any]bool{keys["nodes-key"]: true}, "of the volumes whose snapshots stay")
		requireSecondLife(t, s)
	})
}

// The simulated KMS refuses to delete a key that encrypts what stays, so that a destroy ends says that there is none. What stays:
// a volume's last snapshot and those of a policy, an instance's final snapshot and its automated backups.
func TestADestroyDeletesNoKeyOfWhatItKeeps(t *testing.T) {
	certificate := pair(t)
	for setting, kept := range map[string]struct{ typ, key string }{
		"  bpa:backup: {enabled: true}\n":         {catalog.EBSSnapshot, "nodes-key"},
		"  bpa:nodes: {finalSnapshot: true}\n":    {catalog.EBSSnapshot, "nodes-key"},
		"  bpa:database: {finalSnapshot: true}\n": {catalog.RDSAutomatedBackup, "database-key"},
	} {
		story(t, projectWith(t, small+setting, certificate), func(s *rehearsal.Session) {
			require.NoError(t, s.Destroy())
			stays := s.Clouds().All(kept.typ)
			require.NotEmpty(t, stays, setting)
			keys := s.Clouds().All(catalog.KMSKey)
			require.Len(t, keys, 1, setting)
			assert.Equal(t, kept.key, keys[0].Name)
			for _, r := range stays {
				assert.Equal(t, keys[0].Outputs["arn"], r.Inputs["kmsKeyId"], setting)
			}
		})
	}
}

// requireSecondLife brings a destroyed stack up again under its old name, by `up` alone.
func requireSecondLife(t *testing.T, s *rehearsal.Session) {
	t.Helper()
	require.NoError(t, s.Up())
	steps, err := s.Preview()
	require.NoError(t, err)
	assert.Empty(t, steps)
}

// What a service makes again after a destroy has neither retention nor tags: an `up` takes it over, and the next one sets them.
func TestAStackComesUpAgainUnderItsOldName(t *testing.T) {
	story(t, filepath.Join("..", "..", "Pulumi.dev.yaml"), func(s *rehearsal.Session) {
		kept := func() (groups []*provider.Resource) {
			for _, group := range s.Clouds().All(catalog.CloudWatchLogGroup) {
				if !strings.HasPrefix(group.ID, "/aws/rds/") {
					groups = append(groups, group)
				}
			}
			return groups
		}
		require.NoError(t, s.Destroy())
		require.Len(t, kept(), 1, "EKS's own; the agent of CloudWatch may not make its group again")
		group := kept()[0]
		s.Clouds().Remove(group)
		again := map[string]any{"name": group.ID, "retentionInDays": 0.0}
		s.Clouds().Leave(&provider.Resource{
			Package: group.Package, Type: group.Type, Name: group.ID, ID: group.ID, Inputs: again, Outputs: group.Outputs,
		})
		require.NoError(t, s.Up())
		steps, err := s.Preview()
		require.NoError(t, err)
		require.Len(t, steps, 1)
		assert.Equal(t, "update", steps[0].Op)
		assert.Equal(t, catalog.CloudWatchLogGroup, string(steps[0].URN.Type()))
		requireSecondLife(t, s)
	})
}

// The provider waits for a volume's last snapshot as long as for its deletion: ten minutes, unless it is told.
func TestTheDeletionOfAVolumeWaitsForItsFirstSnapshot(t *testing.T) {
	var state struct{ Deployment apitype.DeploymentV3 }
	require.NoError(t, json.Unmarshal(cycle(t, "prod").State, &state))
	volumes := 0
	for _, r := range state.Deployment.Resources {
		if string(r.Type) != catalog.EBSVolume {
			continue
		}
		volumes++
		require.NotNil(t, r.CustomTimeouts, "%s", r.URN)
		assert.GreaterOrEqual(t, time.Duration(r.CustomTimeouts.Delete*float64(time.Second)), 12*time.Hour)
	}
	assert.Equal(t, 4, volumes)
}
