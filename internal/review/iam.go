package review

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/property"
)

// grant is one permission of a policy document: one principal, action, resource and their conditions.
type grant struct {
	effect, principal, action, resource string
	// conditions by operator and key, values sorted.
	conditions map[string]map[string][]string
	// opaque is the whole statement where it uses NotAction, NotResource or NotPrincipal, which cannot be compared by parts.
	opaque string
}

// grantsOf reads a policy document, as text or as an object. It returns false for what is none.
func grantsOf(v any) ([]grant, bool) {
	document, isObject := v.(map[string]any)
	if text, isText := v.(string); isText {
		if !strings.Contains(text, `"Statement"`) || json.Unmarshal([]byte(text), &document) != nil {
			return nil, false
		}
	} else if !isObject {
		return nil, false
	}
	var statements []any
	switch s := document["Statement"].(type) {
	case []any:
		statements = s
	case map[string]any:
		statements = []any{s}
	default:
		return nil, false
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
			base.opaque = normal(s)
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

// normal writes a statement so that two that say the same read the same: no name, lists sorted, actions in lower case.
func normal(s map[string]any) string {
	parts := map[string]any{"Effect": s["Effect"]}
	for key, v := range s {
		switch key {
		case "Sid", "Effect":
		case "Condition":
			parts[key] = conditionsOf(v)
		case "Principal", "NotPrincipal":
			parts[key] = slices.Sorted(slices.Values(principalsOf(v)))
		default:
			list := texts(v)
			for i := range list {
				if strings.HasSuffix(key, "Action") {
					list[i] = strings.ToLower(list[i])
				}
			}
			slices.Sort(list)
			parts[key] = list
		}
	}
	b, _ := json.Marshal(parts) // texts alone
	return string(b)
}

func orNone(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// texts reads a text or a list of them.
func texts(v any) []string {
	var list []string
	for _, e := range property.OneOrMore(v) {
		list = append(list, fmt.Sprint(e))
	}
	return list
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
		operator = strings.ToLower(operator)
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
			if strings.Contains(operator, "not") || strings.HasPrefix(operator, "forallvalues:") || operator == "null" {
				if !slices.Equal(required, allowed) {
					return false
				}
				continue
			}
			for _, value := range required {
				if !slices.ContainsFunc(allowed, func(a string) bool { return admits(operator, a, value) }) {
					return false
				}
			}
		}
	}
	return true
}

// admits reports whether a value of a condition lets through all that another does.
func admits(operator, allowed, value string) bool {
	switch {
	case allowed == value:
		return true
	case strings.Contains(operator, "like") || strings.Contains(operator, "arn"):
		return glob(allowed, value, true)
	case strings.Contains(operator, "ipaddress"):
		return within(prefix(value), []netip.Prefix{prefix(allowed)})
	}
	return false
}

// prefix reads a network or an address. What is neither lets nothing through.
func prefix(text string) netip.Prefix {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked()
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen())
	}
	return netip.Prefix{}
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

// uncovered returns the grants of one effect that none of some others covers.
func uncovered(grants, by []grant, effect string) []grant {
	var list []grant
	for _, g := range grants {
		if g.effect == effect && !slices.ContainsFunc(by, func(b grant) bool { return b.covers(g) }) {
			list = append(list, g)
		}
	}
	return list
}

// String writes a grant for a reviewer.
func (g grant) String() string {
	if g.opaque != "" {
		return code(g.opaque)
	}
	text := code(g.action)
	if g.resource != "" {
		text += " on " + code(g.resource)
	}
	if g.principal != "" {
		text += " for " + code(g.principal)
	}
	if len(g.conditions) > 0 {
		text += " under conditions"
	}
	return text
}
