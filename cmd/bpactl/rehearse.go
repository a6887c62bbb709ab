package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// rehearseFlags are the flags of every rehearse command.
type rehearseFlags struct {
	file, stack, export, passphrase, report, date string
	// speed is how many times faster than the clouds time passes; 0 means that nothing takes time.
	speed   float64
	instant bool
	// fail are faults, as faults.Parse reads them; seed and rate make any operation fail at random.
	fail  []string
	seed  int64
	rate  float64
	retry int
	// killAt kills the engine at that operation on the clouds; 0: never.
	killAt int
	// registry holds what the stack's ECR would.
	registry string
}

func newRehearseCommand() *cobra.Command {
	var flags rehearseFlags
	command := &cobra.Command{
		Use:   "rehearse",
		Short: "Run a deployment on the real engine against simulated clouds",
		Long: "Run a deployment on the real Pulumi engine against simulated clouds on this machine:\n" +
			"no account, no network, nothing left behind.",
	}
	add := func(use, short string, run func(*cobra.Command, rehearseFlags) error) {
		sub := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd, flags)
		}}
		flags.register(sub)
		command.AddCommand(sub)
	}
	add("preview", "preview a first deployment", func(cmd *cobra.Command, f rehearseFlags) error {
		if f.export != "" {
			return fmt.Errorf("--export: a preview makes no state; use rehearse up or rehearse cycle")
		}
		if f.report != "" {
			return fmt.Errorf("--report: a preview takes no time; use rehearse up or rehearse cycle")
		}
		o, err := f.options(cmd)
		if err == nil {
			_, err = rehearsal.Preview(cmd.Context(), o)
		}
		return f.failed(err)
	})
	add("up", "preview and deploy", func(cmd *cobra.Command, f rehearseFlags) error {
		o, err := f.options(cmd)
		if err != nil {
			return f.failed(err)
		}
		result, err := rehearsal.Up(cmd.Context(), o)
		return f.finish(cmd, result, err, func() string { return fmt.Sprintf("up %d created", result.Created) })
	})
	add("cycle", "preview, deploy, preview again without a change, and destroy", func(cmd *cobra.Command, f rehearseFlags) error {
		o, err := f.options(cmd)
		if err != nil {
			return f.failed(err)
		}
		result, err := rehearsal.Cycle(cmd.Context(), o)
		return f.finish(cmd, result, err, func() string {
			return fmt.Sprintf(
				"up %d created, second preview %d changes, destroy %d deleted",
				result.Created,
				result.SecondPreview,
				result.Deleted,
			)
		})
	})
	command.AddCommand(newChangeCommand(), newUpgradeCommand(), newDrillCommand())
	command.AddCommand(newCoverageCommand())
	return command
}

// register adds the flags to a command.
func (f *rehearseFlags) register(sub *cobra.Command) {
	sub.Flags().StringVarP(&f.file, "file", "f", "Pulumi.dev.yaml", "stack file")
	sub.Flags().StringVarP(&f.stack, "stack", "s", "", "stack name (default: from the file's name)")
	sub.Flags().StringVar(&f.export, "export", "", "write the state after `up` to this file, as pulumi stack export does")
	sub.Flags().
		StringVar(&f.passphrase, "passphrase", "", "encrypt the secrets of --export with this (default: one that nobody knows)")
	sub.Flags().StringVar(&f.report, "report", "", "write timeline.svg, graph.svg and report.md into this folder")
	sub.Flags().BoolVar(&f.instant, "instant", true, "let no operation take time")
	sub.Flags().Float64Var(&f.speed, "speed", 0, "let operations take their time, this many times faster (600: a minute is 0.1 s)")
	sub.MarkFlagsMutuallyExclusive("instant", "speed")
	sub.Flags().StringArrayVar(&f.fail, "fail", nil,
		"make operations fail: 'TYPE VERB COUNT ERROR [CLASS]', repeatable; rehearse coverage lists the classes of a type")
	sub.Flags().Int64Var(&f.seed, "fail-seed", 1, "seed of random failures")
	sub.Flags().Float64Var(&f.rate, "fail-rate", 0, "how often an operation fails at random, from 0 to 1")
	sub.Flags().IntVar(&f.killAt, "kill-at", 0, "kill the engine at this operation on the clouds, from 1 on")
	sub.Flags().IntVar(&f.retry, "retry", 0, "run a failed `up` or destroy again, this many times")
	sub.Flags().StringVar(&f.registry, "registry", "",
		"HOST:PORT of a registry in the place of the stack's ECR, as for images push: what pods pull must be in it")
	sub.Flags().StringVar(&f.date, "date", "", "the day on which to create, as 2026-11-23 (default: today)")
}

// failed names the rehearsal that an error belongs to.
func (f rehearseFlags) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rehearsal %s: failed: %w", f.name(), err)
}

func (f rehearseFlags) name() string {
	if f.stack != "" {
		return f.stack
	}
	if stack := stackfile.StackOf(f.file); stack != "" {
		return stack
	}
	return f.file
}

// prepare adds what the flags say of time and faults to a rehearsal.
func (f rehearseFlags) prepare(o *rehearsal.Options) (err error) {
	if f.speed < 0 {
		return fmt.Errorf("--speed: %v: must be positive, such as 600", f.speed)
	}
	if f.killAt < 0 {
		return fmt.Errorf("--kill-at: %d: must be the number of an operation, from 1 on", f.killAt)
	}
	o.KillAt, o.Registry = f.killAt, f.registry
	o.Speed, o.Retry, o.Passphrase = f.speed, f.retry, f.passphrase
	o.Faults, err = f.faults()
	return err
}

// faults reads what is to fail, or returns nil.
func (f rehearseFlags) faults() (*faults.Plan, error) {
	if f.rate < 0 || f.rate > 1 {
		return nil, fmt.Errorf("--fail-rate: %v: must be from 0 to 1", f.rate)
	}
	if len(f.fail) == 0 && f.rate == 0 {
		return nil, nil
	}
	plan := &faults.Plan{Seed: f.seed, Rate: f.rate}
	for _, text := range f.fail {
		fault, err := faults.Parse(text)
		if err != nil {
			return nil, err
		}
		plan.Faults = append(plan.Faults, fault)
	}
	return plan, nil
}

// showTime says how long the deployment would take, and writes the report.
func (f rehearseFlags) showTime(cmd *cobra.Command, result *rehearsal.Result) error {
	resources, err := stackdoc.Deployed(result.State)
	if err != nil {
		return err
	}
	t := timeline.New(resources)
	if f.speed > 0 {
		t.Measured = result.Elapsed
	}
	fmt.Fprintf(cmd.OutOrStdout(), "\n%s", t.Summary())
	if f.report == "" {
		return nil
	}
	return t.Write(f.report, "Rehearsal of stack "+f.name())
}

// finish writes the state, where there is one, and the last line.
func (f rehearseFlags) finish(cmd *cobra.Command, result *rehearsal.Result, err error, summary func() string) error {
	if f.export != "" && result != nil && len(result.State) > 0 {
		err = errors.Join(err, os.WriteFile(f.export, result.State, 0o600))
	}
	if err == nil {
		err = f.showTime(cmd, result)
	}
	if err != nil {
		return f.failed(err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "\nrehearsal %s: %s\n", f.name(), summary())
	return nil
}

func newEngineCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "engine",
		Short: "Build the pinned Pulumi engine where none is on PATH",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := projectHere()
			if err != nil {
				return err
			}
			found, err := engine.Find(cmd.Context(), platform.ToolsModule(root), cmd.ErrOrStderr())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "Pulumi engine %s\n", found.Version())
			}
			return err
		},
	}
}
