package recovery

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func TestAnImportLearnsWhichNamesTheBridgeHadMade(t *testing.T) {
	const before = `{"secrets_providers":{"type":"passphrase"},"resources":[
		{"urn":"urn:pulumi:s::p::aws:iam/role:Role::role",
			"inputs":{"__defaults":[],"name":"role-0123abc","maxSessionDuration":12345678901234567}},
		{"urn":"urn:pulumi:s::p::aws:iam/role:Role::given","inputs":{"__defaults":[],"name":"bpa-dev-nodes"}},
		{"urn":"urn:pulumi:s::p::aws:iam/role:Role::known","inputs":{"__defaults":["name"],"name":"known-0123abc"}},
		{"urn":"urn:pulumi:s::p::aws:s3/bucketV2:BucketV2::logs","inputs":{"__defaults":[],"bucket":"logs-0123abc"}},
		{"urn":"urn:pulumi:s::p::aws:s3/bucketPolicy:BucketPolicy::logs","inputs":{"__defaults":[],"bucket":"logs-0123abc"}},
		{"urn":"urn:pulumi:s::p::kubernetes:core/v1:Secret::s","inputs":{"metadata":{"name":"s-0123abc"}}},
		{"urn":"urn:pulumi:s::p::bpa:cluster:Cluster::c"}]}`
	settled, changed, err := noteNames(json.RawMessage(before))
	require.NoError(t, err)
	assert.True(t, changed)
	var state struct {
		Resources []struct {
			Inputs map[string]json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(settled, &state))
	for i, want := range []string{`["name"]`, `[]`, `["name"]`, `["bucket"]`, `[]`, ``, ``} {
		assert.Equal(t, want, string(state.Resources[i].Inputs[stackdoc.BridgeNotes]), i)
	}
	assert.Equal(t, "12345678901234567", string(state.Resources[0].Inputs["maxSessionDuration"]), "a number keeps its digits")

	again, changed, err := noteNames(settled)
	require.NoError(t, err)
	assert.False(t, changed, "idempotent")
	assert.Equal(t, string(settled), string(again))

	_, _, err = noteNames(json.RawMessage(`{`))
	assert.ErrorContains(t, err, "reading the state")
}
