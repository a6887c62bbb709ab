package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// listFlags are the flags of images list.
type listFlags struct {
	of   stackFile
	list string
	out  string
}

func newListCommand() *cobra.Command {
	var flags listFlags
	cmd := &cobra.Command{
		Use:   "list --list PATH | --stack STACK [--out FILE]",
		Short: "Print a list of images with the name and tag of each",
		Long: "Print a bundle's folder, an archive or a list, or what a stack has, one image a line: its source, and its\n" +
			"NAME:TAG in the stack's registry. What --out writes is a list itself (bpa:registry.imageList): its paths begin at\n" +
			"its folder, and it is read where the bundle is not. Archives without an image are named on the error output.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	flags.of.flags(cmd)
	cmd.Flags().StringVar(&flags.list, "list", "", "file with one image a line, archive or bundle's folder")
	cmd.Flags().StringVar(&flags.out, "out", "", "file to write the list to")
	return cmd
}

func (f *listFlags) run(cmd *cobra.Command) error {
	list, err := f.read()
	if err != nil {
		return err
	}
	for _, file := range list.Ignored {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s holds no image\n", file)
	}
	var text bytes.Buffer
	columns := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, e := range list.Entries {
		source, err := e.Source.From(filepath.Dir(f.out))
		switch {
		case err != nil:
			return err
		case source == "" && f.out != "":
			return fmt.Errorf("%s: %s has no source, which a file must say", e.Place(), e)
		case source == "":
			fmt.Fprintln(columns, e)
		default:
			fmt.Fprintf(columns, "%s\t%s\n", source, e)
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	if f.out != "" {
		return os.WriteFile(f.out, text.Bytes(), 0o644)
	}
	_, err = text.WriteTo(cmd.OutOrStdout())
	return err
}

func (f *listFlags) read() (imagelist.List, error) {
	if f.list != "" {
		return imagelist.Read(f.list)
	}
	if f.of.stack == "" && f.of.file == "" {
		return imagelist.List{}, fmt.Errorf("give --list PATH, or --stack STACK")
	}
	if err := f.of.resolve(); err != nil {
		return imagelist.List{}, err
	}
	loaded, err := stackfile.LoadFile(f.of.file, f.of.stack)
	if err != nil {
		return imagelist.List{}, fmt.Errorf("%s:\n%w", f.of.file, err)
	}
	return imagelist.Of(loaded.Config, filepath.Dir(f.of.file))
}
