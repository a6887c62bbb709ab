package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// policies finds the policy documents in a value, by path.
func policies(in map[string]any) map[string]any {
	found := map[string]any{}
	policyPaths("", in, found)
	return found
}

func policyPaths(path string, v any, found map[string]any) {
	last := path[strings.LastIndex(path, ".")+1:]
	if _, ok := grantsOf(v); ok || slices.Contains(catalog.PolicyProperties, last) && (stackdoc.IsUnknown(v) || stackdoc.IsSecret(v)) {
		found[path] = v
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			policyPaths(join(path, key, "."), v[key], found)
		}
	case []any:
		for i, e := range v {
			policyPaths(fmt.Sprintf("%s[%d]", path, i), e, found)
		}
	}
}

// holder is what the grants of a policy are added up for: the role, user or group that it is part of, or the resource itself.
// One that is replaced along with it keeps its name here, though the new one is not known yet.
func holder(c *Change, in map[string]any, path string) string {
	if kind := catalog.Of(c.Type()).Rights.Holder; kind != "" {
		for _, from := range []map[string]any{in, c.before()} {
			if name := from[kind]; name != nil && !stackdoc.IsUnknown(name) {
				return fmt.Sprintf("%s %v", kind, name)
			}
		}
	}
	return string(c.URN) + " " + path
}

// held adds the grants of documents up by their holders.
func held(changes []*Change, inputs func(*Change) map[string]any) map[string][]grant {
	all := map[string][]grant{}
	for _, c := range changes {
		in := inputs(c)
		for path, document := range policies(in) {
			grants, _ := grantsOf(document)
			key := holder(c, in, path)
			all[key] = append(all[key], grants...)
		}
	}
	return all
}

// permissions returns what a change allows that nothing allowed before.
func permissions(changes []*Change) []Finding {
	before, after := held(changes, (*Change).before), held(changes, (*Change).after)
	var findings []Finding
	for _, c := range changes {
		if !c.changes() || !c.real() {
			continue
		}
		documents := policies(c.after())
		for _, path := range sortedKeys(documents) {
			findings = append(findings, compare(c, path, documents[path], before[holder(c, c.after(), path)])...)
		}
		findings = append(findings, lifted(c, after)...)
		findings = append(findings, attachments(c)...)
	}
	return findings
}

// compare judges what a policy document allows.
func compare(c *Change, path string, document any, before []grant) []Finding {
	f := newFinding(c, Permission)
	after, known := grantsOf(document)
	if !known {
		// Of what is made anew nothing could be compared anyway; what exists may lose or gain anything.
		why := "is known only after up, and cannot be judged"
		if stackdoc.IsSecret(document) {
			why = "is a secret, and cannot be judged"
		}
		f.Text = code(path) + " " + why
		f.NeedsApproval = c.Kind != Create && changed(c, path)
		if c.Kind != Create && !f.NeedsApproval {
			return nil
		}
		return []Finding{f}
	}
	granted := uncovered(after, before, "Allow")
	if len(granted) == 0 {
		return nil
	}
	f.NeedsApproval, f.always = true, slices.ContainsFunc(granted, grant.everything)
	f.Text = allowing("allows ", granted)
	return []Finding{f}
}

// everything reports whether a grant leaves nothing to ask for, or more than can be seen.
func (g grant) everything() bool {
	return g.opaque != "" || g.action == "*" && (g.resource == "*" || g.resource == "") || g.principal == "*" && len(g.conditions) == 0
}

// changed reports whether a property is among those that differ.
func changed(c *Change, path string) bool {
	return slices.ContainsFunc(c.Causes, func(cause Cause) bool {
		return cause.Path == path || inside(path, cause.Path) || inside(cause.Path, path)
	})
}

// lifted finds denials that go: with their policy, or from it.
func lifted(c *Change, after map[string][]grant) []Finding {
	var lifted []grant
	documents, now := policies(c.before()), policies(c.after())
	for _, path := range sortedKeys(documents) {
		if document, there := now[path]; there {
			if _, known := grantsOf(document); !known {
				continue // which compare has told
			}
		}
		grants, _ := grantsOf(documents[path])
		lifted = append(lifted, uncovered(grants, after[holder(c, c.before(), path)], "Deny")...)
	}
	if len(lifted) == 0 {
		return nil
	}
	f := newFinding(c, Permission)
	f.NeedsApproval, f.Text = true, allowing("no longer denies ", lifted)
	return []Finding{f}
}

func allowing(verb string, grants []grant) string {
	parts := make([]string, len(grants))
	for i, g := range grants {
		parts[i] = verb + g.String()
	}
	return some(parts)
}

// some joins a few texts, and says how many more there are.
func some(parts []string) string {
	const shown = 4
	if len(parts) > shown {
		return strings.Join(parts[:shown], "; ") + fmt.Sprintf("; and %d more", len(parts)-shown)
	}
	return strings.Join(parts, "; ")
}
