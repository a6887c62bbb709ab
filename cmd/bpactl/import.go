package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/recovery/imports"
)

// importFlags are those of the import command.
type importFlags struct {
	stack, passwords, out string
	listings              []string
}

func newImportCommand() *cobra.Command {
	var flags importFlags
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Write the file with which `pulumi import --file` rebuilds a lost state",
		Long: "Preview the stack with the state that is left, find what it would create in a listing of\n" +
			"the account, and write the file for `pulumi import --file`. Nothing is imported, and\n" +
			"nothing is changed. Import the file, and repeat until nothing is left: what refers to a\n" +
			"resource is found when that is in the state (docs/recovery.md).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return writeImport(cmd, flags) },
	}
	cmd.Flags().StringVarP(&flags.stack, "stack", "s", "", "stack name")
	cmd.Flags().StringArrayVar(&flags.listings, "listing", nil,
		"what there is, repeatable: what commands of the AWS CLI print, or a list of type, id, name and inputs")
	cmd.Flags().StringVar(&flags.passwords, "passwords", "", "generated passwords by logical name, as a JSON object")
	cmd.Flags().StringVar(&flags.out, "out", "import.json", "the file to write; it holds the passwords in clear text")
	_ = cmd.MarkFlagRequired("stack")
	_ = cmd.MarkFlagRequired("listing")
	return cmd
}

func writeImport(cmd *cobra.Command, flags importFlags) error {
	found, passwords, err := readImport(cmd, flags)
	if err != nil {
		return err
	}
	root, err := projectHere()
	if err != nil {
		return err
	}
	importFile, plan, err := planImport(cmd, root, flags.stack)
	if err != nil {
		return err
	}
	filled, summary, err := imports.Fill(importFile, plan, found, passwords)
	if err != nil {
		return err
	}
	if err := os.WriteFile(flags.out, filled, 0o600); err != nil {
		return err
	}
	return showImport(cmd, flags.out, summary)
}

func readImport(cmd *cobra.Command, flags importFlags) (found []imports.Found, passwords map[string]string, err error) {
	for _, path := range flags.listings {
		listing, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		more, unread, err := imports.Listing(listing)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d resources, %d of other kinds\n", path, len(more), unread)
		found = append(found, more...)
	}
	if flags.passwords == "" {
		return found, nil, nil
	}
	b, err := os.ReadFile(flags.passwords)
	if err == nil {
		err = json.Unmarshal(b, &passwords)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", flags.passwords, err)
	}
	return found, passwords, nil
}

// planImport previews the stack as the shell would: with its backend, its credentials and its stack file.
func planImport(cmd *cobra.Command, root, stackName string) (importFile []byte, plan *imports.Plan, err error) {
	ctx := cmd.Context()
	stack, err := auto.SelectStackLocalSource(ctx, stackName, root)
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "bpa-import-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	return previewImport(ctx, stack, filepath.Join(dir, "import.json"), cmd)
}

func previewImport(ctx context.Context, stack auto.Stack, path string, cmd *cobra.Command) ([]byte, *imports.Plan, error) {
	channel := make(chan events.EngineEvent)
	plan, done := imports.Read(channel)
	_, err := stack.Preview(ctx, optpreview.ImportFile(path), optpreview.EventStreams(channel),
		optpreview.ErrorProgressStreams(cmd.ErrOrStderr()))
	if err != nil {
		return nil, nil, err
	}
	<-done
	b, err := os.ReadFile(path)
	return b, plan, err
}

func showImport(cmd *cobra.Command, path string, s imports.Summary) error {
	for _, o := range s.Open {
		fmt.Fprintf(cmd.OutOrStdout(), "open: %s %s: %s\n", o.URN.Type(), o.URN.Name(), o.Why)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d to import, %d left for later\n", path, s.Imported, s.Left)
	return nil
}
