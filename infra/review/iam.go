package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// grant is one permission of a policy document: one principal, action, resource and their conditions.
type grant struct {
	effect, principal, action, resource string
	// conditions by operator and key, values sorted.
	conditions map[string]map[string][]string
	// opaque is the whole statement where it uses NotAction, NotResource or NotPrincipal, which cannot be compared by parts.
	opaque string
}

// grantsOf reads a policy document. It returns false for what is none.
func grantsOf(v any) ([]grant, bool) {
	text, ok := v.(string)
	if !ok || !strings.Contains(text, `"Statement"`) {
		return nil, false
	}
	var document struct{ Statement any }
	if json.Unmarshal([]byte(text), &document) != nil || document.Statement == nil {
		return nil, false
	}
	statements, ok := document.Statement.([]any)
	if !ok {
		statements = []any{document.Statement}
	}
	var grants []grant
	for _, s := range statements {
		if s, ok := s.(map[string]any); ok {
			grants = append(grants, expand(s)...)
		}
	}
	return grants, true
}

// expand multiplies a statement out.
func expand(s map[string]any) []grant {
	base := grant{effect: fmt.Sprint(s["Effect"]), conditions: conditionsOf(s["Condition"])}
	for _, key := range []string{"NotAction", "NotResource", "NotPrincipal"} {
		if s[key] != nil {
			delete(s, "Sid")
			b, _ := json.Marshal(s) // it was read from JSON
			base.opaque = string(b)
			return []grant{base}
		}
	}
	var grants []grant
	for _, principal := range principalsOf(s["Principal"]) {
		for _, action := range texts(s["Action"]) {
			for _, resource := range orNone(texts(s["Resource"])) {
				g := base
				g.principal, g.action, g.resource = principal, strings.ToLower(action), resource
				grants = append(grants, g)
			}
		}
	}
	return grants
}

func orNone(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// texts reads a text or a list of them.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, e := range v {
			list = append(list, fmt.Sprint(e))
		}
		return list
	case nil:
		return nil
	}
	return []string{fmt.Sprint(v)}
}

// principalsOf reads a principal: "*", or lists by kind. A policy without one speaks of whoever it is attached to.
func principalsOf(v any) []string {
	kinds, ok := v.(map[string]any)
	if !ok {
		return orNone(texts(v))
	}
	var list []string
	for _, kind := range sortedKeys(kinds) {
		for _, p := range texts(kinds[kind]) {
			if p == "*" && kind == "AWS" {
				list = append(list, "*")
			} else {
				list = append(list, kind+":"+p)
			}
		}
	}
	return list
}

func conditionsOf(v any) map[string]map[string][]string {
	operators, _ := v.(map[string]any)
	conditions := map[string]map[string][]string{}
	for operator, keys := range operators {
		keys, _ := keys.(map[string]any)
		conditions[operator] = map[string][]string{}
		for key, values := range keys {
			list := texts(values)
			slices.Sort(list)
			conditions[operator][strings.ToLower(key)] = list
		}
	}
	return conditions
}

// covers reports whether g grants at least what h grants.
func (g grant) covers(h grant) bool {
	if g.effect != h.effect || g.opaque != h.opaque {
		return false
	}
	if g.opaque != "" {
		return true
	}
	return glob(g.principal, h.principal, false) && glob(g.action, h.action, true) && glob(g.resource, h.resource, true) &&
		g.conditionsAllow(h.conditions)
}

// conditionsAllow reports whether each condition of g is in h as well, with no more values: what h lets through then
// passes g. A negated operator admits more with fewer values, and must be the same.
func (g grant) conditionsAllow(h map[string]map[string][]string) bool {
	for operator, keys := range g.conditions {
		for key, allowed := range keys {
			required, there := h[operator][key]
			if !there {
				return false
			}
			if strings.Contains(operator, "Not") || strings.HasPrefix(operator, "ForAllValues:") || operator == "Null" {
				if !slices.Equal(required, allowed) {
					return false
				}
				continue
			}
			for _, value := range required {
				if !slices.ContainsFunc(
					allowed,
					func(a string) bool { return a == value || strings.HasSuffix(operator, "Like") && glob(a, value, true) },
				) {
					return false
				}
			}
		}
	}
	return true
}

// glob reports whether every text that matches the pattern q matches the pattern p. Without wildcards in p only * does.
func glob(p, q string, wildcards bool) bool {
	if p == q || p == "*" {
		return true
	}
	if !wildcards {
		return false
	}
	return match(p, q)
}

// match matches q, whose own * and ? stand for themselves, against p: * of p stands for anything, ? for one character
// that is no *.
func match(p, q string) bool {
	star, mark, i, j := -1, 0, 0, 0
	for j < len(q) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == q[j] && q[j] != '*' || p[i] == '?' && q[j] != '*'):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p[i:], "*") == ""
}

// widened returns the grants of after that before does not cover, and the denials of before that after lacks.
func widened(before, after []grant) (granted, undenied []grant) {
	uncovered := func(wanted, by []grant, effect string) []grant {
		var list []grant
		for _, g := range wanted {
			if g.effect == effect && !slices.ContainsFunc(by, func(b grant) bool { return b.covers(g) }) {
				list = append(list, g)
			}
		}
		return list
	}
	return uncovered(after, before, "Allow"), uncovered(before, after, "Deny")
}

// String writes a grant for a reviewer.
func (g grant) String() string {
	if g.opaque != "" {
		return "`" + g.opaque + "`"
	}
	text := "`" + g.action + "`"
	if g.resource != "" {
		text += " on `" + g.resource + "`"
	}
	if g.principal != "" {
		text += " for `" + g.principal + "`"
	}
	if len(g.conditions) > 0 {
		text += " under conditions"
	}
	return text
}

// policyPaths finds the policy documents in a value, by path.
func policyPaths(path string, v any, found map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			policyPaths(join(path, key, "."), v[key], found)
		}
	case []any:
		for i, e := range v {
			policyPaths(fmt.Sprintf("%s[%d]", path, i), e, found)
		}
	default:
		last := path[strings.LastIndex(path, ".")+1:]
		if _, ok := grantsOf(v); ok || unknown(v) && policyProperty[last] {
			found[path] = v
		}
	}
}

// policyProperty are properties that hold policy documents, and so may be unknown ones.
var policyProperty = map[string]bool{"policy": true, "assumeRolePolicy": true, "policyDocument": true, "accessPolicies": true}

// holder is what the grants of a policy are added up for: the role that it is attached to, or the resource itself.
func holder(c *Change, in map[string]any, path string) string {
	if role, ok := in["role"].(string); ok && !unknown(role) {
		return "role " + role
	}
	return string(c.URN) + " " + path
}

// permissions returns what a change allows that nothing allowed before.
func permissions(changes []*Change, first bool) []Finding {
	before := map[string][]grant{}
	for _, c := range changes {
		documents := map[string]any{}
		policyPaths("", c.before(), documents)
		for _, path := range sortedKeys(documents) {
			grants, _ := grantsOf(documents[path])
			key := holder(c, c.before(), path)
			before[key] = append(before[key], grants...)
		}
	}
	var findings []Finding
	for _, c := range changes {
		if !c.changes() || !c.real() {
			continue
		}
		documents := map[string]any{}
		policyPaths("", c.after(), documents)
		for _, path := range sortedKeys(documents) {
			findings = append(findings, compare(c, path, documents[path], before[holder(c, c.after(), path)], first)...)
		}
		findings = append(findings, lifted(c)...)
		findings = append(findings, attachments(c, first)...)
	}
	return findings
}

// compare judges one policy document.
func compare(c *Change, path string, document any, before []grant, first bool) []Finding {
	f := newFinding(c, Permission)
	after, known := grantsOf(document)
	if !known {
		// Of what is made anew nothing could be compared anyway; what exists may lose or gain anything.
		f.Text = fmt.Sprintf("`%s` is known only after up, and cannot be judged", path)
		f.NeedsApproval = c.Kind != Create && changed(c, path)
		if c.Kind != Create && !f.NeedsApproval {
			return nil
		}
		return []Finding{f}
	}
	granted, undenied := widened(before, after)
	if len(granted)+len(undenied) == 0 {
		return nil
	}
	f.NeedsApproval = !first || slices.ContainsFunc(granted, grant.everything)
	var parts []string
	for _, g := range granted {
		parts = append(parts, "allows "+g.String())
	}
	for _, g := range undenied {
		parts = append(parts, "no longer denies "+g.String())
	}
	f.Text = some(parts)
	return []Finding{f}
}

// everything reports whether a grant leaves nothing to ask for.
func (g grant) everything() bool {
	return g.action == "*" && (g.resource == "*" || g.resource == "") || g.principal == "*" && len(g.conditions) == 0
}

// changed reports whether a property is among those that differ.
func changed(c *Change, path string) bool {
	return slices.ContainsFunc(c.Causes, func(cause Cause) bool {
		return cause.Path == path || inside(path, cause.Path) || inside(cause.Path, path)
	})
}

// lifted finds denials that go with a deleted policy.
func lifted(c *Change) []Finding {
	if c.Kind != Delete {
		return nil
	}
	documents := map[string]any{}
	policyPaths("", c.before(), documents)
	var parts []string
	for _, path := range sortedKeys(documents) {
		grants, _ := grantsOf(documents[path])
		_, undenied := widened(grants, nil)
		for _, g := range undenied {
			parts = append(parts, "no longer denies "+g.String())
		}
	}
	if len(parts) == 0 {
		return nil
	}
	f := newFinding(c, Permission)
	f.NeedsApproval, f.Text = true, some(parts)
	return []Finding{f}
}

// attachments finds permissions that are given by name and not by a document.
func attachments(c *Change, first bool) []Finding {
	if c.Kind == Delete || c.Kind == Forget {
		return nil
	}
	in, before := c.after(), c.before()
	var text string
	switch c.Type() {
	case "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/userPolicyAttachment:UserPolicyAttachment":
		if in["policyArn"] != before["policyArn"] {
			text = fmt.Sprintf("attaches `%s`", readable(texts(in["policyArn"])))
		}
	case "aws:eks/accessPolicyAssociation:AccessPolicyAssociation":
		if before == nil || changed(c, "policyArn") || changed(c, "accessScope") {
			text = fmt.Sprintf("gives `%s` `%s` in Kubernetes", readable(texts(in["principalArn"])), readable(texts(in["policyArn"])))
		}
	case "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
		"kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "kubernetes:rbac.authorization.k8s.io/v1:Role":
		if before == nil || changed(c, "rules") || changed(c, "subjects") || changed(c, "roleRef") {
			text = "changes who may do what in Kubernetes"
		}
	}
	if text == "" {
		return nil
	}
	f := newFinding(c, Permission)
	f.Text = text
	f.NeedsApproval = !first || strings.HasSuffix(text, "/AdministratorAccess`")
	return []Finding{f}
}

// some joins a few texts, and says how many more there are.
func some(parts []string) string {
	const shown = 4
	if len(parts) > shown {
		return strings.Join(parts[:shown], "; ") + fmt.Sprintf("; and %d more", len(parts)-shown)
	}
	return strings.Join(parts, "; ")
}
