package bpa_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/config"
)

var (
	layout = appLayout{EnvironmentFile: "bpa/env/environment.txt", IngressTemplate: "templates/ingress-controller.yaml"}
	keys   = []string{"AUTH_DB_PASSWORD", "PG_HOST"}
)

// appLayout says where a chart keeps its two files.
type appLayout struct{ EnvironmentFile, IngressTemplate string }

// app is an application with a chart.
func app(chart string, layout appLayout, keys []string) config.Application {
	a := config.Application{
		Chart: chart, EnvironmentFile: layout.EnvironmentFile, IngressTemplate: layout.IngressTemplate, Environment: map[string]string{},
	}
	for _, key := range keys {
		a.Environment[key] = "value"
	}
	return a
}

// ours writes a chart as a customer might have it: other indents, another way to read the file, comments.
func ours(t *testing.T, change map[string]string) string {
	t.Helper()
	files := map[string]string{
		"Chart.yaml":              "apiVersion: v2\nname: bpa\nversion: 1.0.0\n",
		"bpa/env/environment.txt": "# BPA\nAUTH_DB_PASSWORD = old\nLOG_LEVEL=info\n\nEMPTY=",
		"templates/env.yaml":      `data: {{ range .Files.Lines "bpa/env/environment.txt" }}{{ . }}{{ end }}`,
		"templates/all.yaml":      `{{ (.Files.Glob "bpa/env/*").AsConfig | indent 2 }}`,
		"templates/ingress-controller.yaml": "spec:\n  template:\n    metadata:\n      labels: {a: b}\n      annotations:\n        x: y\n" +
			"    spec:\n      containers:\n      - args:\n        - --v=2\n        args:\n        - /nginx-ingress-controller\n",
		"templates/other.yaml": "a: b\n",
	}
	for name, text := range change {
		files[name] = text
	}
	dir := t.TempDir()
	for name, text := range files {
		if text == "-" {
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(b)
}

func TestR11EnvironmentTakesItsValuesFromHelm(t *testing.T) {
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app(ours(t, nil), layout, keys))
	require.NoError(t, err)
	out := filepath.Join(work, chart.Path)
	assert.Equal(t, "# BPA\nAUTH_DB_PASSWORD={{ index .Values.bpaEnvironment \"AUTH_DB_PASSWORD\" }}\nLOG_LEVEL=info\n\nEMPTY=\n"+
		"PG_HOST={{ index .Values.bpaEnvironment \"PG_HOST\" }}\n", read(t, out, "bpa/env/environment.txt"), "other lines stay as they are")
	assert.Equal(
		t,
		`data: {{ range list . "bpa/env/environment.txt" | include "bpaFiles.get" | trimSuffix "\n" | splitList "\n" }}{{ . }}{{ end }}`,
		read(t, out, "templates/env.yaml"),
	)
	assert.Equal(t, `{{ (list . "bpa/env/*" | include "bpaFiles.AsConfig") | indent 2 }}`,
		read(t, out, "templates/all.yaml"))
	assert.Equal(t, "a: b\n", read(t, out, "templates/other.yaml"))
}

func TestR23TheIngressControllerGetsTheDefaultCertificateOnce(t *testing.T) {
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app(ours(t, nil), layout, keys))
	require.NoError(t, err)
	const argument = "--default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress"
	text := read(t, filepath.Join(work, chart.Path), layout.IngressTemplate)
	assert.Contains(t, text, "        - /nginx-ingress-controller{{ \"\\n\" }}        - "+argument+"\n")
	assert.Equal(t, 1, strings.Count(text, argument))

	// A chart that was edited by hand, as the paper says, keeps its own line.
	edited := ours(t, map[string]string{layout.IngressTemplate: strings.ReplaceAll(text, `{{ "\n" }}`, "\n")})
	chart, err = bpa.Overlay("", work, app(edited, layout, keys))
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(read(t, filepath.Join(work, chart.Path), layout.IngressTemplate), argument))
}

func TestR24TheCertificateChecksumRollsTheIngressPods(t *testing.T) {
	const annotation = "bpa/certificate-checksum: {{ $.Values.bpaCertificateChecksum | quote }}"
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app(ours(t, nil), layout, keys))
	require.NoError(t, err)
	assert.Contains(t, read(t, filepath.Join(work, chart.Path), layout.IngressTemplate),
		"      annotations:{{ \"\\n\" }}        "+annotation+"\n        x: y\n", "beside the annotations that are there")
	chart, err = bpa.Overlay("", work, app("", layout, keys))
	require.NoError(t, err)
	assert.Contains(
		t,
		read(t, filepath.Join(work, chart.Path), layout.IngressTemplate),
		"    metadata:{{ \"\\n\" }}      annotations:{{ \"\\n\" }}        "+annotation+"\n      labels:",
	)

	assert.Equal(t, bpa.Fingerprint("pem\n"), bpa.Fingerprint("pem"), "an editor's last line break is no new certificate")
	assert.NotEqual(t, bpa.Fingerprint("pem"), bpa.Fingerprint("other"))
}

func TestTheChartOfTheUserIsNeverTouched(t *testing.T) {
	source, work := ours(t, nil), t.TempDir()
	before := snapshot(t, source)
	first, err := bpa.Overlay("", work, app(source, layout, keys))
	require.NoError(t, err)
	assert.Equal(t, before, snapshot(t, source))

	again, err := bpa.Overlay("", work, app(source, layout, keys))
	require.NoError(t, err)
	other, err := bpa.Overlay("", t.TempDir(), app(ours(t, nil), layout, keys))
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Equal(t, first, other, "the same chart has the same path on every laptop")

	require.NoError(t, os.WriteFile(filepath.Join(source, "templates", "other.yaml"), []byte("a: c\n"), 0o600))
	changed, err := bpa.Overlay("", work, app(source, layout, keys))
	require.NoError(t, err)
	assert.NotEqual(t, first.Path, changed.Path, "a changed chart file is seen by the next preview")
	left, err := filepath.Glob(filepath.Join(work, ".bpa", "charts", "partial-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestAnEditedCopyIsMadeAgain(t *testing.T) {
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app("", layout, keys))
	require.NoError(t, err)
	copied := filepath.Join(work, chart.Path)
	before := snapshot(t, copied)
	require.NoError(t, os.WriteFile(filepath.Join(copied, "Chart.yaml"), []byte("name: edited\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(copied, "templates", "extra.yaml"), []byte("a: b\n"), 0o600))
	_, err = bpa.Overlay("", work, app("", layout, keys))
	require.NoError(t, err)
	assert.Equal(t, before, snapshot(t, copied))
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[strings.TrimPrefix(path, dir)] = read(t, path, "")
		}
		return err
	}))
	return files
}

// pod is an ingress template with the given lines among its pod's metadata.
func pod(metadata string) string {
	return "template:\n  metadata:\n  " + metadata + "\n  spec:\n    containers:\n    - args:\n      - --v=2\n"
}

func TestAPrivateKeyStaysOutOfTheCopy(t *testing.T) {
	const key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app(ours(t, map[string]string{
		"bpa/conf/common/certs/bap-key.pem": key, "bpa/conf/common/certs/bap-cert.pem": "certificate", "kafka/kafka-key.pem": key,
		"templates/kafka.yaml": `{{ .Files.Get "kafka/kafka-key.pem" }}`,
	}), layout, keys))
	require.NoError(t, err)
	files := snapshot(t, filepath.Join(work, chart.Path))
	assert.NotContains(t, files, "/bpa/conf/common/certs/bap-key.pem", "the program makes the secret of it (R22)")
	assert.Contains(t, files, "/bpa/conf/common/certs/bap-cert.pem")
	assert.Contains(t, files, "/kafka/kafka-key.pem", "a template of the chart uses it")
	assert.Equal(t, []bpa.LeftOut{{File: "bpa/conf/common/certs/bap-key.pem", Why: "a private key that no template reads"}}, chart.LeftOut)
	info, err := os.Stat(filepath.Join(work, chart.Path, "kafka", "kafka-key.pem"))
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o077, "nobody else may read the copy")
}

func TestWhatATemplateMayReadStaysInTheCopy(t *testing.T) {
	const key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
	dump := strings.Repeat("0123456789abcdef", 1<<13)
	for reading, kept := range map[string]bool{
		"a: b": false,
		`{{ (.Files.Glob "bpa/conf/**").AsSecrets }}`:                                       true,
		`{{ (.Files.Glob "bpa/conf/*").AsSecrets }}`:                                        false,
		`{{ range $path, $_ := .Files.Glob "bpa/**" }}{{ $.Files.Get $path }}{{ end }}`:     true,
		`{{ .Files.Get "bpa/conf/common/tls.key" }}{{ .Files.Get "bpa/conf/common/dump" }}`: true,
		`{{ .Files.Get (printf "bpa/conf/common/%s" .Values.file) }}`:                       true,
		`{{ include "x" (dict "files" .Files) }}`:                                           true,
		`{{ $.Files.Lines "bpa/conf/other" }}`:                                              false,
		`{{ (.Files.Glob "{bpa,etc}/**").AsConfig }}`:                                       true,
		`{{ tpl (.Files.Get "reads.tpl") . }}`:                                              true,
	} {
		source := ours(t, map[string]string{
			"bpa/conf/common/tls.key": key, "bpa/conf/common/dump": dump, "templates/all.yaml": reading, "README.md": "small",
		})
		if strings.Contains(reading, "reads.tpl") {
			require.NoError(t, os.WriteFile(filepath.Join(source, "reads.tpl"), []byte(`{{ .Files.Get "bpa/conf/common/dump" }}`), 0o600))
		}
		work := t.TempDir()
		chart, err := bpa.Overlay("", work, app(source, layout, keys))
		require.NoError(t, err, reading)
		files := snapshot(t, filepath.Join(work, chart.Path))
		for _, name := range []string{"/bpa/conf/common/tls.key", "/bpa/conf/common/dump"} {
			_, there := files[name]
			assert.Equal(t, kept, there, "%s: %s", reading, name)
		}
		assert.Contains(t, files, "/README.md", "what is small harms nobody")
		if !kept {
			assert.ElementsMatch(t, []bpa.LeftOut{
				{File: "bpa/conf/common/tls.key", Why: "a private key that no template reads"},
				{File: "bpa/conf/common/dump", Why: "128 KiB that no template reads"},
			}, chart.LeftOut)
		}
	}
}

func TestLinksInsideAChartAreFollowed(t *testing.T) {
	source := ours(t, map[string]string{"common/conf.txt": "text", "conf/own.txt": "own"})
	require.NoError(t, os.Symlink("../common/conf.txt", filepath.Join(source, "conf", "linked.txt")))
	require.NoError(t, os.Symlink("common", filepath.Join(source, "again")))
	work := t.TempDir()
	chart, err := bpa.Overlay("", work, app(source, layout, keys))
	require.NoError(t, err)
	out := filepath.Join(work, chart.Path)
	assert.Equal(t, "text", read(t, out, "conf/linked.txt"))
	assert.Equal(t, "text", read(t, out, "again/conf.txt"))

	require.NoError(t, os.Symlink("..", filepath.Join(source, "conf", "up")))
	_, err = bpa.Overlay("", work, app(source, layout, keys))
	require.ErrorContains(t, err, "conf/up: is a link to a folder that holds it")
}

func TestAnUnknownLayoutNamesTheFileAndTheKeyThatMapsIt(t *testing.T) {
	link := ours(t, nil)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(link, "templates", "link.yaml")))
	none := filepath.Join(t.TempDir(), "none")
	for name, test := range map[string]struct{ source, want string }{
		"no chart":      {none, "application.chart: \"" + none + "\": must be a chart directory, or oci://…"},
		"no Chart.yaml": {ours(t, map[string]string{"Chart.yaml": "-"}), "must be a Helm chart; it has no Chart.yaml"},
		"no environment": {ours(t, map[string]string{layout.EnvironmentFile: "-"}),
			`application.environmentFile: "bpa/env/environment.txt": the chart has no such file`},
		"nobody reads it": {ours(t, map[string]string{"templates/env.yaml": "a: b", "templates/all.yaml": "a: b"}),
			`application.environmentFile: "bpa/env/environment.txt": no template of the chart reads it`},
		"no ingress": {ours(t, map[string]string{layout.IngressTemplate: "-"}),
			`application.ingressTemplate: "templates/ingress-controller.yaml": the chart has no such file`},
		"no arguments": {ours(t, map[string]string{layout.IngressTemplate: "a: b\n"}),
			"no container arguments found (a line `args:`, with one argument a line below it)"},
		"no template": {ours(t, map[string]string{layout.IngressTemplate: "args:\n- x\n"}), "no pod template found"},
		"rendered with more": {
			ours(t, map[string]string{"templates/env.yaml": `{{ tpl (.Files.Get "bpa/env/environment.txt" | indent 4) . }}`}),
			`application.environmentFile: "bpa/env/environment.txt": templates/env.yaml:1: passes it through tpl in a way`,
		},
		"several containers": {ours(t, map[string]string{layout.IngressTemplate: "args:\n- x\nargs:\n- y\n"}),
			"several containers have arguments, and none begins with"},
		"conditional annotations": {
			ours(t, map[string]string{layout.IngressTemplate: pod("{{- with .a }}\n    annotations:\n  {{- end }}")}),
			"line 4: the annotations of the pod template must be a block, outside if, with and range",
		},
		"annotations in a line": {ours(t, map[string]string{layout.IngressTemplate: pod("  annotations: {a: b}")}),
			"line 3: the annotations of the pod template must be a block"},
		"a link": {link, "templates/link.yaml: is a link out of the chart, to /etc/passwd; copy the file into the chart"},
	} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			_, err := bpa.Overlay("", work, app(test.source, layout, keys))
			require.ErrorContains(t, err, test.want)
			left, err := filepath.Glob(filepath.Join(work, ".bpa", "*", "*"))
			require.NoError(t, err)
			assert.Empty(t, left, "nothing half-done")
		})
	}
}
