package policy_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func render(t *testing.T, document func() pulumi.StringOutput) string {
	t.Helper()
	var text testkit.Captured
	_, err := testkit.Update(func(ctx *pulumi.Context) error {
		text.Capture(ctx, document())
		return nil
	})
	require.NoError(t, err)
	value, known := text.Value()
	require.True(t, known)
	return value.(string)
}

func TestADocumentIsWhatAWSParses(t *testing.T) {
	document := func() pulumi.StringOutput {
		return policy.Document(
			policy.Statement{Sid: "A", Actions: []string{"s3:GetObject"}, Resources: []pulumi.StringInput{pulumi.String("arn:1")}},
			policy.Statement{
				Effect: "Deny", Actions: []string{"s3:*"}, Principals: policy.Principals{Everyone: true},
				Conditions: map[string]map[string]pulumi.StringInput{"Bool": {"aws:SecureTransport": pulumi.String("false")}},
			},
			policy.Statement{
				Actions:    []string{"kms:*"},
				Principals: policy.Principals{AWS: []pulumi.StringInput{pulumi.String("arn:root")}},
			},
		)
	}
	text := render(t, document)
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:1"]},
		{"Effect": "Deny", "Action": ["s3:*"], "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
		{"Effect": "Allow", "Action": ["kms:*"], "Principal": {"AWS": ["arn:root"]}}]}`, text)
	for range 20 {
		require.Equal(t, text, render(t, document), "byte-identical on every run, or a preview would show a change")
	}
}

func TestATrustPolicyNamesItsServices(t *testing.T) {
	text := render(t, func() pulumi.StringOutput { return policy.Trust("ec2.amazonaws.com") })
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"],
		"Principal": {"Service": ["ec2.amazonaws.com"]}}]}`, text)
}
