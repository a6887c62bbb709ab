// Package chart renders charts as Helm does before it asks a cluster for anything: dependencies, values, every template, and
// the objects that come of them. A test compares it with Helm's own engine, which would bring most of Kubernetes's client
// into the rehearsal.
package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Chart is a chart, with those that it brings along.
type Chart struct {
	about     about
	metadata  map[string]any
	values    map[string]any
	schema    []byte
	templates map[string]string
	// files are what a template may read.
	files     Files
	subcharts []*Chart
}

// about is what the rendering needs of Chart.yaml.
type about struct {
	APIVersion   string `yaml:"apiVersion"`
	Name         string
	Version      string
	KubeVersion  string `yaml:"kubeVersion"`
	Type         string
	Dependencies []dependency
}

type dependency struct{ Name, Alias, Condition string }

// Load reads a chart from a folder or a packed file.
func Load(at string) (*Chart, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, fmt.Errorf("path %q not found", at)
	}
	var files map[string][]byte
	if info.IsDir() {
		files, err = folder(at)
	} else {
		var b []byte
		if b, err = os.ReadFile(at); err == nil {
			files, err = unpack(b)
		}
	}
	if err != nil {
		return nil, err
	}
	return parse(files)
}

func folder(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(at)
		return err
	})
	return files, err
}

// chartLimit bounds what a packed chart may hold, in bytes, as Helm does.
const chartLimit = 100 << 20

// unpack reads a packed chart: everything in it lies below one folder.
func unpack(b []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("file does not appear to be a gzipped archive: %w", err)
	}
	files, archive := map[string][]byte{}, tar.NewReader(io.LimitReader(unzipped, chartLimit))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		_, name, inside := strings.Cut(path.Clean(header.Name), "/")
		if header.Typeflag != tar.TypeReg || !inside {
			continue
		}
		if files[name], err = io.ReadAll(archive); err != nil {
			return nil, err
		}
	}
}

func parse(files map[string][]byte) (*Chart, error) {
	text, ok := files["Chart.yaml"]
	if !ok {
		return nil, errors.New("Chart.yaml file is missing") //nolint:staticcheck // Helm's words
	}
	c := &Chart{templates: map[string]string{}, files: Files{}, schema: files["values.schema.json"]}
	if err := errors.Join(yaml.Unmarshal(text, &c.about), yaml.Unmarshal(text, &c.metadata)); err != nil {
		return nil, fmt.Errorf("cannot load Chart.yaml: %w", err)
	}
	if err := c.about.validate(); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(files["values.yaml"], &c.values); err != nil {
		return nil, fmt.Errorf("cannot load values.yaml: %w", err)
	}
	inner := map[string]map[string][]byte{}
	for name, b := range files {
		below, isChart := strings.CutPrefix(name, "charts/")
		sub, rest, nested := strings.Cut(below, "/")
		switch {
		case strings.HasPrefix(name, "templates/"):
			c.templates[name] = string(b)
		case isChart && nested:
			if inner[sub] == nil {
				inner[sub] = map[string][]byte{}
			}
			inner[sub][rest] = b
		case isChart && strings.HasSuffix(sub, ".tgz"):
			unpacked, err := unpack(b)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			inner[sub] = unpacked
		case !slices.Contains([]string{"Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"}, name) &&
			!strings.HasPrefix(name, "crds/"):
			c.files[name] = b
		}
	}
	return c, c.addSubcharts(inner)
}

func (c *Chart) addSubcharts(inner map[string]map[string][]byte) error {
	for _, name := range sortedKeys(inner) {
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
			continue
		}
		sub, err := parse(inner[name])
		if err != nil {
			return fmt.Errorf("error unpacking subchart %s in %s: %w", name, c.about.Name, err)
		}
		c.subcharts = append(c.subcharts, sub)
	}
	var missing []string
	for _, d := range c.about.Dependencies {
		if !slices.ContainsFunc(c.subcharts, func(s *Chart) bool { return s.about.Name == d.Name }) {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(missing, ", "))
	}
	return nil
}

func (a about) validate() error {
	switch {
	case a.APIVersion == "":
		return errors.New("validation: chart.metadata.apiVersion is required")
	case a.Name == "":
		return errors.New("validation: chart.metadata.name is required")
	case a.Version == "":
		return errors.New("validation: chart.metadata.version is required")
	}
	return nil
}
