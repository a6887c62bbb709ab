package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// HoursPerMonth is how long a month is, as AWS's own calculator has it: 8760 hours in 12 parts.
const HoursPerMonth = 730

// Cents is an amount of money. It is whole, so that every sum that is shown is the sum of what is shown.
type Cents int64

// MarshalJSON writes dollars.
func (c Cents) MarshalJSON() ([]byte, error) {
	return []byte(strconv.FormatFloat(float64(c)/100, 'f', 2, 64)), nil
}

// UnmarshalJSON reads dollars.
func (c *Cents) UnmarshalJSON(b []byte) error {
	var dollars float64
	err := json.Unmarshal(b, &dollars)
	*c = cents(dollars)
	return err
}

// cents rounds to whole ones, half up; what lies below a millionth of a dollar is the computer's own error.
func cents(dollars float64) Cents { return Cents(math.Round(math.Round(dollars*1e6) / 1e4)) }

// Line is one thing that is paid for.
type Line struct {
	Component string       `json:"component"`
	URN       resource.URN `json:"urn,omitempty"`
	// Key is the price's, What describes it.
	Key    string `json:"key"`
	What   string `json:"what"`
	Region string `json:"region"`
	// Quantity is how many units run or are kept: of those that are paid by the hour, for all of the month.
	Quantity float64 `json:"quantity"`
	Unit     string  `json:"unit"`
	USD      float64 `json:"usd"`
	Monthly  Cents   `json:"monthlyUsd"`
	// StandIn is the region that the price is of, Derived why it could be computed from another, where it is not the region's own.
	StandIn string `json:"standIn,omitempty"`
	Derived string `json:"derived,omitempty"`
	// Seen is the day of the price, and where its source names none, that on which it was read.
	Seen    string `json:"seen"`
	Undated bool   `json:"undated,omitempty"`
}

// Missing is something that costs money and is not in the total.
type Missing struct {
	Component string       `json:"component"`
	URN       resource.URN `json:"urn"`
	Why       string       `json:"why"`
}

// LeftOut is what is paid by use, and is not in the total where nobody says how much is used.
type LeftOut struct {
	Key        string   `json:"key"`
	What       string   `json:"what"`
	Unit       string   `json:"unit"`
	Components []string `json:"components"`
	// USD is the price of a unit, or 0 where the table has none.
	USD float64 `json:"usd,omitempty"`
}

// Component is what the parts of a component cost together.
type Component struct {
	Name    string `json:"name"`
	Monthly Cents  `json:"monthlyUsd"`
}

// Estimate is what a stack costs a month.
type Estimate struct {
	Stack string `json:"stack"`
	// Date is the day that decides on extended support and on the age of prices.
	Date       string      `json:"date"`
	Regions    []string    `json:"regions"`
	Total      Cents       `json:"monthlyUsd"`
	Components []Component `json:"components"`
	Lines      []Line      `json:"lines"`
	Missing    []Missing   `json:"missing"`
	LeftOut    []LeftOut   `json:"leftOut"`
	Assumed    []string    `json:"assumed"`
	Prices     Age         `json:"prices"`
}

// Options of an estimate.
type Options struct {
	// Date is the day to look at. Zero: today.
	Date time.Time
	// Table has the prices. Nil: the project's own.
	Table *Table
	// Usage says how much of what is paid by use a month takes, by key.
	Usage map[string]float64
}

// New estimates what resources cost. An error says that usage names something that has no price.
func New(resources []*stackdoc.Resource, o Options) (*Estimate, error) {
	if o.Table == nil {
		var err error
		if o.Table, err = Prices(); err != nil {
			return nil, err
		}
	}
	if o.Date.IsZero() {
		o.Date = time.Now().UTC()
	}
	p := newPricing(resources, o)
	for _, r := range resources {
		p.resource(r)
	}
	if err := p.usage(o.Usage); err != nil {
		return nil, err
	}
	return p.finish(), nil
}

// finish sorts and sums.
func (p *pricing) finish() *Estimate {
	e := p.estimate
	e.Date = p.on.Format(time.DateOnly)
	slices.SortStableFunc(e.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.Key, b.Key), cmp.Compare(a.URN, b.URN))
	})
	slices.SortStableFunc(e.Missing, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.URN, b.URN), cmp.Compare(a.Why, b.Why))
	})
	for _, l := range e.Lines {
		e.Total += l.Monthly
		if n := len(e.Components); n == 0 || e.Components[n-1].Name != l.Component {
			e.Components = append(e.Components, Component{Name: l.Component})
		}
		e.Components[len(e.Components)-1].Monthly += l.Monthly
	}
	for _, key := range sortedKeys(p.used) {
		item := p.table.Item(key)
		left := LeftOut{Key: key, What: item.What, Unit: item.Unit, Components: sortedKeys(p.used[key])}
		for _, region := range sortedKeys(p.inRegions) {
			if price, ok := p.table.Lookup(key, region); ok {
				left.USD = max(left.USD, price.USD)
			}
		}
		e.LeftOut = append(e.LeftOut, left)
	}
	e.Assumed, e.Regions = sortedKeys(p.assumed), sortedKeys(p.inRegions)
	e.Prices = ageOf(e.Lines, p.on)
	return e
}

// usage adds lines for what is paid by use, as far as somebody says how much is used.
func (p *pricing) usage(given map[string]float64) error {
	for _, key := range sortedKeys(given) {
		switch {
		case p.used[key] == nil:
			return fmt.Errorf("cost: usage %q: must be one of what the stack pays by use: %s", key, fmt.Sprint(sortedKeys(p.used)))
		case given[key] < 0:
			return fmt.Errorf("cost: usage %q: %v: must not be negative", key, given[key])
		case len(p.inRegions) != 1:
			return fmt.Errorf("cost: usage %q: the stack lies in %d regions, and use cannot be told apart", key, len(p.inRegions))
		}
		region := sortedKeys(p.inRegions)[0]
		price, ok := p.table.Lookup(key, region)
		if !ok {
			return fmt.Errorf("cost: usage %q: the table has no price of it in %s", key, region)
		}
		p.line("usage", "", key, region, price, given[key])
		delete(p.used, key)
	}
	return nil
}
