package rehearsal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// of is the URN of a resource of a type.
func of(token string) resource.URN {
	return resource.URN("urn:pulumi:dev::platform::" + token + "::" + token[strings.LastIndex(token, ":")+1:])
}

// reviewed returns what a review of one operation on a resource of every type in the catalog finds lost, by URN.
func reviewed(t *testing.T, op string) map[resource.URN]review.Subject {
	t.Helper()
	var steps []map[string]any
	for _, described := range catalog.All() {
		state := map[string]any{"urn": of(described.Token), "type": described.Token, "custom": true, "inputs": map[string]any{}}
		step := map[string]any{"op": op, "urn": of(described.Token), "oldState": state}
		if op == "replace" {
			step["newState"] = state
		}
		steps = append(steps, step)
	}
	document, err := json.Marshal(map[string]any{"steps": steps, "changeSummary": map[string]int{op: len(steps)}})
	require.NoError(t, err)
	preview, err := stackdoc.ReadPreview(strings.NewReader(string(document)))
	require.NoError(t, err)
	r, err := review.New(preview, review.Options{})
	require.NoError(t, err)
	found := map[resource.URN]review.Subject{}
	for _, f := range r.Findings {
		if f.Subject == review.Data || f.Subject == review.Loss {
			found[f.URN] = f.Subject
		}
	}
	return found
}

// A rehearsal of a change and its review are read side by side: what one calls stateful, the other calls a loss of data.
func TestARehearsalAndAReviewCallTheSameStateful(t *testing.T) {
	for _, op := range []string{"delete", "replace"} {
		found := reviewed(t, op)
		require.Greater(t, len(found), 50)
		stateful := 0
		for _, described := range catalog.All() {
			urn := of(described.Token)
			if described.Package() == "pulumi" {
				continue // in no cloud, and so no loss
			}
			assert.Equal(t, rehearsal.Stateful(urn), found[urn] == review.Data, "%s of %s", op, described.Token)
			if rehearsal.Stateful(urn) {
				stateful++
			}
			step := stackdoc.Step{Op: op, URN: urn}
			if rehearsal.RunsAgain(step) {
				assert.NotContains(t, found, urn, "a job that runs again is no loss")
				assert.Empty(t, rehearsal.Loses([]stackdoc.Step{step}))
			} else {
				assert.Len(t, rehearsal.Loses([]stackdoc.Step{step}), 1, "%s of %s", op, described.Token)
			}
		}
		assert.Greater(t, stateful, 20)
	}
}

func TestWhatHoldsDataComesFirst(t *testing.T) {
	var lost []bool
	for _, s := range rehearsal.Loses([]stackdoc.Step{
		{Op: "update", URN: of(catalog.RDSInstance)}, {Op: "replace", URN: of(catalog.EC2LaunchTemplate)},
		{Op: "replace", URN: of(catalog.KubernetesJob)}, {Op: "delete", URN: of(catalog.EFSFileSystem)},
		{Op: "discard", URN: of(catalog.EC2Vpc)}, {Op: "replace", URN: of(catalog.CloudWatchLogGroup)},
	}) {
		lost = append(lost, rehearsal.Stateful(s.URN))
	}
	assert.Equal(t, []bool{true, true, false, false}, lost)
}
