package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/drills"
)

func newDrillCommand() *cobra.Command {
	var file, stack string
	var verbose bool
	var names, lines []string
	for _, d := range drills.All() {
		names = append(names, d.Name)
		lines = append(lines, fmt.Sprintf("  %-9s %s", d.Name, d.Short))
	}
	cmd := &cobra.Command{
		Use:   "drill " + strings.Join(names, "|"),
		Short: "lose something of a stack, and bring it back as docs/recovery.md says",
		Long: "Deploy a stack file, lose something of it, and bring it back by the steps of docs/recovery.md:\n\n" +
			strings.Join(lines, "\n") + "\n\n" +
			"Fails unless in the end the clouds hold what the state says, and a preview shows no change.",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			progress := io.Discard
			if verbose {
				progress = cmd.OutOrStdout()
			}
			for _, d := range drills.All() {
				if d.Name == args[0] {
					return d.Run(cmd.Context(), file, stack, cmd.OutOrStdout(), progress)
				}
			}
			return fmt.Errorf("there is no drill %q", args[0])
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "Pulumi.dev.yaml", "stack file")
	cmd.Flags().StringVarP(&stack, "stack", "s", "", "stack name (default: from the file's name)")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show what the engine prints")
	return cmd
}
