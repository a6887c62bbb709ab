package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/access"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/connect"
)

func newConnectCommand() *cobra.Command {
	var from stackFile
	cmd := &cobra.Command{
		Use:   "connect --stack STACK [-- COMMAND…]",
		Short: "Reach a private Kubernetes API through the stack's bastion",
		Long: "Reach a stack's private Kubernetes API from outside its VPC: serve a proxy on\n" +
			access.ProxyAddress + " that leads through a session of AWS Systems Manager on the\n" +
			"bastion. A kubeconfig uses it by `kubectl config set-cluster NAME --proxy-url\n" +
			access.ProxyURL + "`; that of the program does not yet. With a command, run it\n" +
			"and end with it; without one, serve until interrupted. Bastion and cluster may\n" +
			"still be on their way: clients wait. The AWS CLI and its session-manager-plugin\n" +
			"are needed.",
		Example: "  bpactl connect --stack prod\n  bpactl connect --stack prod -- kubectl get pods --namespace bpa-ns",
		RunE: func(cmd *cobra.Command, args []string) error {
			return connected(cmd, from, func(ctx context.Context, c *connect.Connection) error {
				if len(args) > 0 {
					if err := c.Ready(ctx); err != nil {
						return err
					}
					return runCommand(cmd, args[0], args[1:]...)
				}
				<-ctx.Done()
				return nil
			})
		},
	}
	from.flags(cmd)
	return cmd
}

// connected does something with a way to the stack's API, which ends with it.
func connected(cmd *cobra.Command, from stackFile, do func(context.Context, *connect.Connection) error) error {
	if err := from.resolve(); err != nil {
		return err
	}
	loaded, err := stackfile.LoadFile(from.file, from.stack)
	if err != nil {
		return fmt.Errorf("%s:\n%w", from.file, err)
	}
	c := loaded.Config
	cloud, err := connect.NewCloud(cmd.Context(), connect.Stack{
		Name: c.Name, Cluster: naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).Cluster(), Region: c.AWS.Region, RoleARN: c.AWS.RoleARN,
	})
	if err != nil {
		return err
	}
	// The command decides when the way ends: an interrupt reaches it too, and it may have to finish what it has begun.
	connection, err := connect.Open(context.WithoutCancel(cmd.Context()), connect.Options{
		Cloud: cloud, Region: c.AWS.Region, Address: access.ProxyAddress, Log: cmd.ErrOrStderr(),
	})
	if err != nil {
		return err
	}
	defer connection.Close()
	return do(cmd.Context(), connection)
}

// runCommand runs a command in the foreground; its exit status becomes this command's.
func runCommand(cmd *cobra.Command, name string, args ...string) error {
	err := connect.Run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), name, args...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return status{errReported, exit.ExitCode()}
	}
	return err
}
