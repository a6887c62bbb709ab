package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/explain"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func newExplainCommand() *cobra.Command {
	var from stackFile
	var state string
	cmd := &cobra.Command{
		Use:   "explain URN|NAME|R09|COMPONENT",
		Short: "Say why a resource exists, what needs it, and what protects it",
		Long: "Say why a resource, a requirement of the white paper or a component is there: what asks for it, what it needs,\n" +
			"what needs it, and what protects it. The stack is rehearsed, or read from what `pulumi stack export` wrote.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			exported, err := explained(cmd, from, state)
			if err != nil {
				return err
			}
			stack, err := explain.New(exported)
			if err != nil {
				return err
			}
			text, err := stack.Explain(args[0])
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), text)
			return nil
		},
	}
	from.flags(cmd)
	cmd.Flags().StringVar(&state, "state", "", "file that `pulumi stack export` wrote, or - (default: a rehearsal of --file)")
	return cmd
}

// explained returns a state: a given one, or that of a rehearsal.
func explained(cmd *cobra.Command, from stackFile, state string) ([]byte, error) {
	if state != "" {
		return readInput(cmd, state)
	}
	if from.file == "" && from.stack == "" {
		from.stack = "dev"
	}
	if err := from.resolve(); err != nil {
		return nil, err
	}
	o, err := platform.Options(from.file, from.stack, io.Discard)
	if err != nil {
		return nil, err
	}
	result, err := rehearsal.Up(cmd.Context(), o)
	return result.State, err
}
