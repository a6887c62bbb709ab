package timeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Summary is what a terminal of 80 columns shows after an `up`.
func (t *Timeline) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "on the clouds this takes %s; the lower bound is %s (ratio %.2f)\n", clock(t.Makespan), clock(t.LowerBound), t.Ratio())
	if t.Measured > 0 {
		fmt.Fprintf(&b, "measured %s; the engine's own time counts as often as time was sped up\n", clock(t.Measured))
	}
	fmt.Fprintln(&b, "critical path:")
	for _, s := range t.Critical {
		fmt.Fprintf(&b, "  %7s %8s  %s\n", clock(s.Start), "+"+clock(s.End-s.Start), s.Resource.URN.Name())
	}
	for i, e := range t.Needless {
		if i == 0 {
			fmt.Fprintln(&b, "edges that serialise without need:")
		}
		fmt.Fprintf(&b, "  %s waits for %s (%s)\n", e.From.Name(), e.To.Name(), clock(e.Cost))
	}
	return b.String()
}

// Markdown is the report for a pull request, with both pictures as Mermaid.
func (t *Timeline) Markdown(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nA rehearsal: durations are those of public logs, nothing was deployed.\n\n", title)
	fmt.Fprintf(&b, "Makespan **%s**, lower bound %s, ratio %.2f.\n\n", clock(t.Makespan), clock(t.LowerBound), t.Ratio())
	b.WriteString("| starts | takes | critical path | duration from |\n|---|---|---|---|\n")
	for _, s := range t.Critical {
		fmt.Fprintf(&b, "| %s | %s | `%s` %s | %s |\n", clock(s.Start), clock(s.End-s.Start), s.Resource.Type(), s.Resource.URN.Name(),
			For(s.Resource.Type(), s.Resource.Custom, s.Resource.Inputs).Source)
	}
	b.WriteString("\n")
	if len(t.Needless) == 0 {
		b.WriteString("No edge serialises without need.\n")
	}
	for _, e := range t.Needless {
		fmt.Fprintf(&b, "- `%s` waits for `%s` without need: %s\n", e.From.Name(), e.To.Name(), clock(e.Cost))
	}
	b.WriteString("\n```mermaid\ngantt\n  dateFormat X\n  axisFormat %M:%S\n")
	for _, r := range t.rows() {
		mark := ""
		switch {
		case r.critical:
			mark = "crit, "
		case r.many:
			continue
		}
		fmt.Fprintf(&b, "  %s :%s%d, %d\n", r.label, mark, int(r.start.Seconds()), int(r.end.Seconds()))
	}
	b.WriteString("```\n\n```mermaid\nflowchart LR\n")
	boxes := t.boxes()
	for _, name := range sortedKeys(boxes) {
		fmt.Fprintf(&b, "  %s[\"%s<br/>%d resources\"]\n", name, name, boxes[name].resources)
		for _, before := range sortedKeys(boxes[name].after) {
			fmt.Fprintf(&b, "  %s --> %s\n", before, name)
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// Write puts timeline.svg, graph.svg and report.md into a folder.
func (t *Timeline) Write(dir, title string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for name, text := range map[string]string{
		"timeline.svg": t.Gantt(title), "graph.svg": t.Graph(title), "report.md": t.Markdown(title),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}
