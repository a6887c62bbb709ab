// Package iamdoc reads policy documents of IAM and of the services that take them, and judges what they say of one request.
// Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
package iamdoc

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/internal/property"
)

// Statement is one statement of a document. Each of its parts may be a text or a list, Principal and Condition objects.
type Statement struct{ Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition any }

// Parse reads a document, whose statements may be a list or one alone.
func Parse(document string) ([]Statement, error) {
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
	var list []Statement
	if err := json.Unmarshal(parsed.Statement, &list); err == nil {
		return list, nil
	}
	var one Statement
	err := json.Unmarshal(parsed.Statement, &one)
	return []Statement{one}, err
}

// Words are the texts of a value that is a text or a list of them. A truth value is written without quotation marks as well.
func Words(v any) []string {
	var out []string
	for _, e := range property.OneOrMore(v) {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case bool:
			out = append(out, strconv.FormatBool(e))
		}
	}
	return out
}

// Principals are the texts of a principal: "*", or the lists of each kind.
func Principals(v any) []string {
	if m, ok := v.(map[string]any); ok {
		var all []string
		for _, kind := range m {
			all = append(all, Words(kind)...)
		}
		return all
	}
	return Words(v)
}

// Verdict is what a resource's own policy says of a request.
type Verdict int

// Silent leaves the request to the policies of whoever asks. Unclear depends on a condition that is not known.
const (
	Silent Verdict = iota
	Unclear
	Allowed
	Denied
)

// Request is one action of a principal. Context has the values of condition keys, named in lower case: what is not there is not
// known.
type Request struct {
	// Principal is an ARN, or "" for one that no policy names. Account is its account's number.
	Principal, Account, Action string
	Context                    map[string]string
}

// Judge says what a resource's policy says of a request. A principal that is the whole account leaves an allowance to the policies
// of IAM, and counts for a denial. Resources are not read: in such a policy they are the resource itself.
func Judge(list []Statement, r Request) Verdict {
	allows, denies := no, no
	for _, s := range list {
		if s.Effect == "Deny" {
			denies = max(denies, s.applies(r))
		} else {
			allows = max(allows, s.applies(r))
		}
	}
	switch {
	case denies == yes:
		return Denied
	case denies == perhaps, allows == perhaps:
		return Unclear
	case allows == yes:
		return Allowed
	}
	return Silent
}

// answer is whether a statement, or a part of one, applies to a request.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

func (s Statement) applies(r Request) answer {
	if s.NotAction != nil || s.NotPrincipal != nil {
		return perhaps
	}
	if !slices.ContainsFunc(Words(s.Action), func(a string) bool { return like(strings.ToLower(a), strings.ToLower(r.Action)) }) {
		return no
	}
	if !slices.ContainsFunc(Principals(s.Principal), func(p string) bool { return s.speaksOf(p, r) }) {
		return no
	}
	return conditions(s.Condition, r.Context)
}

func (s Statement) speaksOf(principal string, r Request) bool {
	whole := principal == r.Account || strings.HasSuffix(principal, "::"+r.Account+":root")
	return principal == "*" || principal == r.Principal && principal != "" || whole && s.Effect == "Deny"
}

// conditions must all hold.
func conditions(block any, context map[string]string) answer {
	operators, _ := block.(map[string]any)
	holds := yes
	for operator, keys := range operators {
		keys, _ := keys.(map[string]any)
		for key, values := range keys {
			value, known := context[strings.ToLower(key)]
			holds = min(holds, condition(operator, value, known, Words(values)))
		}
	}
	return holds
}

func condition(operator, value string, known bool, wanted []string) answer {
	compare := map[string]func(wanted, value string) bool{
		"StringEquals": func(w, v string) bool { return w == v }, "StringEqualsIgnoreCase": strings.EqualFold, "StringLike": like,
		"ArnEquals": like, "ArnLike": like, "Bool": strings.EqualFold,
	}[strings.TrimSuffix(operator, "IfExists")]
	switch {
	case compare == nil || !known:
		return perhaps
	case slices.ContainsFunc(wanted, func(w string) bool { return compare(w, value) }):
		return yes
	}
	return no
}

// like reports whether a text matches a pattern, in which * stands for any characters and ? for one.
func like(pattern, text string) bool {
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	matched, err := regexp.MatchString("^(?s:"+quoted+")$", text)
	return err == nil && matched
}

// AutoScaling is the ARN of the role by which Auto Scaling starts instances in an account. AWS keeps it: no policy of the account
// can be attached to it, so a key must admit it by its own policy, or by a grant. Source: Auto Scaling user guide, "Required AWS KMS
// key policy for use with encrypted volumes".
func AutoScaling(partition, account string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", partition, account)
}

// VolumeGrant is the request by which EC2 lets an instance use an encrypted volume, in the name of a principal.
func VolumeGrant(account, region, dnsSuffix, principal string) Request {
	return Request{Principal: principal, Account: account, Action: "kms:CreateGrant", Context: map[string]string{
		"kms:calleraccount": account, "kms:viaservice": "ec2." + region + "." + dnsSuffix, "kms:grantisforawsresource": "true",
		"aws:principalarn": principal, "aws:principalaccount": account,
	}}
}
