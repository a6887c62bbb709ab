package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

// evil is what somebody may call a resource, or give as a value, to speak in the name of the review.
const evil = "a`b ```\n```\n\n# Safe @admins <img src=x onerror=alert(1)> [click](https://evil.example) </details> <!-- \u202e\x00"

// spoken returns what a Markdown text says outside of code, and the HTML in it, as a renderer reads it.
func spoken(markdown string) (said, html string) {
	source := []byte(markdown)
	root := goldmark.DefaultParser().Parse(text.NewReader(source))
	var words, raw strings.Builder
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.FencedCodeBlock, *ast.CodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				raw.Write(line.Value(source))
			}
		case *ast.RawHTML:
			raw.Write(n.Segments.Value(source))
		case *ast.Text:
			words.Write(n.Segment.Value(source))
			words.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
	return words.String(), raw.String()
}

func TestNothingInAPullRequestSpeaksInTheNameOfTheReview(t *testing.T) {
	named := func(typ string) string { return "urn:pulumi:prod" + "::bpa::" + typ + "::" + evil }
	policy, err := json.Marshal(map[string]any{"Statement": []any{
		map[string]any{"Effect": "Allow", "Action": evil, "Resource": evil, "Principal": map[string]any{"AWS": evil}},
		map[string]any{"Effect": "Allow", "NotAction": evil, "Resource": evil},
	}})
	require.NoError(t, err)
	r := reviewSteps(t,
		step("delete", named(catalog.EBSVolume), map[string]any{"size": 1.0}, nil),
		step("update", named("aws:sqs/queue:Queue"), map[string]any{evil: "a"}, map[string]any{evil: evil}, `["`+evil+`"]`),
		step("update", named(catalog.IAMPolicy), nil, map[string]any{"policy": string(policy)}, "policy"),
		step("create", named(catalog.IAMRolePolicyAttachment), nil, map[string]any{"policyArn": evil, "role": evil}),
		step("create", named(catalog.VPCSecurityGroupIngressRule), nil, map[string]any{
			"securityGroupId": evil, "ipProtocol": evil, "prefixListId": evil, "fromPort": 1.0, "toPort": 9.0,
		}),
		step("create", named(catalog.EKSCluster), nil, map[string]any{"version": evil}),
		step("update", named(catalog.KubernetesConfigMap), map[string]any{"data": map[string]any{"x": evil}},
			map[string]any{"data": map[string]any{"x": evil + evil, evil: evil}}, "data.x"),
		step("update", named(catalog.KubernetesSecret), map[string]any{"data": map[string]any{evil: "1"}},
			map[string]any{"data": map[string]any{evil: "2"}}, `data["`+evil+`"]`),
	)
	for _, limit := range []int{review.CommentLimit, 4000, 2500, 1500} {
		text := r.Markdown(limit)
		said, html := spoken(text)
		for _, word := range []string{"@admins", "Safe @", "evil.example", "click"} {
			assert.NotContains(t, said, word)
		}
		html = strings.NewReplacer("<details>", "", "<details open>", "", "</details>", "", "<summary>", "", "</summary>", "").Replace(html)
		for line := range strings.Lines(html) {
			assert.NotContains(t, line, "<img")
			assert.NotContains(t, line, "alert")
		}
		assert.NotContains(t, text, "\u202e", "nothing turns the text around")
		assert.Contains(t, said, "Needs approval:", "the verdict stays")
	}
	b, err := review.NewPlan(stateOf(t, named(catalog.S3BucketV2), map[string]any{}))
	require.NoError(t, err)
	said, html := spoken(b.Markdown())
	assert.NotContains(t, said+html, "@admins")
	assert.NotContains(t, said+html, "<img")
}

// stateOf is a state with one resource.
func stateOf(t *testing.T, urn string, inputs map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"deployment": map[string]any{"resources": []any{
		map[string]any{"urn": urn, "type": strings.Split(urn, "::")[2], "custom": true, "protect": true, "inputs": inputs},
	}}})
	require.NoError(t, err)
	return b
}

func TestAStackOfAnyNameStaysInItsPlace(t *testing.T) {
	r := reviewSteps(t, step("create", "urn:pulumi:x--><img src=x>@admins::bpa::aws:sqs/queue:Queue::q", nil, map[string]any{}))
	said, html := spoken(r.Markdown(review.CommentLimit))
	assert.NotContains(t, said+html, "@admins")
	assert.NotContains(t, html, "<img")
}
