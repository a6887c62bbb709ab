package kubernetes

import (
	"path/filepath"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// chartRenders renders a release as Helm does before it asks the cluster for anything: the chart, its dependencies, the
// values, every template, and the objects that come of them.
func chartRenders(r *provider.Request) string {
	path := r.Str("chart")
	if strings.Contains(path, "://") || inner(r.Inputs["repositoryOpts"])["repo"] != nil {
		return "" // somebody else's registry
	}
	if r.Inputs["valueYamlFiles"] != nil {
		return "rehearsal: kubernetes: property valueYamlFiles of a release is not simulated"
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.WorkDir, path)
	}
	loaded, err := chart.Load(path)
	if err != nil {
		return strings.Replace(err.Error(), path, r.Str("chart"), 1)
	}
	release := chart.Release{
		Name: r.Str("name"), Namespace: r.Str("namespace"), Upgrade: r.Old != nil, Revision: 1, KubeVersion: clusterVersion(r),
	}
	values, _ := r.Inputs["values"].(map[string]any)
	rendered, err := loaded.Render(release, values)
	var objects []map[string]any
	if err == nil {
		objects, err = chart.Objects(rendered)
	}
	if err != nil {
		return err.Error()
	}
	for _, object := range objects {
		if problem := imagesOf(r, object); problem != "" {
			return problem
		}
	}
	return ""
}

// clusterVersion is that of the cluster in the stack, "" where there is none or AWS chooses.
func clusterVersion(r *provider.Request) string {
	for _, cluster := range r.Store.All(catalog.EKSCluster) {
		if version, _ := cluster.Inputs["version"].(string); version != "" {
			return "v" + version + ".0"
		}
	}
	return ""
}
