package stackdoc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

const (
	provider = "urn:pulumi:dev::bpa::pulumi:providers:aws::main"
	bucket   = "urn:pulumi:dev::bpa::bpa:packages:Packages$aws:s3/bucketV2:BucketV2::packages"
	secret   = "urn:pulumi:dev::bpa::random:index/randomPassword:RandomPassword::password"
	text     = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	number   = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"
	// sig marks a secret.
	sig = `"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"`
)

// killed is the state that an engine leaves which was killed while it replaced the bucket. It holds what the reader has no
// name for, and a number that no float holds.
const killed = `{"version": 3, "later": {"kept": true}, "deployment": {
	"manifest": {"time": "2026-11-28T06:00:00Z", "magic": "m", "version": "v3"},
	"secrets_providers": {"type": "awskms", "state": {"url": "awskms://alias/bpa"}},
	"resources": [
		{"urn": "` + provider + `", "custom": true, "type": "pulumi:providers:aws", "id": "p1"},
		{"urn": "` + bucket + `", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "old", "protect": true,
			"inputs": {"big": 9007199254740993}, "outputs": {"arn": "arn"}, "provider": "` + provider + `::p1", "novelty": [1]},
		{"urn": "` + secret + `", "custom": true, "type": "random:index/randomPassword:RandomPassword", "id": "none",
			"dependencies": ["` + bucket + `"], "propertyDependencies": {"length": ["` + bucket + `"]},
			"outputs": {"result": {` + sig + `, "ciphertext": "v1:x"}, "list": [{` + sig + `, "plaintext": "[\"a\"]"}]}},
		{"urn": "` + bucket + `", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "older", "delete": true}],
	"pending_operations": [
		{"type": "creating", "resource": {"urn": "` + bucket + `", "custom": true, "type": "aws:s3/bucketV2:BucketV2",
			"inputs": {"bucket": "new", "password": {` + sig + `, "ciphertext": "v1:y"}}}},
		{"type": "updating", "resource": {"urn": "` + provider + `", "custom": true, "type": "pulumi:providers:aws", "id": "p1"}}]}}`

func read(t *testing.T, document string) *stackdoc.State {
	t.Helper()
	s, err := stackdoc.ReadState([]byte(document))
	require.NoError(t, err)
	return s
}

func TestReadState(t *testing.T) {
	s := read(t, killed)
	require.Len(t, s.Resources, 4)
	assert.Equal(t, "awskms", s.SecretsProvider)
	b := s.Resources[1]
	assert.Equal(t, []string{catalog.S3BucketV2, "packages", "packages", provider, "old", "arn"},
		[]string{b.Type(), b.Name(), b.Component(), string(b.ProviderURN()), b.ID, b.Text("arn")})
	assert.True(t, b.Protect && b.Custom && !b.Internal())
	assert.True(t, s.Resources[0].Internal())
	assert.Equal(t, "stack", s.Resources[0].Component())
	assert.Empty(t, s.Resources[0].ProviderURN())
	assert.Equal(t, []resource.URN{bucket}, s.Resources[2].Dependencies)
	assert.Equal(t, map[string][]resource.URN{"length": {bucket}}, s.Resources[2].PropertyDependencies)
	require.Len(t, s.Pending, 2)
	assert.Equal(t, apitype.OperationTypeCreating, s.Pending[0].Kind)
	assert.Equal(t, "new", s.Pending[0].Resource.Text("bucket"))
}

func TestWhatOnlyWaitsForItsDeletionIsNotOfTheStack(t *testing.T) {
	s := read(t, killed)
	assert.True(t, s.Resources[3].Delete)
	assert.Len(t, s.Live(), 3)
	assert.Equal(t, "old", s.Find(bucket).ID)
	assert.Nil(t, s.Find("urn:pulumi:dev::bpa::aws:s3/bucketV2:BucketV2::other"))
	for _, empty := range []string{
		`{}`, `{"deployment": {}}`, `{"deployment": {"resources": [{"urn": "` + bucket + `", "delete": true}]}}`,
	} {
		_, err := stackdoc.Deployed([]byte(empty))
		require.ErrorIs(t, err, stackdoc.ErrEmpty)
	}
	_, err := stackdoc.Deployed([]byte("Updating (dev)"))
	require.ErrorContains(t, err, "reading the state: invalid character")
}

func TestSecretsAreReadWhereTheDocumentLetsThemBe(t *testing.T) {
	outputs := read(t, killed).Resources[2].Outputs
	encrypted, isSecret := outputs["result"].(stackdoc.Secret)
	require.True(t, isSecret)
	_, readable := encrypted.Value()
	assert.False(t, readable)
	plain, isSecret := outputs["list"].([]any)[0].(stackdoc.Secret)
	require.True(t, isSecret)
	v, readable := plain.Value()
	assert.True(t, readable)
	assert.Equal(t, []any{"a"}, v)
	b, err := json.Marshal(outputs)
	require.NoError(t, err)
	assert.JSONEq(t, `{"list": ["[secret]"], "result": "[secret]"}`, string(b))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.Equal(t, "[secret]", fmt.Sprintf(verb, plain))
	}
	assert.True(t, stackdoc.Contains(outputs, stackdoc.IsSecret))
	b, err = json.Marshal(stackdoc.Cleartext(`a"b`))
	require.NoError(t, err)
	assert.JSONEq(t, `{`+sig+`, "plaintext": "\"a\\\"b\""}`, string(b))
}

func TestCompleteAndExportKeepEverythingElse(t *testing.T) {
	s := read(t, killed)
	unchanged, err := s.Export()
	require.NoError(t, err)
	assert.JSONEq(t, killed, string(unchanged))
	assert.Contains(t, string(unchanged), "9007199254740993")

	assert.True(t, s.Complete(s.Pending[0], "new"))
	assert.False(t, s.Complete(s.Pending[1], "p1"), "the state holds it already")
	assert.Equal(t, 1, s.Unprotect())
	s.Pending = nil
	b, err := s.Export()
	require.NoError(t, err)
	var whole struct {
		Later      map[string]bool
		Deployment struct {
			Resources []map[string]any
			Pending   []any `json:"pending_operations"`
		}
	}
	require.NoError(t, json.Unmarshal(b, &whole))
	assert.True(t, whole.Later["kept"])
	assert.Empty(t, whole.Deployment.Pending)
	var ids []string
	for _, r := range whole.Deployment.Resources {
		ids = append(ids, r["id"].(string))
	}
	assert.Equal(t, []string{"p1", "new", "none", "older", "old"}, ids)
	made, replaced := whole.Deployment.Resources[1], whole.Deployment.Resources[4]
	assert.Equal(t, made["inputs"], made["outputs"])
	assert.Equal(t, "v1:y", made["outputs"].(map[string]any)["password"].(map[string]any)["ciphertext"], "secrets stay encrypted")
	assert.Equal(t, true, replaced["delete"])
	assert.NotContains(t, replaced, "protect")
	assert.Equal(t, []any{1.0}, replaced["novelty"])
}

func TestCompleteTakesThePlaceOfWhatIsGone(t *testing.T) {
	s := read(t, strings.Replace(killed, `"id": "old",`, `"id": "old", "pendingReplacement": true,`, 1))
	assert.True(t, s.Complete(s.Pending[0], "new"))
	assert.Len(t, s.Resources, 4)
	creating := `"creating", "resource": {"urn": "` + bucket
	s = read(t, strings.Replace(killed, creating, creating+"-2", 1))
	assert.True(t, s.Complete(s.Pending[0], "new"))
	assert.Len(t, s.Resources, 5)
}

// A preview as a document and as events says the same.
func TestPreviewsAreReadAlike(t *testing.T) {
	digest := `{"steps": [{"op": "update", "urn": "` + bucket + `",
		"oldState": {"urn": "` + bucket + `", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "b", "protect": true, "taint": true,
			"inputs": {"password": "[secret]", "n": 1}},
		"newState": {"urn": "` + bucket + `", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "b",
			"inputs": {"password": "[secret]", "n": "` + number + `", "name": "` + text + `"}},
		"diffReasons": ["n"], "replaceReasons": ["n"], "detailedDiff": {"n": {"kind": "update-replace", "inputDiff": true}}}],
		"diagnostics": [{"urn": "` + bucket + `", "message": "is full\n", "severity": "error"}, {"message": "hm", "severity": "warning"}],
		"changeSummary": {"update": 1, "same": 4}}`
	hidden := `{` + sig + `, "ciphertext": "[secret]"}`
	log := strings.ReplaceAll(`{"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": {"op": "update", "urn": "`+bucket+`",
		"old": {"urn": "`+bucket+`", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "b", "protect": true, "taint": true,
			"inputs": {"password": `+hidden+`, "n": 1}},
		"new": {"urn": "`+bucket+`", "custom": true, "type": "aws:s3/bucketV2:BucketV2", "id": "b",
			"inputs": {"password": `+hidden+`, "n": "`+number+`", "name": "`+text+`"}},
		"diffs": ["n"], "keys": ["n"], "detailedDiff": {"n": {"diffKind": "update-replace", "inputDiff": true}}}}}`, "\n", "") + `
{"timestamp": 2, "diagnosticEvent": {"urn": "` + bucket + `", "message": "<{%reset%}>is full<{%reset%}>\n", "severity": "error"}}
{"timestamp": 3, "diagnosticEvent": {"message": "hm", "severity": "warning"}}

{"timestamp": 4, "summaryEvent": {"resourceChanges": {"update": 1, "same": 4}}}`
	var runs []*stackdoc.Run
	for _, document := range []string{"Previewing\n{ odd\n" + digest + "\nbye", log} {
		run, err := stackdoc.ReadPreview(strings.NewReader(document))
		require.NoError(t, err)
		require.Len(t, run.Steps, 1)
		for _, r := range []*stackdoc.Resource{run.Steps[0].Old, run.Steps[0].New} {
			r.PropertyDependencies, r.Outputs = nil, nil
		}
		runs = append(runs, run)
	}
	assert.Equal(t, runs[0], runs[1])
	step := runs[0].Steps[0]
	assert.Equal(
		t,
		map[string]any{"password": stackdoc.Secret{}, "n": stackdoc.UnknownNumber, "name": stackdoc.UnknownText},
		step.New.Inputs,
	)
	assert.True(t, stackdoc.IsUnknown(step.New.Inputs["n"]))
	assert.Equal(t, "(known after up)", fmt.Sprint(step.New.Inputs["n"]))
	assert.True(t, step.Old.Protect && step.Old.Taint)
	assert.Equal(t, map[string]apitype.PropertyDiff{"n": {Kind: apitype.DiffUpdateReplace, InputDiff: true}}, step.Detailed)
	assert.Equal(t, map[string]int{"update": 1, "same": 4}, runs[0].Summary)
	require.Len(t, runs[0].Errors, 1)
	assert.Equal(t, "packages: is full", runs[0].Errors[0].String())
	assert.Equal(t, "alone", stackdoc.Diagnostic{Message: "alone"}.String())
}

func TestReadPreviewRefusesAnythingElse(t *testing.T) {
	for document, want := range map[string]string{
		"":                                    "must be the output of `pulumi preview --json`, or an event log of it; found no JSON",
		"no JSON":                             "found no JSON",
		`{"resources": []}`:                   "it has neither steps nor a summary",
		`{"steps": 1, "changeSummary": {}}`:   "must be the output of `pulumi preview --json`, or an event log of it: steps: json:",
		`{"steps": []}`:                       "the JSON has no summary: the preview did not end",
		`{"timestamp": 1}`:                    "the event log has no summary: the preview did not end",
		"{\"timestamp\": 1}\n{\"timestamp\":": "line 2: must be the output",
		`{"steps": [`:                         "unexpected EOF",
	} {
		_, err := stackdoc.ReadPreview(strings.NewReader(document))
		require.ErrorContains(t, err, want, document)
	}
}

// What a bridge notes for itself is no property of the resource, at any depth.
func TestABridgesNotesAreNoProperties(t *testing.T) {
	state, err := stackdoc.ReadState([]byte(`{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:s::p::aws:ec2/vpc:Vpc::v",
		"custom": true, "type": "aws:ec2/vpc:Vpc", "inputs": {"__defaults": ["name"], "a": {"__defaults": [], "b": 1}}}]}}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": map[string]any{"b": 1.0}}, state.Resources[0].Inputs)
}
