package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

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
func render(dir string, values map[string]any) (map[string]string, error) {
	c, err := chart.Load(dir)
	if err != nil {
		return nil, err
	}
	rendered, err := c.Render(chart.Release{Name: "bpa", Namespace: "bpa-ns", Revision: 1, KubeVersion: "v1.33.0"}, values)
	if err == nil {
		_, err = chart.Objects(rendered)
	}
	return rendered, err
}

// config is a ConfigMap with one value, which is a template.
func config(value string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  value: " + value + "\n"
}

// charts are what both engines must agree about: each a chart and its values.
var charts = map[string]struct {
	files  map[string]string
	values map[string]any
}{
	"values over defaults, null takes away": {map[string]string{
		"values.yaml":         "a: {b: 1, c: 2}\nlist: [1, 2]\n",
		"templates/c.yaml":    config("{{ .Values.a.b }}-{{ .Values.a.c }}-{{ .Values.list | len }}"),
		"templates/NOTES.txt": "installed as {{ .Release.Name }}: not YAML",
	}, map[string]any{"a": map[string]any{"b": "over", "c": nil}, "list": []any{"x"}}},
	"partials, include, tpl, required, default": {
		map[string]string{
			"templates/_names.tpl": `{{- define "name" -}}{{ .Release.Name }}-{{ .Chart.Name | upper }}{{- end -}}`,
			"templates/c.yaml": config(
				`{{ include "name" . }}-{{ tpl .Values.text . }}-{{ required "no" .Values.text | len }}-{{ .Values.none | default "d" }}`,
			),
		},
		map[string]any{"text": "{{ .Release.Namespace }}"},
	},
	"toYaml with indent, range, with, a file": {
		map[string]string{
			"conf/a.txt": "one\ntwo\n",
			"conf/b.txt": "three",
			"templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n" +
				"  labels: {{- toYaml .Values.labels | nindent 4 }}\ndata:\n" +
				"{{- range $i, $l := .Files.Lines \"conf/a.txt\" }}\n  l{{ $i }}: {{ $l | quote }}\n{{- end }}\n" +
				"{{ (.Files.Glob \"conf/*.txt\").AsConfig | indent 2 }}\n",
		},
		map[string]any{"labels": map[string]any{"app": "web", "nested": "yes"}},
	},
	"a subchart, its values, what is global, a condition": {
		map[string]string{
			"Chart.yaml": about + "dependencies:\n  - {name: db, version: 1.0.0, repository: '', condition: db.enabled}\n" +
				"  - {name: cache, version: 1.0.0, repository: '', condition: cache.enabled}\n",
			"values.yaml":           "db: {enabled: true, size: 5}\ncache: {enabled: false}\nglobal: {tier: gold}\n",
			"templates/c.yaml":      config("{{ .Values.db.size }}"),
			"charts/db/Chart.yaml":  "apiVersion: v2\nname: db\nversion: 1.0.0\n",
			"charts/db/values.yaml": "size: 1\nkept: 2\n",
			"charts/db/templates/c.yaml": config(
				"{{ .Values.size }}-{{ .Values.kept }}-{{ .Values.global.tier }}-{{ .Template.BasePath }}",
			),
			"charts/cache/Chart.yaml":       "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
			"charts/cache/templates/c.yaml": config("never"),
		},
		nil,
	},
	"what the cluster can": {
		map[string]string{
			"Chart.yaml": about + "appVersion: '4'\nkubeVersion: '>=1.25.0'\n",
			"templates/c.yaml": config(
				`{{ .Chart.AppVersion }}-{{ .Capabilities.APIVersions.Has "batch/v1" }}-{{ .Release.IsInstall }}-` +
					`{{ lookup "v1" "Secret" "a" "b" | len }}`,
			),
		},
		nil,
	},
	"fail": {map[string]string{"templates/c.yaml": config(`{{ fail "give a host" }}`)}, nil},
	"required in a part": {
		map[string]string{
			"templates/_p.tpl": `{{ define "p" }}{{ required "give a host" .Values.host }}{{ end }}`,
			"templates/c.yaml": config(`{{ include "p" . }}`),
		},
		nil,
	},
	"nil pointer":      {map[string]string{"templates/c.yaml": config(`{{ .Values.a.b.c }}`)}, nil},
	"no such function": {map[string]string{"templates/c.yaml": config(`{{ nosuch .Values }}`)}, nil},
	"does not parse":   {map[string]string{"templates/c.yaml": config(`{{ if }}`)}, nil},
	"no such part":     {map[string]string{"templates/c.yaml": config(`{{ include "none" . }}`)}, nil},
	"schema": {map[string]string{
		"values.schema.json": `{"type": "object", "required": ["host"]}`, "templates/c.yaml": config("x"),
	}, nil},
}

// reference renders with Helm's own engine, which tools/helm holds.
func reference(t *testing.T, binary, dir string, values map[string]any) (map[string]string, string) {
	t.Helper()
	given, err := json.Marshal(values)
	require.NoError(t, err)
	if values == nil {
		given = []byte("{}")
	}
	c := exec.Command(binary, dir, "bpa", "bpa-ns")
	c.Stdin = bytes.NewReader(given)
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	rendered := map[string]string{}
	if err == nil {
		require.NoError(t, json.Unmarshal(out, &rendered))
	}
	return rendered, strings.TrimSpace(problem.String())
}

func TestChartsRenderAsWithHelmsOwnEngine(t *testing.T) {
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	binary := filepath.Join(cache, "bpa", "tools", "helm")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = "../../tools/helm"
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	for name, test := range charts {
		t.Run(name, func(t *testing.T) {
			dir := writeChart(t, test.files)
			want, problem := reference(t, binary, dir, test.values)
			got, err := render(dir, test.values)
			if problem != "" {
				require.Error(t, err)
				assert.Equal(t, firstLine(problem), firstLine(err.Error()))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, parsed(t, want), parsed(t, got))
		})
	}
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// parsed compares what templates mean: Helm leaves empty pages and other blanks in.
func parsed(t *testing.T, rendered map[string]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, text := range rendered {
		if strings.HasPrefix(filepath.Base(name), "_") {
			continue
		}
		if !strings.HasSuffix(name, ".yaml") {
			all[name] = text
			continue
		}
		var document any
		require.NoError(t, yaml.Unmarshal([]byte(text), &document))
		all[name] = document
	}
	return all
}

// What Helm says after the rendering, which tools/helm does not go on to.
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
		"name: web\nversion: 1.0.0\n":      "validation: chart.metadata.apiVersion is required",
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
