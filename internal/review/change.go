package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
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
	// Along is what it needs and is replaced along with, deleted first, where no property of its own is the cause.
	Along resource.URN `json:"replacedAlongWith,omitempty"`
	// Left says that a replacement is there already, and that this is its predecessor, which an interrupted update left.
	Left bool `json:"leftBehind,omitempty"`
	// Drift is what a refresh found the cloud to have done to the resource by itself: Update or Delete.
	Drift Kind `json:"drift,omitempty"`

	old, new *stackdoc.Resource
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

	// state says that the cloud has something else than the inputs before said.
	state bool
}

// Type of the resource.
func (c *Change) Type() string { return string(c.URN.Type()) }

// Name of the resource.
func (c *Change) Name() string { return c.URN.Name() }

// changesOf joins the steps on each resource, sorted by URN.
func changesOf(p *stackdoc.Run) []*Change {
	byURN, created := map[resource.URN]*Change{}, map[resource.URN]bool{}
	var changes []*Change
	for _, s := range p.Steps {
		kind, known := kinds[s.Op]
		if !known {
			kind = Update // an operation of a newer engine: better shown than hidden
		}
		c := byURN[s.URN]
		switch left := s.Op == "delete" && s.Old != nil && s.Old.Delete; {
		case left:
			c = &Change{Kind: kind, URN: s.URN, Left: true}
			changes = append(changes, c)
		case c == nil:
			c = &Change{Kind: kind, URN: s.URN}
			byURN[s.URN] = c
			changes = append(changes, c)
		case c.refreshed():
			*c = Change{Kind: kind, URN: s.URN, Drift: c.Kind}
		}
		c.join(s, kind)
		created[s.URN] = created[s.URN] || s.Op == "create-replacement"
		c.DeleteFirst = c.DeleteFirst || s.Op == "delete-replaced" && !created[s.URN]
	}
	for _, c := range changes {
		c.settle()
	}
	for _, c := range changes {
		c.follow(byURN)
	}
	// The engine's order is that of a race.
	slices.SortStableFunc(changes, func(a, b *Change) int { return cmp.Compare(a.URN, b.URN) })
	return changes
}

// follow finds what a resource is replaced along with: where no property of its own is the cause, something that it needs
// is deleted before its replacement is made, which does not work while there are dependants.
func (c *Change) follow(byURN map[resource.URN]*Change) {
	if c.Kind != Replace || len(c.Causes) > 0 || c.old == nil || c.old.Taint {
		return
	}
	for _, urn := range slices.Sorted(slices.Values(c.old.Dependencies)) {
		if needed := byURN[urn]; needed != nil && needed.Kind == Replace {
			c.Along, c.DeleteFirst, needed.DeleteFirst = urn, true, true
			return
		}
	}
}

// refreshed reports whether what is known so far is what `--refresh` found, and a step of the program follows: a resource
// that the program updates or deletes has no other step.
func (c *Change) refreshed() bool { return c.Kind == Update || c.Kind == Delete }

// kinds by the engine's operation. Source: pkg/resource/deploy/step.go.
var kinds = map[string]Kind{
	"same": Same, "create": Create, "update": Update, "delete": Delete, "replace": Replace, "create-replacement": Replace,
	"delete-replaced": Replace, "read": Read, "read-replacement": Replace, "refresh": Same, "read-discard": Forget,
	"discard-replaced": Replace, "remove-pending-replace": Same, "import": Import, "import-replacement": Replace, "diff": Same,
}

// join adds what a step says.
func (c *Change) join(s stackdoc.Step, kind Kind) {
	if rank(kind) > rank(c.Kind) {
		c.Kind = kind
	}
	if s.Old != nil && c.old == nil {
		c.old = s.Old
	}
	if s.New != nil && (c.new == nil || kind == Replace) {
		c.new = s.New
	}
	for _, path := range sortedKeys(s.Detailed) {
		d := s.Detailed[path]
		c.cause(Cause{Path: path, Replaces: strings.HasSuffix(string(d.Kind), "-replace"), state: !d.InputDiff})
	}
	for _, path := range s.Keys {
		c.cause(Cause{Path: path, Replaces: true})
	}
	if len(s.Detailed) == 0 {
		for _, path := range s.Diffs {
			c.cause(Cause{Path: path, Replaces: slices.Contains(s.Keys, path)})
		}
	}
}

// rank orders kinds: of several steps on a resource the gravest one counts.
func rank(k Kind) int {
	return slices.Index([]Kind{Same, Read, Create, Import, Update, Forget, Delete, Replace}, k)
}

// cause adds a property, once. A reason such as `subnetIds` is left out where the diff names subnetIds[0].
func (c *Change) cause(added Cause) {
	for i := range c.Causes {
		known := &c.Causes[i]
		switch {
		case known.Path == added.Path:
			known.Replaces = known.Replaces || added.Replaces
			return
		case inside(known.Path, added.Path):
			if added.Replaces == known.Replaces {
				return
			}
		}
	}
	c.Causes = append(c.Causes, added)
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
	for _, r := range []*stackdoc.Resource{c.new, c.old} {
		if r != nil {
			return r.Custom && !r.Internal()
		}
	}
	return false
}

// changes reports whether anything happens at all.
func (c *Change) changes() bool { return c.Kind != Same && c.Kind != Read }

// inputs before and after; either may be empty. What is imported was there before, as the program describes it: else the
// import fails.
func (c *Change) before() map[string]any {
	if c.Kind == Import && c.old == nil {
		return inputs(c.new)
	}
	return inputs(c.old)
}

func (c *Change) after() map[string]any {
	if c.Kind == Delete || c.Kind == Forget {
		return nil
	}
	return inputs(c.new)
}

func inputs(r *stackdoc.Resource) map[string]any {
	if r == nil {
		return nil
	}
	return r.Inputs
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
