package apiserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// locate finds the value that does not fit its type: the decoder says what it is, but not always where.
func locate(object map[string]any, typed any) (path, problem string) {
	path, err := deepest("", object, reflect.TypeOf(typed).Elem())
	if err == nil {
		return "", "does not fit its type"
	}
	message := err.Error()
	if _, wanted, ok := strings.Cut(message, "json: cannot unmarshal "); ok {
		got, _, _ := strings.Cut(wanted, " into")
		_, kind, _ := strings.Cut(wanted, "of type ")
		if kind == "" {
			_, kind, _ = strings.Cut(wanted, "Go value of type ")
		}
		message = fmt.Sprintf("must be of type %s, and is a %s", strings.TrimPrefix(kind, "v1."), got)
	}
	return path, message
}

// deepest returns the path of the innermost value that does not fit, and what its decoder says.
func deepest(path string, value any, of reflect.Type) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return path, err
	}
	problem := json.Unmarshal(text, reflect.New(of).Interface())
	if problem == nil {
		return path, nil
	}
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner, step := fieldType(of, key), key
			if of.Kind() == reflect.Map {
				inner, step = of.Elem(), "["+key+"]"
			}
			if inner == nil {
				continue
			}
			if at, err := deepest(join(path, step), v[key], inner); err != nil {
				return at, err
			}
		}
	case []any:
		if of.Kind() != reflect.Slice {
			break
		}
		for i, item := range v {
			if at, err := deepest(fmt.Sprintf("%s[%d]", path, i), item, of.Elem()); err != nil {
				return at, err
			}
		}
	}
	return path, problem
}

func join(path, step string) string {
	if path == "" || strings.HasPrefix(step, "[") {
		return path + step
	}
	return path + "." + step
}

// fieldType is the type of the field that JSON names, or nil.
func fieldType(of reflect.Type, name string) reflect.Type {
	if of.Kind() != reflect.Struct {
		return nil
	}
	for i := range of.NumField() {
		field := of.Field(i)
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name {
			return field.Type
		}
		if field.Anonymous && strings.Contains(options, "inline") {
			if found := fieldType(field.Type, name); found != nil {
				return found
			}
		}
	}
	return nil
}
