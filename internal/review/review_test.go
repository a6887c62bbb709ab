package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func TestWhatIsNoPreviewIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                "found no JSON",
		"error: no stack": "found no JSON",
		`{"version": 3}`:  "it has neither steps nor a summary",
		`{"steps": [`:     "unexpected EOF",
	} {
		_, err := stackdoc.ReadPreview(strings.NewReader(text))
		require.ErrorIs(t, err, stackdoc.ErrNotAPreview)
		require.ErrorContains(t, err, want)
	}
}

// step is a step as the engine's JSON has it. The tests of this file need inputs that no simulated cloud would accept, or
// more of them than one would deploy; engine_test.go holds the engine's own.
func step(op, urn string, before, after map[string]any, causes ...string) map[string]any {
	s := map[string]any{"op": op, "urn": urn}
	typ := strings.Split(urn, "::")[2]
	state := func(in map[string]any) map[string]any {
		return map[string]any{"urn": urn, "type": typ, "custom": true, "inputs": in}
	}
	if before != nil {
		s["oldState"] = state(before)
	}
	if after != nil {
		s["newState"] = state(after)
	}
	detailed := map[string]any{}
	for _, c := range causes {
		detailed[c] = map[string]any{"kind": "update", "inputDiff": true}
	}
	s["detailedDiff"] = detailed
	return s
}

func reviewSteps(t *testing.T, steps ...map[string]any) *review.Review {
	t.Helper()
	r, err := reviewWith(t, review.Options{}, steps...)
	require.NoError(t, err)
	return r
}

func reviewWith(t *testing.T, o review.Options, steps ...map[string]any) (*review.Review, error) {
	t.Helper()
	b, err := json.Marshal(map[string]any{"steps": steps, "changeSummary": map[string]any{}})
	require.NoError(t, err)
	p, err := stackdoc.ReadPreview(strings.NewReader(string(b)))
	require.NoError(t, err)
	return review.New(p, o)
}

const (
	stack     = "urn:pulumi:prod::bpa::"
	policyURN = stack + catalog.IAMPolicy + "::p"
	secretURN = stack + catalog.KubernetesSecret + "::bpa-mongodb"
	queueURN  = stack + "aws:sqs/queue:Queue::q"
)

func statement(s string) map[string]any {
	return map[string]any{"policy": `{"Version":"2012-10-17","Statement":[` + s + `]}`}
}

func TestPermissionsThatWiden(t *testing.T) {
	condition := `,"Condition":{"StringEquals":{"aws:SourceVpc":["a","b"]}}`
	narrow := `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"` + condition + `}`
	deny := `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
	for name, c := range map[string]struct{ before, after, want string }{
		"an action":               {narrow, strings.Replace(narrow, "GetObject", "Get*", 1), "allows `s3:get*`"},
		"a resource":              {narrow, strings.Replace(narrow, "b/*", "*", 1), "allows `s3:getobject` on `arn:aws:s3:::*`"},
		"a condition less":        {narrow, strings.Replace(narrow, condition, "", 1), "allows `s3:getobject`"},
		"a value more":            {narrow, strings.Replace(narrow, `"b"]`, `"b","c"]`, 1), "under conditions"},
		"a value less":            {narrow, strings.Replace(narrow, `,"b"]`, `]`, 1), ""},
		"a denial gone":           {narrow + "," + deny, narrow, "no longer denies `s3:*` on `*`"},
		"a denial more":           {narrow, narrow + "," + deny, ""},
		"NotAction":               {narrow, `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "NotAction"},
		"a question mark":         {strings.Replace(narrow, "b/*", "b/?", 1), strings.Replace(narrow, "b/*", "b/x", 1), ""},
		"a star is no character":  {strings.Replace(narrow, "b/*", "b/?", 1), narrow, "allows `s3:getobject` on `arn:aws:s3:::b/*`"},
		"an order and a case":     {narrow + "," + deny, deny + "," + strings.Replace(narrow, "s3:Get", "S3:get", 1), ""},
		"one statement for a few": {narrow, strings.Replace(narrow, `"s3:GetObject"`, `["s3:GetObject"]`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := reviewSteps(t, step("update", policyURN, statement(c.before), statement(c.after), "policy"))
			if c.want == "" {
				assert.Empty(t, r.Findings)
				return
			}
			require.Len(t, r.Findings, 1)
			assert.Equal(t, review.Permission, r.Findings[0].Subject)
			assert.True(t, r.Findings[0].NeedsApproval)
			assert.Contains(t, r.Findings[0].Text, c.want)
		})
	}
}

func TestAPolicyThatIsKnownOnlyAfterUpIsNotCalledSafe(t *testing.T) {
	unknown := map[string]any{"policy": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
	r := reviewSteps(t, step("update", policyURN, statement(`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`), unknown, "policy"))
	assert.False(t, r.Safe())
	assert.Contains(t, r.Findings[0].Text, "known only after up")
}

func TestThePrincipalOfABucketPolicyMatters(t *testing.T) {
	urn := stack + catalog.S3BucketPolicy + "::b"
	one := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:GetObject","Resource":"*"}`
	r := reviewSteps(
		t,
		step(
			"update",
			urn,
			statement(one),
			statement(strings.Replace(one, `{"AWS":"arn:aws:iam::111122223333:root"}`, `"*"`, 1)),
			"policy",
		),
	)
	require.Len(t, r.Findings, 1)
	assert.Contains(t, r.Findings[0].Text, "for `*`")
}

func TestSecretsOfKubernetesAreMaskedWhoeverForgot(t *testing.T) {
	object := func(password, name string) map[string]any {
		return map[string]any{
			"metadata": map[string]any{"name": name, "labels": map[string]any{"app": "bpa"}},
			"data":     map[string]any{"password": password}, "stringData": "[secret]",
		}
	}
	r := reviewSteps(
		t,
		step("update", secretURN, object("aHVudGVyMg==", "one"), object("aHVudGVyMw==", "two"), "data.password", "metadata.name"),
	)
	b, err := json.Marshal(r)
	require.NoError(t, err)
	for _, text := range []string{r.Markdown(review.CommentLimit), string(b)} {
		assert.NotContains(t, text, "aHVudGVy")
		assert.Contains(t, text, "data.password")
	}
	require.Len(t, r.Kubernetes, 1)
	assert.Contains(t, r.Kubernetes[0].Diff, "-    name: one\n+    name: two")
	assert.Contains(t, r.Kubernetes[0].Diff, "# changed, and not shown: data.password")
}

func TestAnUnknownTypeThatIsLostNeedsAnEye(t *testing.T) {
	r := reviewSteps(t, step("delete", queueURN, map[string]any{"name": "q"}, nil))
	assert.Equal(t, []string{queueURN}, r.Missing())
	assert.Contains(t, r.Findings[0].Downtime, "not known for this type")
}

func TestAnUnknownOperationIsShown(t *testing.T) {
	r := reviewSteps(t, step("transmogrify", queueURN, map[string]any{"name": "q"}, map[string]any{"name": "r"}, "name"))
	assert.Len(t, r.Harmless, 1)
}

func TestApprovalsAreFoundInAMessage(t *testing.T) {
	assert.Equal(t, []string{"urn:pulumi:prod::bpa::a:b/c:D::e", "urn:pulumi:prod::bpa::a:b/c:D::f g"}, review.Approvals(
		"Move the database\n\nbpa-approve: urn:pulumi:prod::bpa::a:b/c:D::e\n"+
			"- bpa-approve: `urn:pulumi:prod::bpa::a:b/c:D::f g`\nbpa-approve: all\n",
	))
	assert.Equal(t, []string{"urn:pulumi:prod::bpa::a:b/c:D::user@example"}, review.Approvals(
		"bpa-approve: urn:pulumi:prod::bpa::a:b/c:D::user@\u200bexample\r\n"), "as it is copied from a comment")
}
