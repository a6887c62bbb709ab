package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/rehearsal"
	"github.com/bpa-on-aws/platform/infra/rehearsal/engine"
	"github.com/bpa-on-aws/platform/stacks/rehearsed"
)

// rehearseFlags are the flags of every rehearse command.
type rehearseFlags struct{ file, stack, export, date string }

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
		sub.Flags().StringVarP(&flags.file, "file", "f", "Pulumi.dev.yaml", "stack file")
		sub.Flags().StringVarP(&flags.stack, "stack", "s", "", "stack name (default: from the file's name)")
		sub.Flags().StringVar(&flags.export, "export", "", "write the state after `up` to this file, as pulumi stack export does")
		sub.Flags().StringVar(&flags.date, "date", "", "the day on which to create, as 2026-11-23 (default: today)")
		command.AddCommand(sub)
	}
	add("preview", "preview a first deployment", func(cmd *cobra.Command, f rehearseFlags) error {
		if f.export != "" {
			return fmt.Errorf("--export: a preview makes no state; use rehearse up or rehearse cycle")
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
	command.AddCommand(newCoverageCommand())
	return command
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
	if stack := config.StackOf(f.file); stack != "" {
		return stack
	}
	return f.file
}

// finish writes the state, where there is one, and the last line.
func (f rehearseFlags) finish(cmd *cobra.Command, result *rehearsal.Result, err error, summary func() string) error {
	if f.export != "" && result != nil && len(result.State) > 0 {
		err = errors.Join(err, os.WriteFile(f.export, result.State, 0o600))
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
			here, err := os.Getwd()
			if err != nil {
				return err
			}
			root, err := rehearsed.ProjectRoot(here)
			if err != nil {
				return err
			}
			found, err := engine.Find(cmd.Context(), rehearsed.ToolsModule(root), cmd.ErrOrStderr())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "Pulumi engine %s\n", found.Version())
			}
			return err
		},
	}
}
