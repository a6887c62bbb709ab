package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Plan is what `pulumi destroy` would meet: what refuses, what would be lost, and in which order things go.
type Plan struct {
	Stack     string `json:"stack"`
	Resources int    `json:"resources"`
	// Guarded are the resources that something keeps from being deleted, and by what.
	Guarded []Guarded `json:"guarded"`
	// Lost are those whose loss cannot be undone, or leaves something behind.
	Lost []Lost `json:"lost"`
	// Order is when each component goes, counted from the start.
	Order []Leaving `json:"order"`
	// Duration is how long all of it takes, if nothing refuses.
	Duration time.Duration `json:"durationNanoseconds"`
}

// Guarded is a resource that cannot be deleted as it is.
type Guarded struct {
	URN resource.URN `json:"urn"`
	By  []string     `json:"by"`
}

// Lost is a stateful resource, what goes with it, and what stays.
type Lost struct {
	URN  resource.URN `json:"urn"`
	What string       `json:"what"`
	Kept string       `json:"kept,omitempty"`
}

// Leaving is when the resources of a component are deleted.
type Leaving struct {
	Component string        `json:"component"`
	Resources int           `json:"resources"`
	Start     time.Duration `json:"startNanoseconds"`
	End       time.Duration `json:"endNanoseconds"`
}

// NewPlan reads a stack as `pulumi stack export` writes it; secrets need not be readable.
func NewPlan(state []byte) (*Plan, error) {
	s, err := stackdoc.ReadState(state)
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	resources := s.Resources // those as well that only wait for their deletion: it deletes them too
	if len(resources) == 0 {
		return nil, fmt.Errorf("review: %w", stackdoc.ErrEmpty)
	}
	p := &Plan{Stack: string(resources[0].URN.Stack())}
	for _, r := range resources {
		if !r.Custom || r.Internal() {
			continue
		}
		p.Resources++
		// Whether it is protected, the engine does not ask of what has a successor.
		if by := catalog.KeptBy(r.Type(), r.Protect && !r.Delete, r.Inputs); len(by) > 0 {
			p.Guarded = append(p.Guarded, Guarded{r.URN, by})
		}
		if loss := catalog.Of(r.Type()).Loss; loss.Stateful {
			p.Lost = append(p.Lost, Lost{r.URN, loss.Lost, kept(r)})
		}
	}
	p.order(resources)
	return p, nil
}

// kept says what a deletion leaves behind.
func kept(r *stackdoc.Resource) string {
	left := catalog.Of(r.Type()).Loss.Kept
	switch {
	case r.RetainOnDelete:
		return "all of it: it stays in the cloud"
	case left != nil:
		return spoken(left(r.Inputs))
	}
	return ""
}

// order lets everything go as early as its dependants allow.
func (p *Plan) order(resources []*stackdoc.Resource) {
	dependants := map[resource.URN][]*stackdoc.Resource{}
	for _, r := range resources {
		for _, d := range slices.Concat(r.Dependencies, []resource.URN{r.Parent, r.ProviderURN()}) {
			if d != "" && d != r.URN {
				dependants[d] = append(dependants[d], r)
			}
		}
	}
	ends := map[*stackdoc.Resource]time.Duration{}
	var end func(r *stackdoc.Resource) time.Duration
	end = func(r *stackdoc.Resource) time.Duration {
		if e, known := ends[r]; known {
			return e
		}
		ends[r] = 0 // a cycle, which no state has, must not hang
		var start time.Duration
		for _, d := range dependants[r.URN] {
			start = max(start, end(d))
		}
		ends[r] = start + timeline.For(r.Type(), r.Custom, r.Inputs).Delete
		return ends[r]
	}
	components := map[string]*Leaving{}
	for _, r := range resources {
		if !r.Custom || r.Internal() {
			continue
		}
		e := end(r)
		start := e - timeline.For(r.Type(), r.Custom, r.Inputs).Delete
		name := r.Component()
		c := components[name]
		if c == nil {
			c = &Leaving{Component: name, Start: start}
			components[name] = c
		}
		c.Resources++
		c.Start, c.End = min(c.Start, start), max(c.End, e)
		p.Duration = max(p.Duration, e)
	}
	for _, name := range sortedKeys(components) {
		p.Order = append(p.Order, *components[name])
	}
	slices.SortStableFunc(p.Order, func(a, b Leaving) int {
		return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start))
	})
}

// Markdown writes a plan for a person.
func (p *Plan) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Destroying stack %s\n\n", code(p.Stack))
	if len(p.Guarded) > 0 {
		fmt.Fprintf(&b, "**Refused: %d of %d resources are protected.**\n", len(p.Guarded), p.Resources)
	} else {
		fmt.Fprintf(&b, "**Nothing refuses: all %d resources go, in %s.**\n", p.Resources, round(p.Duration))
	}
	if len(p.Guarded) > 0 {
		b.WriteString("\n### What refuses\n\n")
		for _, g := range p.Guarded {
			fmt.Fprintf(&b, "- %s %s\n", code(short(string(g.URN.Type()))), code(g.URN.Name()))
			for _, by := range g.By {
				fmt.Fprintf(&b, "  - %s\n", by)
			}
		}
	}
	if len(p.Lost) > 0 {
		b.WriteString("\n### What would be lost\n\n")
		for _, l := range p.Lost {
			fmt.Fprintf(&b, "- %s %s: %s\n", code(short(string(l.URN.Type()))), code(l.URN.Name()), l.What)
			if l.Kept != "" {
				fmt.Fprintf(&b, "  - stays: %s\n", l.Kept)
			}
		}
	}
	b.WriteString("\n### The order\n\n| component | resources | from | to |\n|---|---:|---:|---:|\n")
	for _, l := range p.Order {
		fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", l.Component, l.Resources, l.Start.Round(time.Second), l.End.Round(time.Second))
	}
	return b.String()
}
