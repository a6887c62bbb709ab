// Package platform rehearses the platform: it joins the program of package stacks with the simulated clouds of package
// rehearsal. The program itself links neither the clouds nor the engine's driver.
package platform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/stacks"
)

// Options checks a stack file and prepares its rehearsal. The stack's name is told from the file's where it is empty.
// What the engine and the rehearsal print goes to out.
func Options(file, stack string, out io.Writer) (rehearsal.Options, error) {
	if stack == "" {
		if stack = stackfile.StackOf(file); stack == "" {
			return rehearsal.Options{}, fmt.Errorf("%s: the stack's name cannot be told from the file's; give --stack", file)
		}
	}
	loaded, err := stackfile.LoadFile(file, stack)
	if err != nil {
		return rehearsal.Options{}, fmt.Errorf("%s:\n%w", file, err)
	}
	source, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return rehearsal.Options{}, err
	}
	root, err := ProjectRoot(source)
	if err != nil {
		return rehearsal.Options{}, err
	}
	certificate, err := standIn(out, source, loaded.Config.Ingress)
	if err != nil {
		return rehearsal.Options{}, err
	}
	external, err := externalIDs(file)
	return rehearsal.Options{
		Project: filepath.Join(root, "Pulumi.yaml"), ToolsModule: ToolsModule(root), StackFile: file, Stack: stack,
		External: external, Out: out, Date: day(loaded.Config),
		Inside: loaded.Config.Cluster.Routed,
		Program: func(workDir string) pulumi.RunFunc {
			return stacks.Program(stacks.Options{SourceDir: source, WorkDir: workDir, Certificate: certificate})
		},
	}, err
}

// day is when the clouds of a rehearsal live: today, or for a stack that was deployed before, the last day on which its
// versions could be created.
func day(c *config.Config) time.Time {
	if !c.Deployed {
		return time.Time{}
	}
	return c.Versions().Creatable(time.Now().UTC())
}

// ProjectRoot finds the folder of Pulumi.yaml, in dir or above it.
func ProjectRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "Pulumi.yaml")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: no Pulumi.yaml here or in a folder above", dir)
		}
	}
}

// ToolsModule is the go.mod that pins the engine.
func ToolsModule(root string) string { return filepath.Join(root, "tools", "go.mod") }

// standIn makes a certificate for the rehearsal where the configured one cannot be read here, and says so.
func standIn(out io.Writer, source string, ingress config.Ingress) (*stacks.StandInCertificate, error) {
	there := func(path string) bool {
		if !filepath.IsAbs(path) {
			path = filepath.Join(source, path)
		}
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	}
	c := ingress.Certificate
	if there(c.CertificateFile) && !c.PrivateKey.Set() && there(c.PrivateKeyFile) {
		return nil, nil
	}
	fmt.Fprintf(out, "rehearsal: the key of %s is not to be had here; a stand-in takes its place\n", c.CertificateFile)
	certificate, key, err := rehearsal.StandIn(ingress.Hostname)
	return &stacks.StandInCertificate{CertificatePEM: certificate, PrivateKeyPEM: key}, err
}

var externalID = regexp.MustCompile(`(?:vpc|subnet|sg|ami|snap)-[0-9a-f]{8,17}|arn:aws[a-z-]*:(?:acm|iam):[^\s"',\]]+`)

// externalIDs are the ids in a stack file and in those that it extends: resources that exist outside the stack.
func externalIDs(path string) ([]string, error) {
	files, err := stackfile.Files(path)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var content any
		if err := yaml.Unmarshal(b, &content); err != nil {
			return nil, err
		}
		clean, err := yaml.Marshal(content) // without comments
		if err != nil {
			return nil, err
		}
		ids = append(ids, externalID.FindAllString(string(clean), -1)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
