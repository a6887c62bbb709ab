package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// iam are roles, their policies and profiles.
var iam = provider.Code{
	catalog.IAMRole: {
		Values: append(iamName(64), jsonOf("assumeRolePolicy"),
			provider.Value{Property: "maxSessionDuration", Min: 3600, Max: 43200, Source: tfAWS}),
		Rules: append(policyRules("assumeRolePolicy", "MalformedPolicyDocument"), trustRules...),
	},
	catalog.IAMRolePolicy: {
		Values: append(iamName(128), jsonOf("policy")),
		Rules:  append(append(policyRules("policy", "MalformedPolicyDocument"), inlineRules...), roleExists),
	},
	catalog.IAMRolePolicyAttachment: {
		Rules: []provider.Rule{roleExists, {Code: "NoSuchEntity", Source: iamErrors, OnCreate: true, Fails: policyExists}},
	},
	catalog.IAMInstanceProfile: {Values: iamName(128), Rules: []provider.Rule{roleExists}},
}

// Limits of policies in characters, without blanks.
const (
	trustLimit  = 2048
	inlineLimit = 10240
)

const iamQuotas = "docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"

// trustRules are what IAM asks of a role's trust policy, inlineRules what it asks of a policy inside a role.
var (
	trustRules = []provider.Rule{
		{Code: "MalformedPolicyDocument", Source: issue("hashicorp/terraform", 34231), Fails: trustForm},
		{Code: "MalformedPolicyDocument", Source: issue("hashicorp/terraform-provider-aws", 8905), Fails: func(r *provider.Request) string {
			return principalProblem(r.Str("assumeRolePolicy"), `Invalid principal in policy: "%s":"%s"`)
		}},
		{Code: "LimitExceeded", Source: iamQuotas, Fails: func(r *provider.Request) string {
			if size(r.Str("assumeRolePolicy")) > trustLimit {
				return fmt.Sprintf("Cannot exceed quota for ACLSizePerRole: %d", trustLimit)
			}
			return ""
		}},
	}
	inlineRules = []provider.Rule{
		{Code: "MalformedPolicyDocument", Source: issue("hashicorp/terraform-provider-aws", 10419), Fails: inlineForm},
		{Code: "LimitExceeded", Source: issue("kubernetes/kops", 12558), Fails: inlineSize},
	}
)

func iamName(limit float64) []provider.Value {
	return []provider.Value{
		{Property: "name", Min: 1, Max: limit, Source: tfAWS},
		{Property: "name", Pattern: regexp.MustCompile(`^[\w+=,.@-]+$`), Source: tfAWS, Text: "must match [\\w+=,.@-]"},
	}
}

var roleExists = provider.Rule{Code: "NoSuchEntity", Source: iamErrors, OnCreate: true, Fails: func(r *provider.Request) string {
	name := r.Str("role")
	if name == "" || r.Store.Get(catalog.IAMRole, name) != nil || r.Store.External(name) {
		return ""
	}
	return fmt.Sprintf("The role with name %s cannot be found.", name)
}}

var managedPolicy = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+$`)

func policyExists(r *provider.Request) string {
	if arn := r.Str("policyArn"); !managedPolicy.MatchString(arn) {
		return fmt.Sprintf("Policy %s does not exist or is not attachable.", arn)
	}
	return ""
}

func trustForm(r *provider.Request) string {
	list, err := iamdoc.Parse(r.Str("assumeRolePolicy"))
	if err != nil {
		return ""
	}
	for _, s := range list {
		switch {
		case s.Resource != nil || s.NotResource != nil:
			return "Has prohibited field Resource"
		case s.Principal == nil && s.NotPrincipal == nil:
			return "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: " +
				"The passed in policy has a statement with no principals!"
		}
	}
	return ""
}

func inlineForm(r *provider.Request) string {
	list, err := iamdoc.Parse(r.Str("policy"))
	if err != nil {
		return ""
	}
	for _, s := range list {
		switch {
		case s.Principal != nil || s.NotPrincipal != nil:
			return "Policy document should not specify a principal."
		case s.Resource == nil && s.NotResource == nil:
			return "Policy statement must contain resources."
		}
		for _, resource := range append(iamdoc.Words(s.Resource), iamdoc.Words(s.NotResource)...) {
			if resource != "*" && !strings.HasPrefix(resource, "arn:") {
				return fmt.Sprintf(`Resource %s must be in ARN format or "*".`, resource)
			}
		}
	}
	return ""
}

// inlineSize: all policies inside a role share one limit.
func inlineSize(r *provider.Request) string {
	total := size(r.Str("policy"))
	for _, other := range r.Store.All(r.Type) {
		if other.Inputs["role"] == r.Inputs["role"] && other.ID != r.ID && other.Inputs["name"] != r.Inputs["name"] {
			total += size(text(other.Inputs, "policy"))
		}
	}
	if total > inlineLimit {
		return fmt.Sprintf("Maximum policy size of %d bytes exceeded for role %s", inlineLimit, r.Str("role"))
	}
	return ""
}

// size is that of a policy as IAM counts it.
func size(document string) int {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(document)) != nil {
		return len(document)
	}
	return compact.Len()
}
