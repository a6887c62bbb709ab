package images_test

import (
	"compress/gzip"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/images"
)

var toECR = images.Target{Registry: ecr, PathPrefix: "acme/bpa", Images: []string{"kafka", "mesh/proxy"}}

// targets are the sources and targets of a list, as `source -> target` without the registry.
func targets(t *testing.T, list string) []string {
	t.Helper()
	read, err := images.ReadList(list, toECR)
	require.NoError(t, err)
	var lines []string
	for _, image := range read {
		lines = append(lines, image.Source()+" -> "+strings.TrimPrefix(image.Target.Name(), ecr+"/"))
	}
	return lines
}

func TestR14NamesTargets(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	assert.Equal(t, []string{
		"containers.cisco.com/bpa/sase-service:4.0.3-522 -> acme/bpa/sase-service:4.0.3-522",
		"containers.cisco.com/bpa/mesh/proxy:1 -> acme/bpa/mesh/proxy:1",
		"containers.cisco.com/bpa/notmesh/proxy2:1 -> acme/bpa/proxy2:1",
		"localhost:5000/kafka:1 -> acme/bpa/kafka:1",
		"docker.io/library/nginx:1.29@" + digest + " -> acme/bpa/nginx:1.29",
	}, targets(t, writeList(t,
		"# the release", "containers.cisco.com/bpa/sase-service:4.0.3-522", "  containers.cisco.com/bpa/mesh/proxy:1 # with a comment",
		"", "containers.cisco.com/bpa/notmesh/proxy2:1", "localhost:5000/kafka:1",
		"containers.cisco.com/bpa/sase-service:4.0.3-522", // once is enough
		"docker.io/library/nginx:1.29@"+digest,
	)))
}

func TestR14ReportsEveryBadLine(t *testing.T) {
	list := writeList(t,
		"containers.cisco.com/bpa/kafka:1", // 1
		"kafka",                            // 2: no registry, no tag
		"containers.cisco.com/bpa/kong",    // 3: no tag
		"containers.cisco.com/bpa/kong@sha256:"+strings.Repeat("a", 64), // 4: no tag to keep
		"containers.cisco.com/bpa/Kong:1",                               // 5: upper case
		"oci:",                                                          // 6
		"oci:nowhere",                                                   // 7
		"docker-archive:",                                               // 8
		"docker-archive:nowhere.tar",                                    // 9
		"mirror.example.com/bpa/kafka:1",                                // 10: the target of line 1
		"containers.cisco.com/a:1 and:2",                                // 11
		"containers.cisco.com/bpa/kong:1@sha256:12",                     // 12
	)
	_, err := images.ReadList(list, toECR)
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	for i, n := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"} {
		require.Greater(t, len(lines), i)
		assert.True(t, strings.HasPrefix(lines[i], list+":"+n+": "), lines[i])
	}
	assert.Len(t, lines, 11)
	assert.Contains(t, lines[0], `"kafka": must be REGISTRY/PATH:TAG, oci:DIR, oci:DIR:TAG or docker-archive:FILE.tar`)
	assert.Contains(t, lines[5], "must be an OCI layout directory")
	assert.Contains(t, lines[7], "must be an archive as docker save writes it")
	assert.Contains(t, lines[8], "must not become "+ecr+"/acme/bpa/kafka:1, as containers.cisco.com/bpa/kafka:1 of "+list+":1 does")
}

func TestR14EmptyAndAbsentLists(t *testing.T) {
	_, err := images.ReadList(writeList(t, "# nothing"), toECR)
	assert.ErrorContains(t, err, "release.txt: names no image; a line must be REGISTRY/PATH:TAG")
	_, err = images.ReadList("nowhere.txt", toECR)
	assert.ErrorContains(t, err, "nowhere.txt")
}

// writeLayout writes an OCI layout named sase-service of images with the given names, and an index named by indexName.
func writeLayout(t *testing.T, indexName string, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sase-service")
	path, err := layout.Write(dir, empty.Index)
	require.NoError(t, err)
	for i, name := range names {
		image, err := random.Image(1000, 2, random.WithSource(rand.NewSource(int64(i))))
		require.NoError(t, err)
		require.NoError(t, path.AppendImage(image, annotated(name)...))
	}
	if indexName != "" {
		index, err := random.Index(1000, 1, 2, random.WithSource(rand.NewSource(99)))
		require.NoError(t, err)
		require.NoError(t, path.AppendIndex(index, annotated(indexName)...))
	}
	return dir
}

func annotated(name string) []layout.Option {
	if name == "" {
		return nil
	}
	return []layout.Option{layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": name})}
}

func TestR14ReadsLayouts(t *testing.T) {
	dir := writeLayout(t, "4.0.3-multi", "4.0.3-522", "containers.cisco.com/bpa/kafka:7", "kong:3")
	assert.Equal(t, []string{
		"oci:" + dir + ":4.0.3-522 -> acme/bpa/sase-service:4.0.3-522",
		"oci:" + dir + ":containers.cisco.com/bpa/kafka:7 -> acme/bpa/kafka:7",
		"oci:" + dir + ":kong:3 -> acme/bpa/kong:3",
		"oci:" + dir + ":4.0.3-multi -> acme/bpa/sase-service:4.0.3-multi",
	}, targets(t, writeList(t, "oci:"+dir)))
	assert.Len(t, targets(t, writeList(t, "oci:"+dir+":kafka:7", "oci:"+dir+":4.0.3-522")), 2)
	for line, want := range map[string]string{
		"oci:" + dir + ":9":             "names 0 images 9; it holds: 4.0.3-522, containers.cisco.com/bpa/kafka:7, kong:3, 4.0.3-multi",
		"oci:" + writeLayout(t, "", ""): "without a name; a layout of one image is named by oci:DIR:TAG",
		"oci:" + writeLayout(t, ""):     "its index.json is empty",
	} {
		_, err := images.ReadList(writeList(t, line), toECR)
		assert.ErrorContains(t, err, want)
	}
}

func TestR14PathsAreRelativeToTheList(t *testing.T) {
	dir := writeLayout(t, "", "")
	list := filepath.Join(filepath.Dir(dir), "release.txt")
	require.NoError(t, os.WriteFile(list, []byte("oci:sase-service:4.0.3-522\n"), 0o600))
	assert.Equal(t, []string{"oci:sase-service:4.0.3-522 -> acme/bpa/sase-service:4.0.3-522"}, targets(t, list))
}

func TestR14PushesLayouts(t *testing.T) {
	dir, target := writeLayout(t, "4.0.3-multi", "4.0.3-522"), newGate(t, startRegistry(t))
	list := writeList(t, "oci:"+dir)
	assert.Equal(t, "images: 2 pushed, 0 already there, 0 failed", push(t, list, target.host, pushOptions).String())
	index, err := layout.ImageIndexFromPath(dir)
	require.NoError(t, err)
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	for i, tag := range []string{"4.0.3-522", "4.0.3-multi"} {
		assert.Equal(t, manifest.Manifests[i].Digest.String(), digestAt(t, target.host+"/bpa-dev/sase-service:"+tag))
	}
	target.forget()
	assert.Equal(t, "images: 0 pushed, 2 already there, 0 failed", push(t, list, target.host, pushOptions).String())
	assert.Zero(t, target.changes)
}

func TestR14DamagedLayoutIsRefused(t *testing.T) {
	dir, target := writeLayout(t, "", "4.0.3-522"), startRegistry(t)
	damage(t, dir)
	got := push(t, writeList(t, "oci:"+dir), target, pushOptions)
	assert.Equal(t, "images: 0 pushed, 0 already there, 1 failed", got.String())
	assert.Contains(t, got.errors, "release.txt:1: oci:"+dir+":4.0.3-522: ")
}

// damage changes the last byte of the largest layer of a layout.
func damage(t *testing.T, dir string) {
	t.Helper()
	path, err := layout.FromPath(dir)
	require.NoError(t, err)
	index, err := path.ImageIndex()
	require.NoError(t, err)
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	image, err := path.Image(manifest.Manifests[0].Digest)
	require.NoError(t, err)
	layers, err := image.Layers()
	require.NoError(t, err)
	var digest v1.Hash
	digest, err = layers[0].Digest()
	require.NoError(t, err)
	file := filepath.Join(dir, "blobs", digest.Algorithm, digest.Hex)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	content[len(content)-1] ^= 0xff
	require.NoError(t, os.WriteFile(file, content, 0o600))
}

func TestR14PushesDockerArchives(t *testing.T) {
	target := newGate(t, startRegistry(t))
	archive := writeArchive(t, "containers.cisco.com/bpa/sase-service:4.0.3-522", 200_000)
	list := writeList(t, "docker-archive:"+archive)
	got := push(t, list, target.host, pushOptions)
	assert.Equal(t, "images: 1 pushed, 0 already there, 0 failed", got.String(), got.errors)
	moved := target.host + "/bpa-dev/sase-service:4.0.3-522"
	assert.Equal(t, digestAt(t, moved), got.results[moved].Digest)
	target.forget()
	assert.Equal(t, "images: 0 pushed, 1 already there, 0 failed", push(t, list, target.host, pushOptions).String())
	assert.Zero(t, target.changes)

	other := push(t, writeList(t, "docker-archive:"+writeArchive(t, "bpa/sase-service:4.0.3-522", 300)), target.host, pushOptions)
	assert.Contains(t, other.errors, "exists with other content: it is an image of id sha256:")
}

func TestR14PackedArchiveIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "release.tar.gz")
	f, err := os.Create(file)
	require.NoError(t, err)
	packed := gzip.NewWriter(f)
	require.NoError(t, packed.Close())
	require.NoError(t, f.Close())
	_, err = images.ReadList(writeList(t, "docker-archive:"+file), toECR)
	assert.ErrorContains(t, err, "unpack it with gunzip first")
}
