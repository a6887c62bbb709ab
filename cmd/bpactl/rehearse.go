package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/rehearsal"
	"github.com/bpa-on-aws/platform/infra/rehearsal/engine"
	"github.com/bpa-on-aws/platform/stacks"
)

// rehearseFlags are the flags of every rehearse command.
type rehearseFlags struct{ file, stack, export string }

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
		command.AddCommand(sub)
	}
	add("preview", "preview a first deployment", func(cmd *cobra.Command, f rehearseFlags) error {
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
	return config.StackOf(f.file)
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

// options prepares a rehearsal of a stack file.
func (f rehearseFlags) options(cmd *cobra.Command) (rehearsal.Options, error) {
	stack := f.name()
	if stack == "" {
		return rehearsal.Options{}, fmt.Errorf("%s: the stack's name cannot be told from the file's; give --stack", f.file)
	}
	loaded, err := config.LoadFile(f.file, stack)
	if err != nil {
		return rehearsal.Options{}, fmt.Errorf("%s:\n%w", f.file, err)
	}
	source, err := filepath.Abs(filepath.Dir(f.file))
	if err != nil {
		return rehearsal.Options{}, err
	}
	root, err := projectRoot(source)
	if err != nil {
		return rehearsal.Options{}, err
	}
	certificate, err := standIn(cmd, source, loaded.Config.Ingress)
	if err != nil {
		return rehearsal.Options{}, err
	}
	external, err := externalIDs(f.file)
	return rehearsal.Options{
		Project: filepath.Join(root, "Pulumi.yaml"), ToolsModule: toolsModule(root), StackFile: f.file, Stack: stack,
		External: external, Out: cmd.OutOrStdout(),
		Program: func(workDir string) pulumi.RunFunc {
			return stacks.Program(stacks.Options{SourceDir: source, WorkDir: workDir, Certificate: certificate})
		},
	}, err
}

// projectRoot finds the folder of Pulumi.yaml, in dir or above it.
func projectRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "Pulumi.yaml")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: no Pulumi.yaml here or in a folder above", dir)
		}
	}
}

func toolsModule(root string) string { return filepath.Join(root, "tools", "go.mod") }

// standIn makes a certificate for the rehearsal where the configured one cannot be read here, and says so.
func standIn(cmd *cobra.Command, source string, ingress config.Ingress) (*stacks.StandInCertificate, error) {
	there := func(path string) bool {
		if !filepath.IsAbs(path) {
			path = filepath.Join(source, path)
		}
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	}
	c := ingress.Certificate
	if there(c.CertificateFile) && !c.PrivateKey.Set() && there(c.PrivateKeyFile) {
		return nil, nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "rehearsal: the key of %s is not to be had here; a stand-in takes its place\n", c.CertificateFile)
	certificate, key, err := rehearsal.SelfSigned(ingress.Hostname)
	return &stacks.StandInCertificate{CertificatePEM: certificate, PrivateKeyPEM: key}, err
}

var externalID = regexp.MustCompile(`(?:vpc|subnet|sg|ami)-[0-9a-f]{8,17}|arn:aws[a-z-]*:acm:[^\s"',\]]+`)

// externalIDs are the ids in a stack file: resources that exist outside the stack.
func externalIDs(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var content any
	if err := yaml.Unmarshal(b, &content); err != nil {
		return nil, err
	}
	clean, err := yaml.Marshal(content) // without comments
	ids := externalID.FindAllString(string(clean), -1)
	sort.Strings(ids)
	return ids, err
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
			root, err := projectRoot(here)
			if err != nil {
				return err
			}
			found, err := engine.Find(cmd.Context(), toolsModule(root), cmd.ErrOrStderr())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "Pulumi engine %s\n", found.Version())
			}
			return err
		},
	}
}
