package drills_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/drills"
)

// hold holds a drill on Pulumi.prod.yaml, and returns its story.
func hold(t *testing.T, name string) string {
	t.Helper()
	for _, d := range drills.All() {
		if d.Name == name {
			var out bytes.Buffer
			require.NoError(
				t,
				d.Run(context.Background(), filepath.Join("..", "..", "..", "Pulumi.prod.yaml"), "", &out, io.Discard),
				out.String(),
			)
			return out.String()
		}
	}
	require.Fail(t, "there is no drill", name)
	return ""
}

// inOrder asserts that a story holds lines, one after the other.
func inOrder(t *testing.T, story string, lines ...string) {
	t.Helper()
	rest := story
	for _, line := range lines {
		at := regexp.MustCompile(line).FindStringIndex(rest)
		if !assert.NotNil(t, at, "%q is missing, or too early, in\n%s", line, story) {
			return
		}
		rest = rest[at[1]:]
	}
}

func TestD05ANodeIsMadeAgainWithTheDataOfItsSnapshot(t *testing.T) {
	story := hold(t, "node")
	inOrder(t, story, "node-2 is lost", `\$ pulumi refresh`, `\$ pulumi up`, "create Volume nodes-node-2",
		"update LaunchTemplate nodes-node-2", "create Group nodes-node-2", "create Attachment ingress-.*-node-2",
		"create Job roll-job", "drill node of stack prod: recovered by 8 operations, preview without a change")
	assert.NotContains(t, story, "node-1", "the other nodes are left alone")
}

func TestD05AZoneThatIsOutIsLeftThoughNothingInItCanBeReached(t *testing.T) {
	story := hold(t, "zone")
	inOrder(t, story, "us-west-2b is out", `nodes.items\[1\].zone' us-west-2a`, `\$ pulumi state unprotect`, "create Volume nodes-node-2",
		"update Group nodes-node-2", "error: .*Unavailable: the service is unavailable in us-west-2b", "us-west-2b is back",
		"delete Volume nodes-node-2", "drill zone of stack prod: recovered")
}

func TestD05AProtectedDatabaseIsReplacedInTheOrderThatLosesNothing(t *testing.T) {
	inOrder(
		t,
		hold(t, "database"),
		"error: .*marked for protection",
		`\$ pulumi state unprotect`,
		"create Instance database-instance",
		"create Job bootstrap-job",
		"update Release bpa-release",
		"error: .*Cannot delete protected DB Instance",
		"--no-deletion-protection",
		"delete Instance database-instance",
		"drill database of stack prod: recovered",
	)
}

func TestD05AStateIsRebuiltInAFewPasses(t *testing.T) {
	story := hold(t, "state")
	inOrder(t, story, "the state is lost", `[1-9]\d* to import`, `[1-9]\d* to import`, " 0 to import, 8 left", "create Attachment",
		"drill state of stack prod: recovered by 8 operations, preview without a change")
	assert.Equal(t, 8, strings.Count(story, "  create "), "only what cannot be imported is made")
}
