// Command helm renders a chart as `helm install` would, with Helm's own engine, for the tests of the chart. It is a module
// of its own so that the program's stays small.
//
// Usage: helm CHART RELEASE NAMESPACE <values.json
//
// It prints every rendered template as a document of one JSON object: its path, and its text.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: helm CHART RELEASE NAMESPACE <values.json")
		os.Exit(2)
	}
	if err := render(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(path, release, namespace string) error {
	chart, err := loader.Load(path)
	if err != nil {
		return err
	}
	values := map[string]any{}
	if err := json.NewDecoder(os.Stdin).Decode(&values); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	if err := chartutil.ProcessDependencies(chart, values); err != nil {
		return err
	}
	all, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{
		Name: release, Namespace: namespace, Revision: 1, IsInstall: true,
	}, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	rendered, err := engine.Engine{Strict: false}.Render(chart, all)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(rendered)
}
