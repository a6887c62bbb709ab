package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var hexadecimal = []rune("0123456789abcdef")

// fill gives news a physical name where it has none: the old one if there is one, else the logical name with a random
// suffix that depends on the engine's seed alone.
func (a *AutoName) fill(urn resource.URN, olds, news resource.PropertyMap, seed []byte) error {
	parts := strings.Split(a.Property, ".")
	for _, other := range append([]string{a.Property}, a.Unless...) {
		if given(news, strings.Split(other, ".")) {
			return nil
		}
	}
	if old, ok := get(olds, parts); ok && defaulted(olds, a.Property, true) {
		set(news, parts, old)
		a.mark(news)
		return nil
	}
	prefix := urn.Name() + a.Separator
	limit := 0
	if a.Max > 0 {
		limit = a.Max - len(a.Suffix)
	}
	name, err := resource.NewUniqueName(seed, prefix, a.Digits, limit, hexadecimal)
	if err != nil {
		return fmt.Errorf("naming %s: %w", urn, err)
	}
	set(news, parts, resource.NewStringProperty(name+a.Suffix))
	a.mark(news)
	return nil
}

// mark says of a resource that the provider has named it.
func (a *AutoName) mark(news resource.PropertyMap) {
	if len(a.Mark) > 0 {
		set(news, a.Mark, resource.NewStringProperty("true"))
	}
}

func given(m resource.PropertyMap, path []string) bool {
	_, ok := get(m, path)
	return ok
}

func get(m resource.PropertyMap, path []string) (resource.PropertyValue, bool) {
	v, ok := m[resource.PropertyKey(path[0])]
	if !ok || v.IsNull() {
		return resource.PropertyValue{}, false
	}
	if len(path) == 1 {
		return v, true
	}
	if v.IsSecret() {
		v = v.SecretValue().Element
	}
	if !v.IsObject() {
		return resource.PropertyValue{}, false
	}
	return get(v.ObjectValue(), path[1:])
}

func set(m resource.PropertyMap, path []string, value resource.PropertyValue) {
	key := resource.PropertyKey(path[0])
	if len(path) == 1 {
		m[key] = value
		return
	}
	inner := resource.PropertyMap{}
	if v, ok := m[key]; ok && v.IsObject() {
		inner = v.ObjectValue()
	}
	set(inner, path[1:], value)
	m[key] = resource.NewObjectProperty(inner)
}
