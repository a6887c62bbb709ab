package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/deployer"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func newPolicyCommand() *cobra.Command {
	command := &cobra.Command{Use: "policy", Short: "Write the IAM policies that a stack needs"}
	command.AddCommand(newDeployerCommand())
	return command
}

func newDeployerCommand() *cobra.Command {
	var from stackFile
	var purpose, out string
	cmd := &cobra.Command{
		Use:   "deployer --stack STACK",
		Short: "Write the least-privilege policy of whoever deploys a stack",
		Long: "Write the least-privilege IAM policy of whoever deploys a stack, for `up`,\n" +
			"`preview` or `destroy`.\n\n" +
			"The stack is rehearsed to see what it consists of. The policy comes as JSON\n" +
			"documents, each small enough for a managed policy; a role needs all of them.\n" +
			"Make it anew where the stack file changes. docs/deployer.md has more.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			if !slices.Contains(deployer.Purposes(), deployer.Purpose(purpose)) { // before it takes a rehearsal to see
				return fmt.Errorf("policy deployer %s: --for: %q: must be one of %v", from.stack, purpose, deployer.Purposes())
			}
			documents, err := deployerPolicies(cmd, from, deployer.Purpose(purpose))
			if err != nil {
				return fmt.Errorf("policy deployer %s: %w", from.stack, err)
			}
			return writePolicies(cmd.OutOrStdout(), out, documents)
		},
	}
	from.flags(cmd)
	cmd.Flags().StringVar(&purpose, "for", string(deployer.Up), "up, preview or destroy")
	cmd.Flags().StringVar(&out, "out", "", "write the documents into this folder, a file each")
	return cmd
}

// policyFile is a document and the file that it is kept in.
type policyFile struct {
	name string
	deployer.Document
}

// deployerPolicies rehearses a stack and returns the policies of its account, and of Atlas's parent account.
func deployerPolicies(cmd *cobra.Command, from stackFile, purpose deployer.Purpose) ([]policyFile, error) {
	loaded, err := stackfile.LoadFile(from.file, from.stack)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", from.file, err)
	}
	options, err := platform.Options(from.file, from.stack, io.Discard)
	if err != nil {
		return nil, err
	}
	result, err := rehearsal.Up(cmd.Context(), options)
	if err != nil {
		return nil, err
	}
	graph, err := deployer.FromRehearsal(loaded.Config, result.Resources)
	if err != nil {
		return nil, err
	}
	files, err := policyFiles(fmt.Sprintf("%s-%s", from.stack, purpose), graph, purpose)
	if err != nil {
		return nil, err
	}
	parent, there, err := deployer.ParentGraph(loaded.Config, result.Resources)
	if err != nil || !there {
		return files, err
	}
	more, err := policyFiles(fmt.Sprintf("%s-%s-parent", from.stack, purpose), parent, purpose)
	return append(files, more...), err
}

// policyFiles names the documents of a graph <prefix>-1.json, <prefix>-2.json.
func policyFiles(prefix string, g deployer.Graph, purpose deployer.Purpose) ([]policyFile, error) {
	documents, err := deployer.Documents(g, purpose)
	var files []policyFile
	for i, d := range documents {
		files = append(files, policyFile{fmt.Sprintf("%s-%d.json", prefix, i+1), d})
	}
	return files, err
}

// writePolicies prints the documents one after another, or writes each into a file and prints the files' names.
func writePolicies(out io.Writer, dir string, files []policyFile) error {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // policies are no secret
			return err
		}
	}
	for _, f := range files {
		text, err := f.JSON()
		if err != nil {
			return err
		}
		if dir == "" {
			fmt.Fprintf(out, "%s", text)
			continue
		}
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // a policy is no secret
			return err
		}
		fmt.Fprintf(out, "%s: %d characters of %d\n", path, f.Size(), deployer.MaxSize)
	}
	return nil
}
