package platform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

const (
	volumeType   = catalog.EBSVolume
	instanceType = catalog.RDSInstance
	passwordType = catalog.RandomPassword
)

// story rehearses what happens after the first `up` of a stack file.
func story(t *testing.T, file string, tell func(s *rehearsal.Session)) {
	t.Helper()
	options, err := platform.Options(file, "test", &bytes.Buffer{})
	require.NoError(t, err)
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		if err := s.Up(); err != nil {
			return err
		}
		s.Done()
		tell(s)
		return nil
	})
	require.NoError(t, err, result.Text)
}

// take edits the stack file.
func take(t *testing.T, s *rehearsal.Session, file string) {
	t.Helper()
	options, err := platform.Options(file, "test", &bytes.Buffer{})
	require.NoError(t, err)
	require.NoError(t, s.Take(options))
}

// watched is a small stack with all that production has to watch and save it.
const watched = small + "  bpa:observability: {enabled: true, notify: [ops@example.com]}\n  bpa:backup: {enabled: true}\n"

func steps(t *testing.T, s *rehearsal.Session) []string {
	t.Helper()
	planned, err := s.Preview()
	require.NoError(t, err)
	list := []string{}
	for _, p := range planned {
		// The engine's own provider is in the state alone.
		if p.URN.Type() != "pulumi:providers:pulumi" {
			list = append(list, p.Op+" "+string(p.URN.Type())+" "+p.URN.Name())
		}
	}
	return list
}

// What the AWS CLI and kubectl print is enough to find everything, and what an import makes of it needs no change. Only what
// the provider cannot import is made again, which changes nothing.
func TestD05AStateThatIsLostIsRebuiltFromWhatTheCLIsPrint(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, watched, certificate), func(s *rehearsal.Session) {
		before := s.Clouds().Len()
		passwords := map[string]string{}
		for _, r := range s.Clouds().All(passwordType) {
			passwords[r.URN.Name()] = r.Outputs["result"].(string)
		}
		files := written(t, s, passwords)
		require.NoError(t, s.LoseState())
		var left []recovery.Open
		for pass := 1; pass <= 10; pass++ {
			summary, err := s.WriteImport(files, io.Discard)
			require.NoError(t, err)
			if left = summary.Open; summary.Imported == 0 {
				break
			}
			require.NoError(t, s.Import(files.Out))
		}
		assert.Empty(t, s.Done(), "an import makes and changes nothing")
		var made []string
		for _, o := range left {
			assert.NotEmpty(t, catalog.Of(string(o.URN.Type())).Identity.NoImport, "%s %s: %s", o.URN.Type(), o.URN.Name(), o.Why)
			made = append(made, "create "+string(o.URN.Type())+" "+o.URN.Name())
		}
		for _, group := range []string{"cluster-logs", "observability-performance"} { // the program takes these over by itself
			made = append(made, "import "+catalog.CloudWatchLogGroup+" "+group)
		}
		assert.ElementsMatch(t, made, steps(t, s))
		require.NoError(t, s.Up())
		assert.Empty(t, steps(t, s))
		assert.Equal(t, before, s.Clouds().Len())
		require.NoError(t, s.Consistent())
	})
}

// written are the files that an import takes.
func written(t *testing.T, s *rehearsal.Session, passwords map[string]string) recovery.ImportFiles {
	t.Helper()
	dir := t.TempDir()
	files := recovery.ImportFiles{
		Listings: []string{filepath.Join(dir, "there.json")}, Passwords: filepath.Join(dir, "passwords.json"),
		Out: filepath.Join(dir, "import.json"),
	}
	listing, err := s.Listing()
	require.NoError(t, err)
	b, err := json.Marshal(passwords)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files.Listings[0], listing, 0o600))
	require.NoError(t, os.WriteFile(files.Passwords, b, 0o600))
	return files
}

// index is the place of an operation among those that were done, which must hold it once.
func index(t *testing.T, done []rehearsal.Done, operation string) int {
	t.Helper()
	found := -1
	for i, d := range done {
		if d.String() == operation {
			require.Equal(t, -1, found, "%s was done twice", operation)
			found = i
		}
	}
	require.GreaterOrEqual(t, found, 0, "%s was not done; there was %v", operation, done)
	return found
}

const (
	jobCreated      = "create " + catalog.KubernetesJob + " bootstrap-job"
	releaseUpdated  = "update " + catalog.HelmRelease + " bpa-release"
	instanceCreated = "create " + instanceType + " database-instance"
	instanceDeleted = "delete " + instanceType + " database-instance"
)

func TestD05ARestoreOfAProtectedDatabaseIsRefused(t *testing.T) {
	certificate := pair(t)
	protected := watched + "  bpa:protect: true\n"
	story(t, projectWith(t, protected, certificate), func(s *rehearsal.Session) {
		take(t, s, projectWith(t, protected+"  bpa:database: {restoreFrom: {snapshot: bpa-test-postgres-2026-11-23}}\n", certificate))
		_, err := s.Preview()
		require.ErrorContains(t, err, "protect")
		assert.Len(t, s.Clouds().All(instanceType), 1)
		assert.Empty(t, s.Done(), "nothing was touched")
	})
}

func TestD05ADatabaseIsRestoredBesideTheOldOneAndThenTakesItsPlace(t *testing.T) {
	certificate := pair(t)
	for name, from := range map[string]string{
		"a snapshot": "{snapshot: bpa-test-postgres-2026-11-23}",
		"a moment":   "{pointInTime: {instance: bpa-test-postgres, time: '2026-11-01T10:00:00Z'}}",
	} {
		t.Run(name, func(t *testing.T) {
			protected := watched + "  bpa:protect: true\n"
			story(t, projectWith(t, protected, certificate), func(s *rehearsal.Session) {
				take(t, s, projectWith(t, protected+"  bpa:database: {restoreFrom: "+from+"}\n", certificate))
				require.NoError(t, s.Unprotect(instanceType, "database-instance"))
				require.NoError(t, s.Up())
				done := s.Done()
				made, job, rolled, gone := index(t, done, instanceCreated), index(t, done, jobCreated), index(t, done, releaseUpdated),
					index(t, done, instanceDeleted)
				assert.Less(t, made, job, "the new instance is there before its roles are")
				assert.Less(t, job, rolled, "BPA turns to it when its roles are there")
				assert.Less(t, rolled, gone, "the old one goes last")
				instances := s.Clouds().All(instanceType)
				require.Len(t, instances, 1)
				assert.Regexp(t, "^bpa-test-postgres-[0-9a-f]{6}$", instances[0].Inputs["identifier"])
				index(t, done, "update "+catalog.CloudWatchMetricAlarm+" observability-database-storage")
				assert.Empty(t, steps(t, s), "the setting stays: it is where the instance comes from")
			})
		})
	}
}

func TestD05ABackupOfAtlasIsRestoredOnceAndNothingElseChanges(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, small, certificate), func(s *rehearsal.Session) {
		restoring := strings.Replace(small, "[bpa]}", "[bpa], restoreFrom: {snapshotId: 0123456789abcdef01234568}}", 1)
		take(t, s, projectWith(t, restoring, certificate))
		require.NoError(t, s.Up())
		assert.Equal(t, []string{
			"create " + catalog.AtlasCloudBackupSnapshotRestoreJob + " atlas-restore",
		}, texts(s.Done()))
		assert.Empty(t, steps(t, s), "the job has run")
	})
}

func TestD05AVolumeThatIsLostIsMadeFromItsSnapshot(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, watched+restored(""), certificate), func(s *rehearsal.Session) {
		require.NoError(t, s.Lose(volumeType, "nodes-node-2"))
		require.NoError(t, s.Refresh())
		take(t, s, projectWith(t, watched+restored("us-west-2b"), certificate))
		require.NoError(t, s.Up())
		assert.Equal(t, []string{
			"create " + catalog.EBSVolume + " nodes-node-2", "update " + catalog.IAMRolePolicy + " nodes-volumes",
			"update " + catalog.EC2LaunchTemplate + " nodes-node-2-launchTemplate", "update " + catalog.AutoScalingGroup + " nodes-node-2",
			"create " + catalog.KubernetesJob + " roll-job", "delete " + catalog.KubernetesJob + " roll-job",
		}, texts(s.Done()), "the volume, the right to attach it, then the node that does, by a job")
		assert.Empty(t, steps(t, s))
	})
}

func TestD05ANodeMovesToAnotherZoneWithItsData(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, watched+restored(""), certificate), func(s *rehearsal.Session) {
		take(t, s, projectWith(t, watched+restored("us-west-2c"), certificate))
		require.NoError(t, s.Up())
		done := s.Done()
		made := index(t, done, "create "+catalog.EBSVolume+" nodes-node-2")
		moved := index(t, done, "update "+catalog.AutoScalingGroup+" nodes-node-2")
		assert.Less(t, made, moved, "the volume is in the new zone before the node is")
		assert.Less(t, moved, index(t, done, "delete "+catalog.EBSVolume+" nodes-node-2"), "the old volume goes last")
		for _, v := range s.Clouds().All(volumeType) {
			if v.URN.Name() == "nodes-node-2" {
				assert.Equal(t, "us-west-2c", v.Inputs["availabilityZone"])
				assert.Equal(t, "snap-0123456789abcdef0", v.Inputs["snapshotId"])
			}
		}
		assert.Empty(t, steps(t, s))
	})
}

// restored are two nodes of which the second has a zone, and its volume a snapshot that it is made from; without a zone,
// neither.
func restored(zone string) string {
	second := "{name: node-2, zone: us-west-2b}"
	if zone != "" {
		second = "{name: node-2, zone: " + zone + ", restoreFrom: snap-0123456789abcdef0}"
	}
	return "  bpa:nodes: {items: [{name: node-1, zone: us-west-2a}, " + second + "]}\n"
}

func texts(done []rehearsal.Done) []string {
	var list []string
	for _, d := range done {
		list = append(list, d.String())
	}
	return list
}

// An instance that has grown, and that RDS has upgraded by force, is restored as it was, and changed no more.
func TestD05ADatabaseThatHasGrownIsRestored(t *testing.T) {
	certificate := pair(t)
	file := projectWith(t, small+"  bpa:database: {engineVersion: '16.13'}\n", certificate)
	story(t, file, func(s *rehearsal.Session) {
		instance := s.Clouds().All(instanceType)[0]
		grown := map[string]any{"allocatedStorage": 700.0, "engineVersion": "16.14"}
		require.NoError(t, s.Change(instanceType, "database-instance", instance.ID, grown))
		assert.Empty(t, steps(t, s), "what RDS did by itself is no change")

		from := "  bpa:database: {engineVersion: '16.13', restoreFrom: {snapshot: 'rds:" + instance.ID + "-2026-11-24-07-05'}}\n"
		take(t, s, projectWith(t, small+from, certificate))
		require.NoError(t, s.Up())
		made := s.Clouds().All(instanceType)
		require.Len(t, made, 1)
		assert.Equal(t, []any{700.0, 770.0, "16.14"}, []any{
			made[0].Inputs["allocatedStorage"], made[0].Inputs["maxAllocatedStorage"], made[0].Inputs["engineVersion"],
		})
		assert.Empty(t, steps(t, s), "neither now, nor when the configuration is read again")
	})
}

// RDS upgrades a minor version by force, and lets storage grow. Neither a refresh nor what else changes then makes an `up` ask for
// less, which RDS refuses.
func TestR16AnUpAfterAForcedUpgradeAsksForNothingOlder(t *testing.T) {
	certificate := pair(t)
	const older = small + "  bpa:database: {engineVersion: '16.13'"
	story(t, projectWith(t, older+"}\n", certificate), func(s *rehearsal.Session) {
		instance := s.Clouds().All(instanceType)[0]
		now := map[string]any{"allocatedStorage": 400.0, "engineVersion": "16.14", "engineVersionActual": "16.14"}
		require.NoError(t, s.Change(instanceType, "database-instance", instance.ID, now))
		require.NoError(t, s.UpRefreshed())
		assert.Empty(t, s.Done(), "what RDS did by itself is no change")
		assert.Empty(t, steps(t, s), "nor afterwards, when the state knows of it")

		for days, up := range map[string]func() error{"3": s.Up, "5": s.UpRefreshed} {
			take(t, s, projectWith(t, older+", backupRetentionDays: "+days+"}\n", certificate))
			require.NoError(t, up())
			assert.Equal(t, []string{"update " + instanceType + " database-instance"}, texts(s.Done()))
		}
		made := s.Clouds().All(instanceType)[0].Inputs
		assert.Equal(t, []any{400.0, "16.14"}, []any{made["allocatedStorage"], made["engineVersion"]})

		take(t, s, projectWith(t, older+", storageGiB: 500}\n", certificate))
		require.NoError(t, s.Up())
		assert.Equal(t, 500.0, s.Clouds().All(instanceType)[0].Inputs["allocatedStorage"], "more is more")
	})
}

// Storage never shrinks, and RDS goes back to no earlier major version: the preview says so, by the key of the stack file.
func TestStorageThatShrinksIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	certificate := pair(t)
	const volumes, database = "  bpa:nodes: {volumeGiB: 200}\n", "  bpa:database: "
	for _, c := range []struct{ before, after, says string }{
		{volumes, "  bpa:nodes: {volumeGiB: 100}\n", "nodes.items[].volumeGiB: 100: must be at least 200: storage never shrinks"},
		{
			"", database + "{storageGiB: 200, maxStorageGiB: 0}\n",
			"database.storageGiB: 200: must be at least 300: storage never shrinks",
		},
		{"", database + "{storageGiB: 310}\n", "database.storageGiB: 310: must be 300, or at least a tenth more"},
		{
			database + "{engineVersion: '17.10'}\n", database + "{engineVersion: '16.14'}\n",
			"database.engineVersion: 16.14: instance bpa-test-postgres has 17.10, and RDS does not go back",
		},
	} {
		story(t, projectWith(t, small+c.before, certificate), func(s *rehearsal.Session) {
			take(t, s, projectWith(t, small+c.after, certificate))
			_, err := s.Preview()
			require.ErrorContains(t, err, c.says)
		})
	}
}

// The cluster is not touched, and its own outputs never hold the string of another endpoint.
func TestR13AnotherEndpointHasItsStringWithTheSameUp(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, small, certificate), func(s *rehearsal.Session) {
		before := s.Clouds().All(catalog.AtlasPrivateLinkEndpointService)[0].Inputs["endpointServiceId"]
		parent := strings.Replace(small, "orgId: 0123456789abcdef01234567", `orgId: 0123456789abcdef01234567, parentAccount: {
    accountId: "777788889999", roleArn: "arn:aws:iam::777788889999:role/network", vpcId: vpc-0123456789abcdef1,
    subnetIds: [subnet-0123456789abcde07, subnet-0123456789abcde08, subnet-0123456789abcde09]}`, 1)
		take(t, s, projectWith(t, parent, certificate))
		require.NoError(t, s.Up())
		after := s.Clouds().All(catalog.AtlasPrivateLinkEndpointService)
		require.Len(t, after, 1)
		assert.NotEqual(t, before, after[0].Inputs["endpointServiceId"])
		assert.Empty(t, steps(t, s))
	})
}
