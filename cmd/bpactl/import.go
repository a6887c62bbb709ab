package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/recovery"
)

func newImportCommand() *cobra.Command {
	var stack string
	var files recovery.ImportFiles
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Write the file with which `pulumi import --file` rebuilds a lost state",
		Long: "Preview the stack with the state that is left, find what it would create in a listing of\n" +
			"the account, and write the file for `pulumi import --file`. It imports nothing itself. In\n" +
			"the state it notes which names of what is imported the providers had made, so that `up`\n" +
			"does not make others. Import the file, and repeat until nothing is left to import: what\n" +
			"refers to a resource is found when that is in the state (docs/recovery.md).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := projectHere()
			if err != nil {
				return err
			}
			// As the shell would: with its backend, its credentials and its stack file.
			selected, err := auto.SelectStackLocalSource(cmd.Context(), stack, root)
			if err == nil {
				_, err = recovery.Import(cmd.Context(), selected, files, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&stack, "stack", "s", "", "stack name")
	cmd.Flags().StringArrayVar(&files.Listings, "listing", nil,
		"what there is, repeatable: what commands of the AWS CLI, the Atlas CLI and kubectl print, or a list of type, id, name and inputs")
	cmd.Flags().StringVar(&files.Passwords, "passwords", "", "generated passwords by logical name, as a JSON object")
	cmd.Flags().StringVar(&files.Out, "out", "import.json", "the file to write; it holds the passwords in clear text")
	_ = cmd.MarkFlagRequired("stack")
	_ = cmd.MarkFlagRequired("listing")
	return cmd
}
