// Package property reads the properties of resources as JSON has them: objects, lists, texts, numbers and switches. What is
// absent, unknown or of another form reads as nothing, so that a reader need not ask at each step.
package property

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Get returns the value at a path of keys, or nil. On its way a list of one is what it holds: providers keep a single object so.
func Get(v any, path ...string) any {
	for _, key := range path {
		v = Object(v)[key]
	}
	return v
}

// At returns the value at a path as Pulumi writes it, such as vpcConfig.subnetIds[0], and whether there is one.
func At(m map[string]any, path string) (any, bool) {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return nil, false
	}
	var v any = m
	for _, element := range parsed {
		switch key := element.(type) {
		case string:
			object, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = object[key]; !ok {
				return nil, false
			}
		case int:
			list, ok := v.([]any)
			if !ok || key < 0 || key >= len(list) {
				return nil, false
			}
			v = list[key]
		}
	}
	return v, true
}

// Text returns the text at a path of keys, or "".
func Text(v any, path ...string) string {
	s, _ := Get(v, path...).(string)
	return s
}

// Texts returns the texts in the list at a path of keys. A text that is in no list is none of them: see OneOrMore.
func Texts(v any, path ...string) []string { return only[string](Get(v, path...)) }

// OneOrMore returns the values at a path of keys, where one may stand for a list of it.
func OneOrMore(v any, path ...string) []any {
	switch v := Get(v, path...).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// List returns the list at a path of keys, or nil.
func List(v any, path ...string) []any {
	list, _ := Get(v, path...).([]any)
	return list
}

// Object returns the object at a path of keys, or nil. A list of one object is that object.
func Object(v any, path ...string) map[string]any {
	if v = Get(v, path...); v == nil {
		return nil
	}
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	object, _ := v.(map[string]any)
	return object
}

// Objects returns the objects in the list at a path of keys.
func Objects(v any, path ...string) []map[string]any { return only[map[string]any](Get(v, path...)) }

// Number returns the number at a path of keys, and false where there is none.
func Number(v any, path ...string) (float64, bool) {
	n, ok := Get(v, path...).(float64)
	return n, ok
}

// Int returns the number at a path of keys, or 0.
func Int(v any, path ...string) int {
	n, _ := Number(v, path...)
	return int(n)
}

// True reports whether the switch at a path of keys is on. Some resources, such as launch templates, have theirs as texts.
func True(v any, path ...string) bool {
	v = Get(v, path...)
	return v == true || v == "true"
}

func only[T any](v any) []T {
	list, _ := v.([]any)
	var found []T
	for _, e := range list {
		if e, ok := e.(T); ok {
			found = append(found, e)
		}
	}
	return found
}
