package chart_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/apiserver"
	"github.com/bpa-on-aws/platform/internal/chart"
)

func checked(t *testing.T, files map[string]string, release chart.Release) (*chart.Checked, error) {
	t.Helper()
	c, err := chart.Load(writeChart(t, files))
	require.NoError(t, err)
	return c.Check(release, nil, apiserver.Cluster{Minor: 33})
}

// A line of a template is told whatever stands before it: branches, trimmed spaces, loops, what others define.
func TestAProblemHasTheLineOfItsTemplate(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"behind a branch and trimmed spaces": {map[string]string{
			"templates/c.yaml": "{{- if false }}\na: b\n{{- else }}\n\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n" +
				"{{- with .Values.none }}\n  labels: {}\n{{- end }}\ndata:\n" +
				"  {{- range list 1 2 }}\n  k{{ . }}: {{ . | quote }}\n  {{- end }}\n  bad: 5\n{{- end }}\n",
		}, "templates/c.yaml:16: "},
		"of the include that makes it": {map[string]string{
			"templates/_p.tpl": "{{ define \"p\" }}data:\n  bad: 5\n{{ end }}",
			"templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n{{ include \"p\" . }}\n",
		}, "templates/c.yaml:4: "},
		"of a chart that comes along": {map[string]string{
			"charts/db/Chart.yaml":       "apiVersion: v2\nname: db\nversion: 1.0.0\n",
			"charts/db/templates/c.yaml": "\n" + config("5"),
		}, "charts/db/templates/c.yaml:6: "},
		"of the second document": {map[string]string{
			"templates/c.yaml": config("x") + "---\n# comment\n---\n" + strings.Replace(config("5"), "name: x", "name: other", 1),
		}, "templates/c.yaml:13: "},
		"of what is no object": {map[string]string{"templates/c.yaml": "{{ if true }}\nmetadata: {}\n{{ end }}"}, "templates/c.yaml:2: "},
		"though its text is hashed": {map[string]string{
			"templates/a.yaml": config("{{ include (print .Template.BasePath \"/c.yaml\") . | sha256sum }}"),
			"templates/c.yaml": strings.Replace(config("5"), "name: x", "name: other", 1),
		}, "templates/c.yaml:5: "},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := checked(t, test.files, release)
			require.NoError(t, err)
			require.Len(t, found.Problems, 1)
			assert.True(t, strings.HasPrefix(found.Problems[0].String(), test.want), found.Problems[0].String())
		})
	}
}

func TestWhatHelmCannotStoreIsAProblem(t *testing.T) {
	noise := make([]byte, 900_000)
	_, err := rand.Read(noise)
	require.NoError(t, err)
	found, err := checked(t, map[string]string{
		"templates/c.yaml": config("x"), "conf/noise.bin": base64.StdEncoding.EncodeToString(noise),
	}, release)
	require.NoError(t, err)
	require.Len(t, found.Problems, 1)
	assert.Contains(
		t,
		found.Problems[0].String(),
		`Secret "sh.helm.release.v1.bpa.v1" is invalid: data: Too long: may not be more than 1048576 bytes`,
	)
	assert.Contains(t, found.Problems[0].String(), "the chart's largest files are conf/noise.bin (1200000 bytes)")
	found, err = checked(t, map[string]string{"templates/c.yaml": config("x"), "conf/zeros": strings.Repeat("0", 2_000_000)}, release)
	require.NoError(t, err)
	assert.Empty(t, found.Problems, "Helm packs it")
}

func TestALookupFindsWhatIsThere(t *testing.T) {
	with := release
	with.There = []map[string]any{
		{
			"apiVersion": "v1",
			"kind":       "Secret",
			"metadata":   map[string]any{"name": "tls", "namespace": "bpa-ns"},
			"data":       map[string]any{"a": "b"},
		},
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "bpa-ns"}},
	}
	c, err := chart.Load(writeChart(t, map[string]string{"templates/c.yaml": config(
		`{{ (lookup "v1" "Secret" "bpa-ns" "tls").data.a }}-{{ lookup "v1" "Secret" "other" "tls" | len }}-` +
			`{{ (lookup "v1" "Secret" "bpa-ns" "").items | len }}-{{ (lookup "v1" "Namespace" "" "bpa-ns").metadata.name }}`)}))
	require.NoError(t, err)
	rendered, err := c.Render(with, nil)
	require.NoError(t, err)
	assert.Contains(t, rendered["web/templates/c.yaml"], "value: b-0-1-bpa-ns")

	c, err = chart.Load(writeChart(t, map[string]string{"templates/c.yaml": config(`{{ lookup "x.example/v1" "Thing" "" "a" }}`)}))
	require.NoError(t, err)
	_, err = c.Render(with, nil)
	require.ErrorContains(t, err, "unable to get apiresource from unstructured: x.example/v1, Kind=Thing")
}
