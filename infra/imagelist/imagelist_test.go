package imagelist_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
)

// write writes a file below a folder.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// pack writes an archive of files, through gzip where the name says so.
func pack(t *testing.T, file string, files map[string]string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	out, err := os.Create(file)
	require.NoError(t, err)
	archive := tar.NewWriter(out)
	var zip *gzip.Writer
	if strings.HasSuffix(file, "gz") {
		zip = gzip.NewWriter(out)
		archive = tar.NewWriter(zip)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}))
		_, err := archive.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	if zip != nil {
		require.NoError(t, zip.Close())
	}
	require.NoError(t, out.Close())
}

// saved is manifest.json of an archive that docker save wrote.
func saved(tags ...string) map[string]string {
	text, _ := json.Marshal([]map[string]any{{"Config": "c.json", "RepoTags": tags, "Layers": []string{}}})
	return map[string]string{"c.json": "{}", "layer.tar": strings.Repeat("x", 5000), "manifest.json": string(text)}
}

// laidOut is index.json of an OCI layout.
func laidOut(names ...string) map[string]string {
	manifests := []map[string]any{}
	for _, n := range names {
		d := map[string]any{
			"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1, "digest": "sha256:" + strings.Repeat("a", 64),
		}
		if n != "" {
			d["annotations"] = map[string]string{"org.opencontainers.image.ref.name": n}
		}
		manifests = append(manifests, d)
	}
	text, _ := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": manifests})
	return map[string]string{"oci-layout": `{"imageLayoutVersion":"1.0.0"}`, "index.json": string(text)}
}

// folderOf writes files into a folder.
func folderOf(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		write(t, dir, name, text)
	}
}

// named are the entries of a list, as `image <- source`.
func named(list imagelist.List) []string {
	var lines []string
	for _, e := range list.Entries {
		lines = append(lines, e.String()+" <- "+e.Source.String())
	}
	return lines
}

func TestR14AListNamesRepositoryTagAndSource(t *testing.T) {
	dir, digest := t.TempDir(), "sha256:"+strings.Repeat("a", 64)
	pack(t, filepath.Join(dir, "b/core.tar"), saved("containers.cisco.com/bpa/core:3.1.0-690", "kong:3"))
	pack(t, filepath.Join(dir, "b/portal.tar.gz"), saved("bpa/portal:3.1.0-742"))
	folderOf(t, filepath.Join(dir, "b/script-runner"), laidOut("1.9.5", "containers.cisco.com/bpa/kafka:7"))
	pack(t, filepath.Join(dir, "b/camunda.tar"), laidOut("2"))
	pack(t, filepath.Join(dir, "b/nameless.tar"), laidOut(""))
	file := write(t, dir, "images.txt", strings.Join([]string{
		"# the release",
		"containers.cisco.com/bpa/sase-service:4.0.3-522",
		"  docker://containers.cisco.com/bpa/mesh/proxy:1 # with a comment",
		"",
		"localhost:5000/bpa/zookeeper:1",
		"docker.io/library/nginx:1.29@" + digest,
		"docker-archive:b/core.tar",
		"docker-archive:b/portal.tar.gz:bpa/portal:3.1.0-742",
		"docker-archive:not/here.tar:bpa/away:1", // what the line says need not be opened
		"oci:b/script-runner:kafka:7",
		"oci:b/script-runner:1.9.5   tools/script-runner:1.9.5",
		"oci-archive:b/camunda.tar",
		"oci-archive:b/nameless.tar:5",
		"containers.cisco.com/bpa/sase-service:4.0.3-522", // once is enough
	}, "\n"))
	list, err := imagelist.Read(file, "mesh/proxy")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"sase-service:4.0.3-522 <- containers.cisco.com/bpa/sase-service:4.0.3-522",
		"mesh/proxy:1 <- docker://containers.cisco.com/bpa/mesh/proxy:1",
		"zookeeper:1 <- localhost:5000/bpa/zookeeper:1",
		"nginx:1.29 <- docker.io/library/nginx:1.29@" + digest,
		"core:3.1.0-690 <- docker-archive:b/core.tar:containers.cisco.com/bpa/core:3.1.0-690",
		"kong:3 <- docker-archive:b/core.tar:kong:3",
		"portal:3.1.0-742 <- docker-archive:b/portal.tar.gz:bpa/portal:3.1.0-742",
		"away:1 <- docker-archive:not/here.tar:bpa/away:1",
		"kafka:7 <- oci:b/script-runner:containers.cisco.com/bpa/kafka:7",
		"tools/script-runner:1.9.5 <- oci:b/script-runner:1.9.5",
		"camunda:2 <- oci-archive:b/camunda.tar:2",
		"nameless:5 <- oci-archive:b/nameless.tar:5",
	}, named(list))
	assert.Equal(t, file+":7", list.Entries[4].Place())
}

func TestR14EveryBadLineIsNamed(t *testing.T) {
	dir := t.TempDir()
	folderOf(t, filepath.Join(dir, "many"), laidOut("4.0.3-522", "containers.cisco.com/bpa/kafka:7"))
	folderOf(t, filepath.Join(dir, "nameless"), laidOut("", ""))
	folderOf(t, filepath.Join(dir, "empty"), laidOut())
	pack(t, filepath.Join(dir, "untagged.tar"), saved())
	pack(t, filepath.Join(dir, "two.tar"), saved("aa:1", "bb:1"))
	lines := [][2]string{
		{"containers.cisco.com/bpa/kafka:1", ""},
		{"kafka", "must be HOST/PATH:TAG"},
		{"containers.cisco.com/bpa/kong", "must be HOST/PATH:TAG"},
		{"containers.cisco.com/bpa/kong@sha256:" + strings.Repeat("a", 64), "must be HOST/PATH:TAG"},
		{"containers.cisco.com/bpa/Kong:1", "must be HOST/PATH:TAG"},
		{"containers.cisco.com/bpa/kong:1@sha256:12", "must be HOST/PATH:TAG"},
		{"https://containers.cisco.com/bpa/kong:1", "must be without https://, as containers.cisco.com/bpa/kong:1"},
		{"docker://https://containers.cisco.com/bpa/kong:1", "must be without https://"},
		{"http:/containers.cisco.com/bpa/kong:1", "http: is no registry's name"},
		{"oci://containers.cisco.com/bpa/kong:1", "must be without oci://"},
		{"containers.cisco.com:/bpa/kong:1", "containers.cisco.com: is no registry's name"},
		{"-containers.cisco.com/bpa/kong:1", "is no registry's name"},
		{"oci:", "must be HOST/PATH:TAG"},
		{"oci:nowhere", "must be an OCI layout directory"},
		{"oci:many:9", "names 0 images 9; it holds: 4.0.3-522, containers.cisco.com/bpa/kafka:7"},
		{"oci:nameless", "without a name; a layout of one image is named by oci:nameless:TAG"},
		{"oci:empty", "its index.json is empty"},
		{"oci-archive:untagged.tar", "must be an archive of an OCI layout: it has no index.json"},
		{"docker-archive:", "must be HOST/PATH:TAG"},
		{"docker-archive:nowhere.tar", "must be an archive as docker save writes it"},
		{"docker-archive:untagged.tar", "must hold a tagged image"},
		{"docker-archive:two.tar c:1", "names 2 images, and c:1 can be the name of one"},
		{"containers.cisco.com/a:1 and:2 more", "must be HOST/PATH:TAG"},
		{"containers.cisco.com/a:1 untagged", "untagged: must be the image's NAME:TAG in the stack's registry"},
		{"mirror.example.com/bpa/kafka:1", "must not become kafka:1, as containers.cisco.com/bpa/kafka:1 of FILE:1 does; " +
			"keep one of the two, or write another NAME:TAG behind it"},
	}
	var text []string
	for _, l := range lines {
		text = append(text, l[0])
	}
	file := write(t, dir, "images.txt", strings.Join(text, "\n"))
	_, err := imagelist.Read(file)
	require.Error(t, err)
	got := strings.Split(err.Error(), "\n")
	require.Len(t, got, len(lines)-1)
	for i, line := range lines[1:] {
		assert.True(t, strings.HasPrefix(got[i], fmt.Sprintf("%s:%d: ", file, i+2)), got[i])
		assert.Contains(t, got[i], strings.ReplaceAll(line[1], "FILE", file))
	}
}

func TestR14ABundleIsReadAsItIs(t *testing.T) {
	dir := t.TempDir()
	pack(t, filepath.Join(dir, "images/core.tar"), saved("containers.cisco.com/bpa/core:3.1.0-690"))
	pack(t, filepath.Join(dir, "images/portal.tgz"), saved("containers.cisco.com/bpa/portal:3.1.0-742"))
	pack(t, filepath.Join(dir, "oci/script-runner.tar"), laidOut("1.9.5"))
	folderOf(t, filepath.Join(dir, "oci/kafka"), laidOut("bpa/kafka:3.7"))
	pack(t, filepath.Join(dir, "bpa-helm-chart.tgz"), map[string]string{"bpa/Chart.yaml": "name: bpa"})
	write(t, dir, "README.txt", "read me")
	list, err := imagelist.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"core:3.1.0-690 <- docker-archive:" + dir + "/images/core.tar:containers.cisco.com/bpa/core:3.1.0-690",
		"portal:3.1.0-742 <- docker-archive:" + dir + "/images/portal.tgz:containers.cisco.com/bpa/portal:3.1.0-742",
		"kafka:3.7 <- oci:" + dir + "/oci/kafka:bpa/kafka:3.7",
		"script-runner:1.9.5 <- oci-archive:" + dir + "/oci/script-runner.tar:1.9.5",
	}, named(list))
	assert.Equal(t, []string{dir + "/bpa-helm-chart.tgz"}, list.Ignored)
	assert.Equal(t, dir+"/images/core.tar", list.Entries[0].Place())

	one, err := imagelist.Read(filepath.Join(dir, "oci/script-runner.tar"))
	require.NoError(t, err)
	assert.Equal(t, []string{"script-runner:1.9.5"}, []string{one.Entries[0].String()})

	// A download that broke off is no file to leave out.
	whole, err := os.ReadFile(filepath.Join(dir, "images/core.tar"))
	require.NoError(t, err)
	write(t, dir, "images/core.tar", string(whole[:3000]))
	_, err = imagelist.Read(dir)
	assert.ErrorContains(t, err, dir+"/images/core.tar: (not set): must be a whole archive: unexpected EOF")
}

func TestR14OneImageIsNamedByItsRepository(t *testing.T) {
	list, err := imagelist.Of(stack(config.Registry{Images: []string{"kafka:3.6", "kong:1", "kong:2", "mesh/proxy:1"}}), "")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"tag.kafka": "3.6", "image.kafka": "ecr/bpa-dev/kafka:3.6", "tag.mesh/proxy": "1", "image.mesh/proxy": "ecr/bpa-dev/mesh/proxy:1",
	}, list.References("ecr/bpa-dev"))
}

func TestR14EmptyAndAbsentLists(t *testing.T) {
	dir := t.TempDir()
	_, err := imagelist.Read(write(t, dir, "images.txt", "# nothing"))
	assert.ErrorContains(t, err, "images.txt: names no image; a line must be HOST/PATH:TAG")
	_, err = imagelist.Read(filepath.Join(dir, "nowhere.txt"))
	assert.ErrorContains(t, err, "nowhere.txt")
	_, err = imagelist.Read(t.TempDir())
	assert.ErrorContains(t, err, "holds no image")
}

// stack is a stack whose images are those of registry.
func stack(registry config.Registry) *config.Config {
	registry.PathPrefix, registry.PullThrough = "bpa-dev", []string{"public.ecr.aws"}
	return &config.Config{Application: config.Application{Release: "4.0.3-6", Chart: "charts/bpa"}, Registry: registry}
}

func TestR14TheListOfAStack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "release/images.txt", "containers.cisco.com/bpa/core:3.1.0-690\ncontainers.cisco.com/bpa/core:3.1.0-691\n")
	list, err := imagelist.Of(stack(config.Registry{ImageList: "release/images.txt"}), dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"core"}, list.Repositories())
	assert.Equal(t, []string{"3.1.0-690", "3.1.0-691"}, list.Tags("core"))
	assert.Equal(t, "release/images.txt:2", list.Entries[1].Place())

	list, err = imagelist.Of(stack(config.Registry{Images: []string{"kafka", "script-runner:1.9.5"}}), dir)
	require.NoError(t, err)
	assert.Equal(t, "[kafka:4.0.3-6 script-runner:1.9.5]", fmt.Sprint(list.Entries))

	list, err = imagelist.Of(stack(config.Registry{}), dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"4.0.3-522"}, list.Tags("sase-service"))
	assert.Len(t, list.Repositories(), 9)

	write(t, dir, "release/images.txt", "a.example.com/b/c:1 b/c:1\na.example.com/b-c:1\na.example.com/"+strings.Repeat("d", 250)+":1\n")
	_, err = imagelist.Of(stack(config.Registry{ImageList: "release/images.txt"}), dir)
	require.Error(t, err)
	assert.Equal(t, []string{
		`release/images.txt:2: "b-c": must differ from b/c of release/images.txt:1 by more than / and -`,
		`release/images.txt:3: "` + strings.Repeat("d", 250) + `": makes a repository name of 258 characters; 256 are allowed`,
	}, strings.Split(err.Error(), "\n"))
	_, err = imagelist.Of(stack(config.Registry{ImageList: "nowhere"}), dir)
	assert.ErrorContains(t, err, "registry.imageList: stat "+dir+"/nowhere: no such file or directory")
}

func TestR14AnImageOfAChartIsHeldAgainstTheList(t *testing.T) {
	c := stack(config.Registry{Images: []string{"kafka:3.6", "kafka:3.7", "mesh/proxy:1"}})
	list, err := imagelist.Of(c, "")
	require.NoError(t, err)
	const host = "111122223333.dkr.ecr.us-west-2.amazonaws.com"
	for image, want := range map[string]string{
		host + "/bpa-dev/kafka:3.7":                                   "",
		host + "/bpa-dev/mesh/proxy:1":                                "",
		host + "/bpa-dev/kafka@sha256:" + strings.Repeat("a", 64):     "",
		host + "/bpa-dev/public/docker/library/postgres:16":           "",
		"public.ecr.aws/docker/library/postgres:16":                   "",
		host + "/bpa-dev/kafka:3.8":                                   "registry.images lists kafka with the tag 3.6, 3.7, and not 3.8",
		host + "/bpa-dev/kafka":                                       "has no tag, and latest is none that registry.images lists",
		host + "/bpa-dev/kafak:3.7":                                   "registry.images lists no kafak (did you mean kafka?)",
		host + "/bpa-dev/proxy:1":                                     "registry.images lists no proxy",
		host + "/kafka:3.7":                                           "is not below " + host + "/bpa-dev, where",
		host + "/bpa-dev/zookeeper@sha256:" + strings.Repeat("a", 64): "registry.images lists no zookeeper",
	} {
		got := list.Problem(c.Registry, host, image)
		if want == "" {
			assert.Empty(t, got, image)
		} else {
			assert.Contains(t, got, want, image)
		}
	}
}

func TestR14TheReferenceChartNeedsItsImages(t *testing.T) {
	c := stack(config.Registry{Images: []string{"kafka:3.6"}})
	c.Application.Chart = ""
	_, err := imagelist.Of(c, "")
	assert.EqualError(t, err, "application.chart: (not set): must be the release's own chart: the reference chart runs camunda, "+
		"elasticsearch, grafana, ingress-controller, kong, prometheus, sase-service, zookeeper, and registry.images has none of that name")
}

func TestR14AReferenceToAnImageNamesOneOfTheList(t *testing.T) {
	c := stack(config.Registry{Images: []string{"kafka:3.6", "mesh/proxy:1", "kong:1", "kong:2"}})
	c.Application.Environment = map[string]string{"KAFKA": "${tag.kafka}", "KAFAK": "x ${image.kafak}", "ESCAPED": "$${tag.none}"}
	c.Application.Values = map[string]any{"proxy": "${image.mesh/proxy}", "list": []any{"${tag.kong}", "${tag.proxy}"}}
	_, err := imagelist.Of(c, "")
	require.Error(t, err)
	assert.Equal(t, []string{
		"application.environment.KAFAK: \"${image.kafak}\": must name an image of registry.images (did you mean kafka?)",
		"application.values.list[0]: \"${tag.kong}\": must name one image, and registry.images has kong with the tags 1, 2",
		"application.values.list[1]: \"${tag.proxy}\": must name an image of registry.images",
	}, strings.Split(err.Error(), "\n"))
}
