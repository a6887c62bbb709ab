package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// bundled are the images of a release as Cisco's bundles have them: forty, each with a tag of its own.
func bundled() map[string]string {
	tags := map[string]string{"core": "3.1.0-690", "portal": "3.1.0-742", "script-runner": "1.9.5"}
	for i := len(tags); i < 40; i++ {
		tags[fmt.Sprintf("service-%02d", i)] = fmt.Sprintf("3.1.%d-%d", i%4, 600+i)
	}
	return tags
}

// bundle writes a bundle's folder: archives of docker save, some of them packed, one OCI layout, and what else lies in one.
func bundle(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "images"), 0o755))
	for i, image := range slices.Sorted(maps.Keys(bundled())) {
		made, err := random.Image(500, 1, random.WithSource(rand.NewSource(int64(i))))
		require.NoError(t, err)
		if image == "portal" {
			path, err := layout.Write(filepath.Join(dir, image), empty.Index)
			require.NoError(t, err)
			require.NoError(t, path.AppendImage(made, layout.WithAnnotations(map[string]string{
				"org.opencontainers.image.ref.name": bundled()[image],
			})))
			continue
		}
		file := filepath.Join(dir, "images", image+".tar")
		tag, err := name.NewTag("containers.cisco.com/bpa/" + image + ":" + bundled()[image])
		require.NoError(t, err)
		require.NoError(t, tarball.WriteToFile(file, tag, made))
		if i%7 == 0 {
			zipped(t, file)
		}
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("README.txt", "Release 3.1.0\n")
}

// zipped packs a file in its place.
func zipped(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	out, err := os.Create(file + ".gz")
	require.NoError(t, err)
	w := gzip.NewWriter(out)
	_, err = w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, out.Close())
	require.NoError(t, os.Remove(file))
}

// foreign is a chart of a layout that is nobody's but the test's: environment, ingress controller, registry and tags stand elsewhere
// and are called otherwise than in the reference chart.
var foreign = map[string]string{
	"Chart.yaml":         "apiVersion: v2\nname: suite\nversion: 3.1.0\n",
	"values.yaml":        "services: {}\nglobal: {images: {host: none}}\nedge: {enabled: true}\n",
	"settings/suite.env": "# what every service reads\nDB_HOSTNAME=none\nDB_SECRET=none\nMONGO=none\n",
	"templates/settings.yaml": `apiVersion: v1
kind: Secret
metadata: {name: suite}
stringData:
  suite.env: |
{{ .Files.Get "settings/suite.env" | indent 4 }}
`,
	"templates/edge/gateway.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: edge}
spec:
  selector:
    matchLabels: {app: edge}
  template:
    metadata:
      labels: {app: edge}
    spec:
      containers:
        - name: edge
          image: {{ .Values.edge.image }}
          args:
            - /nginx-ingress-controller
`,
	"templates/services/suite.yaml": `{{- range $name, $tag := .Values.services }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ $name }}}
spec:
  selector:
    matchLabels: {app: {{ $name }}}
  template:
    metadata:
      labels: {app: {{ $name }}}
    spec:
      containers:
        - name: {{ $name }}
          image: {{ $.Values.global.images.host }}/{{ $name }}:{{ $tag }}
          env:
            - {name: MONGO, value: {{ $.Values.global.mongo | quote }}}
{{- end }}
`,
}

// bundleStack makes a project with a bundle, a foreign chart and the stack file that names them, and returns the stack file.
func bundleStack(t *testing.T, change func(values map[string]any)) string {
	t.Helper()
	dir := customers(t)
	bundle(t, filepath.Join(dir, "bundle"))
	for file, text := range foreign {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, "suite", file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "suite", file), []byte(text), 0o600))
	}
	services := map[string]any{}
	for image := range bundled() {
		services[image] = "${tag." + image + "}"
	}
	values := map[string]any{
		"services": services, "edge": map[string]any{"image": "${image.core}"},
		"global": map[string]any{"images": map[string]any{"host": "${registry.url}"}, "mongo": "${atlas.url}"},
	}
	if change != nil {
		change(values)
	}
	text, err := yaml.Marshal(map[string]any{"config": map[string]any{
		"bpa:extends": "dev", "bpa:registry": map[string]any{"imageList": "bundle"},
		"bpa:application": map[string]any{
			"release": "3.1.0", "chart": "suite", "environmentFile": "settings/suite.env", "ingressTemplate": "templates/edge/gateway.yaml",
			"environment": map[string]any{
				"DB_HOSTNAME": "${database.host}", "DB_SECRET": "${database.kong.password}", "MONGO": "${atlas.url}",
			},
			"values": values,
		},
		"bpa:network": map[string]any{"nodeCidr": "10.31.0.0/16"},
	}})
	require.NoError(t, err)
	file := filepath.Join(dir, "Pulumi.suite.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// deploy rehearses `up` of a stack file, with a registry in the place of its ECR.
func deploy(t *testing.T, file, registry string) (*rehearsal.Result, error) {
	t.Helper()
	o, err := platform.Options(file, "", io.Discard)
	require.NoError(t, err)
	o.Registry = registry
	return rehearsal.Up(t.Context(), o)
}

// made returns the one resource of a type and name that exists in the clouds.
func made(t *testing.T, r *rehearsal.Result, kind, name string) *provider.Resource {
	t.Helper()
	at := slices.IndexFunc(r.Resources, func(m *provider.Resource) bool { return m.Type == kind && m.URN.Name() == name })
	require.GreaterOrEqual(t, at, 0, "%s %s", kind, name)
	return r.Resources[at]
}

func TestABundleGoesFromItsFolderToARunningStack(t *testing.T) {
	file := bundleStack(t, nil)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")

	out, err := bpactl(t, "images", "list", "--file", file)
	require.NoError(t, err)
	assert.Equal(t, 40, strings.Count(out, "\n"))
	assert.Regexp(t, `(?m)^docker-archive:.*/bundle/images/core.tar.*:containers.cisco.com/bpa/core:3.1.0-690 +core:3.1.0-690$`, out)

	_, err = deploy(t, file, host)
	require.ErrorContains(t, err, "code = NotFound desc = failed to pull and unpack image", "nothing has been pushed yet")

	out, err = run(t, "images", "push", "--to", "suite", "--file", file, "--registry", host)
	require.NoError(t, err, out)
	assert.Contains(t, out, "images: 40 pushed, 0 already there, 0 failed\n")

	result, err := deploy(t, file, host)
	require.NoError(t, err)
	var repositories []string
	for _, r := range result.Resources {
		if r.Type == catalog.ECRRepository {
			repositories = append(repositories, strings.TrimPrefix(r.ID, "bpa-suite/"))
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(bundled())), repositories)
	assert.Equal(t, bundled(), pulled(t, render(t, file, result), host))
}

// render renders what the stack has installed: the overlaid chart with the values that reached Helm.
func render(t *testing.T, file string, result *rehearsal.Result) []map[string]any {
	t.Helper()
	work := t.TempDir()
	c, err := stackfile.LoadFile(file, "suite")
	require.NoError(t, err)
	overlaid, err := bpa.Overlay(filepath.Dir(file), work, c.Config.Application)
	require.NoError(t, err)
	loaded, err := chart.Load(filepath.Join(work, overlaid.Path))
	require.NoError(t, err)
	installed := made(t, result, catalog.HelmRelease, "bpa-release")
	values, _ := installed.Inputs["values"].(map[string]any)
	rendered, err := loaded.Render(chart.Release{Name: "bpa-rel", Namespace: "bpa-ns", Revision: 1}, values)
	require.NoError(t, err)
	objects, err := chart.Objects(rendered)
	require.NoError(t, err)

	database := made(t, result, catalog.RDSInstance, "database-instance").Outputs["address"].(string)
	password := made(t, result, catalog.RandomPassword, "database-kong").Outputs["result"].(string)
	for _, o := range objects {
		if o["kind"] == "Secret" {
			environment := o["stringData"].(map[string]any)["suite.env"].(string)
			assert.Contains(t, environment, "DB_HOSTNAME="+database+"\n")
			assert.Contains(t, environment, "DB_SECRET="+password+"\n")
			assert.Regexp(t, `(?m)^MONGO=mongodb\+srv://.+`, environment)
		}
	}
	return objects
}

// pulled returns the tag of each service's image, all of which must be in the registry.
func pulled(t *testing.T, objects []map[string]any, registry string) map[string]string {
	t.Helper()
	tags := map[string]string{}
	for _, o := range objects {
		if o["kind"] != "Deployment" {
			continue
		}
		pod := o["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
		image := pod["containers"].([]any)[0].(map[string]any)["image"].(string)
		_, inside, _ := strings.Cut(image, "/")
		reference, err := name.ParseReference(registry + "/" + inside)
		require.NoError(t, err)
		_, err = remote.Head(reference)
		require.NoError(t, err, image)
		repository, tag, _ := strings.Cut(strings.TrimPrefix(inside, "bpa-suite/"), ":")
		tags[repository] = tag
	}
	return tags
}

func TestAWrongBundleIsRefusedBeforeUp(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		value func(values map[string]any)
		want  string
	}{
		"an archive that broke off": {spoil: func(t *testing.T, dir string) {
			file := filepath.Join(dir, "bundle/images/script-runner.tar")
			require.NoError(t, os.Truncate(file, 700))
		}, want: "bundle/images/script-runner.tar: (not set): must be a whole archive: unexpected EOF"},
		"no bundle": {spoil: func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "bundle")))
		}, want: "registry.imageList: stat "},
		"a bad line": {spoil: func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "bundle")))
			text := "# release\ncontainers.cisco.com/bpa/core:1\nhttps://containers.cisco.com/bpa/portal:1\n"
			require.NoError(t, os.WriteFile(filepath.Join(dir, "bundle"), []byte(text), 0o600))
		}, want: `bundle:3: "https://containers.cisco.com/bpa/portal:1": must be without https://, as containers.cisco.com/bpa/portal:1`},
		"two of one name": {spoil: func(t *testing.T, dir string) {
			image, err := random.Image(10, 1)
			require.NoError(t, err)
			tag, err := name.NewTag("elsewhere.example.com/core:3.1.0-690")
			require.NoError(t, err)
			require.NoError(t, tarball.WriteToFile(filepath.Join(dir, "bundle/second.tar"), tag, image))
		}, want: "must not become core:3.1.0-690, as docker-archive:bundle/images/core.tar"},
		"an image that the list lacks": {value: func(values map[string]any) {
			values["services"].(map[string]any)["prtal"] = "${tag.prtal}"
		}, want: `application.values.services.prtal: "${tag.prtal}": must name an image of bundle (did you mean portal?)`},
	} {
		t.Run(name, func(t *testing.T) {
			file := bundleStack(t, c.value)
			if c.spoil != nil {
				c.spoil(t, filepath.Dir(file))
			}
			o, err := platform.Options(file, "", io.Discard)
			require.NoError(t, err)
			_, err = rehearsal.Preview(t.Context(), o)
			require.ErrorContains(t, err, c.want)
		})
	}
}
