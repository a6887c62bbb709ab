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
)

const (
	// awkward is a password that a shell, YAML, Helm and a regular expression would each like to read in its own way.
	awkward         = "a$b\"c`d#e=f'g\\h{{ .Values.bpaPlatform }}$(i)${j} %s: - &*!|>@\\1 end"
	defaultArgument = "--default-ssl-certificate=$(POD_NAMESPACE)/bpa-certificate-ingress"
	checksum        = "bpa/certificate-checksum"
)

// full are the arguments with every key of environment.txt.
func full() *bpa.Args {
	a := args()
	a.Environment = map[string]pulumi.StringInput{}
	for key, value := range fullEnvironment {
		a.Environment[key] = pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput)
	}
	return a
}

var fullEnvironment = map[string]string{
	"PG_HOST": "db.example", "PG_PORT": "5432",
	"PG_ROOT_DATABASE": "admin", "PG_INITDB_ROOT_USERNAME": "admin", "PG_INITDB_ROOT_PASSWORD": awkward,
	"AUTH_DB_NAME": "kong", "AUTH_DB_USER": "kong", "AUTH_DB_PASSWORD": "#starts with a hash",
	"WFE_DB_NAME": "process-engine", "WFE_DB_USER": "camunda", "WFE_DB_PASSWORD": "0123456789",
}

// assignments reads environment.txt as its readers do: everything after the first `=` is the value.
func assignments(text string) map[string]string {
	found := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			found[key] = value
		}
	}
	return found
}

func rendered(t *testing.T, a *bpa.Args) objects {
	t.Helper()
	list, err := install(t, "", layout, a)
	require.NoError(t, err)
	return list
}

func TestR11HelmRendersTheRealValues(t *testing.T) {
	environment := rendered(t, full()).one(t, "Secret", "bpa-environment").file(t, "environment.txt")
	want := map[string]string{"LOG_LEVEL": "info"}
	for key, value := range fullEnvironment {
		want[key] = value
	}
	assert.Equal(t, want, assignments(environment))
}

func TestR11AChangedPasswordRestartsTheWorkloads(t *testing.T) {
	read := func(password string) any {
		a := full()
		a.Environment["AUTH_DB_PASSWORD"] = pulumi.String(password)
		return rendered(t, a).one(t, "Deployment", "kong").at("spec", "template", "metadata", "annotations", "bpa/environment-checksum")
	}
	assert.NotEqual(t, read("one"), read("two"))
	assert.Equal(t, read("one"), read("one"))
}

func TestR20HelmRendersEverythingIntoTheNamespace(t *testing.T) {
	a := full()
	a.Namespace, a.ReleaseName = "other-ns", "other-rel"
	list := rendered(t, a)
	require.NotEmpty(t, list)
	seen := map[string]bool{}
	for _, o := range list {
		kind := o["kind"].(string)
		id := kind + " " + o.at("metadata", "name").(string)
		assert.False(t, seen[id], "%s is rendered twice", id)
		seen[id] = true
		if strings.HasPrefix(kind, "Cluster") {
			assert.Contains(t, o.at("metadata", "name"), "other-rel", "two releases in a cluster must not share %s", id)
			continue
		}
		assert.Equal(t, "other-ns", o.at("metadata", "namespace"), id)
	}
	binding := list.one(t, "ClusterRoleBinding", "other-rel-ingress-controller")
	assert.Equal(t, "other-ns", binding.at("subjects", 0, "namespace"))
	assert.Equal(t, list.one(t, "ClusterRole", "other-rel-ingress-controller").at("metadata", "name"), binding.at("roleRef", "name"))
	assert.Equal(t, binding.at("subjects", 0, "name"),
		list.one(t, "Deployment", "ingress-controller").at("spec", "template", "spec", "serviceAccountName"))
}

func TestR21HelmRendersTheIngressControllerOnceItIsAskedFor(t *testing.T) {
	a := full()
	a.NodePorts = map[string]int{"https": 31443, "portal": 31101}
	service := rendered(t, a).one(t, "Service", "ingress-controller")
	assert.Equal(t, "NodePort", service.at("spec", "type"))
	ports := map[any]any{}
	for _, port := range service.at("spec", "ports").([]any) {
		ports[port.(map[string]any)["port"]] = port.(map[string]any)["nodePort"]
	}
	assert.Equal(t, map[any]any{443: 31443, 30101: 31101}, ports)

	off, err := render(t, map[string]any{"chart": "assets/bpa-helm-chart", "name": "x", "namespace": "y"})
	require.NoError(t, err, "the chart renders with its own values")
	for _, o := range off {
		assert.NotContains(t, o.at("metadata", "name"), "ingress", "off until it is asked for, as in the paper")
	}
}

func TestR22R23HelmRendersTheDefaultCertificate(t *testing.T) {
	controller := rendered(t, full()).one(t, "Deployment", "ingress-controller")
	container := object(controller.at("spec", "template", "spec", "containers", 0).(map[string]any))
	assert.Equal(t, []any{"/nginx-ingress-controller", defaultArgument, "--election-id=bpa-ingress", "--https-port=8443"}, container["args"])
	fields := map[any]any{}
	for i := range container.at("env").([]any) {
		fields[container.at("env", i, "name")] = container.at("env", i, "valueFrom", "fieldRef", "fieldPath")
	}
	assert.Equal(t, "metadata.namespace", fields["POD_NAMESPACE"], "$(POD_NAMESPACE) is what the argument names the secret by")
}

func TestR24HelmRollsTheIngressControllerAndNothingElse(t *testing.T) {
	with := func(pem string) objects {
		a := full()
		a.CertificatePEM = pem
		return rendered(t, a)
	}
	before, after := with("one"), with("two")
	var changed []any
	require.Len(t, after, len(before))
	for i := range before {
		if !assert.ObjectsAreEqual(before[i], after[i]) {
			changed = append(changed, after[i].at("metadata", "name"))
		}
	}
	assert.Equal(t, []any{"ingress-controller"}, changed)
	assert.Equal(t, bpa.Fingerprint("two"),
		after.one(t, "Deployment", "ingress-controller").at("spec", "template", "metadata", "annotations", checksum))
}

func TestR14HelmTakesEveryImageFromTheRegistry(t *testing.T) {
	used := map[string]string{}
	for _, d := range rendered(t, full()).of("Deployment") {
		for i := range d.at("spec", "template", "spec", "containers").([]any) {
			image, _ := d.at("spec", "template", "spec", "containers", i, "image").(string)
			repository, tag, ok := strings.Cut(strings.TrimPrefix(image, "registry/bpa/"), ":")
			assert.True(t, ok && strings.HasPrefix(image, "registry/bpa/"), image)
			used[repository] = tag
		}
	}
	var repositories []string
	for repository, tag := range used {
		repositories = append(repositories, repository)
		if want := "4.0.3-6"; repository == "sase-service" {
			assert.Equal(t, "4.0.3-522", tag, "the paper gives sase-service a tag of its own")
		} else {
			assert.Equal(t, want, tag, repository)
		}
	}
	slices.Sort(repositories)
	assert.Equal(t, bpa.ReferenceImages(), repositories, "each has a repository, and none is made for nothing")
}

func TestR18HelmPutsWorkloadsOnTheNodesWithTheirDirectories(t *testing.T) {
	want := map[string][2]string{
		"zookeeper1": {"node-1", "zookeeper1"}, "kafka1": {"node-1", "kafka1"},
		"zookeeper2": {"node-2", "zookeeper2"}, "kafka2": {"node-2", "kafka2"},
		"zookeeper3": {"node-3", "zookeeper3"}, "kafka3": {"node-3", "kafka3"},
		"elasticsearch": {"node-4", "elk"}, "prometheus": {"node-4", "metrices/prometheus"}, "grafana": {"node-4", "metrices/grafana"},
	}
	found := map[string][2]string{}
	for _, d := range rendered(t, full()).of("Deployment") {
		name := d.at("metadata", "name").(string)
		node, _ := d.at("spec", "template", "spec", "nodeSelector", "name").(string)
		volumes, _ := d.at("spec", "template", "spec", "volumes").([]any)
		for i := range volumes {
			if path, ok := d.at("spec", "template", "spec", "volumes", i, "hostPath", "path").(string); ok {
				directory, below := strings.CutPrefix(path, "/opt/bpa/data/")
				assert.True(t, below, path)
				found[name] = [2]string{node, directory}
				assert.Equal(t, "Directory", d.at("spec", "template", "spec", "volumes", i, "hostPath", "type"), "made by the node, not by a pod")
				assert.Equal(t, "Recreate", d.at("spec", "strategy", "type"), "two pods never share %s", path)
			}
		}
	}
	assert.Equal(t, want, found)
}

func TestR23ThePapersTemplateIsEditedOnce(t *testing.T) {
	source := t.TempDir()
	require.NoError(t, os.CopyFS(source, os.DirFS("testdata/paper")))
	line, err := os.ReadFile("testdata/paper/argument.txt")
	require.NoError(t, err)
	template := filepath.Join(source, layout.IngressTemplate)
	plain, err := os.ReadFile(template)
	require.NoError(t, err)
	byHand := func(argument string) string {
		return strings.Replace(string(plain), "          args:\n            - /nginx-ingress-controller\n",
			"          args:\n            - /nginx-ingress-controller\n            "+strings.TrimSpace(argument)+"\n", 1)
	}
	for name, text := range map[string]string{
		"as it is":                      string(plain),
		"edited by hand":                byHand("- " + defaultArgument),
		"edited with the paper's dash":  byHand(string(line)),
		"edited, and commented out":     byHand("# - " + defaultArgument),
		"without the controller's path": strings.Replace(string(plain), "            - /nginx-ingress-controller\n", "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(template, []byte(text), 0o600))
			list, err := install(t, source, layout, args())
			require.NoError(t, err)
			controller := list.one(t, "Deployment", "nginx-ingress-controller")
			given := controller.at("spec", "template", "spec", "containers", 0, "args").([]any)
			count := 0
			for _, argument := range given {
				if argument == defaultArgument {
					count++
				}
				assert.NotContains(t, argument, "—")
			}
			assert.Equal(t, 1, count, "%v", given)
			assert.Equal(t, map[string]any{checksum: bpa.Fingerprint("certificate"), "prometheus.io/scrape": "true"},
				controller.at("spec", "template", "metadata", "annotations"))
			backend := list.one(t, "Deployment", "default-http-backend")
			assert.Nil(t, backend.at("spec", "template", "metadata", "annotations"), "the other pod of the file is left alone")
		})
	}
}

func TestR11AWildcardInTheChartGetsTheRealValues(t *testing.T) {
	a := args()
	a.Environment["AUTH_DB_PASSWORD"] = pulumi.String(awkward)
	list, err := install(t, "testdata/paper", layout, a)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"AUTH_DB_PASSWORD": awkward, "PG_HOST": "db.example", "LOG_LEVEL": "info"},
		assignments(list.one(t, "ConfigMap", "bpa-environment").file(t, "environment.txt")))
}

// Another layout is mapped by application.environmentFile and application.ingressTemplate.
func TestR11R23AChartOfAnotherLayout(t *testing.T) {
	other := bpa.Layout{EnvironmentFile: "config/environment.txt", IngressTemplate: "templates/ingress/controller.yaml"}
	a := args()
	a.Environment["AUTH_DB_PASSWORD"] = pulumi.String(awkward)
	a.Values = map[string]any{"logLevel": "debug"}
	list, err := install(t, "testdata/elsewhere", other, a)
	require.NoError(t, err)
	want := "export AUTH_DB_PASSWORD=" + awkward + "\nLOG_LEVEL=debug\nPG_HOST=db.example\n"
	assert.Equal(t, want, list.one(t, "Secret", "by-get").file(t, "environment.txt"))
	assert.Equal(t, want, list.one(t, "Secret", "by-glob").file(t, "environment.txt"))
	assert.Equal(t, "log_format main \"{{ not a template }}\";\n", list.one(t, "Secret", "by-glob").file(t, "nginx.conf"),
		"other files stay as they are")
	lines := list.one(t, "ConfigMap", "by-lines")
	assert.Equal(t, map[string]any{"line0": "export AUTH_DB_PASSWORD=" + awkward, "line1": "LOG_LEVEL=debug", "line2": "PG_HOST=db.example"},
		lines["data"])
	edge := list.one(t, "DaemonSet", "edge")
	assert.Equal(t, []any{defaultArgument, "--http-port=80"}, edge.at("spec", "template", "spec", "containers", 0, "args"))
	assert.Equal(t, map[string]any{checksum: bpa.Fingerprint("certificate")}, edge.at("spec", "template", "metadata", "annotations"))

	_, err = install(t, "testdata/elsewhere", layout, args())
	require.EqualError(t, err, `application.environmentFile: "bpa/env/environment.txt": the chart has no such file`)
	_, err = install(t, "testdata/elsewhere", bpa.Layout{EnvironmentFile: other.EnvironmentFile, IngressTemplate: layout.IngressTemplate}, args())
	require.EqualError(t, err, `application.ingressTemplate: "templates/ingress-controller.yaml": the chart has no such file`)
}
