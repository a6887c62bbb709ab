package bpa_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

// object is a Kubernetes object.
type object = map[string]any

// render renders what the program installs: the overlaid chart, with the values that the program itself sends.
func render(t *testing.T, source string, layout appLayout, change func(*bpa.Args)) ([]object, error) {
	t.Helper()
	return renderValues(t, source, layout, nil, change)
}

// renderValues does so with values of a stack file, which may hold nulls.
func renderValues(
	t *testing.T, source string, layout appLayout, values map[string]any, change func(*bpa.Args),
) ([]object, error) {
	t.Helper()
	work := t.TempDir()
	var err error
	a := args()
	environment := []string{}
	for key := range a.Environment {
		environment = append(environment, key)
	}
	overlaid := app(source, layout, environment)
	if values != nil {
		a.Values = values
	}
	overlaid.Values = a.Values
	a.Chart, err = bpa.Overlay("", work, overlaid)
	require.NoError(t, err)
	if change != nil {
		change(a)
	}
	g, err := testkit.Update(program(a))
	require.NoError(t, err)
	release := g.Get(t, releaseType, "bpa-release")
	text, err := json.Marshal(release.Plain("values"))
	require.NoError(t, err)
	var sent map[string]any
	require.NoError(t, json.Unmarshal(text, &sent))

	loaded, err := chart.Load(filepath.Join(work, a.Chart.Path))
	require.NoError(t, err)
	rendered, err := loaded.Render(chart.Release{
		Name: release.Plain("name").(string), Namespace: release.Plain("namespace").(string), Revision: 1,
	}, sent)
	if err != nil {
		return nil, err
	}
	return chart.Objects(rendered)
}

// at follows keys and indexes into an object.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

func one(t *testing.T, objects []object, kind, name string) object {
	t.Helper()
	for _, o := range objects {
		if o["kind"] == kind && at(o, "metadata", "name") == name {
			return o
		}
	}
	require.FailNow(t, "no such object", "%s %s", kind, name)
	return nil
}

func TestR20R21R22R23R24TheReferenceChartRendersWithHelm(t *testing.T) {
	objects, err := render(t, "", layout, nil)
	require.NoError(t, err)
	for _, o := range objects {
		if kind := o["kind"]; kind != "ClusterRole" && kind != "ClusterRoleBinding" {
			assert.Equal(t, "bpa-ns", at(o, "metadata", "namespace"), "%v", o["metadata"])
		}
	}
	ingress := one(t, objects, "Deployment", "ingress-controller")
	arguments := at(ingress, "spec", "template", "spec", "containers", 0, "args").([]any)
	assert.Equal(t, "/nginx-ingress-controller", arguments[0])
	assert.Contains(t, arguments, "--default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress")
	assert.Equal(t, bpa.Fingerprint("certificate"), at(ingress, "spec", "template", "metadata", "annotations", "bpa/certificate-checksum"))
	ports := at(one(t, objects, "Service", "ingress-controller"), "spec", "ports").([]any)
	assert.Equal(t, []any{30443, 30101}, []any{at(ports, 0, "nodePort"), at(ports, 1, "nodePort")})
}

func TestR14R17R18WorkloadsRunOnTheNodeThatHasTheirDirectory(t *testing.T) {
	objects, err := render(t, "", layout, nil)
	require.NoError(t, err)
	want := map[string]string{
		"zookeeper1": "node-1", "kafka1": "node-1", "zookeeper2": "node-2", "kafka2": "node-2", "zookeeper3": "node-3", "kafka3": "node-3",
		"elk": "node-4", "metrices/prometheus": "node-4", "metrices/grafana": "node-4",
	}
	found := map[string]string{}
	for _, o := range objects {
		pod := at(o, "spec", "template", "spec")
		if o["kind"] != "Deployment" {
			continue
		}
		image := fmt.Sprint(at(pod, "containers", 0, "image"))
		repository, tag, _ := strings.Cut(strings.TrimPrefix(image, "registry/bpa/"), ":")
		assert.True(t, slices.Contains(imagelist.Reference("4.0.3-6").Repositories(), repository), "%s has no repository", image)
		assert.NotEmpty(t, tag)
		volumes, _ := at(pod, "volumes").([]any)
		for _, v := range volumes {
			if path, ok := at(v, "hostPath", "path").(string); ok {
				found[strings.TrimPrefix(path, "/opt/bpa/data/")] = fmt.Sprint(at(pod, "nodeSelector", "name"))
				assert.Equal(t, "Recreate", at(o, "spec", "strategy", "type"), "two pods must not share a directory")
			}
		}
	}
	assert.Equal(t, want, found)
}

// environmentOf returns the lines of environment.txt as a pod sees them.
func environmentOf(t *testing.T, o object) []string {
	t.Helper()
	text, ok := at(o, "stringData", "environment.txt").(string)
	if !ok {
		encoded, _ := at(o, "data", "environment.txt").(string)
		b, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(t, err)
		text = string(b)
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

func TestR11EnvironmentHasTheRealValuesWhateverTheirCharacters(t *testing.T) {
	const odd = "a$`\\#=&%{{ .Values }}!|>*'~;,<?(x)[y]"
	objects, err := render(t, "", layout, func(a *bpa.Args) {
		a.References["database.kong.password"] = pulumi.ToSecret(pulumi.String(odd))
	})
	require.NoError(t, err)
	lines := environmentOf(t, one(t, objects, "Secret", "bpa-environment"))
	assert.Contains(t, lines, "AUTH_DB_PASSWORD="+odd)
	assert.Contains(t, lines, "PG_HOST=db.example")
	assert.Contains(t, lines, "LOG_LEVEL=info", "what the program does not know stays")
	assert.NotContains(t, strings.Join(lines, "\n"), "kong-password")
}

// A chart that is laid out in another way, as Cisco's own may be, with the ingress template of the paper.
func TestR11R23AnotherLayoutIsMappedByConfiguration(t *testing.T) {
	paper, err := os.ReadFile("testdata/paper/ingress-controller.yaml")
	require.NoError(t, err)
	other := appLayout{EnvironmentFile: "conf/bpa.env", IngressTemplate: "templates/nginx/controller.yaml"}
	source := ours(t, map[string]string{
		layout.EnvironmentFile: "-", layout.IngressTemplate: "-", "templates/env.yaml": "-", "templates/all.yaml": "-",
		"templates/other.yaml": "-",
		"conf/bpa.env":         "AUTH_DB_PASSWORD=old\nGREETING=say {{ hello }}\n",
		other.IngressTemplate:  string(paper),
		"templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata:\n" +
			`{{ (.Files.Glob "conf/*").AsConfig | indent 2 }}` + "\n",
		"templates/lines.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lines}\ndata:\n" +
			`{{ range $i, $l := .Files.Lines "conf/bpa.env" }}{{ printf "  line%d: %q\n" $i $l }}{{ end }}`,
	})
	objects, err := render(t, source, other, nil)
	require.NoError(t, err)
	config := at(one(t, objects, "ConfigMap", "env"), "data", "bpa.env")
	assert.Equal(t, "AUTH_DB_PASSWORD=kong-password\nGREETING=say {{ hello }}\nPG_HOST=db.example\n", config)
	assert.Equal(t, "AUTH_DB_PASSWORD=kong-password", at(one(t, objects, "ConfigMap", "lines"), "data", "line0"))
	arguments := at(one(t, objects, "Deployment", "ingress-controller"), "spec", "template", "spec", "containers", 0, "args")
	assert.Equal(t, []any{
		"/nginx-ingress-controller", "--default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress", "--election-id=bpa",
	}, arguments, "the line as the paper prints it, with a dash that is none, is set right and not doubled")
}

func TestAChartThatDoesNotRenderSaysWhere(t *testing.T) {
	_, err := render(t, ours(t, map[string]string{"templates/other.yaml": "a: {{ .Values.missing.deep }}\n"}), layout, nil)
	require.ErrorContains(t, err, "templates/other.yaml:1:")
}
