package cost

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// pricing is an estimate in the making.
type pricing struct {
	table    *Table
	on       time.Time
	estimate *Estimate
	// regions of the providers, and siblings by their parent.
	regions  map[resource.URN]string
	siblings map[resource.URN][]*stackdoc.Resource
	// used are the components that pay something by use, by its key.
	used      map[string]map[string]bool
	assumed   map[string]bool
	inRegions map[string]bool
}

func newPricing(resources []*stackdoc.Resource, o Options) *pricing {
	p := &pricing{
		table: o.Table, on: o.Date, regions: regions(resources), siblings: map[resource.URN][]*stackdoc.Resource{},
		estimate: &Estimate{Lines: []Line{}, Components: []Component{}, Missing: []Missing{}, LeftOut: []LeftOut{}},
		used:     map[string]map[string]bool{}, assumed: map[string]bool{}, inRegions: map[string]bool{},
	}
	for _, r := range resources {
		p.siblings[r.Parent] = append(p.siblings[r.Parent], r)
		p.estimate.Stack = string(r.URN.Stack())
	}
	return p
}

// resource adds what a resource costs. A type whose price the catalog does not know is missing from the total, and named.
func (p *pricing) resource(r *stackdoc.Resource) {
	item := &priced{p, r}
	switch price := catalog.PriceOf(r.Type()); {
	case !price.Known():
		item.Missing("%s is a type whose price is not known here", r.Type())
	case price.Rule != nil:
		price.Rule(item, r)
	}
}

// priced is the resource that a rule of the catalog is at.
type priced struct {
	*pricing
	of *stackdoc.Resource
}

// On is the day of the estimate.
func (p *priced) On() time.Time { return p.on }

// What describes a key.
func (p *priced) What(key string) string { return p.table.Item(key).What }

// Siblings are the resources that have the same parent.
func (p *priced) Siblings() []*stackdoc.Resource { return p.siblings[p.of.Parent] }

// Paid adds a quantity of something at the price of the resource's own region.
func (p *priced) Paid(key string, quantity float64) {
	if quantity <= 0 {
		return
	}
	region := p.regions[p.of.ProviderURN()]
	if region == "" {
		p.Missing("%s: its region is not in the preview: make that with --show-sames", p.described(key, quantity))
		return
	}
	p.PaidIn(key, region, quantity)
}

// PaidIn adds a quantity of something at the price of a region.
func (p *priced) PaidIn(key, region string, quantity float64) {
	p.inRegions[region] = true
	price, ok := p.table.Lookup(key, region)
	if !ok {
		p.Missing("%s: the table has no price of it in %s", p.described(key, quantity), region)
		return
	}
	p.line(p.of.Component(), p.of.URN, key, region, price, quantity)
}

// described is "NAT gateway (3 × 730 h)": with the quantity, so that a change of it is seen where there is no price.
func (p *priced) described(key string, quantity float64) string {
	item := p.table.Item(key)
	return fmt.Sprintf("%s (%s)", item.What, amount(quantity, item.Unit))
}

// Missing names what is not in the total.
func (p *priced) Missing(why string, args ...any) {
	p.estimate.Missing = append(p.estimate.Missing, Missing{p.of.Component(), p.of.URN, fmt.Sprintf(why, args...)})
}

// ByUse says that the resource pays for its use.
func (p *priced) ByUse(keys ...string) {
	for _, key := range keys {
		if p.used[key] == nil {
			p.used[key] = map[string]bool{}
		}
		p.used[key][p.of.Component()] = true
	}
}

// Assume states what the estimate takes for granted.
func (p *priced) Assume(text string, args ...any) { p.assumed[fmt.Sprintf(text, args...)] = true }

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
