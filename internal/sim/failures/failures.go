// Package failures is the table of what fails on the simulated clouds as it fails on the real ones: each entry is a small
// program, the moment and the message of its failure, and the public issue or document that the message comes from.
package failures

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed table/*.yaml
var files embed.FS

// Moment is when a failure shows.
type Moment string

// The moments of a deployment.
const (
	Preview Moment = "preview"
	Apply   Moment = "apply"
	Destroy Moment = "destroy"
)

// Failure is one entry of the table.
type Failure struct {
	// Name says what the program does. Service is the file that the entry is in.
	Name    string `yaml:"name"`
	Service string `yaml:"-"`
	At      Moment `yaml:"at"`
	// Code is part of the message, the service's own code where it has one; Source is where the message comes from.
	Code   string `yaml:"code"`
	Source string `yaml:"source"`
	// Date is the rehearsal's today, "" for the real one.
	Date string `yaml:"date"`
	// Region is the AWS region, "" for us-west-2.
	Region string `yaml:"region"`
	// Engine: a test runs the entry on the real engine too.
	Engine bool `yaml:"engine"`
	// Given names lists of resources to start from, Make those that the entry adds. The last of them fails, unless Change
	// holds what it is changed to, which fails, or Delete names one whose deletion fails after First are gone.
	Given  []string       `yaml:"given"`
	Make   []Resource     `yaml:"make"`
	Change map[string]any `yaml:"change"`
	// Earlier is what the others are changed to before, by name.
	Earlier map[string]map[string]any `yaml:"earlier"`
	First   []string                  `yaml:"first"`
	Delete  string                    `yaml:"delete"`
}

// Resource is one resource of an entry's program. "${other.id}" in With stands for another's id or output.
type Resource struct {
	Name string         `yaml:"name"`
	Type string         `yaml:"type"`
	With map[string]any `yaml:"with"`
}

// Table reads every entry, with the resources that it starts from in front of its own.
func Table() ([]Failure, error) {
	given := map[string][]Resource{}
	if err := read("table/given.yaml", &given); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "table/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []Failure
	for _, name := range names {
		if path.Base(name) == "given.yaml" {
			continue
		}
		var entries []Failure
		if err := read(name, &entries); err != nil {
			return nil, err
		}
		for _, f := range entries {
			f.Service = strings.TrimSuffix(path.Base(name), ".yaml")
			if f.Make, err = f.program(given); err != nil {
				return nil, fmt.Errorf("failures: %s: %w", f.Name, err)
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func read(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		return fmt.Errorf("failures: %s: %w", name, err)
	}
	return nil
}

func (f *Failure) program(given map[string][]Resource) ([]Resource, error) {
	var all []Resource
	for _, name := range f.Given {
		list, ok := given[name]
		if !ok {
			return nil, fmt.Errorf("given %q is not in given.yaml", name)
		}
		all = append(all, list...)
	}
	return append(all, f.Make...), nil
}
