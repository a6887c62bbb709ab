// Command helm renders a chart as `helm template` does, with Helm's own engine, for the tests of package bpa.
//
// It is a module of its own, because Helm brings client libraries of Kubernetes that the program does not need, and it
// uses the engine alone: the helm command compiles several times as long. A request comes as JSON on standard input, the
// manifests go to standard output.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// request says what to render.
type request struct {
	// Chart is a directory or an archive.
	Chart string `json:"chart"`
	// Name of the release, and its Namespace.
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Values    map[string]any `json:"values"`
	// KubeVersion is the cluster's, such as v1.35.0.
	KubeVersion string `json:"kubeVersion"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "helm:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var r request
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return fmt.Errorf("the request: %w", err)
	}
	loaded, err := loader.Load(r.Chart)
	if err != nil {
		return err
	}
	rendered, err := render(loaded, r)
	if err != nil {
		return err
	}
	return print(out, loaded, rendered)
}

// render follows action.Install: dependencies, the check against values.schema.json, then the templates.
func render(c *chart.Chart, r request) (map[string]string, error) {
	capabilities := chartutil.DefaultCapabilities.Copy()
	if r.KubeVersion != "" {
		version, err := chartutil.ParseKubeVersion(r.KubeVersion)
		if err != nil {
			return nil, fmt.Errorf("kubeVersion: %w", err)
		}
		capabilities.KubeVersion = *version
	}
	if want := c.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, capabilities.KubeVersion.String()) {
		return nil, fmt.Errorf("the chart requires Kubernetes %s, the cluster has %s", want, capabilities.KubeVersion)
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, r.Values); err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: r.Name, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(c, r.Values, options, capabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, values)
}

// print writes the manifests in the order of their names, without notes and partials.
func print(out io.Writer, c *chart.Chart, rendered map[string]string) error {
	for _, crd := range c.CRDObjects() {
		if _, err := fmt.Fprintf(out, "---\n# Source: %s\n%s\n", crd.Filename, crd.File.Data); err != nil {
			return err
		}
	}
	names := make([]string, 0, len(rendered))
	for name := range rendered {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		base := path.Base(name)
		if strings.HasPrefix(base, "_") || base == "NOTES.txt" || strings.TrimSpace(rendered[name]) == "" {
			continue
		}
		if _, err := fmt.Fprintf(out, "---\n# Source: %s\n%s\n", name, rendered[name]); err != nil {
			return err
		}
	}
	return nil
}
