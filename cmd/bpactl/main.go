// Command bpactl is the companion of the Pulumi program: it checks configurations, rehearses deployments and
// mirrors images.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
)

// errReported ends a command with status 1 that has already said why.
var errReported = errors.New("failed, as reported above")

// status is an error that ends the command with a status of its own.
type status struct {
	error

	code int
}

// Unwrap lets errors.Is and errors.As look inside.
func (s status) Unwrap() error { return s.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, err)
		}
		code := 1
		var own status
		if errors.As(err, &own) {
			code = own.code
		}
		os.Exit(code)
	}
}

// projectHere is the root of the project that the shell is in.
func projectHere() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return platform.ProjectRoot(here)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "bpactl",
		Short:         "Check, rehearse and supply deployments of Cisco BPA on AWS",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newConfigCommand(),
		newCustomerCommand(),
		newRehearseCommand(),
		newEngineCommand(),
		newChartCommand(),
		newImagesCommand(),
		newReviewCommand(),
		newExplainCommand(),
		newFleetCommand(),
		newPreflightCommand(),
		newPolicyCommand(),
		newConnectCommand(),
		newUpCommand(),
		newImportCommand(),
		newRecoverCommand(),
		newRotateCommand(),
		newCostCommand(),
		newVersionsCommand(),
	)
	return root
}
