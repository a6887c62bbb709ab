package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// checker collects what a provider finds wrong with the inputs of one resource, before anything is asked of the service.
type checker struct {
	schemas  *Schemas
	name     string
	failures []plugin.CheckFailure
}

// checkInputs compares inputs with the schema of their type, and with the provider's own rules for values.
func checkInputs(schemas *Schemas, token, name string, t *Type, inputs resource.PropertyMap) []plugin.CheckFailure {
	c := &checker{schemas: schemas, name: name}
	if schemas != nil && schemas.Types[token] != nil {
		c.object("", schemas.Types[token], inputs)
	}
	for _, property := range t.Required {
		if !given(inputs, strings.Split(property, ".")) && !c.failed(property) {
			c.missing(property)
		}
	}
	return c.rules(t.Values, inputs)
}

// checkSettings compares the settings of a provider with those that it has.
func checkSettings(p *Package, name string, settings resource.PropertyMap) []plugin.CheckFailure {
	c := &checker{schemas: p.Schemas, name: name}
	var known map[string]*Property
	if p.Schemas != nil {
		known = p.Schemas.Settings
	}
	given := resource.PropertyMap{}
	for key, value := range settings {
		if !EnginesOwn(string(key)) {
			given[key] = nestedSetting(known[string(key)], value)
		}
	}
	c.object("", known, given)
	return c.rules(p.Settings, given)
}

// EnginesOwn reports whether a setting is the engine's: any provider is given it, and none declares it.
func EnginesOwn(setting string) bool {
	return setting == "version" || setting == "pluginDownloadURL"
}

// nestedSetting undoes the engine's encoding of a setting that is no text as JSON.
func nestedSetting(p *Property, value resource.PropertyValue) resource.PropertyValue {
	bare := bareOne(value)
	if p == nil || p.Kind == "string" || !bare.IsString() {
		return value
	}
	var nested any
	if json.Unmarshal([]byte(bare.StringValue()), &nested) != nil {
		return value
	}
	return resource.NewPropertyValue(nested)
}

// rules applies the provider's own rules for values, and returns all that failed, by property.
func (c *checker) rules(values []Value, inputs resource.PropertyMap) []plugin.CheckFailure {
	for _, v := range values {
		for _, found := range collect(resource.NewObjectProperty(inputs), strings.Split(v.Property, "."), "") {
			if reason := v.refuse(found.value); reason != "" {
				c.fail(found.path, "%s", reason)
			}
		}
	}
	sort.Slice(c.failures, func(i, j int) bool { return c.failures[i].Property < c.failures[j].Property })
	return c.failures
}

func (c *checker) fail(path, format string, args ...any) {
	c.failures = append(c.failures, plugin.CheckFailure{
		Property: resource.PropertyKey(
			path,
		),
		Reason: fmt.Sprintf(format, args...) + fmt.Sprintf(". Examine values at '%s.%s'.", c.name, path),
	})
}

func (c *checker) failed(path string) bool {
	return slices.ContainsFunc(c.failures, func(f plugin.CheckFailure) bool { return string(f.Property) == path })
}

func (c *checker) missing(path string) {
	c.fail(path, "Missing required argument. The argument %q is required, but no definition was found", path)
}

// object checks names, what is required, and every value.
func (c *checker) object(at string, properties map[string]*Property, values resource.PropertyMap) {
	for key, value := range values {
		name := string(key)
		if strings.HasPrefix(name, "__") {
			continue
		}
		p := properties[name]
		if p == nil {
			c.fail(join(at, name), "Invalid or unknown key%s", suggestion(name, properties))
			continue
		}
		if p.ReadOnly && !value.IsNull() {
			c.fail(join(at, name), "Value for unconfigurable attribute. Can't configure a value for %q: its value will be decided "+
				"automatically based on the result of applying this configuration", join(at, name))
			continue
		}
		c.value(join(at, name), p, value)
	}
	for name, p := range properties {
		if v, ok := values[resource.PropertyKey(name)]; p.Required && (!ok || v.IsNull()) {
			c.missing(join(at, name))
		}
	}
	c.combinations(at, properties, values)
}

// value checks kinds; what is not known yet is anything.
func (c *checker) value(path string, p *Property, v resource.PropertyValue) {
	v = bareOne(v)
	switch {
	case v.IsNull(), v.IsComputed(), p.Kind == "any", v.IsAsset(), v.IsArchive(), v.IsResourceReference():
	case p.object() != "" && v.IsObject():
		c.object(path, c.schemas.Objects[p.object()], v.ObjectValue())
	case strings.HasPrefix(p.Kind, "[]") && v.IsArray():
		if p.Max > 0 && len(v.ArrayValue()) > p.Max {
			c.fail(path, "Too many list items. Attribute supports %d item maximum, but config has %d declared", p.Max, len(v.ArrayValue()))
		}
		if len(v.ArrayValue()) < p.Min {
			c.fail(path, "Not enough list items. Attribute %s requires %d item minimum, but config has only %d declared",
				path, p.Min, len(v.ArrayValue()))
		}
		for i, e := range v.ArrayValue() {
			c.value(fmt.Sprintf("%s[%d]", path, i), p.elem(), e)
		}
	case strings.HasPrefix(p.Kind, "map:") && v.IsObject():
		for key, e := range v.ObjectValue() {
			c.value(join(path, string(key)), p.elem(), e)
		}
	case !scalar(p.Kind, v):
		c.fail(path, "Incorrect attribute value type. Inappropriate value for attribute %q: %s required, got %s",
			path, describeKind(p.Kind), v.TypeString())
	}
}

// scalar: as the bridge does, texts that read as numbers or booleans stand for them.
func scalar(kind string, v resource.PropertyValue) bool {
	switch {
	case kind == "string":
		return v.IsString()
	case kind == "bool":
		return v.IsBool() || v.IsString() && (v.StringValue() == "true" || v.StringValue() == "false")
	case kind == "number" && v.IsString():
		_, err := strconv.ParseFloat(v.StringValue(), 64)
		return err == nil
	case kind == "number":
		return v.IsNumber()
	}
	return false
}

func describeKind(kind string) string {
	switch {
	case strings.HasPrefix(kind, "[]"):
		return "list"
	case strings.HasPrefix(kind, "map:"):
		return "map"
	case strings.HasPrefix(kind, "{"):
		return "object"
	}
	return kind
}

// combinations checks what may, and what must, be given together at a place.
func (c *checker) combinations(at string, properties map[string]*Property, values resource.PropertyMap) {
	has := func(name string) bool {
		v, ok := values[resource.PropertyKey(name)]
		return ok && !v.IsNull()
	}
	for name, p := range properties {
		for _, other := range p.Conflicts {
			if has(name) && has(other) && name < other {
				c.fail(join(at, name), "Conflicting configuration arguments. %q: conflicts with %s", join(at, name), join(at, other))
			}
		}
		for _, other := range p.With {
			if has(name) && !has(other) {
				c.fail(join(at, name), "Missing required argument. %q: all of `%s` must be specified",
					join(at, name), strings.Join(append(slices.Clone(p.With), name), ","))
			}
		}
		count := func(others []string) (n int) {
			for _, other := range others {
				if has(other) {
					n++
				}
			}
			return n
		}
		if len(p.OneOf) > 0 && p.OneOf[0] == name && count(p.OneOf) != 1 {
			c.fail(join(at, name), "Invalid combination of arguments. %q: one of `%s` must be specified",
				join(at, name), strings.Join(p.OneOf, ","))
		}
		if len(p.AnyOf) > 0 && p.AnyOf[0] == name && count(p.AnyOf) == 0 {
			c.fail(join(at, name), "Missing required argument. %q: one of `%s` must be specified",
				join(at, name), strings.Join(p.AnyOf, ","))
		}
	}
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// bareOne unwraps secrets and outputs around one value.
func bareOne(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput() && v.OutputValue().Known:
			v = v.OutputValue().Element
		case v.IsOutput():
			return resource.MakeComputed(resource.NewStringProperty(""))
		default:
			return v
		}
	}
}

// suggestion names the known property that differs least, where one is near.
func suggestion(name string, properties map[string]*Property) string {
	lower := strings.ToLower(name)
	var near []string
	for known := range properties {
		k := strings.ToLower(known)
		if k == lower || k == lower+"s" || k+"s" == lower ||
			len(lower) > 3 && (strings.HasPrefix(k, lower) || strings.HasPrefix(lower, k)) {
			near = append(near, known)
		}
	}
	if len(near) == 0 {
		return ""
	}
	slices.Sort(near)
	return fmt.Sprintf("; did you mean %s?", near[0])
}

// refuseArgs names the arguments of a function that its simulation would pass over.
func (p *Package) refuseArgs(token string, args map[string]any) error {
	if p.InvokeArgs == nil {
		return nil
	}
	for name := range args {
		if !slices.Contains(p.InvokeArgs[token], name) {
			return status.Errorf(codes.Unimplemented, "rehearsal: %s: argument %q of function %s is not simulated", p.Name, name, token)
		}
	}
	return nil
}
