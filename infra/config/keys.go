package config

import (
	"reflect"
)

// Key describes one key of a stack file, for a schema or a table.
type Key struct {
	// Name is the key itself; Path leads to it from the top, with [] for an item of a list: nodes.items[].name.
	Name, Path string
	Kind       Kind
	Doc        string
	// Required: there is no default.
	Required bool
	// Optional: the empty value means that there is none.
	Optional bool
	// Default is text, a number, true or false, or a list of texts, where it is always the same; otherwise nil.
	Default any
	// OneOf are the only words allowed, From and To (where they differ) the range of a number, Format may be nil. They hold
	// for each item of a list of texts.
	OneOf    []string
	From, To int
	Format   *Format
	// Names says that texts may name what the stack makes: References.
	Names bool
	// Keys are those of an object, or of each object in a list.
	Keys []Key
}

// Wrong returns what is wrong with a text as the value of this key, or as an item of its list; or "".
func (k Key) Wrong(text string) string {
	r := rule{format: k.Format, oneOf: k.OneOf}
	return r.wrongText(text)
}

// Kind is the type of a value.
type Kind string

// Kinds of values. Texts is a list of text, Objects a list of objects; a Table has any keys and text values, Anything any
// keys and values.
const (
	Text     Kind = "text"
	Number   Kind = "number"
	Switch   Kind = "true or false"
	Texts    Kind = "list of text"
	Object   Kind = "object"
	Objects  Kind = "list of objects"
	Table    Kind = "table of text"
	Anything Kind = "object of any keys"
	Sealed   Kind = "secret"
)

// Keys describes every key of a stack file, in the order of the types.
func Keys() []Key {
	c, origins := Defaults()
	fixed := map[string]any{}
	for _, s := range c.Settings(origins) {
		if s.Origin == FromDefault {
			fixed[s.Path] = s.Value
		}
	}
	delete(fixed, "name") // is made of the stack's
	return keysIn("", reflect.TypeOf(Config{}), fixed)
}

func keysIn(path string, t reflect.Type, fixed map[string]any) []Key {
	var keys []Key
	for i := range t.NumField() {
		field := t.Field(i)
		r := ruleOf(field)
		name := field.Tag.Get("json")
		k := Key{
			Name: name, Path: join(path, name), Doc: field.Tag.Get("doc"), Required: r.required, Optional: r.optional,
			Default: fixed[join(path, name)], OneOf: r.oneOf, From: r.from, To: r.to, Format: r.format,
			Names: field.Tag.Get("names") != "",
		}
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch k.Kind = kindOf(inner); k.Kind {
		case Object:
			k.Keys = keysIn(k.Path, inner, fixed)
		case Objects:
			k.Keys = keysIn(k.Path+"[]", inner.Elem(), fixed)
		}
		keys = append(keys, k)
	}
	return keys
}

func kindOf(t reflect.Type) Kind {
	switch {
	case t == secretType:
		return Sealed
	case t.Kind() == reflect.Struct:
		return Object
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return Objects
	case t.Kind() == reflect.Slice:
		return Texts
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.String:
		return Table
	case t.Kind() == reflect.Map:
		return Anything
	case t.Kind() == reflect.Int:
		return Number
	case t.Kind() == reflect.Bool:
		return Switch
	default:
		return Text
	}
}
