package cost

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/unknown"
)

// pricing is an estimate in the making.
type pricing struct {
	table    *Table
	on       time.Time
	estimate *Estimate
	// regions of the providers, and siblings by their parent.
	regions  map[string]string
	siblings map[resource.URN][]Resource
	// used are the components that pay something by use, by its key.
	used      map[string]map[string]bool
	assumed   map[string]bool
	inRegions map[string]bool
}

func newPricing(resources []Resource, o Options) *pricing {
	p := &pricing{
		table: o.Table, on: o.Date, regions: regions(resources), siblings: map[resource.URN][]Resource{},
		estimate: &Estimate{Lines: []Line{}, Components: []Component{}, Missing: []Missing{}, LeftOut: []LeftOut{}},
		used:     map[string]map[string]bool{}, assumed: map[string]bool{}, inRegions: map[string]bool{},
	}
	for _, r := range resources {
		p.siblings[r.Parent] = append(p.siblings[r.Parent], r)
		p.estimate.Stack = string(r.URN.Stack())
	}
	return p
}

// resource adds what a resource costs. A type that no rule knows is missing from the total, and named.
func (p *pricing) resource(r Resource) {
	rule, ok := ruleOf(r.Type())
	switch {
	case !ok:
		p.missing(r, "%s is a type whose price is not known here", r.Type())
	case rule.price != nil:
		rule.price(p, r)
	}
}

// paid adds a quantity of something at the price of the resource's own region.
func (p *pricing) paid(r Resource, key string, quantity float64) {
	if quantity <= 0 {
		return
	}
	region := p.regions[r.providerURN()]
	if region == "" {
		p.missing(r, "%s: its region is not in the preview: make that with --show-sames", p.described(key, quantity))
		return
	}
	p.paidIn(r, key, region, quantity)
}

// described is "NAT gateway (3 × 730 h)": with the quantity, so that a change of it is seen where there is no price.
func (p *pricing) described(key string, quantity float64) string {
	item := p.table.Item(key)
	return fmt.Sprintf("%s (%s)", item.What, amount(quantity, item.Unit))
}

func (p *pricing) paidIn(r Resource, key, region string, quantity float64) {
	p.inRegions[region] = true
	price, ok := p.table.Lookup(key, region)
	if !ok {
		p.missing(r, "%s: the table has no price of it in %s", p.described(key, quantity), region)
		return
	}
	p.line(r.component(), r.URN, key, region, price, quantity)
}

func (p *pricing) line(component string, urn resource.URN, key, region string, price Price, quantity float64) {
	l := Line{
		Component: component, URN: urn, Key: key, What: price.What, Region: region, Quantity: quantity, Unit: price.Unit,
		USD: price.USD, StandIn: price.StandIn, Derived: price.Derived,
		Seen: price.Source.Seen.Format(time.DateOnly), Undated: price.Source.Undated,
	}
	units := quantity
	if l.Unit == "hour" {
		units *= HoursPerMonth
	}
	l.Monthly = cents(units * l.USD)
	p.estimate.Lines = append(p.estimate.Lines, l)
}

// missing names what is not in the total.
func (p *pricing) missing(r Resource, why string, args ...any) {
	p.estimate.Missing = append(p.estimate.Missing, Missing{r.component(), r.URN, fmt.Sprintf(why, args...)})
}

// byUse says that a resource pays for its use.
func (p *pricing) byUse(r Resource, keys ...string) {
	for _, key := range keys {
		if p.used[key] == nil {
			p.used[key] = map[string]bool{}
		}
		p.used[key][r.component()] = true
	}
}

// assume states what the estimate takes for granted.
func (p *pricing) assume(text string, args ...any) { p.assumed[fmt.Sprintf(text, args...)] = true }

// count reads a number, and names a property that has none.
func (p *pricing) count(r Resource, what string, v any) (float64, bool) {
	n, ok := number(v)
	if ok {
		return n, true
	}
	if unknown.Is(v) {
		p.missing(r, "%s is known only after up", what)
	} else {
		p.missing(r, "%s is not set, and what the service makes of that is not known here", what)
	}
	return 0, false
}

// length counts a list: how many elements it has is known even where they are not.
func (p *pricing) length(r Resource, what string, v any) float64 {
	if unknown.Is(v) {
		p.missing(r, "%s are known only after up", what)
	}
	return float64(len(list(v)))
}
