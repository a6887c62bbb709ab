package provider

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Resource is something that exists in a simulated cloud.
type Resource struct {
	Package, Type, Name, ID string
	URN                     resource.URN
	// Inputs and Outputs are plain data: secrets are unwrapped. Show them to nobody.
	Inputs, Outputs map[string]any
	// Local says that it exists in the state alone, as a generated password does.
	Local bool
	// Hidden is what the cloud knows of it and no provider asks for, such as which version of a launch template runs.
	Hidden map[string]any
	// Unready says that it exists, and does not work.
	Unready bool

	key string
	// inputs and outputs are the same with their secrets marked, for the engine. Nobody changes them.
	inputs, outputs resource.PropertyMap
}

// clone copies a resource, so that whoever has it cannot change the one that it is a copy of.
func (r *Resource) clone() *Resource {
	c := *r
	c.Inputs, c.Outputs, c.Hidden = copyMap(r.Inputs), copyMap(r.Outputs), copyMap(r.Hidden)
	return &c
}

func copyMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = copyValue(v)
	}
	return out
}

// copyValue copies plain data. Assets and archives, the only pointers among it, are never changed.
func copyValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return copyMap(v)
	case map[string]string:
		return maps.Clone(v)
	case []string:
		return slices.Clone(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = copyValue(e)
		}
		return out
	}
	return v
}

// Store holds what exists in all clouds of a rehearsal. It is safe for concurrent use, and hands out copies.
type Store struct {
	mu   sync.Mutex
	view *View
}

func newStore() *Store { return &Store{view: newView()} }

func storeKey(typ, id string) string { return typ + "|" + id }

// transact runs f alone on the store: nobody else reads or changes it meanwhile. f must use the view and never the store.
func (s *Store) transact(f func(*View) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.view)
}

// locked reads from the store.
func locked[T any](s *Store, read func(*View) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return read(s.view)
}

// Len returns how many resources exist.
func (s *Store) Len() int { return locked(s, (*View).Len) }

// List returns what exists, sorted by type and id.
func (s *Store) List() []*Resource { return locked(s, (*View).List) }

// All returns the resources of a type, sorted by id.
func (s *Store) All(typ string) []*Resource {
	return locked(s, func(v *View) []*Resource { return v.All(typ) })
}

// Get returns the resource with a type and id, or nil.
func (s *Store) Get(typ, id string) *Resource {
	return locked(s, func(v *View) *Resource { return v.Get(typ, id) })
}

// Find returns the first resource of a type that matches, or nil.
func (s *Store) Find(typ string, match func(*Resource) bool) *Resource {
	return first(s.All(typ), match)
}

// ByURN returns what exists under a URN: one resource, or in between the two of a replacement.
func (s *Store) ByURN(urn resource.URN) []*Resource {
	return slices.DeleteFunc(s.All(string(urn.Type())), func(r *Resource) bool { return r.URN != urn })
}

// Declare says that ids exist outside the stack: an existing VPC and its subnets, a parent account's.
func (s *Store) Declare(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.view.external[id] = true
	}
}

// Serial returns 1, 2, 3, …: numbers that no two resources share.
func (s *Store) Serial() int { return locked(s, (*View).Serial) }

// Rest says that time has passed: what had only begun is over.
func (s *Store) Rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.underWay = ""
}

// Remove takes a resource away behind the engine's back.
func (s *Store) Remove(r *Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.Remove(r)
}

// Disown makes a resource one that no program has made: it stays, as what is retained on deletion does.
func (s *Store) Disown(typ, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored := s.view.get(typ, storeKey(typ, id)); stored != nil {
		stored.URN = ""
	}
}

// Leave puts into the cloud what a service has made by itself.
func (s *Store) Leave(r *Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.Leave(r)
}

// own makes a resource that nobody's program has made one of a stack's.
func (s *Store) own(r *Resource, urn resource.URN) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored := s.view.get(r.Type, r.key); stored != nil {
		stored.URN = urn
	}
}

// Change changes inputs of a resource behind the engine's back, which is told of it by a refresh alone, and reports whether it
// exists.
func (s *Store) Change(r *Resource, inputs map[string]any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := s.view.get(r.Type, r.key)
	if stored == nil {
		return false
	}
	stored.inputs, stored.outputs = stored.inputs.Copy(), stored.outputs.Copy()
	for key, value := range copyMap(inputs) {
		stored.Inputs[key], stored.Outputs[key] = value, value
		k, v := resource.PropertyKey(key), resource.NewPropertyValue(value)
		if _, given := stored.inputs[k]; given { // a refresh finds no input that the program does not give
			stored.inputs[k] = v
		}
		stored.outputs[k] = v
	}
	return true
}

// Answer changes outputs of a resource, as what happens in the cloud does: whoever reads it gets them.
func (s *Store) Answer(r *Resource, outputs map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored := s.view.get(r.Type, r.key); stored != nil {
		stored.outputs = stored.outputs.Copy()
		for key, value := range copyMap(outputs) {
			stored.Outputs[key] = value
			stored.outputs[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
		}
	}
}

// get returns a copy of the resource with a key, or nil.
func (s *Store) get(typ, key string) *Resource {
	return locked(s, func(v *View) *Resource {
		if stored := v.get(typ, key); stored != nil {
			return stored.clone()
		}
		return nil
	})
}

func first(list []*Resource, match func(*Resource) bool) *Resource {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i]
	}
	return nil
}

// compare orders resources by type and id; local ones, which may share an id, by URN then.
func compare(a, b *Resource) int {
	if a.Type != b.Type {
		return strings.Compare(storeKey(a.Type, a.ID), storeKey(b.Type, b.ID))
	}
	if n := strings.Compare(a.ID, b.ID); n != 0 {
		return n
	}
	return strings.Compare(a.key, b.key)
}
