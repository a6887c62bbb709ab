package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/chartcheck"
)

func newChartCommand() *cobra.Command {
	command := &cobra.Command{Use: "chart", Short: "Check the chart of a stack"}
	var from stackFile
	var date string
	var asJSON bool
	check := &cobra.Command{
		Use:   "check --stack STACK",
		Short: "Say what of a stack reaches the objects of its chart, and what up would fail for",
		Long: "Render the chart of a stack with Helm's own engine as up would, with samples in the\n" +
			"place of what only a deployment knows, and say which of environment and values\n" +
			"reach an object, which files stay out of the release, and what the API server of\n" +
			"the stack's Kubernetes, its nodes or its list of images would refuse, with file and\n" +
			"line of the template. Nothing outside this machine is asked. docs/chart.md has more.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			on, err := dayOf(date, today())
			if err != nil {
				return err
			}
			loaded, err := stackfile.LoadFile(from.file, from.stack, stackfile.On(on))
			if err != nil {
				return fmt.Errorf("%s:\n%w", from.file, err)
			}
			report, err := chartcheck.Check(loaded.Config, filepath.Dir(from.file))
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				err = encoder.Encode(report)
			} else {
				err = report.Text(cmd.OutOrStdout())
			}
			if err == nil && report.Failed() {
				err = errReported
			}
			return err
		},
	}
	from.flags(check)
	check.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	check.Flags().StringVar(&date, "date", "", "check versions as on this day (default: today)")
	command.AddCommand(check)
	return command
}
