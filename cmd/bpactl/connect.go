package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/access"
	"github.com/bpa-on-aws/platform/infra/config"
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
			"bastion. The stack's kubeconfig names this proxy (cluster.access: bastion). With a\n" +
			"command, run it and end with it; without one, serve until interrupted. Bastion\n" +
			"and cluster may still be on their way: clients wait. The AWS CLI and its\n" +
			"session-manager-plugin are needed. One stack at a time has the proxy of a machine.",
		Example: "  bpactl connect --stack prod\n  bpactl connect --stack prod -- kubectl get pods --namespace bpa-ns\n" +
			"  bpactl connect --stack prod -- pulumi destroy --stack prod",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := from.load()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				return withWay(cmd, c, func() error { return runCommand(cmd, args[0], args[1:]...) })
			}
			if c.Cluster.Access != config.BastionAccess {
				return fmt.Errorf("%s: cluster.access is %s: its API is reached without a connection", from.file, c.Cluster.Access)
			}
			return connected(cmd, c, func(ctx context.Context, _ *connect.Connection) error {
				<-ctx.Done()
				return nil
			})
		},
	}
	from.flags(cmd)
	return cmd
}

func newUpCommand() *cobra.Command {
	var from stackFile
	cmd := &cobra.Command{
		Use:   "up --stack STACK [-- FLAGS of pulumi up]",
		Short: "Run pulumi up with a way to the private Kubernetes API",
		Long: "Run `pulumi up` with a way to the private Kubernetes API: `bpactl connect` and\n" +
			"`pulumi up` in one. The session ends with the up, however it ends. The exit\n" +
			"status is that of pulumi. Where cluster.access is public or network, no session\n" +
			"is needed, and it is `pulumi up` alone. Where the release fails, the pods that are not\n" +
			"ready are shown, with the end of their logs.",
		Example: "  bpactl up --stack prod\n  bpactl up --stack prod -- --yes --non-interactive",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := from.load()
			if err != nil {
				return err
			}
			up := append([]string{"up", "--stack", from.stack, "--cwd", filepath.Dir(from.file)}, args...)
			return withWay(cmd, c, func() error {
				failed := runCommand(cmd, "pulumi", up...)
				if failed != nil {
					// Without a state there is nothing to say beside what pulumi has said.
					if state, err := readableState(cmd.Context(), filepath.Dir(from.file), from.stack); err == nil {
						tellUnready(cmd.Context(), cmd.ErrOrStderr(), state)
					}
				}
				return failed
			})
		},
	}
	from.flags(cmd)
	return cmd
}

// load reads and checks the configuration of the stack.
func (s *stackFile) load() (*config.Config, error) {
	if err := s.resolve(); err != nil {
		return nil, err
	}
	loaded, err := stackfile.LoadFile(s.file, s.stack)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", s.file, err)
	}
	return loaded.Config, nil
}

// withWay does something with a way to the stack's API, which ends with it. A way that exists is open before; what the way needs
// and lacks may be what is done.
func withWay(cmd *cobra.Command, c *config.Config, do func() error) error {
	if c.Cluster.Access != config.BastionAccess {
		return do()
	}
	return connected(cmd, c, func(ctx context.Context, way *connect.Connection) error {
		way.Settle(ctx)
		return do()
	})
}

// connected does something with a connection to the stack's API, which ends with it.
func connected(cmd *cobra.Command, c *config.Config, do func(context.Context, *connect.Connection) error) error {
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
