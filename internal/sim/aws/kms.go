package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// kms are keys and their names.
var kms = provider.Code{
	catalog.KMSKey: {
		Values: []provider.Value{
			oneOf("keyUsage", "ENCRYPT_DECRYPT SIGN_VERIFY GENERATE_VERIFY_MAC KEY_AGREEMENT"), jsonOf("policy"),
			{Property: "deletionWindowInDays", Min: 7, Max: 30, Source: tfAWS},
		},
		Rules: append(policyRules("policy", "MalformedPolicyDocumentException"), []provider.Rule{
			{
				Code: "MalformedPolicyDocumentException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2843),
				Fails: lockedOut,
			},
			{
				Code: "MalformedPolicyDocumentException", Source: "docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
				Fails: func(r *provider.Request) string {
					return principalProblem(r.Str("policy"), "Policy contains a statement with one or more invalid principals.")
				},
			},
		}...),
		Leaving: []provider.Rule{{
			Code: "rehearsal", Source: "docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html", Fails: stillSeals,
		}},
	},
	catalog.KMSAlias: {
		Values: []provider.Value{
			{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^alias/[0-9A-Za-z_/-]+$`),
				Text: "must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]"},
			{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^alias/aws/`), Not: true,
				Text: "cannot begin with reserved AWS CMK prefix 'alias/aws/'"},
		},
	},
}

// stillSeals is the rehearsal's own refusal: KMS schedules the deletion, after which nobody reads what services have kept under the
// key. What they keep names it.
func stillSeals(r *provider.Request) string {
	for _, kept := range r.Store.List() {
		if kept.URN == "" && kept.ID != r.ID && (kept.Inputs["kmsKeyId"] == r.Old["arn"] || kept.Inputs["kmsKeyId"] == r.ID) {
			return fmt.Sprintf("%s %s stays, and is lost with the key %s that encrypts it", kept.Type, kept.ID, r.ID)
		}
	}
	return ""
}

// lockedOut is KMS's safety check: somebody of this account must be able to change the key's policy.
func lockedOut(r *provider.Request) string {
	list, err := iamdoc.Parse(r.Str("policy"))
	if r.Str("policy") == "" || err != nil || r.Inputs["bypassPolicyLockoutSafetyCheck"] == true {
		return ""
	}
	for _, s := range list {
		for _, p := range iamdoc.Principals(s.Principal) {
			own := p == "*" || p == account(r) || strings.Contains(p, ":iam::"+account(r)+":")
			if s.Effect == "Allow" && own && slices.ContainsFunc(iamdoc.Words(s.Action), func(a string) bool {
				return a == "*" || a == "kms:*" || a == "kms:Put*" || a == "kms:PutKeyPolicy"
			}) {
				return ""
			}
		}
	}
	return "The new key policy will not allow you to update the key policy in the future."
}
