package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// View is the store as one operation sees it, which has it for itself: what a rule finds is still so when the resource is
// put, and no two operations can both find a name free. It is good until the operation ends, and hands out copies.
type View struct {
	// resources by type and key.
	resources map[string]map[string]*Resource
	external  map[string]bool
	serial    int
	// underWay is what an operation has begun and nobody waits for, or "".
	underWay string
}

func newView() *View {
	return &View{resources: map[string]map[string]*Resource{}, external: map[string]bool{}}
}

// Len returns how many resources exist.
func (v *View) Len() int {
	n := 0
	for _, ofType := range v.resources {
		n += len(ofType)
	}
	return n
}

// List returns what exists, sorted by type and id.
func (v *View) List() []*Resource {
	list := make([]*Resource, 0, v.Len())
	for _, ofType := range v.resources {
		for _, r := range ofType {
			list = append(list, r.clone())
		}
	}
	slices.SortFunc(list, compare)
	return list
}

// All returns the resources of a type, sorted by id.
func (v *View) All(typ string) []*Resource {
	var list []*Resource
	for _, r := range v.resources[typ] {
		list = append(list, r.clone())
	}
	slices.SortFunc(list, compare)
	return list
}

// Get returns the resource with a type and id, or nil.
func (v *View) Get(typ, id string) *Resource {
	if r := v.get(typ, storeKey(typ, id)); r != nil {
		return r.clone()
	}
	return nil
}

// Find returns the first resource of a type that matches, or nil.
func (v *View) Find(typ string, match func(*Resource) bool) *Resource {
	return first(v.All(typ), match)
}

// Exists reports whether anything has an id or ARN, or was declared to exist outside the stack.
func (v *View) Exists(id string) bool {
	if v.external[id] {
		return true
	}
	for _, ofType := range v.resources {
		for _, r := range ofType {
			if r.ID == id || r.Outputs["arn"] == id {
				return true
			}
		}
	}
	return false
}

// External reports whether an id was declared to exist outside the stack, so that nothing is known of it.
func (v *View) External(id string) bool { return v.external[id] }

// Serial returns 1, 2, 3, …: numbers that no two resources share.
func (v *View) Serial() int {
	v.serial++
	return v.serial
}

// Leave puts into the cloud what no program asked for and a service leaves behind.
func (v *View) Leave(r *Resource) {
	left := *r
	left.key = storeKey(r.Type, r.ID)
	left.inputs, left.outputs = resource.NewPropertyMapFromMap(r.Inputs), resource.NewPropertyMapFromMap(r.Outputs)
	v.put(&left)
}

// Hide keeps what the cloud knows of a resource and no provider asks for.
func (v *View) Hide(r *Resource, key string, value any) {
	if stored := v.get(r.Type, r.key); stored != nil {
		if stored.Hidden == nil {
			stored.Hidden = map[string]any{}
		}
		stored.Hidden[key] = value
	}
}

// Begin says that something goes on after its operation has ended, and UnderWay what that is, or "": until Rest.
func (v *View) Begin(what string) { v.underWay = what }

// UnderWay is what somebody has begun and nobody waits for, or "".
func (v *View) UnderWay() string { return v.underWay }

// Remove takes a resource away.
func (v *View) Remove(r *Resource) { delete(v.resources[r.Type], r.key) }

// get returns the resource itself, which must not be handed out.
func (v *View) get(typ, key string) *Resource { return v.resources[typ][key] }

func (v *View) put(r *Resource) {
	if v.resources[r.Type] == nil {
		v.resources[r.Type] = map[string]*Resource{}
	}
	v.resources[r.Type][r.key] = r.clone()
}

// blocker returns a resource that refers to target in a way that blocks it, or nil: the first by type and id.
func (v *View) blocker(target *Resource, block *Block) *Resource {
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
	var found *Resource
	for _, ofType := range v.resources {
		for _, r := range ofType {
			if r.key == target.key || found != nil && compare(found, r) < 0 {
				continue
			}
			for property, value := range r.Inputs {
				if counts(r.Type, property) && mentions(value, names) {
					found = r
					break
				}
			}
		}
	}
	if found == nil {
		return nil
	}
	return found.clone()
}

// mentions reports whether a value is, or contains as a list or map element, one of the names.
func mentions(value any, names map[string]bool) bool {
	switch v := value.(type) {
	case string:
		return names[v]
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return mentions(e, names) })
	case map[string]any:
		for _, e := range v {
			if mentions(e, names) {
				return true
			}
		}
	}
	return false
}
