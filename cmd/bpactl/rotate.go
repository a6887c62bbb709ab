package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/rotation"
)

func newRotateCommand() *cobra.Command {
	var from stackFile
	cmd := &cobra.Command{
		Use:   "rotate SECRET",
		Short: "Replace a generated password with the next `pulumi up`",
		Long: "Raise the counter of a generated password in the stack file. The next `pulumi up` makes\n" +
			"another and alters it in the database. A database's password then rolls BPA; that of\n" +
			"atlas does not: restart BPA's workloads afterwards. SECRET is one of\n" +
			strings.Join(rotation.Secrets(), ", ") + ".",
		Args:      cobra.ExactArgs(1),
		ValidArgs: rotation.Secrets(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			if args[0] == "certificate" {
				return fmt.Errorf("certificate: is not generated; put the new files in place and run `pulumi up` (docs/rotation.md)")
			}
			return rotate(cmd, from, args[0])
		},
	}
	from.flags(cmd)
	return cmd
}

// rotate writes the counter, and takes it back where the stack file would not be accepted.
func rotate(cmd *cobra.Command, from stackFile, secret string) error {
	before, err := os.ReadFile(from.file)
	if err != nil {
		return err
	}
	info, err := os.Stat(from.file)
	if err != nil {
		return err
	}
	after, count, err := rotation.Count(before, secret)
	if err != nil {
		return fmt.Errorf("%s: %w", from.file, err)
	}
	if err := os.WriteFile(from.file, after, info.Mode()); err != nil {
		return err
	}
	if _, err := config.LoadFile(from.file, from.stack); err != nil {
		if undo := os.WriteFile(from.file, before, info.Mode()); undo != nil {
			return fmt.Errorf("%w; and %s could not be put back: %w", err, from.file, undo)
		}
		return fmt.Errorf("%s is unchanged:\n%w", from.file, err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: rotation.%s is %d; run `pulumi up --stack %s`\n", from.file, secret, count, from.stack)
	return nil
}
