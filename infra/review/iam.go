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
