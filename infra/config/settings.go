package config

import (
	"fmt"
	"reflect"
	"slices"
)

// Setting is one value of an effective configuration.
type Setting struct {
	Path string `json:"path"`
	// Value is text, a number, a boolean, a list of texts, or whatever a Helm value may be. Secrets read Redacted.
	Value  any    `json:"value"`
	Origin string `json:"origin"`
}

// Settings lists every value that is set, in the order of the types, with its origin.
func (c *Config) Settings(origins map[string]string) []Setting {
	// The origin of a value is its own, or that of the nearest section that was given.
	origin := func(path string) string {
		if o, ok := origins[path]; ok {
			return o
		}
		return FromDefault
	}
	var settings []Setting
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if v.Type() == secretType {
			if s := v.Interface().(Secret); s.Set() {
				settings = append(settings, Setting{path, s.String(), origin(path)})
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
					settings = append(settings, Setting{path, v.Interface(), origin(path)})
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
					Setting{join(path, key), v.MapIndex(reflect.ValueOf(key)).Interface(), origin(join(path, key))},
				)
			}
		default:
			if !v.IsZero() || origins[path] != "" {
				settings = append(settings, Setting{path, v.Interface(), origin(path)})
			}
		}
	}
	walk("", reflect.ValueOf(c).Elem())
	return settings
}

func sortedMapKeys(v reflect.Value) []string {
	var keys []string
	for _, k := range v.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}

// join puts a key behind a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
