package iamdoc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/iamdoc"
)

func TestAKeysPolicySaysWhetherAutoScalingMayLendIt(t *testing.T) {
	const (
		linked = `{"AWS": "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"}`
		root   = `{"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"]}`
		ebs    = `"Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "ec2.us-west-2.amazonaws.com"}}`
		lends  = `"Condition": {"Bool": {"kms:GrantIsForAWSResource": true}}`
		org    = `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}`
	)
	allow := func(principal, rest string) string {
		return `{"Effect": "Allow", "Principal": ` + principal + `, ` + rest + `}`
	}
	deny := func(principal, rest string) string {
		return `{"Effect": "Deny", "Principal": ` + principal + `, ` + rest + `}`
	}
	const grant = `"Action": "kms:CreateGrant", "Resource": "*"`
	for name, c := range map[string]struct {
		statements string
		want       iamdoc.Verdict
	}{
		"AWS's own policy of EBS": {allow(`"*"`, grant+", "+ebs), iamdoc.Allowed},
		"the role by name": {
			allow(linked, `"Action": ["kms:Decrypt", "kms:Create*"], "Resource": "*", `+lends),
			iamdoc.Allowed,
		},
		"one statement that is no list": {allow(linked, grant), iamdoc.Allowed},
		"the account alone":             {allow(root, `"Action": "kms:*", "Resource": "*"`), iamdoc.Silent},
		"another action":                {allow(linked, `"Action": "kms:Decrypt", "Resource": "*"`), iamdoc.Silent},
		"another service": {
			allow(`"*"`, grant+`, "Condition": {"StringEquals": {"kms:ViaService": "rds.x"}}`),
			iamdoc.Silent,
		},
		"everybody of an organization": {allow(`"*"`, grant+", "+org), iamdoc.Unclear},
		"an operator that is not known": {
			allow(`"*"`, grant+`, "Condition": {"NumericLessThan": {"kms:CallerAccount": "5"}}`),
			iamdoc.Unclear,
		},
		"refused to the whole account":    {"[" + allow(linked, grant) + "," + deny(root, grant) + "]", iamdoc.Denied},
		"refused outside an organization": {"[" + deny(`"*"`, grant+", "+org) + "," + allow(linked, grant) + "]", iamdoc.Unclear},
		"refused to others": {
			"[" + deny(`{"Service": "rds.amazonaws.com"}`, grant) + "," + allow(linked, grant) + "]",
			iamdoc.Allowed,
		},
		"all but one action, to all but me": {`{"Effect": "Allow", "NotPrincipal": ` + root + `, ` + grant + `}`, iamdoc.Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := iamdoc.Parse(`{"Version": "2012-10-17", "Statement": ` + c.statements + `}`)
			require.NoError(t, err)
			role := iamdoc.AutoScaling("aws", "111122223333")
			assert.Equal(t, c.want, iamdoc.Judge(list, iamdoc.VolumeGrant("111122223333", "us-west-2", "amazonaws.com", role)))
		})
	}
}

func TestADocumentThatIsNoneIsAnError(t *testing.T) {
	for _, text := range []string{"", "{", `{"Version": "2013-01-01", "Statement": []}`, `{"Statement": "none"}`} {
		_, err := iamdoc.Parse(text)
		assert.Error(t, err, text)
	}
}
