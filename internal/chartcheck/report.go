package chartcheck

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/bpa-on-aws/platform/internal/prose"
)

// Failed reports whether `up` would fail.
func (r *Report) Failed() bool { return len(r.Problems) > 0 }

// Unread are the names of what the stack gives and no object shows, of environment and values.
func (r *Report) Unread() []string {
	var list []string
	for _, part := range []struct {
		name  string
		given []Given
	}{{"environment", r.Environment}, {"values", r.Values}} {
		for _, g := range part.given {
			if len(g.Reaches) == 0 && !g.Breaks {
				list = append(list, "application."+part.name+"."+g.Name)
			}
		}
	}
	return list
}

// Text prints the report.
func (r *Report) Text(out io.Writer) error {
	name := r.Chart
	if name == "" {
		name = "the reference chart"
	}
	w := tabwriter.NewWriter(out, 0, 1, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %d objects; Helm stores %d of %d KiB\n", name, len(r.Objects), (r.Stored+1023)>>10, r.Limit>>10)
	table(w, "\nenvironment, and what it reaches", r.Environment)
	for _, key := range r.Own {
		fmt.Fprintf(w, "  %s\tthe chart's own value\n", key)
	}
	table(w, "\nvalues, and what they reach", r.Values)
	list(w, "\nimages", r.imageLines())
	var left []string
	for _, l := range r.LeftOut {
		left = append(left, l.File+": "+l.Why)
	}
	list(w, "\nleft out of the release", left)
	list(w, "\nin the release, though nothing changes without: name it in .helmignore", r.Idle)
	var advice []string
	for _, a := range r.Advice {
		advice = append(advice, a.String())
	}
	list(w, "\nlook at this: only a deployment proves it", advice)
	var problems []string
	for _, p := range r.Problems {
		problems = append(problems, p.String())
	}
	if list(w, fmt.Sprintf("\n%d problems", len(problems)), problems); len(problems) == 0 {
		fmt.Fprintln(w, "\nno problem")
	}
	return w.Flush()
}

func (r *Report) imageLines() []string {
	var lines []string
	for _, i := range r.Images {
		lines = append(lines, i.Name)
	}
	return lines
}

func table(w io.Writer, title string, given []Given) {
	if len(given) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for _, g := range given {
		what := strings.Join(g.References, ", ")
		if what != "" {
			what = "${" + strings.ReplaceAll(what, ", ", "} ${") + "}"
		}
		fmt.Fprintf(w, "  %s\t%s\n", g.Name, what)
		fmt.Fprintln(w, prose.Wrap("    -> ", "       ", g.reach(), prose.Width))
	}
}

// reach says in a few words what a value reaches.
func (g Given) reach() string {
	const most = 2
	switch {
	case g.Breaks:
		return "the chart does not render with another"
	case len(g.Reaches) == 0:
		return "no object"
	case len(g.Reaches) > most:
		// What holds it is told before what only counts it into a checksum.
		first := slices.Clone(g.Reaches)
		slices.SortStableFunc(first, func(a, b string) int { return rank(a) - rank(b) })
		return fmt.Sprintf("%s and %d more", strings.Join(first[:most], ", "), len(first)-most)
	}
	return strings.Join(g.Reaches, ", ")
}

func rank(object string) int {
	if strings.HasPrefix(object, "Secret") || strings.HasPrefix(object, "ConfigMap") {
		return 0
	}
	return 1
}

func list(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for _, line := range lines {
		for i, part := range strings.Split(line, "\n") {
			fmt.Fprintln(w, prose.Wrap([]string{"  ", "    "}[min(i, 1)], "    ", part, prose.Width))
		}
	}
}
