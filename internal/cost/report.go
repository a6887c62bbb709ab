package cost

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bpa-on-aws/platform/internal/prose"
)

// JSON writes the estimate as one JSON object.
func (e *Estimate) JSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(e)
}

// Text writes the estimate for a terminal of 80 columns.
func (e *Estimate) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cost %s: about $%s a month in %s%s\n\n", e.Stack, e.Total, strings.Join(e.Regions, " and "), e.without())
	fmt.Fprintf(&b, "%-13s %-37s %16s %10s\n", "component", "what", "quantity", "$ a month")
	for _, c := range e.Components {
		name := c.Name
		parts := group(e.Lines, c.Name)
		for _, g := range parts {
			row(&b, name, g.What, g.quantity(), g.Monthly.String(), g.mark())
			name = ""
		}
		if len(parts) > 1 {
			row(&b, "", "", "together", c.Monthly.String(), "")
		}
	}
	row(&b, "total", "", "", e.Total.String(), "")
	section(&b, "~ no price of the region itself", e.substitutes())
	section(&b, "not in the total, because the table has no price of it", e.unpriced())
	section(&b, "not in the total, because it is paid by use (--usage KEY=QUANTITY a month)", e.byUse())
	section(&b, "taken for granted", append([]string{
		"prices on demand, before tax, without free tiers, savings plans and discounts; a month of 730 hours",
	}, e.Assumed...))
	b.WriteString("\n" + prose.Hang("", e.Prices.String()+"; sources: bpactl cost prices") + "\n")
	if warning := e.Prices.Warning(); warning != "" {
		b.WriteString(prose.Wrap("warning: ", "", warning, prose.Width) + "\n")
	}
	return b.String()
}

// without says how much of the stack the total lacks.
func (e *Estimate) without() string {
	switch n := len(e.Missing); n {
	case 0:
		return ""
	case 1:
		return ", without 1 price"
	default:
		return fmt.Sprintf(", without %d prices", n)
	}
}

func row(b *strings.Builder, name, what, quantity, amount, mark string) {
	if utf8.RuneCountInString(what) > 37 {
		what = string([]rune(what)[:36]) + "…"
	}
	line := fmt.Sprintf("%-13s %-37s %16s %10s%s", name, what, quantity, amount, mark)
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

// grouped are lines of one component with one price.
type grouped struct{ Line }

// group joins the lines of a component that have one price, the dearest first.
func group(lines []Line, component string) []grouped {
	var groups []grouped
	for _, l := range lines {
		if l.Component != component {
			continue
		}
		i := slices.IndexFunc(groups, func(g grouped) bool { return g.Key == l.Key && g.Region == l.Region })
		if i < 0 {
			groups = append(groups, grouped{l})
			continue
		}
		groups[i].Quantity += l.Quantity
		groups[i].Monthly += l.Monthly
	}
	slices.SortStableFunc(groups, func(a, b grouped) int { return cmp.Compare(b.Monthly, a.Monthly) })
	return groups
}

func (g grouped) quantity() string { return amount(g.Quantity, g.Unit) }

// amount is "4 × 730 h", "8,192 GB" or "5".
func amount(quantity float64, unit string) string {
	n := thousands(strconv.FormatFloat(quantity, 'f', -1, 64))
	switch unit {
	case "hour":
		return fmt.Sprintf("%s × %d h", n, HoursPerMonth)
	case "month":
		return n
	}
	return n + " " + strings.TrimSuffix(unit, "-month")
}

func (g grouped) mark() string {
	if g.StandIn != "" || g.Derived != "" {
		return "~"
	}
	return ""
}

// substitutes names the prices that are not the region's own.
func (e *Estimate) substitutes() []string {
	var texts []string
	for _, l := range e.Lines {
		text := l.What
		if l.StandIn != "" {
			text += ": the price of " + l.StandIn
		}
		if l.Derived != "" {
			text += ": " + l.Derived
		}
		if text != l.What && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// unpriced joins what is missing for one reason.
func (e *Estimate) unpriced() []string {
	names, order := map[string][]string{}, []string{}
	for _, m := range e.Missing {
		if names[m.Why] == nil {
			order = append(order, m.Why)
		}
		names[m.Why] = append(names[m.Why], m.URN.Name())
	}
	texts := make([]string, len(order))
	for i, why := range order {
		texts[i] = why + " (" + strings.Join(names[why], ", ") + ")"
	}
	return texts
}

func (e *Estimate) byUse() []string {
	texts := make([]string, len(e.LeftOut))
	for i, l := range e.LeftOut {
		price := "no price in the table"
		if l.USD > 0 {
			price = fmt.Sprintf("$%s per %s", usd(l.USD), l.Unit)
		}
		texts[i] = fmt.Sprintf("%s: %s, %s (%s)", l.Key, l.What, price, strings.Join(l.Components, ", "))
	}
	return texts
}

func section(b *strings.Builder, title string, texts []string) {
	if len(texts) == 0 {
		return
	}
	b.WriteString("\n" + title + ":\n")
	for _, t := range texts {
		b.WriteString(prose.Hang("- ", t) + "\n")
	}
}

// usd writes the price of a unit: 0.10, 0.0225.
func usd(price float64) string {
	text := strconv.FormatFloat(price, 'f', -1, 64)
	_, decimals, _ := strings.Cut(text, ".")
	if len(decimals) >= 2 {
		return text
	}
	return strconv.FormatFloat(price, 'f', 2, 64)
}

// String is 1,234.50.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return sign + thousands(fmt.Sprintf("%d.%02d", c/100, c%100))
}

// Signed is +1,234.50 or -1,234.50.
func (c Cents) Signed() string {
	if c >= 0 {
		return "+" + c.String()
	}
	return c.String()
}

func thousands(number string) string {
	whole, fraction, found := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + fraction
	}
	return whole
}

// List writes the table with its sources, for a terminal of 80 columns.
func (t *Table) List() string {
	var b strings.Builder
	for i, s := range t.Sources {
		seen := s.Seen.Format("2006-01-02")
		if s.Undated {
			seen = "no day given, read on " + seen
		}
		fmt.Fprintf(&b, "%s\n", prose.Wrap(fmt.Sprintf("[%d] ", i+1), "    ", fmt.Sprintf("%s (%s)", s.Title, seen), prose.Width))
		fmt.Fprintf(&b, "    %s\n%s\n", s.Publisher, prose.Wrap("    read in: ", "    ", s.Read, prose.Width))
		for _, key := range sortedKeys(s.USD) {
			item := t.Item(key)
			fmt.Fprintf(&b, "    %-30s %9s per %-16s %s\n", key, usd(s.USD[key]), item.Unit, strings.Join(s.Regions, " "))
		}
		b.WriteString("\n")
	}
	for _, d := range t.Derived {
		fmt.Fprintf(&b, "%s\n", prose.Wrap("", "    ", fmt.Sprintf("derived from %s, because %s:", d.From, d.Because), prose.Width))
		for _, key := range sortedKeys(d.Times) {
			fmt.Fprintf(&b, "    %-30s %9v times\n", key, d.Times[key])
		}
	}
	return b.String()
}
