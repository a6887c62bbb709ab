package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Kind is what happens to a resource in the end, whatever the steps are that the engine needs for it.
type Kind string

// The kinds of changes.
const (
	Create  Kind = "create"
	Update  Kind = "update"
	Replace Kind = "replace"
	Delete  Kind = "delete"
	Import  Kind = "import"
	Move    Kind = "move"
	// Forget leaves a resource in the cloud and removes it from the state.
	Forget Kind = "forget"
	// Same and Read change nothing.
	Same Kind = "same"
	Read Kind = "read"
)

// Change is what happens to one resource.
type Change struct {
	Kind Kind         `json:"kind"`
	URN  resource.URN `json:"urn"`
	// Moved is the URN before, where an alias gave it another.
	Moved resource.URN `json:"movedFrom,omitempty"`
	// Causes are the paths of the properties that make it a replacement, or that change.
	Causes []Cause `json:"causes,omitempty"`
	// DeleteFirst says that the replacement is made only when the old resource is gone.
	DeleteFirst bool `json:"deleteBeforeReplace,omitempty"`

	old, new *State
}

// Cause is a property that changes. Values are shown only where they are short, known, and no secret.
type Cause struct {
	Path string `json:"path"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Replaces says that the property cannot change in place.
	Replaces bool `json:"replaces,omitempty"`
	// Unknown says that the new value is known only after `up`, and may turn out to be the old one.
	Unknown bool `json:"unknown,omitempty"`
	// Secret says that the value is one, and not shown.
	Secret bool `json:"secret,omitempty"`
}

// Type of the resource.
func (c *Change) Type() string { return string(c.URN.Type()) }

// Name of the resource.
func (c *Change) Name() string { return c.URN.Name() }

// changesOf joins the steps on each resource, sorted by URN.
func changesOf(p *Preview) []*Change {
	byURN := map[resource.URN]*Change{}
	var changes []*Change
	for i, s := range p.Steps {
		kind, known := kinds[s.Op]
		if !known {
			kind = Update // an operation of a newer engine: better shown than hidden
		}
		c := byURN[s.URN]
		if c == nil {
			c = &Change{Kind: kind, URN: s.URN}
			byURN[s.URN] = c
			changes = append(changes, c)
		}
		c.join(s, kind)
		c.DeleteFirst = c.DeleteFirst || s.Op == "delete-replaced" && !replacedBefore(p.Steps[:i], s.URN)
	}
	for _, c := range changes {
		c.settle()
	}
	// The engine's order is that of a race.
	slices.SortFunc(changes, func(a, b *Change) int { return cmp.Compare(a.URN, b.URN) })
	return changes
}

// kinds by the engine's operation. Source: pkg/resource/deploy/step.go.
var kinds = map[string]Kind{
	"same": Same, "create": Create, "update": Update, "delete": Delete, "replace": Replace, "create-replacement": Replace,
	"delete-replaced": Replace, "read": Read, "read-replacement": Replace, "refresh": Same, "read-discard": Forget,
	"discard-replaced": Replace, "remove-pending-replace": Same, "import": Import, "import-replacement": Replace, "diff": Same,
}

// replacedBefore reports whether a replacement is created before this point.
func replacedBefore(steps []Step, urn resource.URN) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.URN == urn && s.Op == "create-replacement" })
}

// join adds what a step says.
func (c *Change) join(s Step, kind Kind) {
	if rank(kind) > rank(c.Kind) {
		c.Kind = kind
	}
	if s.Old != nil && c.old == nil {
		c.old = s.Old
	}
	if s.New != nil && (c.new == nil || kind == Replace) {
		c.new = s.New
	}
	for path, d := range s.Detailed {
		c.cause(path, strings.HasSuffix(d.Kind, "-replace"))
	}
	for _, path := range s.ReplaceReasons {
		c.cause(path, true)
	}
	if len(s.Detailed) == 0 {
		for _, path := range s.DiffReasons {
			c.cause(path, slices.Contains(s.ReplaceReasons, path))
		}
	}
}

// rank orders kinds: of several steps on a resource the gravest one counts.
func rank(k Kind) int {
	return slices.Index([]Kind{Same, Read, Create, Import, Update, Forget, Delete, Replace}, k)
}

// cause adds a property, once. A reason such as `subnetIds` is left out where the diff names subnetIds[0].
func (c *Change) cause(path string, replaces bool) {
	for i := range c.Causes {
		known := &c.Causes[i]
		switch {
		case known.Path == path:
			known.Replaces = known.Replaces || replaces
			return
		case inside(known.Path, path):
			if replaces == known.Replaces {
				return
			}
		}
	}
	c.Causes = append(c.Causes, Cause{Path: path, Replaces: replaces})
}

// inside reports whether path is a part of whole: vpcConfig.subnetIds[0] of vpcConfig.
func inside(path, whole string) bool {
	return len(path) > len(whole) && strings.HasPrefix(path, whole) && (path[len(whole)] == '.' || path[len(whole)] == '[')
}

// settle finds the values of what changed, and what the steps alone do not say.
func (c *Change) settle() {
	if c.old != nil && c.old.URN != "" && c.old.URN != c.URN {
		c.Moved = c.old.URN
		if c.Kind == Same {
			c.Kind = Move
		}
	}
	if c.Kind == Delete && c.old != nil && (c.old.RetainOnDelete || c.old.External) {
		c.Kind = Forget
	}
	for i := range c.Causes {
		c.Causes[i].read(c)
	}
	// Where a list is reordered, the engine names elements that are the same before and after.
	if left := slices.DeleteFunc(slices.Clone(c.Causes), Cause.same); len(left) > 0 {
		c.Causes = left
	}
	slices.SortFunc(c.Causes, func(a, b Cause) int {
		if a.Replaces != b.Replaces {
			return map[bool]int{true: -1, false: 1}[a.Replaces]
		}
		return cmp.Compare(a.Path, b.Path)
	})
}

// Replacing returns the causes that make it a replacement, or every cause where the engine names none.
func (c *Change) Replacing() []Cause {
	var found []Cause
	for _, cause := range c.Causes {
		if cause.Replaces {
			found = append(found, cause)
		}
	}
	if found == nil {
		return c.Causes
	}
	return found
}

// real reports whether something in a cloud changes: components and providers have nothing there, but the identity that a
// provider acts under.
func (c *Change) real() bool {
	for _, s := range []*State{c.new, c.old} {
		if s != nil {
			return s.Custom && !strings.HasPrefix(s.Type, "pulumi:")
		}
	}
	return false
}

// changes reports whether anything happens at all.
func (c *Change) changes() bool { return c.Kind != Same && c.Kind != Read }

// inputs before and after; either may be empty.
func (c *Change) before() map[string]any { return inputs(c.old) }
func (c *Change) after() map[string]any {
	if c.Kind == Delete || c.Kind == Forget {
		return nil
	}
	return inputs(c.new)
}

func inputs(s *State) map[string]any {
	if s == nil {
		return nil
	}
	return s.Inputs
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
