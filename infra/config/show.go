package config

import (
	"fmt"
	"reflect"
)

// Setting is one value of an effective configuration.
type Setting struct {
	Path string `json:"path"`
	// Value is text, a number, a boolean, a list of texts, or whatever a Helm value may be. Secrets read Redacted.
	Value  any    `json:"value"`
	Origin string `json:"origin"`
}

// Settings lists every value that is set, in the order of the types.
func (r *Result) Settings() []Setting {
	var settings []Setting
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if v.Type() == secretType {
			if s := v.Interface().(Secret); s.Set() {
				settings = append(settings, Setting{path, s.String(), r.origin(path)})
			}
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(join(path, v.Type().Field(i).Tag.Get("json")), v.Field(i))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.String {
				if v.Len() > 0 {
					settings = append(settings, Setting{path, v.Interface(), r.origin(path)})
				}
				return
			}
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		case reflect.Map:
			for _, key := range sortedMapKeys(v) {
				settings = append(
					settings,
					Setting{join(path, key), v.MapIndex(reflect.ValueOf(key)).Interface(), r.origin(join(path, key))},
				)
			}
		default:
			if !v.IsZero() || r.Origins[path] != "" {
				settings = append(settings, Setting{path, v.Interface(), r.origin(path)})
			}
		}
	}
	walk("", reflect.ValueOf(r.Config).Elem())
	return settings
}

// origin of a value: its own, or that of the nearest section that was given.
func (r *Result) origin(path string) string {
	if o, ok := r.Origins[path]; ok {
		return o
	}
	return fromDefault
}

func sortedMapKeys(v reflect.Value) []string {
	keys := map[string]any{}
	for _, k := range v.MapKeys() {
		keys[k.String()] = nil
	}
	return sortedKeys(keys)
}
