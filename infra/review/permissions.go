package review

import (
	"fmt"
	"slices"
	"strings"
)

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
