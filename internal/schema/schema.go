// Package schema describes stack files to editors and readers: a JSON Schema, a table in Markdown, and the config section
// of Pulumi.yaml. All three are made from the types of package config, and golden tests hold them to those.
package schema

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// node is a JSON Schema, draft 7: the newest that yaml-language-server reads whole.
type node map[string]any

// closed is an object that has these properties and no others.
func closed(properties node) node {
	return node{"type": "object", "properties": properties, "additionalProperties": false}
}

// JSON returns the JSON Schema of a stack file, indented.
//
// A file that extends another may leave anything out. What is required is asked of one that does not, unless it gives
// values by path (bpa:aws.region), which a schema cannot follow.
func JSON() ([]byte, error) {
	keys := config.Keys()
	sections := node{}
	for _, k := range keys {
		sections[stackfile.Project+":"+k.Name] = topLevel(k)
	}
	stack := closed(node{
		"config": node{
			"type":       "object",
			"properties": sections,
			"patternProperties": node{
				// Keys of other namespaces, such as pulumi:, without the lookahead that not every validator has.
				"^([^b][^:]*|b|b[^p:][^:]*|bp|bp[^a:][^:]*|bpa[^:]+):": true,
				"^" + stackfile.Project + ":[A-Za-z]+[.[]": node{
					"description": "A value by its path, as `pulumi config set` without --path writes it.",
				},
			},
			"additionalProperties": false,
			"if": node{
				"not":           node{"required": []string{stackfile.Project + ":extends"}},
				"propertyNames": node{"not": node{"pattern": "^" + stackfile.Project + ":[^:]*[.[]"}},
			},
			"then": requiredBelow(stackfile.Project+":", keys),
		},
		"environment":     node{"description": "Pulumi ESC environments."},
		"secretsprovider": node{"type": "string", "description": "How the stack's secrets are encrypted."},
		"encryptedkey":    node{"type": "string", "description": "The key of the stack's secrets, encrypted."},
		"encryptionsalt":  node{"type": "string", "description": "The salt of the stack's passphrase."},
	})
	stack["$schema"] = "http://json-schema.org/draft-07/schema#"
	stack["$id"] = "https://github.com/bpa-on-aws/platform/schemas/stack.schema.json"
	stack["title"] = "A stack file of Cisco BPA on AWS"
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(stack)
	return b.Bytes(), err
}

// topLevel allows for `pulumi config set`, which writes true as text at the top.
func topLevel(k config.Key) node {
	n := property(k)
	if k.Kind == config.Switch {
		delete(n, "type")
		n["enum"] = []any{true, false, "true", "false", nil}
	}
	return n
}

// property is the schema of one key.
func property(k config.Key) node {
	n := value(k)
	n["type"] = []any{n["type"], "null"} // null brings back the default, over a file that is extended
	switch allowed := n["enum"].(type) {
	case []string:
		n["enum"] = withNull(allowed)
	case []int:
		n["enum"] = withNull(allowed)
	}
	n["description"] = description(k)
	if k.Default != nil {
		n["default"] = k.Default
	}
	return n
}

func withNull[T any](values []T) []any {
	var all []any
	for _, v := range values {
		all = append(all, v)
	}
	return append(all, nil)
}

// description is what a reader is told of a key.
func description(k config.Key) string {
	if k.Required {
		return k.Doc + " Required."
	}
	return k.Doc
}

func value(k config.Key) node {
	switch k.Kind {
	case config.Number:
		return number(k)
	case config.Switch:
		return node{"type": "boolean"}
	case config.Texts:
		return node{"type": "array", "items": text(k)}
	case config.Object:
		return closed(properties(k.Keys))
	case config.Objects:
		item := closed(properties(k.Keys))
		if required := requiredOf("", k.Keys); len(required) > 0 {
			item["required"] = required
		}
		return node{"type": "array", "items": item}
	case config.Table:
		item := node{"type": "string"}
		if k.Names { // editors offer examples, and take any other text
			item["examples"] = references()
		}
		return node{"type": "object", "additionalProperties": item}
	case config.Anything:
		return node{"type": "object"}
	case config.Sealed:
		sealed := closed(node{"secure": node{"type": "string"}})
		sealed["required"] = []string{"secure"}
		return sealed
	default:
		return text(k)
	}
}

// references are all that a text may name, as it is written.
func references() []string {
	var names []string
	for _, r := range config.References() {
		names = append(names, "${"+r.Name+"}")
	}
	return names
}

func properties(keys []config.Key) node {
	n := node{}
	for _, k := range keys {
		n[k.Name] = property(k)
	}
	return n
}

func text(k config.Key) node {
	n := node{"type": "string"}
	switch {
	case len(k.OneOf) > 0:
		n["enum"] = k.OneOf
	case k.Format == nil:
	case k.Format.Words != nil:
		n["enum"] = k.Format.Words
	case k.Format.Pattern != "":
		n["pattern"] = k.Format.Pattern
		if k.Format.Must != "" {
			n["patternErrorMessage"] = k.Format.Must // yaml-language-server shows it
		}
	}
	return n
}

func number(k config.Key) node {
	n := node{"type": "integer"}
	if k.From != k.To {
		n["minimum"], n["maximum"] = k.From, k.To
	}
	if k.Format != nil {
		allowed := k.Format.Numbers
		if k.Optional {
			allowed = append([]int{0}, allowed...)
		}
		n["enum"] = allowed
	}
	return n
}

func requiredOf(prefix string, keys []config.Key) []string {
	var names []string
	for _, k := range keys {
		if k.Required {
			names = append(names, prefix+k.Name)
		}
	}
	return names
}

// requiredBelow asks for what is required, at every depth of objects.
func requiredBelow(prefix string, keys []config.Key) node {
	n := node{}
	inner := node{}
	for _, k := range keys {
		if k.Kind != config.Object {
			continue
		}
		if below := requiredBelow("", k.Keys); len(below) > 0 {
			inner[prefix+k.Name] = below
		}
	}
	if len(inner) > 0 {
		n["properties"] = inner
	}
	if required := requiredOf(prefix, keys); len(required) > 0 {
		n["required"] = required
	}
	return n
}

// Table describes every key in Markdown: a section for each key at the top that has keys of its own.
func Table() string {
	var b, sections strings.Builder
	b.WriteString("## At the top\n\n" + head)
	for _, k := range config.Keys() {
		if k.Kind != config.Object {
			b.WriteString(row(k, k.Name))
			continue
		}
		sections.WriteString("\n## " + k.Name + "\n\n" + description(k) + "\n\n" + head)
		rows(&sections, k.Keys, "")
	}
	return b.String() + sections.String()
}

const head = "| key | type | what it says |\n|---|---|---|\n"

// markdown keeps a text whole in a table: | would end the cell, and <stack> would be taken for HTML.
var markdown = strings.NewReplacer("|", `\|`, "<", "&lt;")

func rows(b *strings.Builder, keys []config.Key, prefix string) {
	for _, k := range keys {
		b.WriteString(row(k, prefix+k.Name))
		name := prefix + k.Name + "."
		if k.Kind == config.Objects {
			name = prefix + k.Name + "[]."
		}
		rows(b, k.Keys, name)
	}
}

func row(k config.Key, name string) string {
	return "| `" + name + "` | " + string(k.Kind) + " | " + markdown.Replace(description(k)) + " |\n"
}
