package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Span is when a resource is made, counted from the start of the `up`.
type Span struct {
	Resource   *stackdoc.Resource
	Start, End time.Duration
	// After is what it waited for last, or nil.
	After *Span
}

// Edge is a dependency that no input carries, and that no known order demands.
type Edge struct {
	From, To resource.URN
	// Cost is how much later From starts because of it.
	Cost time.Duration
}

// Timeline is the schedule of an `up`.
type Timeline struct {
	Spans []*Span
	// Makespan is when the last resource is there, LowerBound when it could be, with true dependencies alone.
	Makespan, LowerBound time.Duration
	// Measured is what the engine really took, on the clock of the clouds; 0 where time did not pass.
	Measured time.Duration
	// Critical is the chain that decides the makespan, first to last.
	Critical []*Span
	// Needless are the edges that serialise without need, the costliest first.
	Needless []Edge
}

// Ratio is the makespan over its lower bound.
func (t *Timeline) Ratio() float64 {
	if t.LowerBound == 0 {
		return 1
	}
	return float64(t.Makespan) / float64(t.LowerBound)
}

// New computes the schedule of resources that are all made at once, each as soon as what it waits for is there. The
// engine's limit on parallel operations is left out: it binds only where many short calls meet.
func New(resources []*stackdoc.Resource) *Timeline {
	all := schedule(resources, func(r *stackdoc.Resource) []resource.URN { return r.Dependencies })
	least := schedule(resources, trueDependencies(resources))
	t := &Timeline{Makespan: makespan(all), LowerBound: makespan(least)}
	for _, r := range resources {
		t.Spans = append(t.Spans, all[r.URN])
	}
	// The order of a state changes from run to run where resources are made side by side; the pictures must not.
	slices.SortStableFunc(t.Spans, func(a, b *Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Resource.URN, b.Resource.URN))
	})
	t.Critical = critical(t.Spans)
	t.Needless = needless(resources, all)
	return t
}

func makespan(spans map[resource.URN]*Span) time.Duration {
	var last time.Duration
	for _, s := range spans {
		last = max(last, s.End)
	}
	return last
}

// schedule starts each resource when its dependencies, its provider and its parent's own dependencies are there. A
// component is there when its children are: whoever waits for it waits for them.
func schedule(resources []*stackdoc.Resource, dependencies func(*stackdoc.Resource) []resource.URN) map[resource.URN]*Span {
	byURN, children := map[resource.URN]*stackdoc.Resource{}, map[resource.URN][]resource.URN{}
	for _, r := range resources {
		byURN[r.URN] = r
		children[r.Parent] = append(children[r.Parent], r.URN)
	}
	spans := map[resource.URN]*Span{}
	var visit func(resource.URN) *Span
	visit = func(urn resource.URN) *Span {
		if s, ok := spans[urn]; ok {
			return s
		}
		r, ok := byURN[urn]
		if !ok {
			return &Span{Resource: &stackdoc.Resource{}}
		}
		s := &Span{Resource: r}
		spans[urn] = s
		waits := slices.Clone(dependencies(r))
		if p := r.ProviderURN(); p != "" {
			waits = append(waits, p)
		}
		// The children of a remote component are made by its provider, after what the component waits for.
		if parent, ok := byURN[r.Parent]; ok && remote(parent.Type()) {
			waits = append(waits, dependencies(parent)...)
		}
		for _, w := range waits {
			before := visit(w)
			// Of two that end together the name decides, not their order in the state.
			tied := before.End == s.Start && s.After != nil && before.Resource.URN < s.After.Resource.URN
			if before.End > s.Start || tied {
				s.Start, s.After = before.End, before
			}
		}
		s.End = s.Start + For(r.Type(), r.Custom, r.Inputs).Create
		if remote(r.Type()) {
			for _, child := range children[urn] {
				if c := visit(child); c.End > s.End {
					s.End, s.After = c.End, c
				}
			}
		}
		return s
	}
	for _, r := range resources {
		visit(r.URN)
	}
	return spans
}

// remote says that a component is built by a provider. Only such a one is waited for as a whole; the SDK resolves a
// dependency on another component to its children.
func remote(typ string) bool { return strings.HasPrefix(typ, "eks:index:") }

// critical walks back from what is there last.
func critical(spans []*Span) []*Span {
	var last *Span
	for _, s := range spans {
		if last == nil || s.End > last.End {
			last = s
		}
	}
	var path []*Span
	for s := last; s != nil; s = s.After {
		if s.Resource.Custom && s.End > s.Start {
			path = append(path, s)
		}
	}
	slices.Reverse(path)
	return path
}

// needless finds edges that are not true and that bind: without them a resource would start earlier.
func needless(resources []*stackdoc.Resource, spans map[resource.URN]*Span) []Edge {
	truth := trueDependencies(resources)
	var found []Edge
	for _, r := range resources {
		needed := truth(r)
		var ready time.Duration
		for _, d := range append(slices.Clone(needed), r.ProviderURN()) {
			if s := spans[d]; s != nil {
				ready = max(ready, s.End)
			}
		}
		for _, d := range r.Dependencies {
			if s := spans[d]; s != nil && !slices.Contains(needed, d) && s.End > ready {
				found = append(found, Edge{From: r.URN, To: d, Cost: s.End - ready})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Cost, a.Cost), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return found
}
