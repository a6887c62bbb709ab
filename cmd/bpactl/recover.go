package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/recovery/imports"
	"github.com/bpa-on-aws/platform/internal/recovery/pending"
)

// recoverFlags are those of the recover command.
type recoverFlags struct{ stack, listing string }

func newRecoverCommand() *cobra.Command {
	var flags recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "After an engine that was killed: take over what it had begun, so that `up` finishes it",
		Long: "Release the lock of an update that no longer runs, give every creation that was under way\n" +
			"the id of what the cloud has made, and refresh. Then `pulumi up` finishes the work, and makes\n" +
			"nothing twice. A stack with which nothing is wrong is left as it is (docs/recovering.md).\n\n" +
			"What is in the account is asked of the AWS CLI, by the tag bpa:stack, or read from --listing.\n" +
			"Fails if it cannot be told whether something was made.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return recoverStack(cmd, flags) },
	}
	cmd.Flags().StringVarP(&flags.stack, "stack", "s", "", "stack name")
	cmd.Flags().StringVar(&flags.listing, "listing", "",
		"what there is, instead of asking: as for bpactl import")
	_ = cmd.MarkFlagRequired("stack")
	return cmd
}

func recoverStack(cmd *cobra.Command, flags recoverFlags) error {
	root, err := projectHere()
	if err != nil {
		return err
	}
	engine := shell{root: root, stack: flags.stack, progress: cmd.ErrOrStderr()}
	report, err := pending.Recover(cmd.Context(), engine, func(ctx context.Context) (pending.Listing, error) {
		listing, err := flags.list(ctx, root)
		if err != nil {
			return pending.Listing{}, err
		}
		found, _, err := imports.Listing(listing)
		return pending.Listing{Found: found}, err
	})
	fmt.Fprint(cmd.OutOrStdout(), report.String())
	switch {
	case err != nil:
		return fmt.Errorf("recover %s: %w", flags.stack, err)
	case report.Empty():
		fmt.Fprintf(cmd.OutOrStdout(), "recover %s: nothing was under way\n", flags.stack)
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "recover %s: %d taken over, %d not made, %d read again, %d open\n", flags.stack,
		len(report.Taken), len(report.Missing), len(report.Others), len(report.Open))
	if len(report.Open) > 0 {
		return fmt.Errorf("recover %s: look for what is open, and bring what is there in with `pulumi import TYPE NAME ID`; then run up",
			flags.stack)
	}
	return nil
}

// list reads the listing, or asks the AWS CLI for everything that bears the stack's tag.
func (f recoverFlags) list(ctx context.Context, root string) ([]byte, error) {
	if f.listing != "" {
		return os.ReadFile(f.listing)
	}
	loaded, err := stackfile.LoadFile(filepath.Join(root, "Pulumi."+f.stack+".yaml"), f.stack)
	if err != nil {
		return nil, err
	}
	ask := exec.CommandContext(ctx, "aws", "resourcegroupstaggingapi", "get-resources", "--output", "json",
		"--region", loaded.Config.AWS.Region, "--tag-filters", "Key=bpa:stack,Values="+loaded.Config.Name)
	var problem bytes.Buffer
	ask.Stderr = &problem
	out, err := ask.Output()
	if err != nil {
		return nil, fmt.Errorf("aws resourcegroupstaggingapi: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	return out, nil
}

// shell runs the engine on a stack as its operator would: with the backend and the credentials of the shell.
type shell struct {
	root, stack string
	progress    io.Writer
}

func (s shell) run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "pulumi", append(args, "--stack", s.stack)...)
	c.Dir, c.Stdin = s.root, bytes.NewReader(stdin)
	var out, problem bytes.Buffer
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("pulumi %s: %w: %s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.Bytes(), nil
}

// Cancel implements pending.Engine.
func (s shell) Cancel(ctx context.Context) error {
	_, err := s.run(ctx, nil, "cancel", "--yes")
	return err
}

// Export implements pending.Engine.
func (s shell) Export(ctx context.Context) ([]byte, error) { return s.run(ctx, nil, "stack", "export") }

// Import implements pending.Engine. The state goes through a pipe, never onto a disk.
func (s shell) Import(ctx context.Context, state []byte) error {
	_, err := s.run(ctx, state, "stack", "import")
	return err
}

// Refresh implements pending.Engine.
func (s shell) Refresh(ctx context.Context) error {
	out, err := s.run(ctx, nil, "refresh", "--yes", "--skip-preview", "--non-interactive")
	_, _ = s.progress.Write(out)
	return err
}
