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

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/recovery"
)

// recoverFlags are those of the recover command.
type recoverFlags struct {
	stack, listing string
	noProgram      bool
}

func newRecoverCommand() *cobra.Command {
	var flags recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "After an `up` that failed or was killed: take over what it had begun, so that `up` finishes it",
		Long: "Release the lock of an update that no longer runs, give every creation that was under way\n" +
			"the id of what the cloud has made, end what is pending in Helm where its plugin has died, and\n" +
			"refresh. Then preview the stack, and import what creations that failed have made and no state\n" +
			"knows. `pulumi up` finishes the work, and makes nothing twice. A stack with which nothing is\n" +
			"wrong is left as it is (docs/recovery.md).\n\n" +
			"What is in the account is asked of the AWS CLI, by the tag bpa:stack and, where that does not\n" +
			"tell, of the command that lists the type; or it is read from --listing. The cluster is asked as\n" +
			"the stack's own provider does: where it is private, run it by bpactl connect. Of a release that\n" +
			"has failed it shows the pods that are not ready, with the end of their logs.\n" +
			"Fails if it cannot be told whether something was made.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return recoverStack(cmd, flags) },
	}
	cmd.Flags().StringVarP(&flags.stack, "stack", "s", "", "stack name")
	cmd.Flags().StringVar(&flags.listing, "listing", "",
		"what there is, instead of asking: as for bpactl import")
	cmd.Flags().BoolVar(&flags.noProgram, "no-program", false,
		"do not preview the stack, and so do not look for what a creation that failed has made")
	_ = cmd.MarkFlagRequired("stack")
	return cmd
}

// adopt imports what creations that failed have made, and no state knows.
func (f recoverFlags) adopt(cmd *cobra.Command, root string, engine recovery.Engine, account recovery.Account) ([]recovery.Taken, error) {
	// As the shell would: with its backend, its credentials and its stack file.
	stack, err := auto.SelectStackLocalSource(cmd.Context(), f.stack, root)
	if err != nil {
		return nil, err
	}
	run := pulumiIn(root)
	return recovery.Adopt(cmd.Context(), recovery.Importer{
		Engine: engine, Stack: stack, Problems: cmd.ErrOrStderr(),
		ImportFile: func(ctx context.Context, path string) error {
			out, err := run(ctx, nil, "import", "--file", path, "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
				"--non-interactive", "--stack", f.stack)
			_, _ = cmd.ErrOrStderr().Write(out)
			return err
		},
	}, account)
}

func recoverStack(cmd *cobra.Command, flags recoverFlags) error {
	root, err := projectHere()
	if err != nil {
		return err
	}
	engine := recovery.CLI{Stack: flags.stack, Progress: cmd.ErrOrStderr(), Run: pulumiIn(root)}
	state, err := readableState(cmd.Context(), root, flags.stack)
	if err != nil {
		return err
	}
	tellUnready(cmd.Context(), cmd.OutOrStdout(), state)
	account := recovery.Account{
		List: func(ctx context.Context, sought []recovery.Planned) (recovery.Listing, error) {
			listing, err := flags.list(ctx, root, sought, cmd.ErrOrStderr())
			if err != nil {
				return recovery.Listing{}, err
			}
			found, _, err := recovery.ReadListing(listing)
			return recovery.Listing{Found: found}, err
		},
		Helm: helmOf(state), Plugins: recovery.Plugins,
	}
	report, err := recovery.Recover(cmd.Context(), engine, account)
	if err == nil && !flags.noProgram {
		report.Adopted, err = flags.adopt(cmd, root, engine, account)
	}
	fmt.Fprint(cmd.OutOrStdout(), report.String())
	switch {
	case err != nil:
		return fmt.Errorf("recover %s: %w", flags.stack, err)
	case report.Empty():
		fmt.Fprintf(cmd.OutOrStdout(), "recover %s: nothing was under way\n", flags.stack)
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "recover %s: %d taken over, %d not made, %d read again, %d open\n", flags.stack,
		len(report.Taken)+len(report.Ended)+len(report.Adopted), len(report.Missing), len(report.Others), len(report.Open))
	if len(report.Open) > 0 {
		return fmt.Errorf("recover %s: look for what is open, and bring what is there in with `pulumi import TYPE NAME ID`; then run up",
			flags.stack)
	}
	return nil
}

// list reads the listing, or asks for what carries the stack's tag, and what is sought beside. A command of the latter that
// fails leaves something open.
func (f recoverFlags) list(ctx context.Context, root string, sought []recovery.Planned, problems io.Writer) ([]byte, error) {
	if f.listing != "" {
		return os.ReadFile(f.listing)
	}
	loaded, err := stackfile.LoadFile(filepath.Join(root, "Pulumi."+f.stack+".yaml"), f.stack)
	if err != nil {
		return nil, err
	}
	var listing []byte
	for i, command := range recovery.ListingCommands(loaded.Config.Name, loaded.Config.AWS.Region, sought) {
		words := strings.Fields(command)
		out, err := output(exec.CommandContext(ctx, words[0], words[1:]...), words[0]+" "+words[1])
		switch {
		case err != nil && i == 0:
			return nil, err
		case err != nil:
			fmt.Fprintln(problems, err)
		}
		listing = append(listing, out...)
	}
	return listing, nil
}

// pulumiIn runs the engine as its operator would: with the backend and the credentials of the shell.
func pulumiIn(root string) func(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	return func(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
		c := exec.CommandContext(ctx, "pulumi", args...)
		c.Dir, c.Stdin = root, bytes.NewReader(stdin)
		return output(c, "pulumi "+args[0])
	}
}

// output returns what a command prints. An error names the command.
func output(c *exec.Cmd, name string) ([]byte, error) {
	var out, problem bytes.Buffer
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(problem.String()))
	}
	return out.Bytes(), nil
}
