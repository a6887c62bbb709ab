// Command bench measures what a user waits for, each figure as a ratio against a baseline measured in the same run:
// machines differ and are noisy, ratios hold.
//
// `go run ./bench` prints a table; -only chooses groups, -write updates docs/performance.json and docs/performance.md, and
// -check fails where a ratio is more than a fifth above the one recorded there.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	record = "docs/performance.json"
	page   = "docs/performance.md"
)

// regression is how much worse than the record a ratio may be.
const regression = 1.2

// Figure is one measured ratio.
type Figure struct {
	// Name is stable: the record is compared by it.
	Name string `json:"name"`
	// Value and Baseline are in Unit.
	Value    float64 `json:"value"`
	Baseline float64 `json:"baseline"`
	Unit     string  `json:"unit"`
	Ratio    float64 `json:"ratio"`
	// Goal is the highest ratio that is good enough, 0 for none.
	Goal float64 `json:"goal,omitempty"`
}

// Record is what docs/performance.json holds.
type Record struct {
	Date    string   `json:"date"`
	Machine string   `json:"machine"`
	Figures []Figure `json:"figures"`
}

func figure(name, unit string, value, baseline, goal float64) Figure {
	return Figure{Name: name, Value: value, Baseline: baseline, Unit: unit, Ratio: value / baseline, Goal: goal}
}

func main() {
	only := flag.String("only", "build,preview,makespan,rehearse,commands", "groups to measure")
	write := flag.Bool("write", false, "write "+record)
	check := flag.Bool("check", false, "fail on a regression against "+record)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Split(*only, ","), *write, *check); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func run(ctx context.Context, groups []string, write, check bool) error {
	measures := map[string]func(context.Context) ([]Figure, error){
		"build":    measureBuilds,
		"preview":  measurePreviews,
		"makespan": measureMakespan,
		"rehearse": measureRehearsals,
		"commands": measureCommands,
	}
	var figures []Figure
	for _, group := range groups {
		measure, ok := measures[group]
		if !ok {
			return fmt.Errorf("-only: %q: must be build, preview, makespan, rehearse or commands", group)
		}
		fmt.Fprintf(os.Stderr, "bench: measuring %s\n", group)
		made, err := measure(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", group, err)
		}
		figures = append(figures, made...)
		if write { // at once: what is measured stays, whatever becomes of the next group
			if err := save(made); err != nil {
				return err
			}
		}
	}
	show(figures)
	if check {
		recorded, err := load()
		if err != nil {
			return err
		}
		return compare(figures, recorded)
	}
	return nil
}

func show(figures []Figure) {
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "figure\tmeasured\tbaseline\tratio\tgoal")
	for _, f := range figures {
		goal := ""
		if f.Goal > 0 {
			goal = fmt.Sprintf("%.2f", f.Goal)
		}
		fmt.Fprintf(table, "%s\t%.1f %s\t%.1f %s\t%.2f\t%s\n", f.Name, f.Value, f.Unit, f.Baseline, f.Unit, f.Ratio, goal)
	}
	_ = table.Flush()
}

// save puts the measured figures into the record, each in its place, and keeps the others.
func save(measured []Figure) error {
	old, err := load()
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	figures := old.Figures
	for _, f := range measured {
		i := slices.IndexFunc(figures, func(before Figure) bool { return before.Name == f.Name })
		if i < 0 {
			figures = append(figures, f)
		} else {
			figures[i] = f
		}
	}
	b, err := json.MarshalIndent(Record{
		Date:    time.Now().UTC().Format(time.DateOnly),
		Machine: fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), runtime.GOARCH, runtime.Version()),
		Figures: figures,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(record, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return writePage()
}

// The table of the page stands between these.
const (
	begin = "<!-- BEGIN MEASURED by `make bench` -->\n"
	end   = "<!-- END MEASURED -->\n"
)

// writePage puts the record into the table of docs/performance.md.
func writePage() error {
	r, err := load()
	if err != nil {
		return err
	}
	b, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s: must have the lines %q and %q", page, begin, end)
	}
	var table strings.Builder
	fmt.Fprintf(
		&table,
		"Measured on %s, %s.\n\n| figure | measured | baseline | ratio | goal | |\n|---|---:|---:|---:|---:|---|\n",
		r.Date,
		r.Machine,
	)
	for _, f := range r.Figures {
		goal, met := "", ""
		if f.Goal > 0 {
			goal, met = fmt.Sprintf("%.2f", f.Goal), "met"
			if f.Ratio > f.Goal {
				met = "missed"
			}
		}
		fmt.Fprintf(
			&table,
			"| %s | %.1f %s | %.1f %s | %.2f | %s | %s |\n",
			f.Name,
			f.Value,
			f.Unit,
			f.Baseline,
			f.Unit,
			f.Ratio,
			goal,
			met,
		)
	}
	return os.WriteFile(page, []byte(before+begin+table.String()+end+after), 0o644)
}

func load() (Record, error) {
	var r Record
	b, err := os.ReadFile(record)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

// compare fails where a ratio is more than a fifth above the record.
func compare(figures []Figure, old Record) error {
	recorded := map[string]float64{}
	for _, f := range old.Figures {
		recorded[f.Name] = f.Ratio
	}
	var worse []string
	for _, f := range figures {
		if before, ok := recorded[f.Name]; ok && f.Ratio > regression*before {
			worse = append(worse, fmt.Sprintf("%s: %.2f, recorded %.2f", f.Name, f.Ratio, before))
		}
	}
	if len(worse) > 0 {
		return fmt.Errorf("more than %.0f %% worse than %s:\n%s", 100*(regression-1), record, strings.Join(worse, "\n"))
	}
	return nil
}
