package rotation_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/rotation"
)

const stackFile = `# Of a customer.
config:
  pulumi:disable-default-providers: ["*"]
  bpa:aws:
    # Your account.
    accountId: "111122223333"
`

func TestTheCounterGoesUpAndCommentsStay(t *testing.T) {
	once, count, err := rotation.Count([]byte(stackFile), "database.kong")
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	assert.Equal(t, stackFile+"  bpa:rotation:\n    database:\n      kong: 1\n", string(once))

	twice, count, err := rotation.Count(once, "database.kong")
	require.NoError(t, err)
	assert.Equal(t, 2, count)
	assert.Equal(t, stackFile+"  bpa:rotation:\n    database:\n      kong: 2\n", string(twice))

	both, count, err := rotation.Count(twice, "atlas")
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	assert.Equal(t, stackFile+"  bpa:rotation:\n    database:\n      kong: 2\n    atlas: 1\n", string(both))
}

func TestWhatCannotBeCountedIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ file, secret, want string }{
		"another secret":   {stackFile, "database.root", "must be one of database.master"},
		"no file":          {"", "atlas", "holds no settings"},
		"no YAML":          {"a: [", "atlas", "reading the stack file"},
		"no number":        {"config: {bpa:rotation: {atlas: often}}", "atlas", `bpa:rotation.atlas: "often": must be a whole number`},
		"an object":        {"config: {bpa:rotation: {atlas: {a: 1}}}", "atlas", "config.bpa:rotation.atlas: must be a whole number"},
		"no object inside": {"config: {bpa:rotation: 1}", "atlas", "config.bpa:rotation: must be an object"},
	} {
		_, _, err := rotation.Count([]byte(test.file), test.secret)
		assert.ErrorContains(t, err, test.want, name)
	}
}

func TestTheFirstGenerationHasNoKeeper(t *testing.T) {
	assert.Nil(t, rotation.Keepers(0), "passwords that are there stay as they are")
	assert.NotNil(t, rotation.Keepers(1))
}
