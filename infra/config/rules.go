package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// rule is what the tags of a field say of its value, or of each item of its list:
//
//	is:"cidr"            the format of that name
//	oneOf:"single perZone"  one of these words
//	from:"20" to:"1024"  a number in this range
//	required:"true"      there is no default: the value must be given
//	optional:"true"      the empty value means that there is none
type rule struct {
	format             *Format
	oneOf              []string
	from, to           int
	ranged             bool
	required, optional bool
	// hasDefault: after Complete there is a value.
	hasDefault bool
}

// ruleOf reads the tags of a field. A tag that says nothing sensible is a mistake of this package, and panics.
func ruleOf(field reflect.StructField) rule {
	r := rule{
		oneOf:    strings.Fields(field.Tag.Get("oneOf")),
		required: field.Tag.Get("required") == "true",
		optional: field.Tag.Get("optional") == "true",
	}
	for _, key := range []string{"default", Production} {
		_, ok := field.Tag.Lookup(key)
		r.hasDefault = r.hasDefault || ok
	}
	if name, ok := field.Tag.Lookup("is"); ok {
		format, known := formats[name]
		if !known {
			panic(fmt.Sprintf("config: field %s: no format is called %q", field.Name, name))
		}
		r.format = &format
	}
	if from, ok := field.Tag.Lookup("from"); ok {
		var errs [2]error
		r.from, errs[0] = strconv.Atoi(from)
		r.to, errs[1] = strconv.Atoi(field.Tag.Get("to"))
		if errs[0] != nil || errs[1] != nil {
			panic(fmt.Sprintf("config: field %s: from and to must be numbers", field.Name))
		}
		r.ranged = true
	}
	return r
}

// Validate finds what is wrong with the plain values of a section, as a component's arguments hold them: by the rules of their
// tags, and by what the section itself knows. Paths begin at the section. What always has a default must not be empty here.
func Validate(p *problem.List, section any) {
	handedOver := func(path string, v reflect.Value, r rule) bool {
		return r.required || r.hasDefault || !v.IsZero() || strings.HasSuffix(path, "]")
	}
	checkRules(p, handedOver, "", reflect.ValueOf(section), rule{})
	if s, ok := section.(checker); ok {
		s.check(p)
	}
}

// checkRules applies the rules of the tags to every value below v that is asked for.
func checkRules(p *problem.List, asked func(path string, v reflect.Value, r rule) bool, path string, v reflect.Value, r rule) {
	if v.Type() == secretType {
		checkSecret(p, path, v.Interface().(Secret), r)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			checkRules(p, asked, join(path, field.Tag.Get("json")), v.Field(i), ruleOf(field))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			checkRules(p, asked, path, v.Elem(), r)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkRules(p, asked, fmt.Sprintf("%s[%d]", path, i), v.Index(i), rule{format: r.format, oneOf: r.oneOf})
		}
	default:
		if (!r.optional || !v.IsZero()) && asked(path, v, r) {
			checkValue(p, path, v, r)
		}
	}
}

func checkValue(p *problem.List, path string, v reflect.Value, r rule) {
	var wrong string
	switch v.Kind() {
	case reflect.String:
		wrong = r.wrongText(v.String())
	case reflect.Int:
		switch n := int(v.Int()); {
		case r.format != nil:
			wrong = r.format.wrongNumber(n)
		case r.ranged && (n < r.from || n > r.to):
			wrong = fmt.Sprintf("must be from %d to %d", r.from, r.to)
		}
	}
	p.Require(wrong == "", path, v.Interface(), "%s", wrong)
}

// wrongText returns what is wrong with a text, or "".
func (r rule) wrongText(text string) string {
	switch {
	case r.format != nil:
		return r.format.wrongText(text)
	case len(r.oneOf) > 0 && !slices.Contains(r.oneOf, text):
		return fmt.Sprintf("must be one of %s%s", strings.Join(r.oneOf, ", "), problem.DidYouMean(text, r.oneOf))
	}
	return ""
}

// checkSecret checks a secret that can be read, and does not show it. A sealed one is checked when the program runs.
func checkSecret(p *problem.List, path string, s Secret, r rule) {
	if r.format == nil || !s.Known() {
		return
	}
	if wrong := r.format.wrongText(s.Reveal()); wrong != "" {
		p.Add(path, SealedSecret(), "%s", wrong)
	}
}
