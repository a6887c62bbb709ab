package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// costs says what a change does to the cost of a month, or nothing where it is the same as far as is known.
func costs(p *stackdoc.Run, on time.Time) (*cost.Difference, error) {
	before, after := sides(p)
	old, err := cost.New(before, cost.Options{Date: on})
	if err != nil {
		return nil, err
	}
	next, err := cost.New(after, cost.Options{Date: on})
	if err != nil {
		return nil, err
	}
	if d := cost.Compare(old, next); !d.Empty() {
		return d, nil
	}
	return nil, nil
}

// deletions are the operations after which there is less. The state that they name as new, if any, is the old one.
var deletions = []string{"delete", "delete-replaced", "read-discard", "discard-replaced"}

// sides are the resources before and after, as far as the preview shows them: each once, whatever steps it takes.
func sides(p *stackdoc.Run) (before, after []*stackdoc.Resource) {
	was, is := map[resource.URN]bool{}, map[resource.URN]bool{}
	for _, s := range p.Steps {
		if s.Old != nil && !was[s.URN] {
			was[s.URN] = true
			before = append(before, priced(s.URN, s.Old))
		}
		if s.New != nil && !is[s.URN] && !slices.Contains(deletions, s.Op) {
			is[s.URN] = true
			after = append(after, priced(s.URN, s.New))
		}
	}
	return before, after
}

// priced is a resource as it is known after the preview, whatever an alias called it before.
func priced(urn resource.URN, r *stackdoc.Resource) *stackdoc.Resource {
	named := *r
	named.URN = urn
	return &named
}

// costSection is folded: its title says it all.
func (r *Review) costSection() string {
	if r.Cost == nil {
		return ""
	}
	d := r.Cost
	var b strings.Builder
	b.WriteString("| component | before | after | difference |\n|---|---:|---:|---:|\n")
	for _, c := range d.Components {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", word(c.Component), c.Before, c.After, (c.After - c.Before).Signed())
	}
	fmt.Fprintf(&b, "| **the stack** | %s | %s | **%s** |\n\n", d.Before, d.After, d.Monthly.Signed())
	for _, p := range d.Parts {
		fmt.Fprintf(&b, "- %s: %s, %s to %s: %s\n", word(p.Component), code(p.What), p.Before, p.After, p.Monthly.Signed())
	}
	for _, m := range d.Missing {
		fmt.Fprintf(&b, "- not in it: %s: %s\n", code(m.URN.Name()), code(m.Why))
	}
	fmt.Fprintf(&b, "\nAn estimate, without what is paid by use: `bpactl cost`. %s.\n", d.Prices)
	if warning := d.Prices.Warning(); warning != "" {
		fmt.Fprintf(&b, "%s.\n", warning)
	}
	return folded("Cost: "+d.Headline(), b.String())
}
