package cost

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed prices.yaml
var prices []byte

// Item is something that has a price. What may hold a *, as its key does.
type Item struct {
	What string `yaml:"what"`
	Unit string `yaml:"unit"`
	// Unpriced says that it costs something, and that no source of the table says how much.
	Unpriced bool `yaml:"unpriced"`
}

// Source is one statement of prices; the head of prices.yaml describes its fields.
type Source struct {
	Title     string             `yaml:"title"`
	Publisher string             `yaml:"publisher"`
	Read      string             `yaml:"read"`
	Seen      day                `yaml:"seen"`
	Undated   bool               `yaml:"undated"`
	Regions   []string           `yaml:"regions"`
	USD       map[string]float64 `yaml:"usd"`
}

// Derived says which prices follow from another one, and why.
type Derived struct {
	From    string             `yaml:"from"`
	Because string             `yaml:"because"`
	Times   map[string]float64 `yaml:"times"`
}

// Table is what is known of prices.
type Table struct {
	Items    map[string]Item   `yaml:"items"`
	StandIns map[string]string `yaml:"standIns"`
	Derived  []Derived         `yaml:"derived"`
	Sources  []*Source         `yaml:"sources"`

	byKey map[string]map[string]*Source
}

// Price is the price of one thing in one region.
type Price struct {
	Item
	// USD is the price of one unit.
	USD float64
	// Source states it. StandIn is the region that it is of, where the one that was asked for has none, and Derived is why it
	// may be computed from another price; both are empty where the source states this very price.
	Source           *Source
	StandIn, Derived string
}

// day is a date such as 2026-11-25.
type day struct{ time.Time }

// UnmarshalYAML reads a date.
func (d *day) UnmarshalYAML(node *yaml.Node) (err error) {
	d.Time, err = time.Parse(time.DateOnly, node.Value)
	return err
}

// Prices returns the table that this version of the project has.
var Prices = sync.OnceValues(func() (*Table, error) { return Read(prices) })

// Read reads a table and checks it: every price has an item, a region and a day, and none is stated twice.
func Read(text []byte) (*Table, error) {
	t := &Table{byKey: map[string]map[string]*Source{}}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(t); err != nil {
		return nil, fmt.Errorf("cost: prices: %w", err)
	}
	var problems []error
	for _, s := range t.Sources {
		problems = append(problems, t.index(s)...)
	}
	for key, item := range t.Items {
		priced := slices.ContainsFunc(sortedKeys(t.byKey), func(k string) bool { return t.itemKey(k) == key })
		if priced == item.Unpriced {
			problems = append(problems, fmt.Errorf("cost: prices: %s: must have a price, or be unpriced", key))
		}
	}
	for _, d := range t.Derived {
		if t.byKey[d.From] == nil || d.Because == "" {
			problems = append(problems, fmt.Errorf("cost: prices: derived from %s: needs a price and a reason", d.From))
		}
	}
	return t, errors.Join(problems...)
}

// index enters the prices of a source.
func (t *Table) index(s *Source) []error {
	var problems []error
	if s.Title == "" || !strings.HasPrefix(s.Publisher, "https://") || s.Read == "" || s.Seen.IsZero() || len(s.Regions) == 0 {
		problems = append(problems, fmt.Errorf("cost: prices: %q: needs title, publisher, read, seen and regions", s.Title))
	}
	for _, key := range sortedKeys(s.USD) {
		if t.itemKey(key) == "" || s.USD[key] <= 0 {
			problems = append(problems, fmt.Errorf("cost: prices: %s: %v: must be a price above 0 of an item", key, s.USD[key]))
		}
		if t.byKey[key] == nil {
			t.byKey[key] = map[string]*Source{}
		}
		for _, region := range s.Regions {
			if t.byKey[key][region] != nil {
				problems = append(problems, fmt.Errorf("cost: prices: %s: %s is stated twice", key, region))
			}
			t.byKey[key][region] = s
		}
	}
	return problems
}

// itemKey finds the item that a key belongs to: itself, or the pattern with the longest beginning.
func (t *Table) itemKey(key string) string {
	if _, ok := t.Items[key]; ok {
		return key
	}
	best := ""
	for pattern := range t.Items {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(key, prefix) && len(pattern) > len(best) {
			best = pattern
		}
	}
	return best
}

// Item describes a key, such as ec2.m6i.large.
func (t *Table) Item(key string) Item {
	pattern := t.itemKey(key)
	item := t.Items[pattern]
	item.What = strings.ReplaceAll(item.What, "*", strings.TrimPrefix(key, strings.TrimSuffix(pattern, "*")))
	return item
}

// Lookup returns the price of a key in a region, and false where the table has none: neither the region's, nor that of its
// stand-in, nor one that another price implies.
func (t *Table) Lookup(key, region string) (Price, bool) {
	price := Price{Item: t.Item(key)}
	for _, at := range []string{region, t.StandIns[region]} {
		if at == "" {
			continue
		}
		if at != region {
			price.StandIn = at
		}
		if s := t.stated(key, at); s != nil {
			price.Source, price.USD = s, s.USD[key]
			return price, true
		}
		for _, d := range t.Derived {
			if s := t.stated(d.From, at); s != nil && d.Times[key] > 0 {
				price.Source, price.USD = s, s.USD[d.From]*d.Times[key]
				price.Derived = fmt.Sprintf("%v × %s: %s", d.Times[key], d.From, d.Because)
				return price, true
			}
		}
	}
	return price, false
}

// stated returns the source of a price of a region, or of everywhere.
func (t *Table) stated(key, region string) *Source {
	if s := t.byKey[key][region]; s != nil {
		return s
	}
	return t.byKey[key]["*"]
}

// Keys lists what has a stated price, sorted.
func (t *Table) Keys() []string { return sortedKeys(t.byKey) }

// Regions lists where the price of a key is stated, sorted.
func (t *Table) Regions(key string) []string { return sortedKeys(t.byKey[key]) }
