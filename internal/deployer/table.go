// Package deployer writes the IAM policy of whoever deploys a stack: no more than `up`, `preview` or `destroy` of the
// stack's own resources need, limited to their names and tags.
//
// A table says for each resource type which actions its creation, reading, changing and deletion take, on what, and
// under which condition. The policy is the sum of the rows of the types in the stack's resource graph. A type without a
// row is an error, so that a policy cannot silently lack something.
package deployer

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed table
var files embed.FS

// kindsFile holds the forms of ARNs, and not permissions.
const kindsFile = "table/kinds.yaml"

// Rows that every policy has, whatever the stack holds.
const (
	lookups = "lookups"
	tagging = "tags"
)

// Grant is a line of the table: actions, on what, under which condition.
type Grant struct {
	Actions []string
	// Kind names what the actions are on, or is "" where they cannot be limited to a resource.
	Kind string
	// Condition names the condition, and Argument is a service principal where it takes one.
	Condition, Argument string
}

// row is what a resource type needs.
type row struct {
	Create, Read, Update, Delete []Grant
}

// kind is a form of ARNs. Names is the resource type whose physical names take the place of {name}, or "".
type kind struct{ ARN, Names string }

// table is the whole of the files.
type table struct {
	rows  map[string]row
	kinds map[string]kind
}

// UnmarshalYAML reads `ACTIONS [on KIND] [if CONDITION [ARGUMENT]]`.
func (g *Grant) UnmarshalYAML(node *yaml.Node) error {
	var text string
	if err := node.Decode(&text); err != nil {
		return err
	}
	text, condition, _ := strings.Cut(strings.Join(strings.Fields(text), " "), " if ")
	actions, on, _ := strings.Cut(text, " on ")
	g.Actions, g.Kind = strings.Fields(actions), on
	g.Condition, g.Argument, _ = strings.Cut(condition, " ")
	for _, a := range g.Actions {
		if service, name, ok := strings.Cut(a, ":"); !ok || service == "" || name == "" {
			return fmt.Errorf("line %d: %q is no action, such as ec2:CreateVpc", node.Line, a)
		}
	}
	return nil
}

// load reads the embedded table once.
var load = sync.OnceValues(func() (*table, error) {
	t := &table{rows: map[string]row{}, kinds: map[string]kind{}}
	names, err := fs.Glob(files, "table/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := t.read(name); err != nil {
			return nil, fmt.Errorf("deployer: %s: %w", name, err)
		}
	}
	return t, t.check()
})

func (t *table) read(name string) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if name != kindsFile {
		return yaml.Unmarshal(b, &t.rows)
	}
	var kinds map[string]string
	if err := yaml.Unmarshal(b, &kinds); err != nil {
		return err
	}
	for name, text := range kinds {
		arn, names, _ := strings.Cut(text, " ")
		t.kinds[name] = kind{ARN: arn, Names: names}
	}
	return nil
}

// check finds kinds and conditions that do not exist.
func (t *table) check() error {
	for typ, r := range t.rows {
		for _, g := range slices.Concat(r.Create, r.Read, r.Update, r.Delete) {
			if _, ok := t.kinds[g.Kind]; !ok && g.Kind != "" {
				return fmt.Errorf("deployer: %s: there is no kind %q", typ, g.Kind)
			}
			if _, ok := conditions[g.Condition]; !ok && g.Condition != "" {
				return fmt.Errorf("deployer: %s: there is no condition %q", typ, g.Condition)
			}
		}
	}
	return nil
}
