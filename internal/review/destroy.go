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
	resources, err := timeline.FromState(state)
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	if len(resources) == 0 {
		return nil, fmt.Errorf("review: the state holds no resources: it must be the output of `pulumi stack export`")
	}
	p := &Plan{Stack: string(resources[0].URN.Stack())}
	for _, r := range resources {
		if !r.Custom || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		p.Resources++
		if by := Guards(r); len(by) > 0 {
			p.Guarded = append(p.Guarded, Guarded{r.URN, by})
		}
		if risk := riskOf(r.Type); risk.stateful {
			p.Lost = append(p.Lost, Lost{r.URN, risk.lost, kept(r)})
		}
	}
	p.order(resources)
	return p, nil
}

// refusal is a property that lets a service refuse a deletion.
type refusal struct {
	property string
	refuses  func(v any) bool
	text     string
}

func isTrue(v any) bool  { return v == true }
func notTrue(v any) bool { return v != true }

var refusals = map[string][]refusal{
	catalog.RDSInstance: {
		{"deletionProtection", isTrue, "deletionProtection: RDS refuses (bpa:database.deletionProtection)"},
	},
	catalog.ELBLoadBalancer: {
		{"enableDeletionProtection", isTrue, "enableDeletionProtection: the load balancer refuses (bpa:ingress.deletionProtection)"},
	},
	catalog.AtlasAdvancedCluster: {
		{"terminationProtectionEnabled", isTrue, "terminationProtectionEnabled: Atlas refuses (bpa:atlas.terminationProtection)"},
	},
	catalog.S3BucketV2:    {{"forceDestroy", notTrue, "S3 refuses while there are objects in it (bpa:protect)"}},
	catalog.ECRRepository: {{"forceDelete", notTrue, "ECR refuses while there are images in it (bpa:protect)"}},
}

// Guards says what keeps a resource from being deleted, and the key of the stack file that decides on it.
func Guards(r timeline.Resource) []string {
	var by []string
	if r.Protect {
		by = append(by, "protect: Pulumi refuses (bpa:protect)")
	}
	for _, x := range refusals[r.Type] {
		if v, _ := at(r.Inputs, x.property); x.refuses(v) {
			by = append(by, x.text)
		}
	}
	return by
}

// Means says what the loss of a resource of a type takes with it; empty where it can be made again.
func Means(typ string) string {
	if risk := riskOf(typ); risk.stateful {
		return risk.lost
	}
	return ""
}

// kept says what a deletion leaves behind.
func kept(r timeline.Resource) string {
	days := func(property string, otherwise float64) string {
		n, ok := r.Inputs[property].(float64)
		if !ok {
			n = otherwise
		}
		return fmt.Sprintf("%.0f days", n)
	}
	switch {
	case r.RetainOnDelete:
		return "all of it: it stays in the cloud"
	case r.Type == catalog.RDSInstance && r.Inputs["skipFinalSnapshot"] != true:
		kept := "a final snapshot, " + named(r.Inputs["finalSnapshotIdentifier"])
		if r.Inputs["deleteAutomatedBackups"] == false {
			kept += ", and the automated backups for their retention"
		}
		return kept
	case r.Type == catalog.RDSInstance:
		return "nothing: no final snapshot is taken (bpa:database.finalSnapshot)"
	case r.Type == catalog.KMSKey:
		return "the key can be brought back for " + days("deletionWindowInDays", 30)
	case r.Type == catalog.SecretsManagerSecret && r.Inputs["recoveryWindowInDays"] != 0.0:
		return "the secret can be brought back for " + days("recoveryWindowInDays", 30)
	}
	return ""
}

// order lets everything go as early as its dependants allow.
func (p *Plan) order(resources []timeline.Resource) {
	dependants := map[resource.URN][]timeline.Resource{}
	for _, r := range resources {
		for _, d := range slices.Concat(r.Dependencies, []resource.URN{r.Parent, r.Provider}) {
			if d != "" && d != r.URN {
				dependants[d] = append(dependants[d], r)
			}
		}
	}
	ends := map[resource.URN]time.Duration{}
	var end func(r timeline.Resource) time.Duration
	end = func(r timeline.Resource) time.Duration {
		if e, known := ends[r.URN]; known {
			return e
		}
		ends[r.URN] = 0 // a cycle, which no state has, must not hang
		var start time.Duration
		for _, d := range dependants[r.URN] {
			start = max(start, end(d))
		}
		ends[r.URN] = start + timeline.For(r.Type, r.Custom, r.Inputs).Delete
		return ends[r.URN]
	}
	components := map[string]*Leaving{}
	for _, r := range resources {
		if !r.Custom || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		e := end(r)
		start := e - timeline.For(r.Type, r.Custom, r.Inputs).Delete
		name := timeline.Component(r)
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
