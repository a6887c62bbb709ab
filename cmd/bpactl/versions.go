package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/prose"
)

// statusEnding is the status of `bpactl versions` where something of the stack falls out of support.
const statusEnding = 2

// versionsFlags are the flags of versions.
type versionsFlags struct {
	from   stackFile
	date   string
	within int
	json   bool
}

func newVersionsCommand() *cobra.Command {
	var f versionsFlags
	cmd := &cobra.Command{
		Use:   "versions",
		Short: "Print what runs together, until when, and what of a stack falls out of support",
		Long: "Print which releases of BPA, EKS, PostgreSQL and MongoDB belong together, and until when\n" +
			"each can be created and is supported, with the source of every date.\n\n" +
			"With --stack or --file, say instead what of that stack is out of support, or will be\n" +
			"within --within days, and what to do. The exit status is 2 if there is anything.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.OutOrStdout()) },
	}
	f.from.flags(cmd)
	cmd.Flags().StringVar(&f.date, "date", "", "the day to look at (default: today)")
	cmd.Flags().IntVar(&f.within, "within", 90, "how many days ahead to look")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *versionsFlags) run(out io.Writer) error {
	on, err := dayOf(f.date, today())
	if err != nil {
		return err
	}
	if f.within < 0 {
		return fmt.Errorf("--within: %d: must be a number of days, from 0 on", f.within)
	}
	if f.from.file == "" && f.from.stack == "" {
		return f.calendar(out, on)
	}
	return f.stack(out, on)
}

// product is one of the calendar, as JSON has it.
type product struct {
	Name     string    `json:"name"`
	Releases []release `json:"releases"`
}

// release is one of a product. Days are as 2026-11-23, and missing where they are not known.
type release struct {
	Version        string `json:"version"`
	CreatableUntil string `json:"creatableUntil,omitempty"`
	StandardUntil  string `json:"standardSupportUntil,omitempty"`
	SupportUntil   string `json:"supportUntil,omitempty"`
	Source         string `json:"source"`
	Unverified     string `json:"unverified,omitempty"`
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// products is the calendar, in the order of the matrix's columns.
func products() []product {
	var all []product
	for _, p := range versions.Products() {
		one := product{Name: p.Name}
		for _, r := range p.Releases {
			one.Releases = append(one.Releases, release{
				Version: r.Version, CreatableUntil: dayText(r.To), StandardUntil: dayText(r.Standard), SupportUntil: dayText(r.Support),
				Source: r.Source, Unverified: r.Unverified,
			})
		}
		all = append(all, one)
	}
	return all
}

// calendar prints the matrix and every release that can still be created or is supported, and with --json all of them.
func (f *versionsFlags) calendar(out io.Writer, on time.Time) error {
	if f.json {
		return printJSON(out, map[string]any{"matrix": versions.Matrix(), "products": products()})
	}
	fmt.Fprint(out, "What belongs together:\n\n")
	w := tabwriter.NewWriter(out, 0, 1, 2, ' ', 0)
	fmt.Fprintln(w, "BPA\tprofile\tEKS\tPostgreSQL\tMongoDB\tvouched for by")
	for _, c := range versions.Matrix() {
		by, note, _ := strings.Cut(c.Basis, "; ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.BPA, c.Profile, c.EKS, c.PostgreSQL, c.MongoDB, by)
		if note != "" {
			fmt.Fprintf(w, "\t\t\t\t\t(%s)\n", note)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWhat is left of each on %s, and the last day of it:\n\n", on.Format(time.DateOnly))
	var sources, notes []string
	fmt.Fprintln(w, "product\tversion\tcan be made\tstandard support\tany support\tsource")
	for _, p := range products() {
		for _, r := range p.Releases {
			if over(r, on) {
				continue
			}
			if !slices.Contains(sources, r.Source) {
				sources = append(sources, r.Source)
			}
			mark := fmt.Sprintf("[%d]", slices.Index(sources, r.Source)+1)
			if r.Unverified != "" {
				mark += " *"
				notes = append(notes, fmt.Sprintf("%s %s: %s", p.Name, r.Version, r.Unverified))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, r.Version, orDash(r.CreatableUntil), orDash(r.StandardUntil),
				orDash(r.SupportUntil), mark)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	f.leaving(out, on)
	fmt.Fprintln(out)
	for i, source := range sources {
		fmt.Fprintln(out, prose.Hang(fmt.Sprintf("[%d] ", i+1), source))
	}
	fmt.Fprintln(out, "\n* not verified:")
	for _, note := range notes {
		fmt.Fprintln(out, prose.Hang("  ", note))
	}
	return nil
}

// leaving prints what falls out of support, of anything that is listed.
func (f *versionsFlags) leaving(out io.Writer, on time.Time) {
	fmt.Fprintf(out, "\nOut of support within %d days:\n\n", f.within)
	none := true
	for _, p := range versions.Products() {
		for _, e := range p.Leaving(on, f.within) {
			none = false
			fmt.Fprintln(out, prose.Wrap("", "  ", fmt.Sprintf("%s %s: %s", e.Product, e.Version, e.When()), prose.Width))
		}
	}
	if none {
		fmt.Fprintln(out, "nothing")
	}
}

// over reports whether nothing of a release is left: it can no longer be created, and nobody supports it.
func over(r release, on time.Time) bool {
	day := on.Format(time.DateOnly)
	return r.CreatableUntil != "" && r.CreatableUntil < day && r.SupportUntil < day
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// stack says what of a stack ends.
func (f *versionsFlags) stack(out io.Writer, on time.Time) error {
	if err := f.from.resolve(); err != nil {
		return err
	}
	loaded, err := stackfile.LoadFile(f.from.file, f.from.stack, stackfile.On(on), stackfile.Running())
	if err != nil {
		return fmt.Errorf("%s:\n%w", f.from.file, err)
	}
	used := loaded.Config.Versions()
	findings := versions.Ending(used, on, f.within)
	if f.json {
		if findings == nil {
			findings = []versions.Finding{}
		}
		err = printJSON(out, map[string]any{"stack": f.from.stack, "date": on.Format(time.DateOnly), "uses": used, "ending": findings})
	} else {
		f.print(out, used, findings, on)
	}
	if err == nil && len(findings) > 0 {
		err = status{errReported, statusEnding}
	}
	return err
}

func (f *versionsFlags) print(out io.Writer, used versions.Stack, findings []versions.Finding, on time.Time) {
	fmt.Fprintf(out, "%s: BPA %s on EKS %s, PostgreSQL %s, MongoDB %s\n", f.from.stack, used.BPA, used.Kubernetes, used.PostgreSQL,
		used.MongoDB)
	for _, e := range findings {
		fmt.Fprintln(out, "\n"+prose.Hang("", fmt.Sprintf("%s %s: %s", e.Product, e.Version, e.When())))
		fmt.Fprintln(out, prose.Hang("  -> ", e.Remedy))
		if e.Source != "" {
			fmt.Fprintln(out, prose.Hang("  source: ", e.Source))
		}
	}
	fmt.Fprintf(out, "\n%s on %s: %d out of support, or within %d days\n", f.from.stack, on.Format(time.DateOnly), len(findings), f.within)
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
