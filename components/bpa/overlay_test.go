package bpa_test

import (
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
)

const (
	// awkward is a password that a shell, YAML, Helm and a regular expression would each like to read in its own way.
	awkward         = "a$b\"c`d#e=f'g\\h{{ .Values.bpaPlatform }}$(i)${j} %s: - &*!|>@\\1 end"
	defaultArgument = "--default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress"
	checksum        = "bpa/certificate-checksum"
)

// password sets kong's password.
func password(text string) func(*bpa.Args) {
	return func(a *bpa.Args) { a.References["database.kong.password"] = pulumi.String(text) }
}

// reference renders the reference chart.
func reference(t *testing.T, change func(*bpa.Args)) map[string]object {
	t.Helper()
	list, err := render(t, "", layout, change)
	require.NoError(t, err)
	found := map[string]object{}
	for _, o := range list {
		id := o["kind"].(string) + " " + at(o, "metadata", "name").(string)
		require.NotContains(t, found, id, "rendered twice")
		found[id] = o
	}
	return found
}

func TestR20TwoReleasesMayShareACluster(t *testing.T) {
	list := reference(t, func(a *bpa.Args) { a.Namespace, a.ReleaseName = "other-ns", "other-rel" })
	for id, o := range list {
		if strings.HasPrefix(id, "Cluster") {
			assert.Equal(t, "other-rel-ingress-controller", at(o, "metadata", "name"), id)
			continue
		}
		assert.Equal(t, "other-ns", at(o, "metadata", "namespace"), id)
	}
	binding := list["ClusterRoleBinding other-rel-ingress-controller"]
	assert.Equal(t, "other-rel-ingress-controller", at(binding, "roleRef", "name"))
	assert.Equal(t, map[string]any{"kind": "ServiceAccount", "name": "ingress-controller", "namespace": "other-ns"},
		at(binding, "subjects", 0))
	assert.Equal(t, "ingress-controller", at(list["Deployment ingress-controller"], "spec", "template", "spec", "serviceAccountName"))
}

func TestR21TheIngressListensOnTheNodePortsOfTheLoadBalancer(t *testing.T) {
	list := reference(t, func(a *bpa.Args) {
		a.References["ingress.httpsNodePort"], a.References["ingress.portalNodePort"] = pulumi.Int(31443), pulumi.Int(31101)
	})
	service := list["Service ingress-controller"]
	ports := map[any]any{}
	for _, port := range at(service, "spec", "ports").([]any) {
		ports[at(port, "port")] = at(port, "nodePort")
	}
	assert.Equal(t, map[any]any{443: 31443, 30101: 31101}, ports)
	assert.Equal(t, "NodePort", at(service, "spec", "type"))
}

func TestR14EveryImageOfTheChartHasARepositoryAndEveryRepositoryAnImage(t *testing.T) {
	used := map[string]string{}
	for id, o := range reference(t, nil) {
		containers, _ := at(o, "spec", "template", "spec", "containers").([]any)
		for _, c := range containers {
			image, ours := strings.CutPrefix(at(c, "image").(string), "registry/bpa/")
			repository, tag, _ := strings.Cut(image, ":")
			assert.True(t, ours, "%s: %s", id, image)
			used[repository] = tag
		}
	}
	var repositories []string
	for repository := range used {
		repositories = append(repositories, repository)
	}
	slices.Sort(repositories)
	assert.Equal(t, imagelist.Reference("4.0.3-6").Repositories(), repositories)
	assert.Equal(t, "4.0.3-522", used["sase-service"], "the paper gives it a tag of its own")
	assert.Equal(t, "4.0.3-6", used["kong"])
}

func TestR14TheReferenceChartHasTheTagsOfTheList(t *testing.T) {
	list := reference(t, func(a *bpa.Args) {
		a.References["tag.kafka"], a.References["tag.ingress-controller"] = pulumi.String("3.1.0-690"), pulumi.String("1.9.5")
	})
	for name, image := range map[string]string{
		"kafka1":             "registry/bpa/kafka:3.1.0-690",
		"kong":               "registry/bpa/kong:4.0.3-6",
		"ingress-controller": "registry/bpa/ingress-controller:1.9.5",
	} {
		assert.Equal(t, image, at(list["Deployment "+name], "spec", "template", "spec", "containers", 0, "image"), name)
	}
}

func TestR24HelmRollsTheIngressControllerAndNothingElse(t *testing.T) {
	before := reference(t, func(a *bpa.Args) { a.CertificatePEM = "one" })
	after := reference(t, func(a *bpa.Args) { a.CertificatePEM = "two" })
	var changed []string
	for id := range before {
		if !assert.ObjectsAreEqual(before[id], after[id]) {
			changed = append(changed, id)
		}
	}
	assert.Equal(t, []string{"Deployment ingress-controller"}, changed)
	controller := after["Deployment ingress-controller"]
	assert.Equal(t, bpa.Fingerprint("two"), at(controller, "spec", "template", "metadata", "annotations", checksum))
	namespace := map[string]any{
		"name":      "POD_NAMESPACE",
		"valueFrom": map[string]any{"fieldRef": map[string]any{"fieldPath": "metadata.namespace"}},
	}
	assert.Contains(t, at(controller, "spec", "template", "spec", "containers", 0, "env"), namespace,
		"by which the argument names the secret")
}

func TestR11AChangedPasswordRestartsTheWorkloads(t *testing.T) {
	read := func(text string) any {
		return at(
			reference(t, password(text))["Deployment kong"],
			"spec",
			"template",
			"metadata",
			"annotations",
			"bpa/environment-checksum",
		)
	}
	assert.NotEqual(t, read("one"), read("two"))
	assert.Equal(t, read("one"), read("one"))
}

// The chart as it is before the paper's edits: another pod stands in the same template, and a pattern names environment.txt.
func TestR23TheTemplateIsEditedOnceHoweverItWasEditedByHand(t *testing.T) {
	source := t.TempDir()
	require.NoError(t, os.CopyFS(source, os.DirFS("testdata/unedited")))
	template := filepath.Join(source, layout.IngressTemplate)
	plain := read(t, source, layout.IngressTemplate)
	const first = "            - /nginx-ingress-controller\n"
	byHand := func(line string) string { return strings.Replace(plain, first, first+"            "+line+"\n", 1) }
	for name, text := range map[string]string{
		"as it is":               plain,
		"edited":                 byHand("- " + defaultArgument),
		"the paper's dash":       byHand("- —default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress"),
		"the paper's quotes":     byHand(`"- —default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress"`),
		"commented out":          byHand("# - " + defaultArgument),
		"no path of the command": strings.Replace(plain, first, "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(template, []byte(text), 0o600))
			list, err := render(t, source, layout, nil)
			require.NoError(t, err)
			controller := one(t, list, "Deployment", "nginx-ingress-controller")
			given := at(controller, "spec", "template", "spec", "containers", 0, "args").([]any)
			assert.Contains(t, given, defaultArgument)
			assert.Equal(t, 1, strings.Count(strings.Join(words(given), " "), "default-ssl-certificate"), "%v", given)
			assert.Equal(t, map[string]any{checksum: bpa.Fingerprint("certificate"), "prometheus.io/scrape": "true"},
				at(controller, "spec", "template", "metadata", "annotations"))
			assert.Nil(t, at(one(t, list, "Deployment", "default-http-backend"), "spec", "template", "metadata", "annotations"),
				"the other pod of the file is left alone")
		})
	}
}

func words(list []any) []string {
	var texts []string
	for _, v := range list {
		texts = append(texts, v.(string))
	}
	return texts
}

func TestR11APatternThatNamesEnvironmentGetsAnyPassword(t *testing.T) {
	for _, text := range []string{awkward, `ends: "`, "'", "# x", "{{", "}}", `\`} {
		list, err := render(t, "testdata/unedited", layout, password(text))
		require.NoError(t, err, text)
		assert.Equal(t, "AUTH_DB_PASSWORD="+text+"\nLOG_LEVEL=info\nPG_HOST=db.example\n",
			at(one(t, list, "ConfigMap", "bpa-environment"), "data", "environment.txt"))
	}
}

// Another layout, in which the chart passes environment.txt through tpl itself, encodes it, and reads it by line.
func TestR11R23AChartThatRendersItsEnvironmentItself(t *testing.T) {
	other := appLayout{EnvironmentFile: "config/environment.txt", IngressTemplate: "templates/ingress/controller.yaml"}
	list, err := render(t, "testdata/elsewhere", other, func(a *bpa.Args) {
		password(awkward)(a)
		a.Values["logLevel"] = "debug"
	})
	require.NoError(t, err)
	want := []string{"export AUTH_DB_PASSWORD=" + awkward, "LOG_LEVEL=debug", "PG_HOST=db.example"}
	assert.Equal(t, want, environmentOf(t, one(t, list, "Secret", "by-get")))
	assert.Equal(t, want, environmentOf(t, one(t, list, "Secret", "by-glob")))
	assert.Equal(t, map[string]any{"line0": want[0], "line1": want[1], "line2": want[2]}, one(t, list, "ConfigMap", "by-lines")["data"])
	edge := one(t, list, "DaemonSet", "edge")
	assert.Equal(t, []any{defaultArgument, "--http-port=80"}, at(edge, "spec", "template", "spec", "containers", 0, "args"))
	assert.Equal(t, map[string]any{checksum: bpa.Fingerprint("certificate")}, at(edge, "spec", "template", "metadata", "annotations"))
}

// controller is an ingress controller that renders.
const controller = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: i}\nspec:\n  template:\n    metadata:\n      labels: {a: b}\n" +
	"    spec:\n      containers:\n      - args:\n        - /nginx-ingress-controller\n"

// Ways to read environment.txt that name it by a pattern or a variable, as a chart whose author nobody can ask may.
func TestR11EveryWayToReadTheEnvironmentGetsItsValues(t *testing.T) {
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata:\n"
	for name, template := range map[string]string{
		"range and get": `{{ range $path, $_ := .Files.Glob "bpa/**" }}  {{ base $path }}: {{ $.Files.Get $path | quote }}` +
			"\n{{ end }}",
		"range and content": `{{ range $path, $text := .Files.Glob "bpa/env/*" }}  {{ base $path }}: {{ $text | toString | quote }}` +
			"\n{{ end }}",
		"deep glob":     `{{ (.Files.Glob "bpa/**").AsConfig | indent 2 }}`,
		"computed":      `  environment.txt: {{ printf "bpa/env/%s" "environment.txt" | $.Files.Get | quote }}`,
		"in a variable": `{{ $file := "bpa/env/environment.txt" }}  environment.txt: {{ .Files.Get $file | quote }}`,
		"handed on": `{{ define "read" }}{{ .root.Files.Get .path }}{{ end }}  environment.txt: ` +
			`{{ include "read" (dict "root" . "path" "bpa/env/environment.txt") | quote }}`,
		"own tpl of anything": `{{ range $path, $_ := .Files.Glob "bpa/**" }}  {{ base $path }}: {{ tpl ($.Files.Get $path) $ | quote }}` +
			"\n{{ end }}",
		"bytes": `  environment.txt: {{ .Files.GetBytes "bpa/env/environment.txt" | toString | quote }}`,
	} {
		t.Run(name, func(t *testing.T) {
			source := ours(t, map[string]string{
				"templates/env.yaml": head + template, "templates/all.yaml": "-", "templates/other.yaml": "-",
				layout.IngressTemplate: controller,
			})
			list, err := render(t, source, layout, password(awkward))
			require.NoError(t, err)
			text := at(one(t, list, "ConfigMap", "env"), "data", "environment.txt").(string)
			assert.Contains(t, text, "AUTH_DB_PASSWORD="+awkward+"\n")
			assert.Contains(t, text, "LOG_LEVEL=info")
		})
	}
}

// A null takes a default away, as Helm itself has it, in the chart and in those that it brings along.
func TestANullTakesADefaultOfTheChartAway(t *testing.T) {
	source := ours(t, map[string]string{
		"values.yaml":           "# kept\nprobe: {path: /, port: 80}\ndb: {size: 5}\nwhole: {a: 1}\n",
		"charts/db/Chart.yaml":  "apiVersion: v2\nname: db\nversion: 1.0.0\n",
		"charts/db/values.yaml": "limits: {cpu: 1, memory: 2}\n",
		"charts/db/templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata:\n" +
			"  values: {{ list .Values.limits.cpu .Values.limits.memory .Values.size | toJson | quote }}\n",
		"templates/env.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata:\n" +
			"  values: {{ list .Values.probe.path .Values.probe.port .Values.whole | toJson | quote }}\n" +
			`  env: {{ .Files.Get "bpa/env/environment.txt" | quote }}` + "\n",
		"templates/all.yaml": "-", "templates/other.yaml": "-", layout.IngressTemplate: controller,
	})
	values := map[string]any{
		"probe": map[string]any{"path": nil}, "whole": nil, "db": map[string]any{"limits": map[string]any{"cpu": nil}}, "none": nil,
	}
	list, err := renderValues(t, source, layout, values, nil)
	require.NoError(t, err)
	assert.JSONEq(t, `[null, 80, null]`, at(one(t, list, "ConfigMap", "env"), "data", "values").(string))
	assert.JSONEq(t, `[null, 2, 5]`, at(one(t, list, "ConfigMap", "db"), "data", "values").(string))
}
