package kubernetes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template/parse"

	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/rehearsal/cloud"
)

// chartRenders reads a release's chart as Helm does before it asks the cluster for anything: Chart.yaml, values.yaml and
// the syntax of every template. What the templates compute is not rendered, and functions are not looked up.
func chartRenders(r *cloud.Request) string {
	path := r.Str("chart")
	if strings.Contains(path, "://") || inner(r.Inputs["repositoryOpts"])["repo"] != nil {
		return "" // somebody else's registry
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Server.WorkDir(), path)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Sprintf("path %q not found", r.Str("chart"))
	}
	if strings.HasSuffix(path, ".tgz") {
		return "" // packed charts are not opened
	}
	return chartProblem(path)
}

// chartProblem says what is wrong with a chart's folder, or "".
func chartProblem(dir string) string {
	var about struct{ Name, Version string }
	b, err := os.ReadFile(filepath.Join(dir, "Chart.yaml"))
	if err != nil {
		return "Chart.yaml file is missing"
	}
	if err := yaml.Unmarshal(b, &about); err != nil {
		return "cannot load Chart.yaml: " + err.Error()
	}
	switch {
	case about.Name == "":
		return "validation: chart.metadata.name is required"
	case about.Version == "":
		return "validation: chart.metadata.version is required"
	}
	var values map[string]any
	if b, err := os.ReadFile(filepath.Join(dir, "values.yaml")); err == nil {
		if err := yaml.Unmarshal(b, &values); err != nil {
			return "cannot load values.yaml: " + err.Error()
		}
	}
	problem := ""
	err = filepath.WalkDir(filepath.Join(dir, "templates"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || problem != "" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			problem, err = templateProblem(about.Name+"/"+filepath.ToSlash(name), path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return problem
}

var templateError = regexp.MustCompile(`^template: (.+?):(\d+)(?::\d+)?: (.*)$`)

// templateProblem parses one template, without knowing its functions.
func templateProblem(name, path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(string(b), "", "", map[string]*parse.Tree{}); err != nil {
		if m := templateError.FindStringSubmatch(err.Error()); m != nil {
			return fmt.Sprintf("parse error at (%s:%s): %s", m[1], m[2], m[3]), nil
		}
		return fmt.Sprintf("parse error at (%s): %s", name, err), nil
	}
	return "", nil
}
