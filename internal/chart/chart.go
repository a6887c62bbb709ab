// Package chart renders charts with Helm's own engine, as Helm does before it asks a cluster for anything: dependencies,
// values, every template, and the objects that come of them. What Helm's package action adds to its libraries, which would
// bring the whole Kubernetes client with it, is said here in its words.
package chart

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	helm "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/client-go/kubernetes/scheme"
)

// Chart is a chart, with those that it brings along.
type Chart struct {
	name  string
	files []*helm.File
}

// Load reads a chart from a folder or a packed file, and holds it against its own Chart.yaml.
func Load(at string) (*Chart, error) {
	if _, err := os.Stat(at); err != nil {
		return nil, fmt.Errorf("path %q not found", at)
	}
	loaded, err := loader.Load(at)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, d := range loaded.Metadata.Dependencies {
		if !slices.ContainsFunc(loaded.Dependencies(), func(c *helm.Chart) bool { return c.Name() == d.Name }) {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(missing, ", "))
	}
	return &Chart{name: loaded.Name(), files: loaded.Raw}, nil
}

// fresh reads the chart again: Helm changes one that it renders, as by taking out what a condition turns off.
func (c *Chart) fresh() (*helm.Chart, error) {
	files := make([]*loader.BufferedFile, len(c.files))
	for i, f := range c.files {
		files[i] = &loader.BufferedFile{Name: f.Name, Data: f.Data}
	}
	return loader.LoadFiles(files)
}

// Release says what is installed where.
type Release struct {
	Name, Namespace string
	// Upgrade says that the release exists already, Revision counts from 1.
	Upgrade  bool
	Revision int
	// KubeVersion is the cluster's, such as v1.35.0. Where it is not known, charts see Helm's own, and none is refused for it.
	KubeVersion string
	// There are the objects that the cluster has, for lookup; nil where nobody knows them, and lookup finds nothing.
	There []map[string]any
}

// Render returns the text of every template by its path, or what Helm says where there is none.
func (c *Chart) Render(release Release, values map[string]any) (map[string]string, error) {
	loaded, err := c.fresh()
	if err != nil {
		return nil, err
	}
	if loaded.Metadata.Type == "library" {
		return nil, errors.New("library charts are not installable")
	}
	values = maps.Clone(values)
	if values == nil {
		values = map[string]any{}
	}
	if err := chartutil.ProcessDependencies(loaded, values); err != nil {
		return nil, err
	}
	capabilities, err := release.capabilities(loaded.Metadata.KubeVersion)
	if err != nil {
		return nil, err
	}
	all, err := chartutil.ToRenderValues(loaded, values, chartutil.ReleaseOptions{
		Name: release.Name, Namespace: release.Namespace, Revision: release.Revision,
		IsInstall: !release.Upgrade, IsUpgrade: release.Upgrade,
	}, capabilities)
	if err != nil {
		return nil, err
	}
	if release.There == nil {
		return engine.Render(loaded, all)
	}
	return engine.RenderWithClientProvider(loaded, all, there(release.There))
}

// capabilities are those of the release's cluster, which must be of a version that the chart takes.
func (r Release) capabilities(wanted string) (*chartutil.Capabilities, error) {
	all := chartutil.DefaultCapabilities.Copy()
	all.APIVersions = slices.Clone(served())
	if r.KubeVersion == "" {
		return all, nil
	}
	version, err := chartutil.ParseKubeVersion(r.KubeVersion)
	if err != nil {
		return nil, err
	}
	all.KubeVersion = *version
	if wanted != "" && !chartutil.IsCompatibleRange(wanted, version.String()) {
		return nil, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", wanted, version.String())
	}
	return all, nil
}

// groups are the versions that every supported release of EKS serves. Source: the API reference of Kubernetes 1.31.
var groups = strings.Fields(`v1 admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 apiregistration.k8s.io/v1 apps/v1
	authentication.k8s.io/v1 authorization.k8s.io/v1 autoscaling/v1 autoscaling/v2 batch/v1 certificates.k8s.io/v1
	coordination.k8s.io/v1 discovery.k8s.io/v1 events.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1 networking.k8s.io/v1 node.k8s.io/v1
	policy/v1 rbac.authorization.k8s.io/v1 scheduling.k8s.io/v1 storage.k8s.io/v1`)

// served is what a cluster answers to discovery: its versions, and the kinds of each, such as batch/v1 and batch/v1/Job.
var served = sync.OnceValue(func() chartutil.VersionSet {
	all := chartutil.VersionSet(slices.Clone(groups))
	for kind := range scheme.Scheme.AllKnownTypes() {
		if version := kind.GroupVersion().String(); slices.Contains(groups, version) {
			all = append(all, version+"/"+kind.Kind)
		}
	}
	return all
})

// Objects reads the Kubernetes objects of what was rendered, hooks first and then in Helm's order of installation, and refuses
// what is none.
func Objects(rendered map[string]string) ([]map[string]any, error) {
	rendered = maps.Clone(rendered)
	maps.DeleteFunc(rendered, func(name, _ string) bool { return path.Base(name) == "NOTES.txt" })
	hooks, manifests, err := releaseutil.SortManifests(rendered, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, h := range hooks {
		texts = append(texts, h.Manifest)
	}
	for _, m := range manifests {
		texts = append(texts, m.Content+"\n") // as Helm writes its manifest
	}
	var all []map[string]any
	for _, text := range texts {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			return nil, err
		}
		if object == nil {
			continue
		}
		if err := headed(object); err != nil {
			return nil, err
		}
		all = append(all, object)
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

// File is a file of a chart, by its path below the chart's folder.
type File struct {
	Name string
	Data []byte
}

// Files are those of the chart as Helm reads them: what .helmignore names is not among them.
func (c *Chart) Files() []File {
	list := make([]File, len(c.files))
	for i, f := range c.files {
		list[i] = File{Name: f.Name, Data: f.Data}
	}
	return list
}

// Without is the chart without one of its files.
func (c *Chart) Without(name string) *Chart {
	return &Chart{name: c.name, files: slices.DeleteFunc(slices.Clone(c.files), func(f *helm.File) bool { return f.Name == name })}
}
