package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Code is what of the types of a service is code, by token: what they compute, require and refuse. The rest is the
// catalog's.
type Code map[string]Type

// Description says how a cloud's types are made of the catalog's entries.
type Description struct {
	// Package is the cloud's name, Naming how it names where the catalog says which property.
	Package string
	Naming  AutoName
	// Terms are what forms may name beside the inputs, such as region.
	Terms func(*Request) map[string]string
	// Code are the services.
	Code []Code
	// Schemas are the SDK's, or nil where the catalog alone says what is named.
	Schemas *Schemas
}

// Types returns the types that the catalog simulates of the package, each completed by its code.
func (d *Description) Types() map[string]*Type {
	types := map[string]*Type{}
	for _, described := range catalog.All() {
		if described.Package() == d.Package && described.Simulated() {
			types[described.Token] = d.plain(described)
		}
	}
	for _, service := range d.Code {
		for token, code := range service {
			if types[token] == nil {
				panic(fmt.Sprintf("rehearsal: %s: the catalog does not simulate it", token)) // the package's tests find it
			}
			types[token].complete(code)
		}
	}
	return types
}

// plain makes a type of its entry in the catalog alone.
func (d *Description) plain(described *catalog.Type) *Type {
	s := &described.Simulation
	t := &Type{
		Secrets: s.Secrets, Required: s.Required, Replaces: s.Replaces, Taken: s.Taken, Again: s.Again, Local: s.Local,
		Bridged: described.Bridged(), DeletesFirst: s.DeletesFirst, Framework: s.Framework,
		Plans: s.Plans, Recomputed: s.Recomputed.Output, Except: s.Recomputed.Except,
	}
	t.ID = func(r *Request) string {
		if s.ID != catalog.AsRead {
			return d.fill(s.ID, r, nil)
		}
		id, _ := described.Identity.StateID.Of(r.Inputs)
		return id
	}
	t.Name = d.naming(described)
	if len(s.Outputs) > 0 {
		t.Outputs = func(r *Request) map[string]any { return d.outputs(s.Outputs, r) }
	}
	if s.InUse.Code != "" {
		t.Blocks = &Block{By: s.By, Except: s.Except, Err: func(r *Request, blocker *Resource) error {
			return d.answer(s.InUse, r, blocker)
		}}
	}
	if s.Protected.Code != "" {
		refusal := described.Refusals[0]
		t.Protected = func(r *Request) error {
			if refusal.Refuses(r.Inputs[refusal.Property]) {
				return d.answer(s.Protected, r, nil)
			}
			return nil
		}
	}
	return t
}

// naming is how the provider names a resource that the program does not, or nil. Whether it does so by `name` is read from the SDK;
// the catalog says how long a name may be, and by which other property a type is named.
func (d *Description) naming(described *catalog.Type) *AutoName {
	name, known := d.Naming, described.Simulation.Name
	name.Property, name.Max, name.Unless = known.Property, known.Max, known.Unless
	if d.Schemas != nil && (known.Property == "" || known.Property == "name") {
		name.Property = ""
		if p := d.Schemas.Types[described.Token]["name"]; p != nil && p.Filled {
			name.Property = "name"
		}
	}
	if name.Property == "" {
		return nil
	}
	return &name
}

// complete adds to a described type what is code.
func (t *Type) complete(code Type) {
	t.Values, t.Rules, t.Leaving = code.Values, code.Rules, code.Leaving
	t.Check, t.Acts, t.Gone, t.AlsoReplaces, t.DeleteFirst = code.Check, code.Acts, code.Gone, code.AlsoReplaces, code.DeleteFirst
	t.Final, t.ReplaceUnready, t.Undoes = code.Final, code.ReplaceUnready, code.Undoes
	if code.ID != nil {
		t.ID = code.ID
	}
	if code.Protected != nil {
		t.Protected = code.Protected
	}
	plain := t.Outputs
	switch {
	case plain == nil:
		t.Outputs = code.Outputs
	case code.Outputs != nil:
		t.Outputs = func(r *Request) map[string]any {
			out := plain(r)
			for key, value := range code.Outputs(r) {
				out[key] = value
			}
			return out
		}
	}
}

func (d *Description) answer(a catalog.Answer, r *Request, blocker *Resource) error {
	return &Failure{Code: a.Code, Message: d.fill(a.Text, r, blocker)}
}

// outputs fills in the forms, in the order of their names: digits come in the same order on every run.
func (d *Description) outputs(forms map[string]any, r *Request) map[string]any {
	out := make(map[string]any, len(forms))
	var keys []string
	for key := range forms {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		form, ok := forms[key].(string)
		switch {
		case !ok:
			out[key] = forms[key]
		case ownDigits.MatchString(form):
			out[key] = r.Kept(key, func() any { return d.fill(form, r, nil) })
		default:
			out[key] = d.fill(form, r, nil)
		}
	}
	return out
}

var (
	placeholder = regexp.MustCompile(`\{([\w.]+)(?::(\d+))?\}`)
	ownDigits   = regexp.MustCompile(`\{(?:hex:\d+|HEX:\d+|uuid|octet)\}`)
)

// fill replaces the placeholders of a form. The catalog's Simulation says which there are.
func (d *Description) fill(form string, r *Request, blocker *Resource) string {
	var terms map[string]string
	if d.Terms != nil {
		terms = d.Terms(r)
	}
	return placeholder.ReplaceAllStringFunc(form, func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		name, digits := m[1], m[2]
		n, _ := strconv.Atoi(digits) // digits, or nothing
		if term, ok := terms[name]; ok {
			return term
		}
		switch name {
		case "id":
			return r.ID
		case "hex":
			return r.Hex(n)
		case "HEX":
			return strings.ToUpper(r.Hex(n))
		case "uuid":
			return r.UUID()
		case "octet":
			return strconv.Itoa(1 + r.Store.Serial()%250)
		case "blocker.id":
			return blocker.ID
		case "blocker.type":
			return blocker.Type
		}
		if property, ok := strings.CutPrefix(name, "blocker."); ok {
			s, _ := blocker.Inputs[property].(string)
			return s
		}
		return textAt(r.Inputs, strings.Split(name, "."))
	})
}

// textAt finds a text at a path of inputs, or "".
func textAt(inputs map[string]any, path []string) string {
	for ; len(path) > 1; path = path[1:] {
		inputs, _ = inputs[path[0]].(map[string]any)
	}
	s, _ := inputs[path[0]].(string)
	return s
}

// Hex returns hexadecimal digits, 32 at most, that no other resource of the run has.
func (r *Request) Hex(digits int) string {
	const first, second = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F // spread serial numbers, so that ids do not look like a count
	n := uint64(r.Store.Serial())
	return fmt.Sprintf("%016x%016x", n*first, n*second)[:digits]
}

// UUID returns an identifier in the form 8-4-4-4-12 that no other resource of the run has.
func (r *Request) UUID() string {
	h := r.Hex(32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
