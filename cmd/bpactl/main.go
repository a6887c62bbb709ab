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
)

// errReported ends a command with status 1 that has already said why.
var errReported = errors.New("failed, as reported above")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "bpactl",
		Short:         "Check, rehearse and supply deployments of Cisco BPA on AWS",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newConfigCommand(), newRehearseCommand(), newEngineCommand(), newImagesCommand())
	root.AddCommand(newImportCommand(), newRotateCommand())
	return root
}
