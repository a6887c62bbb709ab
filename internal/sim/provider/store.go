package provider

import (
	"slices"
	"sort"
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

	key string
	// inputs and outputs are the same with their secrets marked, for the engine.
	inputs, outputs resource.PropertyMap
}

// Store holds what exists in all clouds of a rehearsal. It is safe for concurrent use.
type Store struct {
	mu        sync.Mutex
	resources map[string]*Resource
	external  map[string]bool
	serial    int
}

func newStore() *Store {
	return &Store{resources: map[string]*Resource{}, external: map[string]bool{}}
}

func storeKey(typ, id string) string { return typ + "|" + id }

// Len returns how many resources exist.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.resources)
}

// List returns what exists, sorted by type and id.
func (s *Store) List() []*Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*Resource, 0, len(s.resources))
	for _, r := range s.resources {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool {
		return storeKey(list[i].Type, list[i].ID) < storeKey(list[j].Type, list[j].ID)
	})
	return list
}

// Get returns the resource with a type and id, or nil.
func (s *Store) Get(typ, id string) *Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resources[storeKey(typ, id)]
}

// Find returns the first resource of a type that matches, or nil.
func (s *Store) Find(typ string, match func(*Resource) bool) *Resource {
	for _, r := range s.List() {
		if r.Type == typ && match(r) {
			return r
		}
	}
	return nil
}

// ByURN returns what exists under a URN: one resource, or in between the two of a replacement.
func (s *Store) ByURN(urn resource.URN) []*Resource {
	var found []*Resource
	for _, r := range s.List() {
		if r.URN == urn {
			found = append(found, r)
		}
	}
	return found
}

// Exists reports whether anything has an id or ARN, or was declared to exist outside the stack.
func (s *Store) Exists(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.external[id] {
		return true
	}
	for _, r := range s.resources {
		if r.ID == id || r.Outputs["arn"] == id {
			return true
		}
	}
	return false
}

// Declare says that ids exist outside the stack: an existing VPC and its subnets, a parent account's.
func (s *Store) Declare(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.external[id] = true
	}
}

// Serial returns 1, 2, 3, …: numbers that no two resources share.
func (s *Store) Serial() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return s.serial
}

func (s *Store) put(r *Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources[r.key] = r
}

func (s *Store) get(key string) *Resource {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resources[key]
}

func (s *Store) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.resources, key)
}

// blocker returns a resource that refers to target in a way that blocks it, or nil.
func (s *Store) blocker(target *Resource, block *Block) *Resource {
	listed := func(list []string, typ, property string) bool {
		return slices.Contains(list, typ+"."+property) || slices.Contains(list, "*."+property)
	}
	counts := func(typ, property string) bool {
		return (block.By == nil || listed(block.By, typ, property)) && !listed(block.Except, typ, property)
	}
	names := map[string]bool{target.ID: true}
	if arn, ok := target.Outputs["arn"].(string); ok {
		names[arn] = true
	}
	for _, r := range s.List() {
		if r == target {
			continue
		}
		for property, value := range r.Inputs {
			if counts(r.Type, property) && mentions(value, names) {
				return r
			}
		}
	}
	return nil
}

// mentions reports whether a value is, or contains as a list or map element, one of the names.
func mentions(value any, names map[string]bool) bool {
	switch v := value.(type) {
	case string:
		return names[v]
	case []any:
		for _, e := range v {
			if mentions(e, names) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if mentions(e, names) {
				return true
			}
		}
	}
	return false
}
