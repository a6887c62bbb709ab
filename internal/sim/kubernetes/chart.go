package kubernetes

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"github.com/bpa-on-aws/platform/internal/apiserver"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// chartRenders renders a release as Helm does before it asks the cluster for anything: the chart, its dependencies, the
// values, every template; and judges the objects that come of them as the API server does.
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
		There: objectsOf(r.Store),
	}
	values, _ := r.Inputs["values"].(map[string]any)
	checked, err := loaded.Check(release, values, clusterOf(r))
	if err != nil {
		return err.Error()
	}
	if len(checked.Problems) > 0 {
		lines := make([]string, len(checked.Problems))
		for i, p := range checked.Problems {
			lines[i] = p.String()
		}
		return strings.Join(lines, "\n")
	}
	for _, object := range checked.Objects {
		if problem := imagesOf(r, object.Manifest); problem != "" {
			return problem
		}
	}
	return ""
}

// clusterOf is what the objects of a release come to.
func clusterOf(r *provider.Request) apiserver.Cluster {
	cluster := apiserver.Cluster{Minor: apiserver.MinorOf(clusterVersion(r)), Kinds: apiserver.OfEKS(), NodePorts: map[int]string{}}
	for _, namespace := range r.Store.All(catalog.KubernetesNamespace) {
		_, name := metadataOf(namespace.Inputs)
		cluster.Namespaces = append(cluster.Namespaces, name)
	}
	for _, service := range r.Store.All(catalog.KubernetesService) {
		_, name := metadataOf(service.Inputs)
		ports, _ := inner(service.Inputs["spec"])["ports"].([]any)
		for _, port := range ports {
			if n, ok := inner(port)["nodePort"].(float64); ok {
				cluster.NodePorts[int(n)] = "service " + name
			}
		}
	}
	for _, group := range r.Store.All(catalog.EKSNodeGroup) {
		given, _ := group.Inputs["labels"].(map[string]any)
		labels := map[string]string{}
		for key, value := range given {
			labels[key] = fmt.Sprint(value)
		}
		cluster.Nodes = append(cluster.Nodes, apiserver.NodeLabels(labels))
	}
	return cluster
}

// objectsOf are the objects that the stack has put into the cluster, as lookup in a template sees them.
func objectsOf(store *provider.View) []map[string]any {
	all := []map[string]any{}
	for _, o := range store.List() {
		if !strings.HasPrefix(o.Type, "kubernetes:") || o.Type == catalog.HelmRelease {
			continue
		}
		object := maps.Clone(o.Inputs)
		maps.Copy(object, o.Outputs)
		all = append(all, object)
	}
	return all
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
