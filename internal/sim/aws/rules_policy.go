package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

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

// size is that of a policy as IAM counts it.
func size(document string) int {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(document)) != nil {
		return len(document)
	}
	return compact.Len()
}

func trustForm(r *provider.Request) string {
	list, err := statements(r.Str("assumeRolePolicy"))
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
	list, err := statements(r.Str("policy"))
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
		for _, resource := range append(words(s.Resource), words(s.NotResource)...) {
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

// principalForms are the principals that can be, by kind. Whether one exists cannot be told where it lies outside the stack.
var principalForms = map[string]*regexp.Regexp{
	"AWS":     regexp.MustCompile(`^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+|A[A-Z]{3}[A-Z0-9]{12,})$`),
	"Service": regexp.MustCompile(`^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|internal)$`),
}

// principalProblem finds a principal that cannot be one, and puts its kind and itself into a message.
func principalProblem(document, message string) string {
	list, err := statements(document)
	if document == "" || err != nil {
		return ""
	}
	for _, s := range list {
		kinds, _ := s.Principal.(map[string]any)
		for kind, form := range principalForms {
			for _, principal := range words(kinds[kind]) {
				if form.MatchString(principal) {
					continue
				}
				if !strings.Contains(message, "%") {
					return message
				}
				return fmt.Sprintf(message, strings.ToUpper(kind), principal)
			}
		}
	}
	return ""
}

// objectAction reports whether an action of S3 is about objects, and so about what is below a bucket.
func objectAction(action string) bool {
	return strings.Contains(action, "Object") && !strings.Contains(action, "Bucket") ||
		action == "s3:AbortMultipartUpload" || action == "s3:ListMultipartUploadParts"
}

// actionElsewhere: an action about objects needs a resource below the bucket, one about the bucket needs the bucket.
func actionElsewhere(r *provider.Request) string {
	list, err := statements(r.Str("policy"))
	if err != nil {
		return ""
	}
	for _, s := range list {
		resources := words(s.Resource)
		below := slices.ContainsFunc(resources, func(a string) bool { return strings.ContainsAny(a, "/*") })
		bucket := slices.ContainsFunc(resources, func(a string) bool { return !strings.Contains(a, "/") })
		for _, action := range words(s.Action) {
			known := strings.HasPrefix(action, "s3:") && !strings.Contains(action, "*") && len(resources) > 0
			if known && (objectAction(action) && !below || !objectAction(action) && !bucket) {
				return "Action does not apply to any resource(s) in statement"
			}
		}
	}
	return ""
}
