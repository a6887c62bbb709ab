package stackfile

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// fromFile is the origin of what the stack file gives, as `bpactl config show` prints it.
const fromFile = "stack file"

// decoder fills a Config from plain data, strictly, and remembers which paths were given.
type decoder struct {
	problems problem.List
	given    map[string]bool
	// clearSecrets allows secrets as text: the engine has decrypted them. In a file, text means clear text.
	clearSecrets bool
	// inherited reports whether the value at a path comes from a file that the stack file extends. There, text is clear
	// text whoever reads it.
	inherited func(path string) bool
}

var secretType = reflect.TypeOf(config.Secret{})

// decode stores value in target, which path names.
func (d *decoder) decode(path string, value any, target reflect.Value) {
	if value == nil {
		return
	}
	if target.Type() == secretType {
		d.secret(path, value, target)
		return
	}
	switch target.Kind() {
	case reflect.Struct:
		d.object(path, value, target)
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		d.decode(path, value, target.Elem())
	case reflect.Slice:
		d.list(path, value, target)
	case reflect.Map:
		d.table(path, value, target)
	default:
		d.scalar(path, value, target)
	}
}

func (d *decoder) object(path string, value any, target reflect.Value) {
	m, ok := value.(map[string]any)
	if !ok {
		d.problems.Add(path, value, "must be an object with the keys %s", strings.Join(keysOf(target.Type()), ", "))
		return
	}
	fields := map[string]int{}
	for i := range target.NumField() {
		fields[target.Type().Field(i).Tag.Get("json")] = i
	}
	for _, key := range sortedKeys(m) {
		i, known := fields[key]
		if !known {
			d.unknown(join(path, key), key, keysOf(target.Type()))
			continue
		}
		if m[key] == nil {
			continue // as if it were not there
		}
		d.given[join(path, key)] = true
		d.decode(join(path, key), m[key], target.Field(i))
	}
}

// unknown reports a key that nothing reads. Its value may be a secret under a mistyped key, and is not shown.
func (d *decoder) unknown(path, key string, known []string) {
	if near := problem.Nearest(key, known); near != "" {
		d.problems.Add(path, unknownKey{}, "did you mean %s?", near)
		return
	}
	d.problems.Add(path, unknownKey{}, "must be one of %s", strings.Join(known, ", "))
}

// unknownKey stands in for the value of a key that nothing reads.
type unknownKey struct{}

// String implements fmt.Stringer.
func (unknownKey) String() string { return "unknown key" }

func (d *decoder) list(path string, value any, target reflect.Value) {
	items, ok := value.([]any)
	if !ok {
		d.problems.Add(path, value, "must be a list")
		return
	}
	out := reflect.MakeSlice(target.Type(), len(items), len(items))
	for i, item := range items {
		d.given[fmt.Sprintf("%s[%d]", path, i)] = true
		d.decode(fmt.Sprintf("%s[%d]", path, i), item, out.Index(i))
	}
	target.Set(out)
}

func (d *decoder) table(path string, value any, target reflect.Value) {
	m, ok := value.(map[string]any)
	if !ok {
		d.problems.Add(path, value, "must be an object")
		return
	}
	out := reflect.MakeMap(target.Type())
	for _, key := range sortedKeys(m) {
		d.given[join(path, key)] = true
		if target.Type().Elem().Kind() == reflect.Interface {
			out.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(&m).Elem().MapIndex(reflect.ValueOf(key)))
			continue
		}
		element := reflect.New(target.Type().Elem()).Elem()
		if isSealed(m[key]) { // a reader of the file alone learns that there is a text
			element.SetString(config.Redacted)
		} else {
			d.decode(join(path, key), m[key], element)
		}
		out.SetMapIndex(reflect.ValueOf(key), element)
	}
	target.Set(out)
}

func (d *decoder) scalar(path string, value any, target reflect.Value) {
	switch target.Kind() {
	case reflect.String:
		if s, ok := value.(string); ok {
			target.SetString(s)
			return
		}
		// YAML reads 1.30 as a number and drops the zero, so a version must be quoted.
		d.problems.Add(path, value, "must be text; put it in quotes")
	case reflect.Bool:
		if b, ok := asBool(value); ok {
			target.SetBool(b)
			return
		}
		d.problems.Add(path, value, "must be true or false")
	case reflect.Int:
		if n, ok := asInt(value); ok {
			target.SetInt(int64(n))
			return
		}
		d.problems.Add(path, value, "must be a whole number")
	}
}

// asBool and asInt accept the text that the engine hands over for top-level values.
func asBool(value any) (bool, bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return v == "true", v == "true" || v == "false"
	}
	return false, false
}

func asInt(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case float64:
		return int(v), v == math.Trunc(v)
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

func (d *decoder) secret(path string, value any, target reflect.Value) {
	if isSealed(value) {
		target.Set(reflect.ValueOf(config.SealedSecret()))
		return
	}
	if v, ok := value.(string); ok {
		if !d.clearSecrets || d.inherited(path) {
			d.problems.Add(path, config.SealedSecret(), "must not be in clear text; use pulumi config set --secret --path 'bpa:%s'", path)
			return
		}
		target.Set(reflect.ValueOf(config.NewSecret(v)))
		return
	}
	d.problems.Add(path, config.SealedSecret(), "must be a secret; use pulumi config set --secret --path 'bpa:%s'", path)
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		keys = append(keys, t.Field(i).Tag.Get("json"))
	}
	return keys
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sortedKeys(m map[string]any) []string {
	return slices.Sorted(maps.Keys(m))
}
