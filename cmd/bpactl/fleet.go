package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/fleet"
)

// fleetFlags are those of both fleet commands.
type fleetFlags struct {
	fleet.Project

	json      string
	selectors []string
	jobs      int
	resume    bool
}

func newFleetCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "fleet",
		Short: "Rehearse or preview many stacks, and sum up what is the same",
		Long: "Rehearse or preview every stack file of a folder, a few at a time, and sum up to which stacks the same happens.\n\n" +
			"Exit status: the worst of all stacks: 0 good, 2 something needs approval, 1 error.",
	}
	var f fleetFlags
	rehearse := &cobra.Command{
		Use: "rehearse", Short: "deploy, preview again and destroy every stack on simulated clouds", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, "rehearse", f.Rehearse) },
	}
	preview := &cobra.Command{
		Use: "preview", Short: "review what changes in every stack", Args: cobra.NoArgs,
		Long: "Review what changes in every stack. The change is from the stack files of --base (a folder, or a commit of git) to\n" +
			"those of --dir, rehearsed with today's program; without --base each is a first deployment. --live asks the real\n" +
			"clouds with `pulumi preview`, for which the engine and credentials are needed.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			clean, err := f.CheckOut(cmd.Context())
			if err != nil {
				return err
			}
			defer clean()
			return f.run(cmd, "preview", f.Preview)
		},
	}
	for _, sub := range []*cobra.Command{rehearse, preview} {
		sub.Flags().StringVar(&f.Dir, "dir", ".", "folder of the stack files")
		sub.Flags().
			StringArrayVar(&f.selectors, "select", nil, "only stacks with KEY=VALUE: a tag of bpa:aws.tags, environment, region or account")
		sub.Flags().IntVar(&f.jobs, "jobs", max(1, runtime.NumCPU()), "stacks at a time; each needs about 250 MB")
		sub.Flags().BoolVar(&f.resume, "resume", false, "take over what an interrupted run has found, where nothing has changed since")
		sub.Flags().StringVar(&f.json, "json", "", "write the groups as JSON to this file")
		command.AddCommand(sub)
	}
	preview.Flags().StringVar(&f.Base, "base", "", "folder or commit of git with the stack files that are deployed")
	preview.Flags().BoolVar(&f.Live, "live", false, "ask the real clouds")
	preview.MarkFlagsMutuallyExclusive("base", "live")
	return command
}

// run works on every stack, shows progress, and prints the groups.
func (f *fleetFlags) run(cmd *cobra.Command, name string, one fleet.Work) error {
	if f.jobs < 1 {
		return fmt.Errorf("--jobs: %d: must be 1 or more", f.jobs)
	}
	selectors, err := fleet.Selectors(f.selectors)
	if err != nil {
		return err
	}
	members, err := fleet.Find(f.Dir, selectors)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return fmt.Errorf("fleet: no stack matches %s", strings.Join(f.selectors, " "))
	}
	journal, err := fleet.OpenJournal(filepath.Join(f.Dir, ".bpa", "fleet-"+name+".jsonl"), f.resume)
	if err != nil {
		return err
	}
	progress := newFleetProgress(cmd.ErrOrStderr(), len(members))
	begin := time.Now()
	results := fleet.Run(cmd.Context(), members, f.jobs, f.Remembered(journal, one), func(r fleet.Result) {
		if err := journal.Add(r); err != nil {
			progress.note(err.Error())
		}
		progress.done(r)
	})
	progress.finish()
	return f.report(cmd, name, len(members), results, time.Since(begin))
}

func (f *fleetFlags) report(cmd *cobra.Command, name string, members int, results []fleet.Result, took time.Duration) error {
	groups := fleet.Groups(results)
	out := cmd.OutOrStdout()
	fleet.Write(out, groups)
	counts := map[int]int{}
	resumed := 0
	for _, r := range results {
		counts[r.Status]++
		if r.Resumed {
			resumed++
		}
	}
	fmt.Fprintf(out, "fleet %s: %d stacks: %d good, %d need approval, %d failed; %d taken over; %s\n",
		name, members, counts[0], counts[2], counts[1], resumed, took.Round(time.Second))
	if f.json != "" {
		b, err := json.MarshalIndent(groups, "", "  ")
		if err == nil {
			err = os.WriteFile(f.json, append(b, '\n'), 0o600)
		}
		if err != nil {
			return err
		}
	}
	if len(results) < members {
		return fmt.Errorf("fleet: interrupted after %d of %d stacks; --resume goes on", len(results), members)
	}
	if code := fleet.Status(results); code != 0 {
		return status{errReported, code}
	}
	return nil
}

// fleetProgress shows how far a run is: a bar on a terminal, otherwise a line a stack.
type fleetProgress struct {
	out io.Writer
	bar *progressbar.ProgressBar
}

func newFleetProgress(out io.Writer, total int) *fleetProgress {
	p := &fleetProgress{out: out}
	if asTerminal(out) != nil {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(30), progressbar.OptionSetDescription("stacks"), progressbar.OptionSetRenderBlankState(true))
	}
	return p
}

func (p *fleetProgress) done(r fleet.Result) {
	if p.bar != nil {
		_ = p.bar.Add(1) // the bar is decoration
		return
	}
	fmt.Fprintf(p.out, "%s: %s\n", r.Stack, r.Outcome)
}

func (p *fleetProgress) note(text string) { fmt.Fprintln(p.out, text) }

func (p *fleetProgress) finish() {
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
	}
}
