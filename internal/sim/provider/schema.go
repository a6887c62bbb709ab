package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Schemas are the properties of a provider's resource types. They are data, kept as a JSON file beside each provider's
// tables and written by that package's golden test.
type Schemas struct {
	// Whole: a change anywhere inside a property that makes a new resource makes one, as in Kubernetes; else as in Terraform, where a
	// block counts its elements, and its members each speak for themselves.
	Whole bool `json:"-"`
	// Source says where the file's facts come from.
	Source string `json:"source"`
	// Settings are those of the provider itself.
	Settings map[string]*Property `json:"settings,omitempty"`
	// Types by token and Objects by name, each with its properties.
	Types   map[string]map[string]*Property `json:"types"`
	Objects map[string]map[string]*Property `json:"objects"`
}

// Property is one property, as its provider's schema has it. In the file it is one line of text, its kind first:
// "string required new conflicts=a,b".
type Property struct {
	// Kind is string, bool, number or any; a list as []kind, a map as map:kind, an object as {name}.
	Kind string
	// Required: must be given. ForceNew: a change makes a new resource. Computed: the service fills it where it is not
	// given, so leaving it out is no change. Set: the order of the list means nothing.
	Required, ForceNew, Computed, Set bool
	// Filled: it need not be given, and its output is never nil in the SDK. A name for which that holds the provider makes.
	Filled bool
	// ReadOnly: the service computes it, and it cannot be given.
	ReadOnly bool
	// Newer: the extract of the provider's schema does not know it yet, the SDK does.
	Newer bool
	// Conflicts may not be given beside it. Of OneOf exactly one must be given, of AnyOf one at least. With must be given where it is.
	Conflicts, OneOf, AnyOf, With []string
	// Min and Max bound a list, 0 is no bound.
	Min, Max int
	// Default is what the provider assumes, as JSON, or "".
	Default string
}

// flags are the attributes that have no value.
func (p *Property) flags() map[string]*bool {
	return map[string]*bool{
		"required": &p.Required, "new": &p.ForceNew, "computed": &p.Computed, "set": &p.Set, "newer": &p.Newer,
		"filled": &p.Filled, "readonly": &p.ReadOnly,
	}
}

func (p *Property) lists() map[string]*[]string {
	return map[string]*[]string{"conflicts": &p.Conflicts, "oneof": &p.OneOf, "anyof": &p.AnyOf, "with": &p.With}
}

// MarshalText writes the property's line.
func (p *Property) MarshalText() ([]byte, error) {
	words := []string{p.Kind}
	for _, name := range []string{"required", "new", "computed", "set", "newer", "filled", "readonly"} {
		if *p.flags()[name] {
			words = append(words, name)
		}
	}
	for _, name := range []string{"conflicts", "oneof", "anyof", "with"} {
		if list := *p.lists()[name]; len(list) > 0 {
			words = append(words, name+"="+strings.Join(list, ","))
		}
	}
	for _, bound := range []struct {
		name  string
		value int
	}{{"min", p.Min}, {"max", p.Max}} {
		if bound.value > 0 {
			words = append(words, fmt.Sprintf("%s=%d", bound.name, bound.value))
		}
	}
	if p.Default != "" {
		words = append(words, "default="+p.Default) // the last, as it may hold spaces
	}
	return []byte(strings.Join(words, " ")), nil
}

// UnmarshalText reads the property's line.
func (p *Property) UnmarshalText(b []byte) error {
	text, value, _ := strings.Cut(string(b), " default=")
	words := strings.Fields(text)
	if len(words) == 0 {
		return fmt.Errorf("schema: %q: has no kind", b)
	}
	*p = Property{Kind: words[0], Default: value}
	for _, word := range words[1:] {
		name, value, valued := strings.Cut(word, "=")
		switch {
		case !valued && p.flags()[name] != nil:
			*p.flags()[name] = true
		case valued && p.lists()[name] != nil:
			*p.lists()[name] = strings.Split(value, ",")
		case name == "min" || name == "max":
			bound := map[string]*int{"min": &p.Min, "max": &p.Max}[name]
			if _, err := fmt.Sscan(value, bound); err != nil {
				return fmt.Errorf("schema: %q: %w", b, err)
			}
		default:
			return fmt.Errorf("schema: %q: %q is not an attribute", b, word)
		}
	}
	return nil
}

// MustSchemas reads an embedded file. It panics where the file is not one, which the golden test of the file finds.
func MustSchemas(file []byte) *Schemas {
	s := &Schemas{}
	if err := json.Unmarshal(file, s); err != nil {
		panic(fmt.Sprintf("rehearsal: embedded schema: %v", err))
	}
	return s
}

// replaces lists the top-level properties of a type whose change makes a new resource.
func (s *Schemas) replaces(token string) []string {
	var list []string
	if s == nil {
		return nil
	}
	for name, p := range s.Types[token] {
		if p.ForceNew {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// at finds the property at a path of names and indices, or nil.
func (s *Schemas) at(token string, path []any) *Property {
	if s == nil || len(path) == 0 {
		return nil
	}
	name, _ := path[0].(string)
	p := s.Types[token][name]
	for _, step := range path[1:] {
		if p == nil {
			return nil
		}
		switch {
		case p.object() != "":
			name, _ := step.(string)
			p = s.Objects[p.object()][name]
		case p.elem() != nil:
			p = p.elem()
		default:
			return nil
		}
	}
	return p
}

// Has reports whether a type has a property at a dotted path, in which [] stands for the elements of a list or map.
func (s *Schemas) Has(token, path string) bool {
	parts := []any{}
	for _, part := range strings.Split(path, ".") {
		parts = append(parts, part)
	}
	return s.at(token, parts) != nil
}

// object is the name of the object that the property holds, or "".
func (p *Property) object() string {
	if strings.HasPrefix(p.Kind, "{") {
		return strings.Trim(p.Kind, "{}")
	}
	return ""
}

// Holds is the name of the object that the property holds, or that are the elements of its list, or "".
func (p *Property) Holds() string {
	for p != nil && p.elem() != nil {
		p = p.elem()
	}
	if p == nil {
		return ""
	}
	return p.object()
}

// elem is what a list or map holds, or nil.
func (p *Property) elem() *Property {
	for _, prefix := range []string{"[]", "map:"} {
		if kind, ok := strings.CutPrefix(p.Kind, prefix); ok {
			return &Property{Kind: kind}
		}
	}
	return nil
}

// block reports whether the property is an object, or a list of objects.
func (p *Property) block() bool {
	return p.object() != "" || p.elem() != nil && p.elem().block()
}

// Count returns how many properties a type has, those of the objects inside it included, each object once.
func (s *Schemas) Count(token string) int {
	seen := map[string]bool{}
	var count func(properties map[string]*Property) int
	count = func(properties map[string]*Property) int {
		n := len(properties)
		for _, p := range properties {
			for p.elem() != nil {
				p = p.elem()
			}
			if name := p.object(); name != "" && !seen[name] {
				seen[name] = true
				n += count(s.Objects[name])
			}
		}
		return n
	}
	return count(s.Types[token])
}
