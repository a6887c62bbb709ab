package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const roleType = catalog.IAMRole

// policyRules judge the policy document in a property, each with the service's own code.
func policyRules(property, malformed string) []provider.Rule {
	return []provider.Rule{
		{Code: malformed, Source: iamErrors, Fails: func(r *provider.Request) string { return documentProblem(r.Str(property)) }},
		{Code: "INVALID_ACTION", Source: iamErrors, Fails: func(r *provider.Request) string { return unknownAction(r.Str(property)) }},
	}
}

// identityRules are the rules of IAM, KMS, Secrets Manager and of policies anywhere.
func identityRules() map[string][]provider.Rule {
	kms := append(policyRules("policy", "MalformedPolicyDocumentException"), provider.Rule{
		Code: "MalformedPolicyDocumentException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2843), Fails: lockedOut,
	}, provider.Rule{
		Code:   "MalformedPolicyDocumentException",
		Source: "docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
		Fails: func(r *provider.Request) string {
			return principalProblem(r.Str("policy"), "Policy contains a statement with one or more invalid principals.")
		},
	})
	return map[string][]provider.Rule{
		roleType:              append(policyRules("assumeRolePolicy", "MalformedPolicyDocument"), trustRules...),
		catalog.IAMRolePolicy: append(append(policyRules("policy", "MalformedPolicyDocument"), inlineRules...), roleExists),
		catalog.IAMRolePolicyAttachment: {
			roleExists, {Code: "NoSuchEntity", Source: iamErrors, OnCreate: true, Fails: policyExists},
		},
		profileType:                 {roleExists},
		catalog.KMSKey:              kms,
		catalog.S3BucketPolicy:      append(policyRules("policy", "MalformedPolicy"), bucketPolicyRules...),
		catalog.ECRRepositoryPolicy: policyRules("policy", "InvalidParameterException"),
		catalog.SecretsManagerSecret: append(policyRules("policy", "MalformedPolicyDocumentException"), provider.Rule{
			Code: "ResourceExistsException", Source: "docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
			OnCreate: true, Fails: secretExists,
		}),
		catalog.EC2VpcEndpoint: policyRules("policy", "InvalidPolicyDocument"),
	}
}

var roleExists = provider.Rule{Code: "NoSuchEntity", Source: iamErrors, OnCreate: true, Fails: func(r *provider.Request) string {
	name := r.Str("role")
	if name == "" || r.Store.Get(roleType, name) != nil || r.Store.External(name) {
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

func secretExists(r *provider.Request) string {
	same := func(o *provider.Resource) bool { return o.Inputs["name"] == r.Inputs["name"] }
	if r.Store.Find(r.Type, same) != nil {
		return fmt.Sprintf("The operation failed because the secret %s already exists.", r.Str("name"))
	}
	return ""
}

// statement is what the rules read of a policy's statement. Each may be a text or a list.
type statement struct{ Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition any }

// statements parses a policy document.
func statements(document string) ([]statement, error) {
	var parsed struct {
		Version   string
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(document), &parsed); err != nil {
		return nil, err
	}
	if parsed.Version != "" && parsed.Version != "2012-10-17" && parsed.Version != "2008-10-17" {
		return nil, fmt.Errorf("the policy must contain a valid version string")
	}
	var list []statement
	if err := json.Unmarshal(parsed.Statement, &list); err == nil {
		return list, nil
	}
	var one statement
	err := json.Unmarshal(parsed.Statement, &one)
	return []statement{one}, err
}

func documentProblem(document string) string {
	if document == "" {
		return ""
	}
	list, err := statements(document)
	if err != nil {
		return "Syntax errors in policy. This policy contains invalid Json"
	}
	for _, s := range list {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return "Syntax errors in policy. Effect must be Allow or Deny"
		case s.Action == nil && s.NotAction == nil:
			return "Policy statement must contain actions."
		}
		for _, action := range words(s.Action) {
			if action != "*" && !strings.Contains(action, ":") {
				return actionProblem(action)
			}
		}
	}
	return ""
}

func unknownAction(document string) string {
	list, err := statements(document)
	if document == "" || err != nil {
		return ""
	}
	for _, s := range list {
		for _, action := range append(words(s.Action), words(s.NotAction)...) {
			if problem := actionProblem(action); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// words are the texts of a value that is a text or a list of them.
func words(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	return texts(v)
}

// principals are the texts of a principal: "*", or the lists of each kind.
func principals(v any) []string {
	if m, ok := v.(map[string]any); ok {
		var all []string
		for _, kind := range m {
			all = append(all, words(kind)...)
		}
		return all
	}
	return words(v)
}

// lockedOut is KMS's safety check: somebody of this account must be able to change the key's policy.
func lockedOut(r *provider.Request) string {
	list, err := statements(r.Str("policy"))
	if r.Str("policy") == "" || err != nil || r.Inputs["bypassPolicyLockoutSafetyCheck"] == true {
		return ""
	}
	for _, s := range list {
		for _, p := range principals(s.Principal) {
			own := p == "*" || p == account(r) || strings.Contains(p, ":iam::"+account(r)+":")
			if s.Effect == "Allow" && own && slices.ContainsFunc(words(s.Action), func(a string) bool {
				return a == "*" || a == "kms:*" || a == "kms:Put*" || a == "kms:PutKeyPolicy"
			}) {
				return ""
			}
		}
	}
	return "The new key policy will not allow you to update the key policy in the future."
}
