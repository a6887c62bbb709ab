package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// coalesce lays values over a chart's own: maps join, everything else wins as a whole, and null takes a default away.
func coalesce(over, own map[string]any) map[string]any {
	out := maps.Clone(own)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range over {
		inner, isMap := value.(map[string]any)
		below, wasMap := out[key].(map[string]any)
		switch {
		case value == nil:
			delete(out, key)
		case isMap && wasMap:
			out[key] = coalesce(inner, below)
		default:
			out[key] = value
		}
	}
	return out
}

// scoped are the values that a subchart sees: what its parent holds under its name, and what is global.
func scoped(parent map[string]any, name string, own map[string]any) map[string]any {
	given, _ := parent[name].(map[string]any)
	values := coalesce(given, own)
	global, _ := parent["global"].(map[string]any)
	mine, _ := values["global"].(map[string]any)
	values["global"] = coalesce(global, mine)
	return values
}

// enabled reports whether a subchart is rendered: the first path of its condition that the values hold decides.
func (d dependency) enabled(values map[string]any) bool {
	for condition := range strings.SplitSeq(d.Condition, ",") {
		var at any = values
		for step := range strings.SplitSeq(strings.TrimSpace(condition), ".") {
			fields, _ := at.(map[string]any)
			at = fields[step]
		}
		if on, ok := at.(bool); ok {
			return on
		}
	}
	return true
}

// active are the subcharts that are rendered, each under the name by which its parent calls it.
func (c *Chart) active(values map[string]any) map[string]*Chart {
	all := map[string]*Chart{}
	for _, sub := range c.subcharts {
		listed := false
		for _, d := range c.about.Dependencies {
			if d.Name != sub.about.Name {
				continue
			}
			listed = true
			name := d.Alias
			if name == "" {
				name = d.Name
			}
			if d.enabled(values) {
				all[name] = sub
			}
		}
		if !listed {
			all[sub.about.Name] = sub
		}
	}
	return all
}

// checkSchema holds values against the chart's own schema.
func (c *Chart) checkSchema(values map[string]any) error {
	if len(c.schema) == 0 {
		return nil
	}
	const invalid = "values don't meet the specifications of the schema(s) in the following chart(s):\n%s:\n%w"
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.schema))
	if err != nil {
		return fmt.Errorf(invalid, c.about.Name, err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("values.schema.json", schema); err != nil {
		return fmt.Errorf(invalid, c.about.Name, err)
	}
	compiled, err := compiler.Compile("values.schema.json")
	if err != nil {
		return fmt.Errorf(invalid, c.about.Name, err)
	}
	b, err := json.Marshal(values)
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if err := compiled.Validate(instance); err != nil {
		return fmt.Errorf(invalid, c.about.Name, err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
