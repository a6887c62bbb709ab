package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/effective"
	"github.com/bpa-on-aws/platform/internal/schema"
)

func newConfigCommand() *cobra.Command {
	command := &cobra.Command{Use: "config", Short: "Check and show the configuration of a stack"}
	command.AddCommand(newCheckCommand(), newShowCommand(), newSchemaCommand(), newReferencesCommand())
	return command
}

// stackFile is a stack file given by path, by stack name, or both.
type stackFile struct{ file, stack string }

func (s *stackFile) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.file, "file", "f", "", "stack file (default: Pulumi.<stack>.yaml)")
	cmd.Flags().StringVarP(&s.stack, "stack", "s", "", "stack name (default: from the file's name)")
}

func (s *stackFile) resolve() error {
	if s.file == "" && s.stack == "" {
		return fmt.Errorf("give --file or --stack")
	}
	if s.file == "" {
		s.file = "Pulumi." + s.stack + ".yaml"
	}
	if s.stack == "" {
		if s.stack = stackfile.StackOf(s.file); s.stack == "" {
			return fmt.Errorf("%s: the stack's name cannot be told from the file's; give --stack", s.file)
		}
	}
	return nil
}

func newCheckCommand() *cobra.Command {
	var from stackFile
	var date string
	cmd := &cobra.Command{
		Use: "check", Short: "Report every problem of a stack file, and what it claims of others", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			on, err := dayOf(date, today())
			if err != nil {
				return err
			}
			if _, err := stackfile.LoadFile(from.file, from.stack, stackfile.On(on)); err != nil {
				return err
			}
			if err := stackfile.Collisions(from.file, from.stack); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: ok\n", from.file)
			return nil
		},
	}
	from.flags(cmd)
	cmd.Flags().StringVar(&date, "date", "", "check versions as on this day (default: today)")
	return cmd
}

func newShowCommand() *cobra.Command {
	var from stackFile
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show", Short: "Print the effective configuration, and where each value comes from", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			loaded, err := stackfile.LoadFile(from.file, from.stack)
			if err != nil {
				return err
			}
			settings := loaded.Settings()
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(settings)
			}
			text, err := effective.YAML(settings)
			if err == nil {
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			}
			return err
		},
	}
	from.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a stack file, for editors", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := schema.JSON()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(b)
			}
			return err
		},
	}
}

func newReferencesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "references",
		Short: "Print what application.environment and application.values may name",
		Long: "Print what a text of application.environment or application.values may name: ${database.host}\n" +
			"stands for the host of the stack's database. $${ stands for the characters ${ themselves.\n" +
			"A text that names a secret is a secret.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 1, 2, ' ', 0)
			for _, r := range config.References() {
				doc := r.Doc
				if r.Secret {
					doc += ", a secret"
				}
				fmt.Fprintf(w, "${%s}\t%s\n", r.Name, doc)
			}
			return w.Flush()
		},
	}
}
