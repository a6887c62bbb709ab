package timeline

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

const (
	// shown is how long a resource takes at least to get a row of its own; shorter ones share their component's.
	shown     = 5 * time.Second
	rowHeight = 20
	labelled  = 330
	chart     = 820
	margin    = 16
)

// row is one bar of the chart, or several short ones.
type row struct {
	label      string
	start, end time.Duration
	critical   bool
	many       bool
}

// Gantt draws the timeline as an SVG of 1,200 pixels: a row for each resource that takes five seconds or more, grouped
// by component, and one for all shorter ones of a component. The critical path is red.
func (t *Timeline) Gantt(title string) string {
	rows := t.rows()
	height := 70 + rowHeight*len(rows) + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="%d" viewBox="0 0 1200 %d" font-family="sans-serif">`+"\n",
		height, height)
	fmt.Fprintf(&b, `<rect width="1200" height="%d" fill="#ffffff"/>`+"\n", height)
	fmt.Fprintf(&b, `<text x="%d" y="24" font-size="16" font-weight="bold" fill="#1f2937">%s</text>`+"\n", margin, html.EscapeString(title))
	fmt.Fprintf(&b, `<text x="%d" y="44" font-size="12" fill="#4b5563">%s</text>`+"\n", margin, html.EscapeString(fmt.Sprintf(
		"makespan %s, lower bound %s, ratio %.2f; red is the critical path", clock(t.Makespan), clock(t.LowerBound), t.Ratio())))
	at := func(d time.Duration) float64 { return labelled + float64(chart)*float64(d)/float64(max(t.Makespan, 1)) }
	t.axis(&b, at, height)
	for i, r := range rows {
		y := 66 + i*rowHeight
		fill, text := "#93b4dd", "#374151"
		switch {
		case r.critical:
			fill, text = "#d9534f", "#b02a26"
		case r.many:
			fill = "#d6dde8"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" font-size="11" text-anchor="end" fill="%s">%s</text>`+"\n",
			labelled-8, y+13, text, html.EscapeString(r.label))
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>`+"\n",
			at(r.start), y+3, max(at(r.end)-at(r.start), 2), rowHeight-6, fill)
		if !r.many {
			x, anchor := at(r.end)+4, "start"
			if at(r.end) > labelled+chart-40 {
				x, anchor = at(r.start)-4, "end"
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-size="10" text-anchor="%s" fill="#6b7280">%s</text>`+"\n",
				x, y+13, anchor, clock(r.end-r.start))
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// axis draws a line for every two minutes.
func (t *Timeline) axis(b *strings.Builder, at func(time.Duration) float64, height int) {
	for m := time.Duration(0); m <= t.Makespan; m += 2 * time.Minute {
		fmt.Fprintf(b, `<line x1="%.1f" y1="62" x2="%.1f" y2="%d" stroke="#e5e7eb"/>`+"\n", at(m), at(m), height-margin)
		fmt.Fprintf(
			b,
			`<text x="%.1f" y="58" font-size="10" text-anchor="middle" fill="#6b7280">%d min</text>`+"\n",
			at(m),
			int(m.Minutes()),
		)
	}
}

func (t *Timeline) rows() []row {
	onPath := map[*Span]bool{}
	for _, s := range t.Critical {
		onPath[s] = true
	}
	groups, order := map[string][]*Span{}, []string{}
	for _, s := range t.Spans {
		if !s.Resource.Custom {
			continue
		}
		name := s.Resource.Component()
		if _, ok := groups[name]; !ok {
			order = append(order, name)
		}
		groups[name] = append(groups[name], s)
	}
	var rows []row
	for _, name := range order {
		rest := row{start: -1, many: true}
		count := 0
		for _, s := range groups[name] {
			if s.End-s.Start >= shown || onPath[s] && s.End-s.Start > short {
				rows = append(rows, row{label: s.Resource.URN.Name(), start: s.Start, end: s.End, critical: onPath[s]})
				continue
			}
			count++
			if rest.start < 0 || s.Start < rest.start {
				rest.start = s.Start
			}
			rest.end = max(rest.end, s.End)
		}
		if count > 0 {
			rest.label = fmt.Sprintf("%s: %d short ones", name, count)
			rows = append(rows, rest)
		}
	}
	return rows
}

// clock shows a duration as minutes and seconds.
func clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// sortedKeys returns the keys of a map, sorted.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
