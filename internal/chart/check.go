package chart

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	helm "helm.sh/helm/v3/pkg/chart"
	helmrelease "helm.sh/helm/v3/pkg/release"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/bpa-on-aws/platform/internal/apiserver"
)

// Checked is what a chart renders for a release, and what is wrong with it.
type Checked struct {
	Objects  []Object
	Problems []Problem
	// Stored is the size in bytes of what Helm stores of the release in a Secret, which holds at most Limit.
	Stored int
}

// Limit is the size of a Secret in bytes: Helm stores a release in one. Source: k8s.io/api core/v1 MaxSecretSize.
const Limit = corev1.MaxSecretSize

// Check renders a chart as Helm does before it asks a cluster for anything, and judges what comes of it as the cluster's API server
// does. The error is Helm's, where the chart does not render.
func (c *Chart) Check(release Release, values map[string]any, cluster apiserver.Cluster) (*Checked, error) {
	rendering, err := c.RenderLines(release, values)
	if err != nil {
		return nil, err
	}
	checked := &Checked{}
	checked.Objects, checked.Problems = rendering.Objects()
	cluster.Namespace = release.Namespace
	cluster.Kinds = slices.Concat(cluster.Kinds, c.definitions())
	manifests := make([]map[string]any, len(checked.Objects))
	for i, o := range checked.Objects {
		manifests[i] = o.Manifest
	}
	for _, p := range apiserver.Judge(manifests, cluster) {
		o := checked.Objects[p.Object]
		text := o.Name() + ": "
		if p.Path != "" {
			text += p.Path + ": "
		}
		checked.Problems = append(checked.Problems, Problem{o.File, o.Line(p.Path), text + p.Message, o.Manifest})
	}
	slices.SortStableFunc(checked.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if checked.Stored, err = c.stored(release, values, rendering); err != nil {
		return nil, err
	}
	if checked.Stored > Limit {
		checked.Problems = append(checked.Problems, Problem{Text: fmt.Sprintf(
			"Helm cannot store the release: Secret \"sh.helm.release.v1.%s.v%d\" is invalid: data: Too long: "+
				"may not be more than %d bytes, and it would be %d; the chart's largest files are %s",
			release.Name,
			release.Revision,
			Limit,
			checked.Stored,
			c.largest(),
		)})
	}
	return checked, nil
}

// stored is how large the release is in its Secret. Source: helm/helm v3.20.2 pkg/storage/driver/util.go encodeRelease.
func (c *Chart) stored(release Release, values map[string]any, rendering *Rendering) (int, error) {
	loaded, err := c.fresh()
	if err != nil {
		return 0, err
	}
	var manifest strings.Builder
	for name, text := range rendering.Texts {
		manifest.WriteString("---\n# Source: " + name + "\n" + text + "\n")
	}
	text, err := json.Marshal(&helmrelease.Release{
		Name: release.Name, Namespace: release.Namespace, Version: release.Revision, Chart: loaded, Config: values,
		Manifest: manifest.String(), Info: &helmrelease.Info{Status: helmrelease.StatusDeployed},
	})
	if err != nil {
		return 0, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(text); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return base64.StdEncoding.EncodedLen(packed.Len()), nil
}

// largest names the three largest files with their sizes.
func (c *Chart) largest() string {
	files := slices.Clone(c.files)
	slices.SortFunc(files, func(a, b *helm.File) int { return cmp.Compare(len(b.Data), len(a.Data)) })
	var list []string
	for _, f := range files[:min(3, len(files))] {
		list = append(list, fmt.Sprintf("%s (%d bytes)", f.Name, len(f.Data)))
	}
	return strings.Join(list, ", ")
}

// definitions are the kinds that the chart's crds/ add, which Helm installs first.
func (c *Chart) definitions() []string {
	loaded, err := c.fresh()
	if err != nil {
		return nil
	}
	var kinds []string
	for _, crd := range loaded.CRDObjects() {
		for _, text := range strings.Split(string(crd.File.Data), "\n---") {
			var definition struct {
				Spec struct {
					Group    string
					Names    struct{ Kind string }
					Versions []struct {
						Name   string
						Served bool
					}
				}
			}
			if yaml.Unmarshal([]byte(text), &definition) != nil {
				continue
			}
			for _, v := range definition.Spec.Versions {
				if v.Served {
					kinds = append(kinds, definition.Spec.Group+"/"+v.Name+"/"+definition.Spec.Names.Kind)
				}
			}
		}
	}
	return kinds
}
