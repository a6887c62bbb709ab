package cost

import (
	"cmp"
	"fmt"
	"slices"
)

// Change is how the cost of a component changes.
type Change struct {
	Component string `json:"component"`
	Before    Cents  `json:"beforeUsd"`
	After     Cents  `json:"afterUsd"`
}

// Part is something that is paid for more or less than before.
type Part struct {
	Component string `json:"component"`
	What      string `json:"what"`
	// Before and After are quantities, as they are written for people.
	Before  string `json:"before"`
	After   string `json:"after"`
	Monthly Cents  `json:"monthlyUsd"`
}

// Difference is what a change does to the cost of a month.
type Difference struct {
	Before  Cents `json:"beforeUsd"`
	After   Cents `json:"afterUsd"`
	Monthly Cents `json:"monthlyUsd"`
	// Components and Parts are those that cost more or less.
	Components []Change `json:"components"`
	Parts      []Part   `json:"parts"`
	// Missing is what costs money after the change, and of which the table has no price, unless it was so before.
	Missing []Missing `json:"missing,omitempty"`
	Prices  Age       `json:"prices"`
}

// Compare says what becomes dearer and what cheaper.
func Compare(before, after *Estimate) *Difference {
	d := &Difference{Before: before.Total, After: after.Total, Monthly: after.Total - before.Total, Prices: after.Prices}
	for _, name := range componentNames(before, after) {
		c := Change{Component: name, Before: before.of(name), After: after.of(name)}
		if c.Before != c.After {
			d.Components = append(d.Components, c)
		}
		d.Parts = append(d.Parts, parts(group(before.Lines, name), group(after.Lines, name))...)
	}
	for _, m := range after.Missing {
		if !slices.Contains(before.Missing, m) {
			d.Missing = append(d.Missing, m)
		}
	}
	return d
}

// Empty reports whether nothing is known that costs more or less.
func (d *Difference) Empty() bool { return len(d.Parts) == 0 && len(d.Missing) == 0 }

func (e *Estimate) of(component string) Cents {
	for _, c := range e.Components {
		if c.Name == component {
			return c.Monthly
		}
	}
	return 0
}

func componentNames(estimates ...*Estimate) []string {
	var names []string
	for _, e := range estimates {
		for _, c := range e.Components {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parts compares the groups of one component.
func parts(before, after []grouped) []Part {
	all := map[string][2]*grouped{}
	for side, groups := range [][]grouped{before, after} {
		for i, g := range groups {
			pair := all[g.Key+" "+g.Region]
			pair[side] = &groups[i]
			all[g.Key+" "+g.Region] = pair
		}
	}
	var found []Part
	for _, key := range sortedKeys(all) {
		pair := all[key]
		p := Part{Before: "none", After: "none"}
		if g := pair[0]; g != nil {
			p.Component, p.What, p.Before, p.Monthly = g.Component, g.What, g.quantity(), -g.Monthly
		}
		if g := pair[1]; g != nil {
			p.Component, p.What, p.After, p.Monthly = g.Component, g.What, g.quantity(), p.Monthly+g.Monthly
		}
		if p.Before != p.After {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Part) int { return cmp.Compare(b.Monthly, a.Monthly) })
	return found
}

// Headline is "$12.34 more a month".
func (d *Difference) Headline() string {
	switch {
	case d.Monthly > 0:
		return fmt.Sprintf("$%s more a month", d.Monthly)
	case d.Monthly < 0:
		return fmt.Sprintf("$%s less a month", -d.Monthly)
	}
	return "the same a month"
}
