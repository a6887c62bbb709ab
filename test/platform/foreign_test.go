package platform_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/chartcheck"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

const (
	foreign  = "testdata/foreign"
	publicly = "  bpa:cluster: {publicAccessCidrs: [203.0.113.0/24]}\n"
)

// saved is what docker save writes of one small image.
func saved(t *testing.T, image string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	manifest, err := json.Marshal([]map[string]any{{"Config": "c.json", "RepoTags": []string{image}, "Layers": []string{}}})
	require.NoError(t, err)
	for name, text := range map[string]string{
		"c.json": `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`, "manifest.json": string(manifest),
	} {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}))
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// bundle is a vendor's release: a chart of another layout, and 40 archives of images with tags of their own.
func bundle(t *testing.T) (text string, files map[string]string) {
	t.Helper()
	files = pair(t)
	require.NoError(t, fs.WalkDir(os.DirFS(foreign+"/chart"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var b []byte
			b, err = os.ReadFile(filepath.Join(foreign, "chart", name))
			files["charts/orchestrator/"+name] = string(b)
		}
		return err
	}))
	services := "gateway: 1.9.5\nservices:\n"
	files["bundle/gateway.tar"] = saved(t, "containers.example.com/vendor/gateway:1.9.5")
	for i := range 39 {
		tag := fmt.Sprintf("3.1.%d-%d", i%3, 690+i)
		services += fmt.Sprintf("  service-%d: %s\n", i, tag)
		files[fmt.Sprintf("bundle/archive-%02d.tar", i)] = saved(t, fmt.Sprintf("containers.example.com/vendor/service-%d:%s", i, tag))
	}
	files["charts/orchestrator/values.yaml"] += services
	stack, err := os.ReadFile(filepath.Join(foreign, "stack.yaml"))
	require.NoError(t, err)
	return small + newVPC + publicly + string(stack), files
}

// installed are the objects that Helm would have installed of a rehearsed release, by kind and name, rendered anew.
func installed(t *testing.T, file string, r *run) map[string]map[string]any {
	t.Helper()
	loaded, err := stackfile.LoadFile(file, "test")
	require.NoError(t, err)
	work := t.TempDir()
	copied, err := bpa.Overlay(filepath.Dir(file), work, loaded.Config.Application)
	require.NoError(t, err)
	theirs, err := chart.Load(filepath.Join(work, copied.Path))
	require.NoError(t, err)
	all := map[string]map[string]any{}
	for _, made := range r.Resources {
		if made.Type != catalog.HelmRelease {
			continue
		}
		assert.Equal(t, copied.Path, made.Inputs["chart"], "what is rendered here is what was installed")
		rendering, err := theirs.RenderLines(chart.Release{
			Name: "bpa-rel", Namespace: "bpa-ns", Revision: 1, There: []map[string]any{{
				"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "bpa-certificate-ingress", "namespace": "bpa-ns"},
			}},
		}, made.Inputs["values"].(map[string]any))
		require.NoError(t, err)
		objects, problems := rendering.Objects()
		require.Empty(t, problems)
		for _, o := range objects {
			all[o.Name()] = o.Manifest
		}
	}
	return all
}

func TestR11R14AForeignChartAndItsBundleGoUpWithNothingButAStackFile(t *testing.T) {
	text, files := bundle(t)
	file := projectWith(t, text, files)
	r := rehearse(t, file, "test")
	require.NoError(t, r.err, r.Text)

	passwords := map[string]string{}
	for _, made := range r.Resources {
		if made.Type == catalog.RandomPassword {
			passwords[made.URN.Name()], _ = made.Outputs["result"].(string)
		}
	}
	host, mongo := r.Outputs["databaseEndpoint"].Value.(string), r.Outputs["atlasConnection"].Value.(string)
	objects := installed(t, file, r)
	require.Len(t, objects, 1+2*40, "a secret, and a service and a deployment for each image")
	settings := objects[`Secret "bpa-rel-settings"`]["stringData"].(map[string]any)
	assert.Equal(t, "# Mounted whole into every pod.\n"+
		"ORCH_DB_URL=postgres://camunda:"+passwords["database-camunda"]+"@"+host+":5432/process-engine\nORCH_LOG_LEVEL=info\n"+
		"ORCH_MONGO_PASSWORD="+passwords["atlas-password"]+"\n", strings.Split(settings["settings.env"].(string), "AUTH_DB_NAME=")[0])
	assert.Equal(t, "pattern = \"{{ level }} {{ message }}\"\n", settings["logging.conf"])
	shown, err := json.Marshal(objects[`Deployment "service-7"`])
	require.NoError(t, err)
	for _, want := range []string{
		`{"name":"DB_HOST","value":"` + host + `"}`, `{"name":"DB_PORT","value":"5432"}`, `{"name":"MONGO_URI","value":"` + mongo + `"}`,
		`"image":"111122223333.dkr.ecr.us-west-2.amazonaws.com/bpa-test/service-7:3.1.1-697"`,
	} {
		assert.Contains(t, string(shown), want)
	}
	assert.NotContains(t, string(shown), "startupProbe", "a null takes a default away")
	assert.Len(t, r.find(catalog.ECRRepository), 40)

	loaded, err := stackfile.LoadFile(file, "test")
	require.NoError(t, err)
	report, err := chartcheck.Check(loaded.Config, filepath.Dir(file))
	require.NoError(t, err)
	assert.Empty(t, report.Problems)
	assert.Equal(t, []string{"ORCH_LOG_LEVEL"}, report.Own)
	assert.Equal(t, []string{"application.values.ingress_controller.create"}, report.Unread())
}

// Each is refused by the check before anything exists, and by a rehearsed up with the same words.
func TestAWrongForeignChartIsRefusedByFileAndLine(t *testing.T) {
	for name, test := range map[string]struct {
		file, from, to, want string
		// listed is what the list of images alone knows.
		listed bool
	}{
		"a quantity": {
			"templates/edge/gateway.yaml", "          args:\n", "          resources: {limits: {memory: 1GB}}\n          args:\n",
			`templates/edge/gateway.yaml:31: Deployment "gateway": spec.template.spec.containers[0].resources.limits[memory]: `, false,
		},
		"below the line that the program adds": {
			"templates/edge/gateway.yaml", "fieldPath: metadata.namespace", "fieldPath: metadata.zone",
			`templates/edge/gateway.yaml:35: Deployment "gateway": spec.template.spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: `,
			false,
		},
		"a tag that the bundle lacks": {"values.yaml", "service-5: 3.1.2-695", "service-5: 3.1.2-1",
			`templates/workloads/services.yaml:26: image 111122223333.dkr.ecr.us-west-2.amazonaws.com/bpa-test/service-5:3.1.2-1: ` +
				`bundle lists service-5 with the tag 3.1.2-695, and not 3.1.2-1`, true},
	} {
		t.Run(name, func(t *testing.T) {
			text, files := bundle(t)
			at := "charts/orchestrator/" + test.file
			require.Contains(t, files[at], test.from)
			files[at] = strings.Replace(files[at], test.from, test.to, 1)
			file := projectWith(t, text, files)
			loaded, err := stackfile.LoadFile(file, "test")
			require.NoError(t, err)
			report, err := chartcheck.Check(loaded.Config, filepath.Dir(file))
			require.NoError(t, err)
			require.NotEmpty(t, report.Problems)
			assert.Contains(t, report.Problems[0].String(), test.want)
			if test.listed {
				return
			}
			options, err := platform.Options(file, "test", io.Discard)
			require.NoError(t, err)
			result, err := rehearsal.Up(context.Background(), options)
			require.Error(t, err)
			assert.Contains(t, result.Text, test.want)
		})
	}
}

func TestTheWorkedExampleIsWhatTheTestDeploys(t *testing.T) {
	page, err := os.ReadFile("../../docs/chart.md")
	require.NoError(t, err)
	stack, err := os.ReadFile(filepath.Join(foreign, "stack.yaml"))
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(stack)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			lines = append(lines, strings.TrimPrefix(line, "  "))
		}
	}
	assert.Contains(t, string(page), "```yaml\n"+strings.Join(lines, "")+"```")
}
