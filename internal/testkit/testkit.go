// Package testkit records the resource graph that a Pulumi program registers, for tests of components.
//
// It knows shapes only: what is registered, under which parent, with which inputs and options. Whether a cloud would
// accept it is the rehearsal's affair.
package testkit

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/account"
)

// Project and Stack name the program under test in URNs.
const (
	Project = "bpa"
	Stack   = "test"
)

// Account is where the programs under test are deployed.
var Account = account.Account{ID: "111122223333", Region: "us-west-2", Partition: "aws", DNSSuffix: "amazonaws.com"}

// Resource is one registered resource.
type Resource struct {
	Type, Name, URN string
	// Parent is the URN of the parent, Provider the reference of the explicit provider ("urn::id"), or empty.
	Parent, Provider string
	Custom, Protect  bool
	Inputs           resource.PropertyMap
	// Dependencies are the URNs of all resources that this one waits for, sorted.
	Dependencies        []string
	IgnoreChanges       []string
	ReplaceOnChanges    []string
	DeleteBeforeReplace bool
	RetainOnDelete      bool
	// Aliases are the names or URNs that this resource had before.
	Aliases []string
}

// Graph is what a program registered, in order of registration.
type Graph struct {
	mu        sync.Mutex
	resources []*Resource
}

// Outputs computes what a resource's provider would add to its inputs; see WithOutputs.
type Outputs func(name string, inputs resource.PropertyMap) resource.PropertyMap

// Call answers an invoke; see WithCall.
type Call func(args resource.PropertyMap) (resource.PropertyMap, error)

// Option changes what the recorded cloud answers.
type Option func(*mocks)

// WithOutputs gives resources of a type computed outputs, in updates only: in a preview they stay unknown.
func WithOutputs(typ string, f Outputs) Option { return func(m *mocks) { m.outputs[typ] = f } }

// WithCall answers the invoke of a token.
func WithCall(token string, f Call) Option { return func(m *mocks) { m.calls[token] = f } }

// WithConfig gives the program a configuration as the engine hands it over: values by full key, of which some are secret.
func WithConfig(values map[string]string, secret ...string) Option {
	return func(m *mocks) { m.config, m.secretKeys = values, secret }
}

// In runs the program in a project's folder.
func In(dir string) Option { return func(m *mocks) { m.dir = dir } }

// Update runs the program as `pulumi up` would: every id and output is known.
func Update(program pulumi.RunFunc, options ...Option) (*Graph, error) {
	return run(program, false, options)
}

// Preview runs the program as a first `pulumi preview` would: ids and computed outputs are unknown.
func Preview(program pulumi.RunFunc, options ...Option) (*Graph, error) {
	return run(program, true, options)
}

// Both runs the program as an update and as a preview, and check on each recorded graph.
func Both(t *testing.T, program pulumi.RunFunc, check func(t *testing.T, g *Graph), options ...Option) {
	t.Helper()
	for name, dryRun := range map[string]bool{"update": false, "preview": true} {
		t.Run(name, func(t *testing.T) {
			g, err := run(program, dryRun, options)
			require.NoError(t, err)
			check(t, g)
		})
	}
}

func run(program pulumi.RunFunc, dryRun bool, options []Option) (*Graph, error) {
	g := &Graph{}
	m := newMocks(g, dryRun)
	for _, o := range options {
		o(m)
	}
	address, stop, err := serve(m)
	if err != nil {
		return g, err
	}
	defer stop()
	return g, pulumi.RunErr(program, m.connect(address))
}

// All returns every resource, sorted by type and name.
func (g *Graph) All() []*Resource {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.Clone(g.resources)
	sort.Slice(all, func(i, j int) bool {
		if all[i].Type != all[j].Type {
			return all[i].Type < all[j].Type
		}
		return all[i].Name < all[j].Name
	})
	return all
}

// List returns "type name" of every resource, sorted: the exact list that a test of a component asserts on.
func (g *Graph) List() []string {
	var list []string
	for _, r := range g.All() {
		list = append(list, r.Type+" "+r.Name)
	}
	return list
}

// OfType returns the resources of a type, sorted by name.
func (g *Graph) OfType(typ string) []*Resource {
	var found []*Resource
	for _, r := range g.All() {
		if r.Type == typ {
			found = append(found, r)
		}
	}
	return found
}

// Get returns the resource with a type and name, and fails the test where there is none.
func (g *Graph) Get(t *testing.T, typ, name string) *Resource {
	t.Helper()
	for _, r := range g.OfType(typ) {
		if r.Name == name {
			return r
		}
	}
	require.FailNow(t, "no such resource", "%s %s; the graph has:\n%v", typ, name, g.List())
	return nil
}

// ByURN returns the resource with a URN, or nil.
func (g *Graph) ByURN(urn string) *Resource {
	for _, r := range g.All() {
		if r.URN == urn {
			return r
		}
	}
	return nil
}

// DependsOn reports whether r waits, directly or through others, for the resource with a type and name.
func (g *Graph) DependsOn(r *Resource, typ, name string) bool {
	seen := map[string]bool{}
	var visit func(r *Resource) bool
	visit = func(r *Resource) bool {
		for _, urn := range r.Dependencies {
			if seen[urn] {
				continue
			}
			seen[urn] = true
			d := g.ByURN(urn)
			if d != nil && (d.Type == typ && d.Name == name || visit(d)) {
				return true
			}
		}
		return false
	}
	return visit(r)
}

// Owned fails the test unless there is one component of the type, and every other resource is its child.
func (g *Graph) Owned(t *testing.T, component string) {
	t.Helper()
	owners := g.OfType(component)
	require.Len(t, owners, 1)
	for _, r := range g.All() {
		if r != owners[0] {
			assert.Equal(t, owners[0].URN, r.Parent, "the parent of %s %s", r.Type, r.Name)
		}
	}
}

// Protected lists "type name" of every resource that is protected, sorted.
func (g *Graph) Protected() []string {
	list := []string{}
	for _, r := range g.All() {
		if r.Protect {
			list = append(list, r.Type+" "+r.Name)
		}
	}
	return list
}

// Policy parses an input that holds an IAM policy document and returns its statements by Sid, or by number.
func (r *Resource) Policy(t *testing.T, key string) map[string]map[string]any {
	t.Helper()
	text, ok := r.Plain(key).(string)
	require.True(t, ok, "%s of %s %s is not known", key, r.Type, r.Name)
	var document struct {
		Version   string
		Statement []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	assert.Equal(t, "2012-10-17", document.Version)
	statements := map[string]map[string]any{}
	for i, s := range document.Statement {
		sid, _ := s["Sid"].(string)
		if sid == "" {
			sid = strconv.Itoa(i)
		}
		statements[sid] = s
	}
	return statements
}

// Plain returns an input as plain Go data: maps, slices, strings, numbers and booleans. Secrets are unwrapped, unknown
// values are nil.
func (r *Resource) Plain(key string) any {
	return plain(r.Inputs[resource.PropertyKey(key)])
}

// Secret reports whether an input is marked as secret.
func (r *Resource) Secret(key string) bool {
	v := r.Inputs[resource.PropertyKey(key)]
	return v.IsSecret() || v.IsOutput() && v.OutputValue().Secret || v.ContainsSecrets()
}

func plain(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return plain(v.SecretValue().Element)
	case v.IsComputed():
		return nil
	case v.IsOutput():
		return plain(v.OutputValue().Element)
	case v.IsArray():
		list := []any{}
		for _, e := range v.ArrayValue() {
			list = append(list, plain(e))
		}
		return list
	case v.IsObject():
		m := map[string]any{}
		for k, e := range v.ObjectValue() {
			m[string(k)] = plain(e)
		}
		return m
	default:
		return v.V
	}
}

// Key is a property's name, for assertions on Resource.Inputs.
func Key(name string) resource.PropertyKey { return resource.PropertyKey(name) }
