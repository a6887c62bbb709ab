package bpa

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// removeDefaults takes the defaults out of a chart's values that a null takes away: Helm itself would do so, but no null reaches it.
// Source: pulumi-kubernetes v4.23.0 provider/pkg/provider/helm_release.go unmarshals with SkipNulls, also after valueYamlFiles and
// allowNullValues (issue 2997, mended after v4.32.0).
func removeDefaults(files map[string][]byte, values map[string]any) error {
	for _, at := range nulls(nil, values) {
		if err := removeDefault(files, "values.yaml", at); err != nil {
			return err
		}
		if len(at) == 1 {
			continue
		}
		// The first key may be a chart that this one brings along.
		folder := "charts/" + at[0] + "/"
		for _, name := range names(files) {
			if strings.HasPrefix(name, "charts/"+at[0]+"-") && strings.HasSuffix(name, ".tgz") {
				return fmt.Errorf("application.values.%s: null: %s is packed, and its defaults cannot be taken away; unpack it",
					strings.Join(at, "."), name)
			}
		}
		if err := removeDefault(files, folder+"values.yaml", at[1:]); err != nil {
			return err
		}
	}
	return nil
}

// nulls are the paths of all nulls in objects.
func nulls(path []string, value any) [][]string {
	object, ok := value.(map[string]any)
	if !ok {
		if value == nil {
			return [][]string{path}
		}
		return nil
	}
	var all [][]string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		all = append(all, nulls(append(slices.Clone(path), key), object[key])...)
	}
	return all
}

// withoutNulls is an object without its nulls.
func withoutNulls(object map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range object {
		if inner, ok := value.(map[string]any); ok {
			value = withoutNulls(inner)
		}
		if value != nil {
			out[key] = value
		}
	}
	return out
}

// removeDefault removes a key from a file of values, where it is.
func removeDefault(files map[string][]byte, file string, path []string) error {
	var document yaml.Node
	if err := yaml.Unmarshal(files[file], &document); err != nil {
		return fmt.Errorf("application.chart: %s: %w", file, err)
	}
	if len(document.Content) == 0 || !removeKey(document.Content[0], path) {
		return nil
	}
	text, err := yaml.Marshal(&document)
	files[file] = text
	return err
}

func removeKey(node *yaml.Node, path []string) bool {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != path[0] {
			continue
		}
		if len(path) > 1 {
			return removeKey(node.Content[i+1], path[1:])
		}
		node.Content = slices.Delete(node.Content, i, i+2)
		return true
	}
	return false
}
