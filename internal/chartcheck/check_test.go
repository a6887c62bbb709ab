package chartcheck_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/chartcheck"
)

const reference = "../../components/bpa/assets/bpa-helm-chart"

// stack is the configuration of dev.
func stack(t *testing.T) *config.Config {
	t.Helper()
	loaded, err := stackfile.LoadFile("../../Pulumi.dev.yaml", "dev", stackfile.On(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	return loaded.Config
}

// variant is the reference chart with texts replaced in its files: file, old, new, each line of old at its place.
func variant(t *testing.T, edits ...[3]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chart")
	require.NoError(t, os.CopyFS(dir, os.DirFS(reference)))
	for _, e := range edits {
		at := filepath.Join(dir, e[0])
		text, err := os.ReadFile(at)
		if e[1] == "" {
			require.ErrorIs(t, err, os.ErrNotExist)
		} else {
			require.NoError(t, err)
			require.Contains(t, string(text), e[1])
		}
		require.NoError(t, os.WriteFile(at, []byte(strings.Replace(string(text), e[1], e[2], 1)), 0o600))
	}
	return dir
}

func check(t *testing.T, dir string) *chartcheck.Report {
	t.Helper()
	c := stack(t)
	c.Application.Chart = dir
	report, err := chartcheck.Check(c, ".")
	require.NoError(t, err)
	return report
}

func TestTheReferenceChartHasNoProblem(t *testing.T) {
	report := check(t, "")
	assert.Empty(t, report.Problems)
	assert.Empty(t, report.Idle)
	assert.Empty(t, report.LeftOut)
	assert.Equal(t, []string{"KONG_PG_SSL", "LOG_LEVEL"}, report.Own)
	assert.Less(t, report.Stored, 20_000)
	for _, given := range append(report.Environment, report.Values...) {
		unread := map[string]bool{ // the controller's argument names the secret itself, and each image has a tag of its own
			"bpaPlatform.certificateSecret": true, "bpaPlatform.release": true,
		}
		if unread[given.Name] {
			assert.Empty(t, given.Reaches, given.Name)
			continue
		}
		assert.True(t, given.Breaks || len(given.Reaches) > 0, given.Name)
	}
}

// faults are wrong charts that Helm itself renders, each with what an API server, or the allocator of node ports, says of it.
var faults = map[string]struct {
	edits [][3]string
	want  string
}{
	"an unnamed second port": {
		[][3]string{{"templates/workloads.yaml", "    - port: {{ $w.port }}", "    - port: {{ $w.port }}\n    - port: 9999"}},
		`templates/workloads.yaml:11: Service "camunda": spec.ports[0].name: Required value`,
	},
	"a removed API version": {
		[][3]string{{"templates/pdb.yaml", "", "\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: kong}\nspec:\n" +
			"  minAvailable: 1\n  selector: {matchLabels: {app: kong}}\n"}},
		`templates/pdb.yaml:2: PodDisruptionBudget "kong": apiVersion: no matches for kind "PodDisruptionBudget" in version ` +
			`"policy/v1beta1": Kubernetes 1.25 removed it, and the cluster has 1.35; write policy/v1`,
	},
	"a monitor without its definition": {
		[][3]string{{"templates/monitor.yaml", "", "{{ if true }}\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n" +
			"metadata: {name: kong}\n{{ end }}"}},
		`templates/monitor.yaml:2: ServiceMonitor "kong": apiVersion: no matches for kind "ServiceMonitor" in version ` +
			`"monitoring.coreos.com/v1": no custom resource definition of the chart (crds/) or of the cluster has it`,
	},
	"a service twice": {
		[][3]string{{"templates/zz.yaml", "", "apiVersion: v1\nkind: Service\nmetadata:\n  name: kong\nspec:\n  ports: [{port: 80}]\n"}},
		`templates/zz.yaml:4: Service "kong": metadata.name: Service "kong" is in the release twice`,
	},
	"a quantity that is none": {
		[][3]string{{"templates/workloads.yaml", "          ports:\n", "          resources:\n            limits:\n" +
			"              memory: 1GB\n          ports:\n"}},
		`templates/workloads.yaml:41: Deployment "camunda": spec.template.spec.containers[0].resources.limits[memory]: ` +
			"quantities must match",
	},
	"a selector unlike its template": {
		[][3]string{{"templates/workloads.yaml", "    matchLabels: {app: {{ $name }}}", "    matchLabels: {app: {{ $name }}-x}"}},
		`templates/workloads.yaml:27: Deployment "camunda": spec.template.metadata.labels: Invalid value: {"app":"camunda"}: ` +
			"`selector` does not match template `labels`",
	},
	"a namespace that nobody makes": {
		[][3]string{{"templates/environment.yaml", "{{ .Release.Namespace }}", "bpa-monitoring"}},
		`templates/environment.yaml:5: Secret "bpa-environment": metadata.namespace: namespaces "bpa-monitoring" not found`,
	},
	"one node port twice": {
		[][3]string{
			{"templates/ingress-controller.yaml", "{{ .Values.bpaPlatform.portalNodePort }}", "{{ .Values.bpaPlatform.httpsNodePort }}"},
		},
		`templates/ingress-controller.yaml:55: Service "ingress-controller": spec.ports[1].nodePort: Duplicate value: 30443`,
	},
	"a node port of another service": {
		[][3]string{{"templates/portal.yaml", "", "apiVersion: v1\nkind: Service\nmetadata: {name: portal}\nspec:\n  type: NodePort\n" +
			"  ports:\n    - {port: 80, nodePort: 30101}\n"}},
		`templates/portal.yaml:7: Service "portal": spec.ports[0].nodePort: Invalid value: 30101: provided port is already allocated, ` +
			`to port "portal" of service ingress-controller`,
	},
	"a number in a ConfigMap": {
		[][3]string{
			{
				"templates/config.yaml",
				"",
				"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  {{- if true }}\n  PORT: 8080\n  {{- end }}\n",
			},
		},
		`templates/config.yaml:6: ConfigMap "x": data[PORT]: must be of type string, and is a number`,
	},
	// Beside the nine, what the same judge knows.
	"an unknown field": {
		[][3]string{{"templates/workloads.yaml", "  replicas: 1\n", "  replica: 1\n"}},
		`templates/workloads.yaml:20: Deployment "camunda": spec.replica: unknown field "spec.replica"`,
	},
	"a node that nobody has": {
		[][3]string{{"values.yaml", "node: node-4, directory: elk", "node: node-9, directory: elk"}},
		`templates/workloads.yaml:34: Deployment "elasticsearch": spec.template.spec.nodeSelector: no node has the labels name=node-9`,
	},
	"text that is no YAML": {
		[][3]string{{"templates/environment.yaml", "stringData:", "stringData: a: b"}},
		`templates/environment.yaml:6: no YAML: mapping values are not allowed in this context`,
	},
}

func TestEachFaultIsNamedByFileAndLineOfItsTemplate(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			report := check(t, variant(t, fault.edits...))
			require.NotEmpty(t, report.Problems)
			assert.Contains(t, report.Problems[0].String(), fault.want)
		})
	}
}
