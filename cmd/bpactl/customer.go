package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/bpa-on-aws/platform/internal/customer"
)

func newCustomerCommand() *cobra.Command {
	command := &cobra.Command{Use: "customer", Short: "Keep one stack file a customer"}
	command.AddCommand(newCustomerNewCommand())
	return command
}

func newCustomerNewCommand() *cobra.Command {
	var c customer.Customer
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write the stack file of a new customer, with only what differs from another",
		Long: "Write Pulumi.NAME.yaml, which extends another stack file and holds only what differs. On a terminal, what no\n" +
			"flag gives is asked. The file passes `config check`, claims nothing that another stack file in the folder\n" +
			"claims, and never replaces one that exists.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Name = args[0]
			var in io.Reader
			if file, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
				in = file
			}
			return c.Create(in, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.Extends, "extends", "prod", "stack whose file the new one extends")
	flags.StringVar(&c.Dir, "dir", ".", "folder of the stack files")
	flags.StringVar(&c.Region, "region", "", "AWS region (default: the base's)")
	flags.StringVar(&c.Account, "account", "", "AWS account, 12 digits (default: the base's)")
	flags.StringVar(&c.NodeCIDR, "node-cidr", "", "range of the VPC (default: the next that no stack file uses)")
	flags.StringVar(&c.Hostname, "hostname", "", "name that users type, such as bpa.acme.example")
	flags.StringSliceVar(&c.Allowed, "allowed-cidr", nil, "addresses of the users, repeatable (default: the base's)")
	flags.StringVar(&c.AtlasOrg, "atlas-org", "", "Atlas organisation, 24 hexadecimal digits (default: the base's)")
	return cmd
}
