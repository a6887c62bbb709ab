// Package rotation replaces logins and generated passwords: by a counter in the configuration, so that a preview shows it,
// everyone who deploys gets the same, and git says when it was.
package rotation

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"
)

// Keepers are the keepers of a generated password: with another generation it is made anew. The first generation has none,
// so that passwords from before there were any stay as they are.
func Keepers(generation int) pulumi.StringMapInput {
	if generation == 0 {
		return nil
	}
	return pulumi.StringMap{"generation": pulumi.String(strconv.Itoa(generation))}
}

// Secrets lists what Count counts.
func Secrets() []string {
	return []string{"database.master", "database.admin", "database.kong", "database.camunda", "atlas"}
}

// section is the configuration that holds the counters, below `config` of a stack file.
const section = "bpa:rotation"

// Count raises the counter of a secret in a stack file by one, and returns the file and the new count. All other settings
// and the comments stay.
func Count(stackFile []byte, secret string) (changed []byte, count int, err error) {
	if !slices.Contains(Secrets(), secret) {
		return nil, 0, fmt.Errorf("%q: must be one of %s", secret, strings.Join(Secrets(), ", "))
	}
	var document yaml.Node
	if err := yaml.Unmarshal(stackFile, &document); err != nil {
		return nil, 0, fmt.Errorf("reading the stack file: %w", err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, 0, errors.New("the stack file holds no settings")
	}
	node, err := descend(document.Content[0], append([]string{"config", section}, strings.Split(secret, ".")...))
	if err != nil {
		return nil, 0, err
	}
	if node.Value != "" {
		if count, err = strconv.Atoi(node.Value); err != nil {
			return nil, 0, fmt.Errorf("%s.%s: %q: must be a whole number", section, secret, node.Value)
		}
	}
	count++
	node.Kind, node.Tag, node.Style, node.Value = yaml.ScalarNode, "!!int", 0, strconv.Itoa(count)
	var out strings.Builder
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
		return nil, 0, err
	}
	return []byte(out.String()), count, nil
}

// descend returns the value at a path of keys, made where it is missing.
func descend(node *yaml.Node, path []string) (*yaml.Node, error) {
	for i, key := range path {
		if node.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("%s: must be an object", strings.Join(path[:i], "."))
		}
		node = value(node, key)
	}
	if node.Kind != yaml.ScalarNode && len(node.Content) > 0 {
		return nil, fmt.Errorf("%s: must be a whole number", strings.Join(path, "."))
	}
	return node, nil
}

// value returns what stands under a key, made where it is missing.
func value(object *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == key {
			return object.Content[i+1]
		}
	}
	made := &yaml.Node{Kind: yaml.MappingNode}
	object.Content = append(object.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, made)
	return made
}
