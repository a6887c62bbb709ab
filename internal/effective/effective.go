// Package effective prints the effective configuration of a stack: each value with where it comes from.
package effective

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
)

const (
	// commentColumn is where origins begin, so that most lines fit a terminal of 80 columns.
	commentColumn = 46
	// flowWidth is how long a list may be to stay on one line.
	flowWidth = 36
)

// YAML renders settings as the YAML of a stack file, each value with its origin as a comment.
func YAML(settings []config.Setting) (string, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range settings {
		if err := insert(root, segments(s.Path), s); err != nil {
			return "", fmt.Errorf("%s: %w", s.Path, err)
		}
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return "", err
	}
	return align(b.String()), encoder.Close()
}

var segmentPattern = regexp.MustCompile(`[^.\[\]]+`)

// segments splits a path such as nodes.items[0].name. The keys of a table (tags, parameters) may hold dots themselves;
// a table is one level deep and stands last, so its key is what follows the longest known prefix.
func segments(path string) []string {
	for _, table := range []string{"aws.tags.", "database.parameters.", "application.values.", "cluster.addonVersions."} {
		if key, ok := strings.CutPrefix(path, table); ok {
			return append(segmentPattern.FindAllString(table, -1), key)
		}
	}
	return segmentPattern.FindAllString(path, -1)
}

func insert(at *yaml.Node, path []string, s config.Setting) error {
	child, err := childOf(at, path)
	if err != nil {
		return err
	}
	if len(path) > 1 {
		return insert(child, path[1:], s)
	}
	if err := child.Encode(s.Value); err != nil {
		return err
	}
	if child.Kind != yaml.SequenceNode {
		child.LineComment = s.Origin
		return nil
	}
	if len(fmt.Sprint(s.Value)) <= flowWidth {
		child.Style = yaml.FlowStyle
		child.LineComment = s.Origin
		return nil
	}
	// A block list has no line of its own; its key has.
	at.Content[len(at.Content)-2].LineComment = s.Origin
	return nil
}

// childOf finds or makes the node for the first segment of a path. Settings come in order, so it is the last one or new.
func childOf(at *yaml.Node, path []string) (*yaml.Node, error) {
	kind := yaml.MappingNode
	if len(path) > 1 && isIndex(path[1]) {
		kind = yaml.SequenceNode
	}
	fresh := &yaml.Node{Kind: kind}
	if at.Kind == yaml.SequenceNode {
		index, err := strconv.Atoi(path[0])
		if err != nil {
			return nil, err
		}
		if index == len(at.Content) {
			at.Content = append(at.Content, fresh)
		}
		return at.Content[index], nil
	}
	if n := len(at.Content); n > 0 && at.Content[n-2].Value == path[0] {
		return at.Content[n-1], nil
	}
	key := &yaml.Node{}
	key.SetString(path[0])
	at.Content = append(at.Content, key, fresh)
	return fresh, nil
}

func isIndex(segment string) bool {
	_, err := strconv.Atoi(segment)
	return err == nil
}

// align moves the comments below each other.
func align(text string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if i := strings.LastIndex(line, " # "); i >= 0 {
			line = fmt.Sprintf("%-*s%s", commentColumn, line[:i], line[i:])
		}
		b.WriteString(line)
	}
	return b.String()
}
