package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/internal/apiserver"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Charts finds a chart by the path that a release has, or returns nil where it is not here.
type Charts func(path string) *chart.Chart

// rendered returns how the objects of a release change. It is empty where the charts are not here, or render nothing else.
// A secret value is not in a preview, so what depends on one shows no change, and a chart that needs its form may not render.
func (charts Charts) rendered(c *Change) ([]Manifest, error) {
	if charts == nil || c.Type() != catalog.HelmRelease || c.Kind != Update && c.Kind != Replace {
		return nil, nil
	}
	before, err := charts.objects(c.before())
	if err != nil || before == nil {
		return nil, err
	}
	after, err := charts.objects(c.after())
	if err != nil || after == nil {
		return nil, err
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	var list []Manifest
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if diff := unified(before[name], after[name]); diff != "" {
			list = append(list, Manifest{URN: string(c.URN), Name: name + " of " + c.Name(), Diff: diff})
		}
	}
	return list, nil
}

// objects renders a release and returns its objects as YAML with secrets masked, by kind and name, or nil where its chart is
// not here.
func (charts Charts) objects(in map[string]any) (map[string]string, error) {
	path, _ := in["chart"].(string)
	loaded := charts(path)
	if loaded == nil {
		return nil, nil
	}
	release := chart.Release{Upgrade: true, Revision: 1}
	in, _ = masked(in, false).(map[string]any)
	release.Name, _ = in["name"].(string)
	release.Namespace, _ = in["namespace"].(string)
	values, _ := in["values"].(map[string]any)
	texts, err := loaded.Render(release, values)
	if err != nil { // a secret may be an object
		texts, err = loaded.Render(release, withEmptySecrets(values))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	objects, err := chart.Objects(texts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	byName := map[string]string{}
	for _, o := range objects {
		kind, _ := o["kind"].(string)
		meta, _ := o["metadata"].(map[string]any)
		b, err := yaml.Marshal(withoutSecretLines(masked(o, kind == "Secret")))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		byName[fmt.Sprintf("%s %v", kind, meta["name"])] += string(b)
	}
	return byName, nil
}

// faults are what the API server would refuse of what releases render. What a secret stands in, which no preview shows, is left out.
func (charts Charts) faults(changes []*Change) []Finding {
	if charts == nil {
		return nil
	}
	var findings []Finding
	for _, c := range changes {
		if c.Type() != catalog.HelmRelease || c.Kind != Create && c.Kind != Update && c.Kind != Replace {
			continue
		}
		in := c.after()
		path, _ := in["chart"].(string)
		loaded := charts(path)
		if loaded == nil {
			continue
		}
		in, _ = masked(in, false).(map[string]any)
		values, _ := in["values"].(map[string]any)
		cluster, version := clusterOf(changes)
		release := chart.Release{Upgrade: c.Kind == Update, Revision: 1, KubeVersion: version}
		release.Name, _ = in["name"].(string)
		release.Namespace, _ = in["namespace"].(string)
		checked, err := loaded.Check(release, values, cluster)
		if err != nil {
			continue // rendered says so, or the chart needs what is secret
		}
		for _, p := range checked.Problems {
			if p.Object != nil && obscured(p.Object) {
				continue
			}
			f := newFinding(c, Interruption)
			f.Text, f.NeedsApproval, f.always = "the release fails: "+code(oneLine(p.String())), true, true
			findings = append(findings, f)
		}
	}
	return findings
}

// obscured reports whether an object holds what a preview does not show.
func obscured(object map[string]any) bool {
	text := fmt.Sprint(object)
	return strings.Contains(text, stackdoc.Masked) || strings.Contains(text, stackdoc.UnknownText.String())
}

// clusterOf is what the preview says of the cluster that a release comes to, and its version, "" where it does not say.
func clusterOf(changes []*Change) (apiserver.Cluster, string) {
	cluster, version := apiserver.Cluster{Kinds: apiserver.OfEKS()}, ""
	for _, c := range changes {
		in := c.after()
		switch c.Type() {
		case catalog.EKSCluster:
			if text, _ := in["version"].(string); text != "" {
				version = "v" + text + ".0"
				cluster.Minor = apiserver.MinorOf(version)
			}
		case catalog.KubernetesNamespace:
			metadata, _ := in["metadata"].(map[string]any)
			name, _ := metadata["name"].(string)
			cluster.Namespaces = append(cluster.Namespaces, name)
		}
	}
	return cluster, version
}

// withEmptySecrets puts an empty object into the place of each value that is all secret.
func withEmptySecrets(values map[string]any) map[string]any {
	out := maps.Clone(values)
	for key, value := range out {
		if value == stackdoc.Masked {
			out[key] = map[string]any{}
		}
	}
	return out
}

// withoutSecretLines masks what a text such as environment.txt assigns to the name of a secret.
func withoutSecretLines(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = withoutSecretLines(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutSecretLines(e)
		}
		return out
	case string:
		if !strings.Contains(v, "\n") {
			return v
		}
		lines := strings.SplitAfter(v, "\n")
		for i, line := range lines {
			at := strings.IndexAny(line, "=:")
			if at > 0 && confidentialName(line[:at]) && strings.TrimSpace(line[at+1:]) != "" {
				lines[i] = line[:at+1] + " " + stackdoc.Masked + "\n"
			}
		}
		return strings.Join(lines, "")
	}
	return v
}
