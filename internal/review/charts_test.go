package review_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// chartOf writes a chart with one template, and finds it under ./chart.
func chartOf(t *testing.T, template string) review.Charts {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "templates"), 0o755))
	for name, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: bpa\nversion: 1.0.0\n", "templates/all.yaml": template,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	loaded, err := chart.Load(dir)
	require.NoError(t, err)
	return func(path string) *chart.Chart {
		if path == "./chart" {
			return loaded
		}
		return nil
	}
}

func release(chart string, values map[string]any) map[string]any {
	return map[string]any{"name": "bpa-rel", "namespace": "bpa-ns", "chart": chart, "values": values}
}

const releaseURN = stack + catalog.HelmRelease + "::bpa-release"

func TestAReleaseShowsTheObjectsThatItsChartRenders(t *testing.T) {
	charts := chartOf(t, `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: {{ .Release.Namespace }}}
data:
  size: {{ .Values.size | quote }}
  environment.txt: |
    HOST=db.example
    KAFKA_PASSWORD=plain-in-the-chart
    SIZE={{ .Values.size }}
---
apiVersion: v1
kind: Secret
metadata: {name: passwords}
stringData: {size: "{{ .Values.size }}", kong: {{ index .Values.environment "KONG" | quote }}}
---
apiVersion: v1
kind: Service
metadata: {name: same}
`)
	values := func(size string) map[string]any {
		// The engine writes a secret object as this text.
		return map[string]any{"size": size, "environment": stackdoc.Masked}
	}
	r, err := reviewWith(t, review.Options{Charts: charts}, step("update", releaseURN,
		release("./chart", values("small")), release("./chart", values("large")), "values.size"))
	require.NoError(t, err)
	require.Len(t, r.Kubernetes, 2, "the release itself, and what of it changes")
	assert.Equal(t, "Release bpa-release", r.Kubernetes[0].Name)
	assert.Equal(t, "ConfigMap settings of bpa-release", r.Kubernetes[1].Name)
	assert.Contains(t, r.Kubernetes[1].Diff, "-        SIZE=small\n-    size: small\n+        SIZE=large\n+    size: large\n")
	assert.Contains(t, r.Kubernetes[1].Diff, "KAFKA_PASSWORD= [secret]\n")
	assert.NotContains(t, r.Markdown(review.CommentLimit), "plain-in-the-chart")
}

func TestAReleaseWhoseChartIsNotHereShowsItsValues(t *testing.T) {
	charts := chartOf(t, "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.a }}}\n")
	for _, before := range []string{"./chart", "oci://registry/bpa"} {
		r, err := reviewWith(t, review.Options{Charts: charts}, step("update", releaseURN,
			release(before, map[string]any{"a": "x"}), release("./another", map[string]any{"a": "y"}), "values.a"))
		require.NoError(t, err)
		assert.Len(t, r.Kubernetes, 1, before)
	}
}

// The values of a release may all be secret, and a chart may need more of one than that.
func TestAReleaseThatDoesNotRenderWithoutItsSecretsSaysSo(t *testing.T) {
	charts := chartOf(t, "apiVersion: v1\nkind: {{ required \"a kind is needed\" .Values.kind }}\nmetadata: {name: a}\n")
	r, err := reviewWith(t, review.Options{Charts: charts}, step("update", releaseURN,
		release("./chart", map[string]any{"kind": "Service"}), release("./chart", map[string]any{}), "values.kind"))
	require.NoError(t, err)
	require.Len(t, r.Kubernetes, 1)
	assert.Contains(t, r.Kubernetes[0].Diff, "# what it renders is not shown: ./chart: ")
	assert.Contains(t, r.Kubernetes[0].Diff, "a kind is needed\n")
}

// A release that the API server would refuse needs an approval, with file and line; what a secret hides is nobody's finding.
func TestAReleaseThatWouldBeRefusedNeedsAnApproval(t *testing.T) {
	charts := chartOf(t, `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
    - port: 80
    - port: {{ .Values.port }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: hidden}
data: {a: {{ .Values.environment }}}
`)
	values := map[string]any{"port": 81.0, "environment": stackdoc.Masked}
	r, err := reviewWith(t, review.Options{Charts: charts}, step("create", releaseURN, nil, release("./chart", values)))
	require.NoError(t, err)
	var texts []string
	for _, f := range r.Findings {
		texts = append(texts, f.Text)
		assert.True(t, f.NeedsApproval)
	}
	require.Len(t, texts, 2, "two ports without a name")
	assert.Contains(t, texts[0], "templates/all.yaml:6: Service \"web\": spec.ports[0].name: Required value")
	assert.Len(t, r.Missing(), 1)
}
