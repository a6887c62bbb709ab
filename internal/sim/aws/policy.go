package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// policyRules judge the policy document in a property, each with the service's own code.
func policyRules(property, malformed string) []provider.Rule {
	return []provider.Rule{
		{Code: malformed, Source: iamErrors, Fails: func(r *provider.Request) string { return documentProblem(r.Str(property)) }},
		{Code: "INVALID_ACTION", Source: iamErrors, Fails: func(r *provider.Request) string { return unknownAction(r.Str(property)) }},
	}
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
