package chart

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
)

// Release says what is installed where.
type Release struct {
	Name, Namespace string
	// Upgrade says that the release exists already, Revision counts from 1.
	Upgrade  bool
	Revision int
	// KubeVersion is the cluster's, such as v1.35.0.
	KubeVersion string
}

// page is one template, and what it sees.
type page struct {
	name, text string
	sees       map[string]any
}

// Render returns the text of every template by its path, or what Helm says where there is none.
func (c *Chart) Render(release Release, values map[string]any) (map[string]string, error) {
	if c.about.Type == "library" {
		return nil, errors.New("library charts are not installable")
	}
	pages, err := c.pages(c.about.Name, release, coalesce(values, c.values), true)
	if err != nil {
		return nil, err
	}
	// What is defined twice is the outer chart's, so the inner ones come first.
	slices.SortStableFunc(pages, func(a, b page) int {
		if d := strings.Count(b.name, "/") - strings.Count(a.name, "/"); d != 0 {
			return d
		}
		return strings.Compare(b.name, a.name)
	})
	e := newEngine()
	for _, p := range pages {
		if _, err := e.all.New(p.name).Parse(p.text); err != nil {
			return nil, parseError(err)
		}
	}
	rendered := map[string]string{}
	for _, p := range pages {
		if strings.HasPrefix(path.Base(p.name), "_") {
			continue
		}
		text, err := e.execute(e.all.Lookup(p.name), p.sees)
		if err != nil {
			return nil, executionError(p.name, err)
		}
		rendered[p.name] = text
	}
	return rendered, nil
}

// pages are the templates of a chart and of those inside it.
func (c *Chart) pages(at string, release Release, values map[string]any, root bool) ([]page, error) {
	version := strings.TrimPrefix(release.KubeVersion, "v")
	if err := c.about.runsOn(version); err != nil {
		return nil, err
	}
	if err := c.checkSchema(values); err != nil {
		return nil, err
	}
	about := map[string]any{"IsRoot": root}
	for key, value := range c.metadata {
		about[strings.ToUpper(key[:1])+key[1:]] = value
	}
	sees := map[string]any{
		"Values": values, "Chart": about, "Files": c.files, "Capabilities": capabilitiesOf(version), "Subcharts": map[string]any{},
		"Release": map[string]any{
			"Name": release.Name, "Namespace": release.Namespace, "Service": "Helm", "Revision": release.Revision,
			"IsInstall": !release.Upgrade, "IsUpgrade": release.Upgrade,
		},
	}
	var all []page
	for _, name := range sortedKeys(c.templates) {
		if c.about.Type == "library" && !strings.HasPrefix(path.Base(name), "_") {
			continue // of a library only what it defines counts
		}
		own := maps.Clone(sees)
		own["Template"] = map[string]any{"Name": at + "/" + name, "BasePath": at + "/templates"}
		all = append(all, page{name: at + "/" + name, text: c.templates[name], sees: own})
	}
	subcharts := c.active(values)
	for _, name := range sortedKeys(subcharts) {
		inner, err := subcharts[name].pages(at+"/charts/"+name, release, scoped(values, name, subcharts[name].values), false)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}

// runsOn holds a cluster's version, where it is known, against what the chart asks for.
func (a about) runsOn(version string) error {
	if a.KubeVersion == "" || version == "" {
		return nil
	}
	constraint, err := semver.NewConstraint(a.KubeVersion)
	if err != nil {
		return fmt.Errorf("chart requires kubeVersion: %s: %w", a.KubeVersion, err)
	}
	if v, err := semver.NewVersion(version); err != nil || !constraint.Check(v) {
		return fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes v%s", a.KubeVersion, version)
	}
	return nil
}

var parsing = regexp.MustCompile(`^template: (.+?):(\d+)(?::\d+)?: (.*)$`)

// parseError and executionError are in Helm's words.
func parseError(err error) error {
	if m := parsing.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("parse error at (%s:%s): %s", m[1], m[2], m[3])
	}
	return err
}

// executionError: what `fail` and `required` say stands alone, with the place in the outermost template.
func executionError(name string, err error) error {
	var stopped *stop
	if !errors.As(err, &stopped) {
		var failed template.ExecError
		if errors.As(err, &failed) {
			return err
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		name = m[1]
	}
	return fmt.Errorf("execution error at (%s): %s", name, stopped.message)
}

var place = regexp.MustCompile(`template: (\S+:\d+:\d+): executing`)

// Objects reads the Kubernetes objects of what was rendered, and refuses what is none.
func Objects(rendered map[string]string) ([]map[string]any, error) {
	var all []map[string]any
	for _, name := range sortedKeys(rendered) {
		if path.Base(name) == "NOTES.txt" {
			continue
		}
		for decoder := yaml.NewDecoder(strings.NewReader(rendered[name])); ; {
			var document any
			err := decoder.Decode(&document)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("YAML parse error on %s: error converting YAML to JSON: %w", name, err)
			}
			if document == nil {
				continue
			}
			object, ok := document.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("YAML parse error on %s: error unmarshaling JSON: json: cannot unmarshal %T into Go value of type "+
					"releaseutil.SimpleHead", name, document)
			}
			if err := headed(object); err != nil {
				return nil, err
			}
			all = append(all, object)
		}
	}
	return all, nil
}

// headed: every object says what it is.
func headed(object map[string]any) error {
	var missing []string
	for _, field := range []string{"apiVersion", "kind"} {
		if text, _ := object[field].(string); text == "" {
			missing = append(missing, field+" not set")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	problem := strings.Join(missing, ", ")
	if len(missing) > 1 {
		problem = "[" + problem + "]"
	}
	return fmt.Errorf(`unable to build kubernetes objects from release manifest: error validating "": error validating data: %s`, problem)
}
