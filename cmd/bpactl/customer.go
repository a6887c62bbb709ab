package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// customer is a stack file to be: what it says beside what it extends.
type customer struct {
	name, extends, dir string
	region, account    string
	nodeCIDR, hostname string
	atlasOrg           string
	allowed            []string
	// base is what the file extends, with all defaults.
	base *config.Config
}

func newCustomerCommand() *cobra.Command {
	command := &cobra.Command{Use: "customer", Short: "Keep one stack file a customer"}
	command.AddCommand(newCustomerNewCommand())
	return command
}

func newCustomerNewCommand() *cobra.Command {
	var c customer
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write the stack file of a new customer, with only what differs from another",
		Long: "Write Pulumi.NAME.yaml, which extends another stack file and holds only what differs. On a terminal, what no\n" +
			"flag gives is asked. The file passes `config check`, claims nothing that another stack file in the folder\n" +
			"claims, and never replaces one that exists.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.name = args[0]
			var in io.Reader
			if file, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
				in = file
			}
			return c.create(in, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.extends, "extends", "prod", "stack whose file the new one extends")
	flags.StringVar(&c.dir, "dir", ".", "folder of the stack files")
	flags.StringVar(&c.region, "region", "", "AWS region (default: the base's)")
	flags.StringVar(&c.account, "account", "", "AWS account, 12 digits (default: the base's)")
	flags.StringVar(&c.nodeCIDR, "node-cidr", "", "range of the VPC (default: the next that no stack file uses)")
	flags.StringVar(&c.hostname, "hostname", "", "name that users type, such as bpa.acme.example")
	flags.StringSliceVar(&c.allowed, "allowed-cidr", nil, "addresses of the users, repeatable (default: the base's)")
	flags.StringVar(&c.atlasOrg, "atlas-org", "", "Atlas organisation, 24 hexadecimal digits (default: the base's)")
	return cmd
}

// create asks for what is missing on in, where that is not nil, and writes the file.
func (c *customer) create(in io.Reader, out io.Writer) error {
	target := filepath.Join(c.dir, stackfile.FileOf(c.name))
	if wrong := key("extends").Wrong(c.name); wrong != "" || stackfile.StackOf(target) != c.name {
		return fmt.Errorf("%q: must be a stack name of letters, digits and . _ -, such as acme", c.name)
	}
	if _, err := os.Lstat(target); err == nil {
		return existsError(target)
	}
	var err error
	if c.base, err = stackfile.Effective(filepath.Join(c.dir, stackfile.FileOf(c.extends)), c.extends); err != nil {
		return fmt.Errorf("--extends: %w", err)
	}
	if err := c.complete(in, out); err != nil {
		return err
	}
	if err := c.write(target); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: ok, extends %s\n", target, stackfile.FileOf(c.extends))
	for _, note := range c.notes(target) {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	return nil
}

func existsError(path string) error {
	return fmt.Errorf("%s: exists already, and is left as it is", path)
}

// question asks for one value.
type question struct {
	flag, path, text, proposal string
	value                      *string
}

// complete fills in what no flag gives: from answers on a terminal, else with what is proposed.
func (c *customer) complete(in io.Reader, out io.Writer) error {
	free, err := stackfile.FreeNodeCIDR(c.dir, c.base.Network.NodeCIDR)
	if err != nil && c.nodeCIDR == "" {
		return err
	}
	allowed := strings.Join(c.allowed, ", ")
	questions := []question{
		{"hostname", "ingress.hostname", "Name that users type, such as bpa." + c.name + ".example", "", &c.hostname},
		{"account", "aws.accountId", "AWS account", c.base.AWS.AccountID, &c.account},
		{"region", "aws.region", "AWS region", c.base.AWS.Region, &c.region},
		{"node-cidr", "network.nodeCidr", "Range of the VPC", free, &c.nodeCIDR},
		{"allowed-cidr", "ingress.allowedCidrs", "Addresses of the users", strings.Join(c.base.Ingress.AllowedCIDRs, ", "), &allowed},
		{"atlas-org", "atlas.orgId", "Atlas organisation", c.base.Atlas.OrgID, &c.atlasOrg},
	}
	var missing []error
	for _, q := range questions {
		switch {
		case *q.value != "":
		case in != nil:
			// One reader for all questions: a reader of its own would keep what belongs to the next.
			reader, ok := in.(*bufio.Reader)
			if !ok {
				reader = bufio.NewReader(in)
				in = reader
			}
			if *q.value, err = q.ask(reader, out); err != nil {
				return err
			}
		case q.proposal != "":
			*q.value = q.proposal
		case q.flag != "atlas-org" || c.base.Atlas.ProjectID == "":
			missing = append(missing, fmt.Errorf("--%s: (not set): must be given", q.flag))
		}
	}
	c.allowed = split(allowed)
	return errors.Join(missing...)
}

// ask repeats a question until the answer can be right. An empty answer takes the proposal; no answer (Ctrl-D) takes nothing.
func (q question) ask(in *bufio.Reader, out io.Writer) (string, error) {
	for {
		proposal := ""
		if q.proposal != "" {
			proposal = " [" + q.proposal + "]"
		}
		fmt.Fprintf(out, "%s%s: ", q.text, proposal)
		line, err := in.ReadString('\n')
		answer := strings.TrimSpace(line)
		if answer == "" && err != nil {
			fmt.Fprintln(out)
			return "", fmt.Errorf("%s: no answer, so nothing is written", q.path)
		}
		if answer == "" {
			answer = q.proposal
		}
		wrong := q.wrong(answer)
		if wrong == "" {
			return answer, nil
		}
		if err != nil {
			return "", fmt.Errorf("%s: %q: %s", q.path, answer, wrong)
		}
		fmt.Fprintf(out, "%q %s\n", answer, wrong)
	}
}

// wrong returns what is wrong with an answer, which may be a list.
func (q question) wrong(answer string) string {
	parts := split(answer)
	if len(parts) == 0 {
		return "must be given"
	}
	for _, part := range parts {
		if wrong := key(q.path).Wrong(part); wrong != "" {
			return wrong
		}
	}
	return ""
}

// split takes a list with commas apart.
func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// key describes a key of a stack file by its path.
func key(path string) config.Key {
	keys := config.Keys()
	var found config.Key
	for _, name := range strings.Split(path, ".") {
		i := slices.IndexFunc(keys, func(k config.Key) bool { return k.Name == name })
		found = keys[i]
		keys = found.Keys
	}
	return found
}
