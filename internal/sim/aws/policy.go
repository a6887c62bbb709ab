package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// policyRules judge the policy document in a property, each with the service's own code.
func policyRules(property, malformed string) []provider.Rule {
	return []provider.Rule{
		{Code: malformed, Source: iamErrors, Fails: func(r *provider.Request) string { return documentProblem(r.Str(property)) }},
		{Code: "INVALID_ACTION", Source: iamErrors, Fails: func(r *provider.Request) string { return unknownAction(r.Str(property)) }},
	}
}

func documentProblem(document string) string {
	if document == "" {
		return ""
	}
	list, err := iamdoc.Parse(document)
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
		for _, action := range iamdoc.Words(s.Action) {
			if action != "*" && !strings.Contains(action, ":") {
				return actionProblem(action)
			}
		}
	}
	return ""
}

func unknownAction(document string) string {
	list, err := iamdoc.Parse(document)
	if document == "" || err != nil {
		return ""
	}
	for _, s := range list {
		for _, action := range append(iamdoc.Words(s.Action), iamdoc.Words(s.NotAction)...) {
			if problem := actionProblem(action); problem != "" {
				return problem
			}
		}
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
	list, err := iamdoc.Parse(document)
	if document == "" || err != nil {
		return ""
	}
	for _, s := range list {
		kinds, _ := s.Principal.(map[string]any)
		for kind, form := range principalForms {
			for _, principal := range iamdoc.Words(kinds[kind]) {
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
