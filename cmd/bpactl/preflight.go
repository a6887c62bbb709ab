package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/preflight"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
)

// preflightFlags are the flags of preflight.
type preflightFlags struct {
	from           stackFile
	date, endpoint string
	json           bool
	only           []string
	timeout        time.Duration
}

func newPreflightCommand() *cobra.Command {
	var flags preflightFlags
	cmd := &cobra.Command{
		Use:   "preflight --stack STACK",
		Short: "Ask the live clouds, before the first up, whether a stack can be created",
		Long: "Ask the live clouds, before the first up, whether a stack can be created:\n" +
			"identity, quotas, what is offered in its zones, versions, images, certificate,\n" +
			"Atlas, chart, state and secrets.\n\n" +
			"It only reads: nothing is made, changed or deleted. The exit status is 1 where a\n" +
			"check failed. Credentials are found as the AWS CLI finds them; Atlas's are\n" +
			"MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY. docs/preflight.md has more.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	flags.from.flags(cmd)
	cmd.Flags().BoolVar(&flags.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&flags.date, "date", "", "the day of the deployment, as 2026-11-23 (default: today)")
	cmd.Flags().StringVar(&flags.endpoint, "endpoint", "", "URL of an AWS emulator to ask instead of AWS")
	cmd.Flags().StringSliceVar(&flags.only, "only", nil, "make these checks alone, beside the identity")
	cmd.Flags().DurationVar(&flags.timeout, "timeout", 30*time.Second, "how long one check may take")
	return cmd
}

func (f *preflightFlags) run(cmd *cobra.Command) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	report, err := preflight.Run(cmd.Context(), options)
	if err != nil {
		return fmt.Errorf("preflight %s: %w", options.Stack, err)
	}
	if f.json {
		err = report.JSON(cmd.OutOrStdout())
	} else {
		err = report.Table(cmd.OutOrStdout())
	}
	if err == nil && report.Failed() {
		err = errReported
	}
	return err
}

// options checks the flags and reads the stack file.
func (f *preflightFlags) options() (preflight.Options, error) {
	if err := f.from.resolve(); err != nil {
		return preflight.Options{}, err
	}
	on, err := dayOf(f.date, today())
	if err != nil {
		return preflight.Options{}, err
	}
	if f.timeout <= 0 {
		return preflight.Options{}, fmt.Errorf("--timeout: %s: must be positive, such as 30s", f.timeout)
	}
	loaded, err := stackfile.LoadFile(f.from.file, f.from.stack, stackfile.On(on))
	if err != nil {
		return preflight.Options{}, fmt.Errorf("%s:\n%w", f.from.file, err)
	}
	source, err := filepath.Abs(filepath.Dir(f.from.file))
	if err != nil {
		return preflight.Options{}, err
	}
	root, err := platform.ProjectRoot(source)
	if err != nil {
		return preflight.Options{}, err
	}
	return preflight.Options{
		Stack: f.from.stack, StackFile: f.from.file, SourceDir: source, Project: filepath.Join(root, "Pulumi.yaml"),
		Config: loaded.Config, Date: on, Endpoint: f.endpoint, Getenv: os.Getenv, Timeout: f.timeout, Only: f.only,
	}, nil
}
