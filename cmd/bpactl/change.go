package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// errLoses makes the command fail; what is lost has been printed.
var errLoses = errors.New("the change replaces or deletes resources")

func newChangeCommand() *cobra.Command {
	var from, to string
	var apply bool
	cmd := &cobra.Command{
		Use:   "change",
		Short: "deploy one stack file, preview another on it, and list what that would replace or delete",
		Long: "Deploy one stack file, preview another on it, and list what that would replace or delete.\n" +
			"With --apply, deploy the other too, and list every step in the order that it happens: docs/upgrades.md.\n" +
			"Fails if anything is replaced or deleted; with --apply, if anything that holds data is, or if several\n" +
			"nodes are replaced at once.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			before, err := platform.Options(from, "", io.Discard)
			if err != nil {
				return err
			}
			after, err := platform.Options(to, before.Stack, io.Discard)
			if err != nil {
				return err
			}
			if apply {
				return applyChange(cmd, from, to, before, after)
			}
			result, err := rehearsal.Change(cmd.Context(), before, after)
			if err != nil {
				return fmt.Errorf("rehearsal %s to %s: failed: %w", from, to, err)
			}
			return showChanges(cmd.OutOrStdout(), fmt.Sprintf("rehearsal %s to %s", from, to), result.Changes)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "stack file that is deployed")
	cmd.Flags().StringVar(&to, "to", "", "stack file that takes its place")
	cmd.Flags().BoolVar(&apply, "apply", false, "deploy it too, and list the steps in their order")
	_ = cmd.MarkFlagRequired("from")
	_ = cmd.MarkFlagRequired("to")
	return cmd
}

func showStep(out io.Writer, what string, s stackdoc.Step) {
	fmt.Fprintf(out, "%s: %s %s\n", what, s.URN.Type(), s.URN.Name())
	if len(s.Keys) > 0 {
		fmt.Fprintf(out, "  because of %s\n", strings.Join(s.Keys, ", "))
	}
}

// showChanges prints what a change loses, resource by resource, then how much else it does.
func showChanges(out io.Writer, title string, steps []stackdoc.Step) error {
	lost := rehearsal.Loses(steps)
	for _, s := range lost {
		what := s.Op
		if rehearsal.Stateful(s.URN) {
			what += " (stateful)"
		}
		showStep(out, what, s)
	}
	creates, updates := 0, 0
	for _, s := range steps {
		if rehearsal.RunsAgain(s) {
			showStep(out, "run again", s)
		}
		switch s.Op {
		case "create":
			creates++
		case "update":
			updates++
		}
	}
	fmt.Fprintf(out, "%s: %d replaced or deleted, %d created, %d updated\n", title, len(lost), creates, updates)
	if len(lost) > 0 {
		return errLoses
	}
	return nil
}
