package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/chart"
)

// about is the Chart.yaml of every chart here that gives none.
const about = "apiVersion: v2\nname: web\nversion: 1.0.0\n"

// writeChart writes a chart, and returns its folder.
func writeChart(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "web")
	if _, ok := files["Chart.yaml"]; !ok {
		files["Chart.yaml"] = about
	}
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// render is what a release does: load, render, and read the objects.
func render(dir string, values map[string]any) ([]map[string]any, error) {
	c, err := chart.Load(dir)
	if err != nil {
		return nil, err
	}
	rendered, err := c.Render(release, values)
	if err != nil {
		return nil, err
	}
	return chart.Objects(rendered)
}

var release = chart.Release{Name: "bpa", Namespace: "bpa-ns", Revision: 1, KubeVersion: "v1.33.0"}

// config is a ConfigMap with one value, which is a template.
func config(value string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  value: " + value + "\n"
}

// What a caller relies on: Helm does it, from the parts that this package puts together.
func TestWhatATemplateSees(t *testing.T) {
	for name, test := range map[string]struct {
		files  map[string]string
		values map[string]any
		want   string
	}{
		"values over defaults, null takes away": {map[string]string{
			"values.yaml":         "a: {b: 1, c: 2}\nlist: [1, 2]\n",
			"templates/c.yaml":    config("{{ .Values.a.b }}-{{ .Values.a.c }}-{{ .Values.list | len }}"),
			"templates/NOTES.txt": "installed as {{ .Release.Name }}: not: YAML",
		}, map[string]any{"a": map[string]any{"b": "over", "c": nil}, "list": []any{"x"}}, "over--1"},
		"the release": {map[string]string{
			"templates/c.yaml": config("{{ .Release.Name }}-{{ .Release.Namespace }}-{{ .Release.IsInstall }}-{{ .Release.Revision }}"),
		}, nil, "bpa-bpa-ns-true-1"},
		"a file": {map[string]string{
			"conf/a.txt": "one\ntwo\n", "templates/c.yaml": config(`{{ .Files.Lines "conf/a.txt" | join "-" }}`),
		}, nil, "one-two"},
		"a subchart, its values, what is global": {map[string]string{
			"Chart.yaml":                 about + "dependencies:\n  - {name: db, version: 1.0.0, repository: '', condition: db.enabled}\n",
			"values.yaml":                "db: {enabled: true, size: 5}\nglobal: {tier: gold}\n",
			"charts/db/Chart.yaml":       "apiVersion: v2\nname: db\nversion: 1.0.0\n",
			"charts/db/values.yaml":      "size: 1\nkept: 2\n",
			"charts/db/templates/c.yaml": config("{{ .Values.size }}-{{ .Values.kept }}-{{ .Values.global.tier }}"),
		}, nil, "5-2-gold"},
		"what the cluster can": {map[string]string{
			"Chart.yaml": about + "kubeVersion: '>=1.25.0'\n",
			"templates/c.yaml": config(
				`{{ .Capabilities.APIVersions.Has "batch/v1" }}-{{ .Capabilities.APIVersions.Has "batch/v1/CronJob" }}-` +
					`{{ .Capabilities.APIVersions.Has "policy/v1beta1" }}-{{ .Capabilities.KubeVersion.Minor }}`,
			),
		}, nil, "true-true-false-33"},
		"nothing is looked up": {map[string]string{
			"templates/c.yaml": config(`"{{ lookup "v1" "Secret" "a" "b" | len }}{{ getHostByName "localhost" }}"`),
		}, nil, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			objects, err := render(writeChart(t, test.files), test.values)
			require.NoError(t, err)
			require.Len(t, objects, 1)
			assert.Equal(t, map[string]any{"value": test.want}, objects[0]["data"])
		})
	}
}

// These errors are what a rehearsal shows.
func TestHelmsErrorsArePassedOn(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"fail": {
			map[string]string{"templates/c.yaml": config(`{{ fail "give a host" }}`)},
			"execution error at (web/templates/c.yaml:5:12): give a host",
		},
		"required in a part": {
			map[string]string{
				"templates/_p.tpl": `{{ define "p" }}{{ required "give a host" .Values.host }}{{ end }}`,
				"templates/c.yaml": config(`{{ include "p" . }}`),
			},
			"execution error at (web/templates/c.yaml:5:12): give a host",
		},
		"nil pointer": {
			map[string]string{"templates/c.yaml": config(`{{ .Values.a.b.c }}`)},
			"nil pointer evaluating interface {}.b",
		},
		"no such function": {
			map[string]string{"templates/c.yaml": config(`{{ nosuch .Values }}`)},
			`parse error at (web/templates/c.yaml:5): function "nosuch" not defined`,
		},
		"no such part": {map[string]string{"templates/c.yaml": config(`{{ include "none" . }}`)}, `no template "none"`},
		"schema": {
			map[string]string{"values.schema.json": `{"type": "object", "required": ["host"]}`, "templates/c.yaml": config("x")},
			"values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := render(writeChart(t, test.files), nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// A review renders a chart before and after; Helm takes what is turned off out of a chart that it renders.
func TestAChartRendersAnyNumberOfTimes(t *testing.T) {
	loaded, err := chart.Load(writeChart(t, map[string]string{
		"Chart.yaml":                 about + "dependencies:\n  - {name: db, version: 1.0.0, repository: '', condition: db.enabled}\n",
		"charts/db/Chart.yaml":       "apiVersion: v2\nname: db\nversion: 1.0.0\n",
		"charts/db/templates/c.yaml": config("x"),
	}))
	require.NoError(t, err)
	for _, enabled := range []bool{false, true, false} {
		values := map[string]any{"db": map[string]any{"enabled": enabled}}
		rendered, err := loaded.Render(release, values)
		require.NoError(t, err)
		assert.Equal(t, enabled, len(rendered) == 1)
		assert.Equal(t, map[string]any{"db": map[string]any{"enabled": enabled}}, values, "the caller's stay as they are")
	}
}

func TestObjectsComeInTheOrderOfTheirInstallation(t *testing.T) {
	objects, err := render(writeChart(t, map[string]string{
		"templates/a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\n# nothing\n---\n" + config("1000000"),
		"templates/z.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x, annotations: {helm.sh/hook: pre-install}}\n",
	}), nil)
	require.NoError(t, err)
	var kinds []string
	for _, o := range objects {
		kinds = append(kinds, fmt.Sprint(o["kind"]))
	}
	assert.Equal(t, []string{"Job", "ConfigMap", "Deployment"}, kinds)
	assert.Equal(t, map[string]any{"value": 1000000}, objects[1]["data"], "a number stays as it is written")
}

// What Helm says after the rendering.
func TestWhatIsNoKubernetesObjectIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a: b: c\n":        "YAML parse error on web/templates/c.yaml: error converting YAML to JSON: yaml: mapping values are not allowed",
		"just a text\n":    "YAML parse error on web/templates/c.yaml: error unmarshaling JSON",
		"kind: Secret\n":   "error validating data: apiVersion not set",
		"metadata: {}\n":   "error validating data: [apiVersion not set, kind not set]",
		"# nothing\n---\n": "",
	} {
		_, err := render(writeChart(t, map[string]string{"templates/c.yaml": text}), nil)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

// Helm asks this when it installs.
func TestAChartThatDoesNotFitIsRefused(t *testing.T) {
	_, err := render(writeChart(t, map[string]string{"Chart.yaml": about + "kubeVersion: '>=9.0.0'\n"}), nil)
	require.EqualError(t, err, "chart requires kubeVersion: >=9.0.0 which is incompatible with Kubernetes v1.33.0")
	_, err = render(writeChart(t, map[string]string{
		"Chart.yaml": about + "dependencies:\n  - {name: redis, version: 1.0.0, repository: ''}\n",
	}), nil)
	require.EqualError(t, err, "found in Chart.yaml, but missing in charts/ directory: redis")
}

func TestAChartNeedsItsName(t *testing.T) {
	for text, want := range map[string]string{
		"apiVersion: v2\nversion: 1.0.0\n": "validation: chart.metadata.name is required",
		"apiVersion: v2\nname: web\n":      "validation: chart.metadata.version is required",
		"{":                                "cannot load Chart.yaml",
		"apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library": "library charts are not installable",
	} {
		_, err := render(writeChart(t, map[string]string{"Chart.yaml": text}), nil)
		require.ErrorContains(t, err, want)
	}
	_, err := render(t.TempDir(), nil)
	require.ErrorContains(t, err, "Chart.yaml file is missing")
	_, err = render(filepath.Join(t.TempDir(), "none"), nil)
	require.ErrorContains(t, err, "not found")
}

func TestAPackedChartIsOpened(t *testing.T) {
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	archive := tar.NewWriter(zipped)
	for name, text := range map[string]string{"web/Chart.yaml": about, "web/templates/c.yaml": config("{{ .Values.none.deep }}")} {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}))
		_, err := archive.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	packed := filepath.Join(t.TempDir(), "web-1.0.0.tgz")
	require.NoError(t, os.WriteFile(packed, b.Bytes(), 0o600))
	_, err := render(packed, nil)
	require.ErrorContains(t, err, "nil pointer evaluating")
	require.NoError(t, os.WriteFile(packed, []byte("no"), 0o600))
	_, err = render(packed, nil)
	require.ErrorContains(t, err, "gzipped archive")
}
