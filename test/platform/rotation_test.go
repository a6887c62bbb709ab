package platform_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// passwordsOf are the generated passwords by logical name.
func passwordsOf(s *rehearsal.Session) map[string]any {
	all := map[string]any{}
	for _, r := range s.Clouds().All(passwordType) {
		all[r.URN.Name()] = r.Outputs["result"]
	}
	return all
}

const (
	userCreated  = "create " + catalog.AtlasDatabaseUser + " atlas-user"
	userDeleted  = "delete " + catalog.AtlasDatabaseUser + " atlas-user"
	mongoUpdated = "update " + catalog.KubernetesSecret + " bpa-mongodb"
	retired      = "create " + catalog.KubernetesJob + " retirement-job"
)

// A new login is there before the pods that use it roll, and the one before until they have.
func TestR11D04ARotatedPasswordIsInTheDatabaseBeforeTheApplicationRolls(t *testing.T) {
	certificate := pair(t)
	const version = "create " + catalog.SecretsManagerSecretVersion + " database-kong"
	story(t, projectWith(t, small, certificate), func(s *rehearsal.Session) {
		before := passwordsOf(s)
		take(t, s, projectWith(t, small+"  bpa:rotation: {database: {kong: 1, master: 1}, atlas: 1}\n", certificate))
		require.NoError(t, s.Up())
		done := s.Done()
		rolled := index(t, done, releaseUpdated)
		assert.Less(t, index(t, done, "update "+instanceType+" database-instance"), index(t, done, jobCreated),
			"the job logs in with the master's new password")
		for _, first := range []string{jobCreated, userCreated, mongoUpdated} {
			assert.Less(t, index(t, done, first), rolled, "%s, and then BPA rolls", first)
		}
		for _, last := range []string{retired, userDeleted} {
			assert.Greater(t, index(t, done, last), rolled, "BPA rolls, and then %s", last)
		}
		index(t, done, version)
		for _, named := range []string{catalog.KubernetesSecret + " bootstrap-credentials", catalog.KubernetesJob + " bootstrap-job"} {
			assert.Less(t, index(t, done, "create "+named), index(t, done, "delete "+named), "its name is new, so it can be made first")
		}
		for _, d := range done {
			assert.NotEqual(t, instanceDeleted, d.String())
		}
		for name, password := range passwordsOf(s) {
			switch name {
			case "database-kong", "database-master", "atlas-password":
				assert.NotEqual(t, before[name], password, name)
			default:
				assert.Equal(t, before[name], password, "%s was not asked for", name)
			}
		}
		assert.Empty(t, steps(t, s), "and then there is nothing left to do")
	})
}

// MongoDB's login alone rolls BPA, too.
func TestR11D04AtlasAloneIsRotatedWithARollout(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, small, certificate), func(s *rehearsal.Session) {
		for generation, name := range []string{"bpa", "bpa-1", "bpa-2"} {
			if generation > 0 {
				take(t, s, projectWith(t, fmt.Sprintf("%s  bpa:rotation: {atlas: %d}\n", small, generation), certificate))
				require.NoError(t, s.Up())
				done := s.Done()
				assert.Less(t, index(t, done, userCreated), index(t, done, mongoUpdated))
				assert.Less(t, index(t, done, mongoUpdated), index(t, done, releaseUpdated))
				assert.Less(t, index(t, done, releaseUpdated), index(t, done, userDeleted))
				assert.NotContains(t, fmt.Sprint(done), "retirement", "PostgreSQL has nothing to retire")
			}
			users := s.Clouds().All(catalog.AtlasDatabaseUser)
			require.Len(t, users, 1)
			assert.Equal(t, name, users[0].Inputs["username"])
			assert.Empty(t, steps(t, s))
		}
	})
}

// Atlas answers before it lets a new user in. A release that has not become ready over that is rolled back to pods whose user is
// there, and the next `up` rolls to the new one.
func TestR11D04ARotationThatAtlasAppliesLateEndsWithTheNextUp(t *testing.T) {
	certificate := pair(t)
	options, err := platform.Options(projectWith(t, small, certificate), "test", &bytes.Buffer{})
	require.NoError(t, err)
	late, err := faults.Parse(catalog.AtlasDatabaseUser + " create 2 AuthenticationFailed")
	require.NoError(t, err)
	plan := &faults.Plan{Faults: []faults.Fault{late}}
	options.Faults = plan
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		require.ErrorContains(t, s.Up(), "AuthenticationFailed", "the first user is late, too")
		require.NoError(t, s.Up())
		s.Done()
		take(t, s, projectWith(t, small+"  bpa:rotation: {atlas: 1}\n", certificate))
		require.ErrorContains(t, s.Up(), "AuthenticationFailed")
		assert.Len(t, s.Clouds().All(catalog.AtlasDatabaseUser), 2, "both can log in, the new one late")
		assert.NotContains(t, fmt.Sprint(s.Done()), userDeleted)

		require.NoError(t, s.Up())
		done := s.Done()
		assert.Greater(t, index(t, done, userDeleted), index(t, done, releaseUpdated))
		assert.NotContains(t, fmt.Sprint(done), userCreated, "it is made once")
		assert.Empty(t, plan.Unseen())
		assert.Empty(t, steps(t, s))
		return s.Consistent()
	})
	require.NoError(t, err, result.Text)
}

// A release that fails is rolled back by Helm, to pods that log in as before. They still can, until it succeeds.
func TestR11D04AReleaseThatFailsLeavesEveryLoginThatItsPodsUse(t *testing.T) {
	certificate := pair(t)
	options, err := platform.Options(projectWith(t, small, certificate), "test", &bytes.Buffer{})
	require.NoError(t, err)
	options.Faults = &faults.Plan{Faults: []faults.Fault{
		{Type: catalog.HelmRelease, Verb: provider.Update, Count: 1, Code: "UPGRADE FAILED"},
	}}
	result, err := rehearsal.Run(context.Background(), options, func(s *rehearsal.Session) error {
		require.NoError(t, s.Up())
		s.Done()
		take(t, s, projectWith(t, small+"  bpa:rotation: {database: {kong: 1}, atlas: 1}\n", certificate))
		require.ErrorContains(t, s.Up(), "UPGRADE FAILED")
		assert.Len(t, s.Clouds().All(catalog.AtlasDatabaseUser), 2, "both can log in")
		assert.NotContains(t, fmt.Sprint(s.Done()), "retirement-job")

		require.NoError(t, s.Up())
		done := s.Done()
		rolled := index(t, done, releaseUpdated)
		assert.Greater(t, index(t, done, userDeleted), rolled)
		assert.Greater(t, index(t, done, retired), rolled)
		assert.Empty(t, steps(t, s))
		return s.Consistent()
	})
	require.NoError(t, err, result.Text)
}
