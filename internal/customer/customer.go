// Package customer writes the stack file of a new customer: only what differs from another one.
package customer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// Customer is a stack file to be: what it says beside what it extends. What is empty is asked, or taken from the base.
type Customer struct {
	// Name of the stack, Extends that of the base, Dir the folder of their files.
	Name, Extends, Dir string
	Region, Account    string
	NodeCIDR, Hostname string
	AtlasOrg           string
	Allowed            []string

	// base is what the file extends, with all defaults.
	base *config.Config
}

// Create asks for what is missing on in, where that is not nil, and writes the file.
func (c *Customer) Create(in io.Reader, out io.Writer) error {
	target := filepath.Join(c.Dir, stackfile.FileOf(c.Name))
	if wrong := key("extends").Wrong(c.Name); wrong != "" || stackfile.StackOf(target) != c.Name {
		return fmt.Errorf("%q: must be a stack name of letters, digits and . _ -, such as acme", c.Name)
	}
	if _, err := os.Lstat(target); err == nil {
		return existsError(target)
	}
	var err error
	if c.base, err = stackfile.Effective(filepath.Join(c.Dir, stackfile.FileOf(c.Extends)), c.Extends); err != nil {
		return fmt.Errorf("--extends: %w", err)
	}
	if err := c.complete(in, out); err != nil {
		return err
	}
	if err := c.write(target); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: ok, extends %s\n", target, stackfile.FileOf(c.Extends))
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
func (c *Customer) complete(in io.Reader, out io.Writer) error {
	free, err := stackfile.FreeNodeCIDR(c.Dir, c.base.Network.NodeCIDR)
	if err != nil && c.NodeCIDR == "" {
		return err
	}
	allowed := strings.Join(c.Allowed, ", ")
	questions := []question{
		{"hostname", "ingress.hostname", "Name that users type, such as bpa." + c.Name + ".example", "", &c.Hostname},
		{"account", "aws.accountId", "AWS account", c.base.AWS.AccountID, &c.Account},
		{"region", "aws.region", "AWS region", c.base.AWS.Region, &c.Region},
		{"node-cidr", "network.nodeCidr", "Range of the VPC", free, &c.NodeCIDR},
		{"allowed-cidr", "ingress.allowedCidrs", "Addresses of the users", strings.Join(c.base.Ingress.AllowedCIDRs, ", "), &allowed},
		{"atlas-org", "atlas.orgId", "Atlas organisation", c.base.Atlas.OrgID, &c.AtlasOrg},
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
	c.Allowed = split(allowed)
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
