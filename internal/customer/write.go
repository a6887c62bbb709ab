package customer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
)

// SchemaFile is where the project keeps the JSON Schema of stack files.
const SchemaFile = "schemas/stack.schema.json"

// sections are the parts of a customer's file, in the order in which they are written. Empty ones are left out.
type sections struct {
	Extends string `yaml:"bpa:extends"`
	AWS     struct {
		Region    string `yaml:"region,omitempty"`
		AccountID string `yaml:"accountId,omitempty"`
	} `yaml:"bpa:aws,omitempty"`
	Network struct {
		NodeCIDR string     `yaml:"nodeCidr,omitempty"`
		Zones    *yaml.Node `yaml:"zones,omitempty"`
	} `yaml:"bpa:network,omitempty"`
	Ingress struct {
		Hostname     string   `yaml:"hostname,omitempty"`
		AllowedCIDRs []string `yaml:"allowedCidrs,omitempty,flow"`
	} `yaml:"bpa:ingress,omitempty"`
	Atlas struct {
		OrgID string `yaml:"orgId,omitempty"`
	} `yaml:"bpa:atlas,omitempty"`
}

// unlike returns a value where it differs from the base's, else "".
func unlike(value, base string) string {
	if value == base {
		return ""
	}
	return value
}

// render writes the file: only what differs from the base.
func (c *Customer) render() ([]byte, error) {
	s := sections{Extends: c.Extends}
	s.AWS.Region = unlike(c.Region, c.base.AWS.Region)
	s.AWS.AccountID = unlike(c.Account, c.base.AWS.AccountID)
	s.Network.NodeCIDR = unlike(c.NodeCIDR, c.base.Network.NodeCIDR)
	if s.AWS.Region != "" && len(c.base.Network.Zones) > 0 {
		s.Network.Zones = &yaml.Node{
			Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", LineComment: "the first three that the account is offered there",
		}
	}
	s.Ingress.Hostname = unlike(c.Hostname, c.base.Ingress.Hostname)
	if !slices.Equal(c.Allowed, c.base.Ingress.AllowedCIDRs) {
		s.Ingress.AllowedCIDRs = c.Allowed
	}
	s.Atlas.OrgID = unlike(c.AtlasOrg, c.base.Atlas.OrgID)

	var b bytes.Buffer
	if at, ok := schemaFrom(c.Dir); ok {
		fmt.Fprintf(&b, "# yaml-language-server: $schema=%s\n", at)
	}
	fmt.Fprintf(&b, "# What differs from %s; `bpactl config show --stack %s` prints all of it.\n", stackfile.FileOf(c.Extends), c.Name)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string]sections{"config": s}); err != nil {
		return nil, err
	}
	return b.Bytes(), encoder.Close()
}

// schemaFrom returns the way from a folder to the project's JSON Schema, where it lies in a project.
func schemaFrom(dir string) (string, bool) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	root, err := platform.ProjectRoot(full)
	if err != nil {
		return "", false
	}
	path := filepath.Join(root, filepath.FromSlash(SchemaFile))
	if _, err := os.Stat(path); err != nil {
		return "", false
	}
	way, err := filepath.Rel(full, path)
	return filepath.ToSlash(way), err == nil
}

// write makes the file whole, checks it, and only then gives it its name.
func (c *Customer) write(target string) error {
	content, err := c.render()
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(c.Dir, ".Pulumi."+c.Name+".*.draft")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(content)
	if err = errors.Join(err, draft.Chmod(0o644), draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if _, err := stackfile.LoadFile(draft.Name(), c.Name); err != nil {
		return fmt.Errorf("%s: is not written:\n%w", target, err)
	}
	if err := stackfile.Collisions(draft.Name(), c.Name); err != nil {
		return fmt.Errorf("%s: is not written:\n%w", target, err)
	}
	err = os.Link(draft.Name(), target) // unlike a rename, it never replaces a file
	if errors.Is(err, fs.ErrExist) {
		return existsError(target)
	}
	return err
}

// notes are inherited values that name the base's account, where the customer has one of its own.
func (c *Customer) notes(target string) []string {
	base := c.base.AWS.AccountID
	loaded, err := stackfile.LoadFile(target, c.Name)
	if err != nil || base == "" || c.Account == base {
		return nil
	}
	var notes []string
	for _, s := range loaded.Settings() {
		if text, ok := s.Value.(string); ok && strings.Contains(text, base) {
			notes = append(notes, fmt.Sprintf("%s names account %s, as %s has it", s.Path, base, s.Origin))
		}
	}
	return notes
}
