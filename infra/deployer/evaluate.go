package deployer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Request is a call as IAM judges it: an action on a resource, in a context. A call that touches several resources is
// several requests, and all must be allowed.
type Request struct {
	// Action such as ec2:CreateVpc, Resource an ARN, or "*" where the action knows no resources.
	Action, Resource string
	// Context are the values of condition keys.
	Context map[string]string
}

// Allowed reports whether identity policies allow a request, by IAM's rules: some statement allows it and none denies
// it. Of the condition operators it knows those that policies of this package use, and the error names any other.
// Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
func Allowed(documents []Document, r Request) (bool, error) {
	allowed := false
	for _, d := range documents {
		for _, s := range d.Statement {
			applies, err := s.applies(r)
			if err != nil {
				return false, err
			}
			if !applies {
				continue
			}
			if s.Effect == "Deny" {
				return false, nil
			}
			allowed = true
		}
	}
	return allowed, nil
}

// applies reports whether a statement speaks of a request.
func (s Statement) applies(r Request) (bool, error) {
	action := func(pattern string) bool { return wild(strings.ToLower(pattern), strings.ToLower(r.Action)) }
	resource := func(pattern string) bool { return pattern == "*" || wildARN(pattern, r.Resource) }
	if !slices.ContainsFunc(s.Action, action) || !slices.ContainsFunc(s.Resource, resource) {
		return false, nil
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			holds, err := condition(operator, key, values, r.Context)
			if err != nil || !holds {
				return false, err
			}
		}
	}
	return true, nil
}

// condition judges one key. A key that the request lacks fails every operator but Null.
func condition(operator, key string, values []string, context map[string]string) (bool, error) {
	value, there := lookup(context, key)
	if operator == "Null" {
		return slices.Contains(values, fmt.Sprint(!there)), nil
	}
	matches := map[string]func(pattern string) bool{
		"StringEquals": func(p string) bool { return p == value },
		"Bool":         func(p string) bool { return strings.EqualFold(p, value) },
		"ArnEquals":    func(p string) bool { return wildARN(p, value) },
		"ArnLike":      func(p string) bool { return wildARN(p, value) },
	}[operator]
	if matches == nil {
		return false, fmt.Errorf("deployer: the condition operator %s is not known", operator)
	}
	return there && slices.ContainsFunc(values, matches), nil
}

// lookup finds a key; IAM's keys know no case.
func lookup(context map[string]string, key string) (string, bool) {
	for k, v := range context {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}

var compiled sync.Map

// wild matches * and ?.
func wild(pattern, text string) bool {
	expression, ok := compiled.Load(pattern)
	if !ok {
		quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		expression, _ = compiled.LoadOrStore(pattern, regexp.MustCompile("(?s)^"+quoted+"$"))
	}
	return expression.(*regexp.Regexp).MatchString(text)
}

// wildARN matches the six parts of an ARN one by one, so that * does not reach into the next.
func wildARN(pattern, arn string) bool {
	p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(p) != 6 || len(a) != 6 {
		return false
	}
	for i := range p {
		if !wild(p[i], a[i]) {
			return false
		}
	}
	return true
}
