package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/rehearsal"
)

// passwordsOf are the generated passwords by logical name.
func passwordsOf(s *rehearsal.Story) map[string]any {
	all := map[string]any{}
	for _, r := range s.Clouds().All(passwordType) {
		all[r.URN.Name()] = r.Outputs["result"]
	}
	return all
}

// A role's password is altered before the pods that use it roll: from there to the end of the rollout, and no longer, is
// there a pod with the old one. Sessions that are open stay open.
func TestR11ARotatedPasswordIsInTheDatabaseBeforeTheApplicationRolls(t *testing.T) {
	certificate := pair(t)
	const user, secret, version = "update mongodbatlas:index/databaseUser:DatabaseUser atlas-user",
		"update kubernetes:core/v1:Secret bpa-mongodb", "create aws:secretsmanager/secretVersion:SecretVersion database-kong"
	story(t, projectWith(t, small, certificate), func(s *rehearsal.Story) {
		before := passwordsOf(s)
		take(t, s, projectWith(t, small+"  bpa:rotation: {database: {kong: 1, master: 1}, atlas: 1}\n", certificate))
		require.NoError(t, s.Up())
		done := s.Done()
		rolled := index(t, done, releaseUpdated)
		assert.Less(t, index(t, done, "update "+instanceType+" database-instance"), index(t, done, jobCreated),
			"the job logs in with the master's new password")
		for _, first := range []string{jobCreated, user, secret} {
			assert.Less(t, index(t, done, first), rolled, "%s, and then BPA rolls", first)
		}
		index(t, done, version)
		for _, d := range done {
			assert.NotContains(t, []string{instanceDeleted, "delete mongodbatlas:index/databaseUser:DatabaseUser atlas-user"}, d.String())
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
