package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// FromDefault is the origin of a value that is the program's own, as `bpactl config show` prints it.
const FromDefault = "default"

// defaults fills in a configuration.
type defaults struct {
	Reading
	config *Config
}

// def stores a default where the stack file gives no value, and remembers where it came from.
func def[T any](d *defaults, path string, target *T, value T, origin string) {
	d.store(path, reflect.ValueOf(target).Elem(), reflect.ValueOf(&value).Elem(), origin)
}

func (d *defaults) store(path string, target, value reflect.Value, origin string) {
	if d.Given[path] {
		return
	}
	target.Set(value)
	// What is not set has no origin; false is a value.
	if !value.IsZero() || value.Kind() == reflect.Bool {
		d.Origins[path] = origin
	}
}

// fromTags fills in the defaults that are always the same, or depend on the environment alone:
//
//	default:"30"                          always
//	production:"true" development:"false" by the environment
//
// The items of a list stand between spaces.
func (d *defaults) fromTags(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field, at := v.Type().Field(i), join(path, v.Type().Field(i).Tag.Get("json"))
			if field.Type == secretType {
				continue
			}
			if text, origin, ok := d.tag(field); ok {
				d.store(at, v.Field(i), parse(field, text), origin)
				continue
			}
			d.fromTags(at, v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			d.fromTags(path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.fromTags(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	}
}

// tag returns the default that the tags of a field say.
func (d *defaults) tag(field reflect.StructField) (text, origin string, ok bool) {
	if text, ok = field.Tag.Lookup("default"); ok {
		return text, FromDefault, true
	}
	environment := Production
	if !d.production() {
		environment = Development
	}
	text, ok = field.Tag.Lookup(environment)
	return text, fmt.Sprintf("%s (%s)", FromDefault, d.config.Environment), ok
}

func (d *defaults) production() bool { return d.config.Environment != Development }

func (d *defaults) perProfile() string { return "profile " + d.config.Profile }

// parse reads the default of a field. One that is none of its type is a mistake of this package, and panics.
func parse(field reflect.StructField, text string) reflect.Value {
	value := reflect.New(field.Type).Elem()
	if field.Type.Kind() != reflect.Slice {
		set(field.Name, value, text)
		return value
	}
	for _, word := range strings.Fields(text) {
		item := reflect.New(field.Type.Elem()).Elem()
		set(field.Name, item, word)
		value = reflect.Append(value, item)
	}
	return value
}

func set(name string, value reflect.Value, text string) {
	var err error
	switch value.Kind() {
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		value.SetBool(b)
	case reflect.Int:
		var n int
		n, err = strconv.Atoi(text)
		value.SetInt(int64(n))
	default:
		value.SetString(text)
	}
	if err != nil {
		panic(fmt.Sprintf("config: field %s: default: %s", name, err))
	}
}
