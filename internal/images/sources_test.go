package images_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/internal/images"
)

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

func TestR14PushesWhatIsPackedAndLeavesNothingBehind(t *testing.T) {
	scratch, target := t.TempDir(), newGate(t, startRegistry(t))
	t.Setenv("TMPDIR", scratch)
	plain := writeArchive(t, "bpa/kafka:3.1.0-690", 200_000)
	packed := filepath.Join(t.TempDir(), "kafka.tar.gz")
	out, err := os.Create(packed)
	require.NoError(t, err)
	zip := gzip.NewWriter(out)
	in, err := os.Open(plain)
	require.NoError(t, err)
	_, err = io.Copy(zip, in)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, out.Close())
	require.NoError(t, in.Close())
	list := writeList(t, "docker-archive:"+packed, "oci-archive:"+tarOf(t, writeLayout(t, "multi", "4.0.3-522")))
	got := push(t, list, target.host, pushOptions)
	assert.Equal(t, "images: 3 pushed, 0 already there, 0 failed", got.String(), got.errors)
	left, err := os.ReadDir(scratch)
	require.NoError(t, err)
	assert.Empty(t, left)
	// What was packed is the same image.
	target.forget()
	again := push(t, writeList(t, "docker-archive:"+plain), target.host, pushOptions)
	assert.Equal(t, "images: 0 pushed, 1 already there, 0 failed", again.String(), again.errors)
}

// tarOf packs a folder.
func tarOf(t *testing.T, dir string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(dir)+".tar"))
	require.NoError(t, err)
	archive := tar.NewWriter(file)
	require.NoError(t, archive.AddFS(os.DirFS(dir)))
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
	return file.Name()
}

func TestR14AnImageWithoutASourceCannotBePushed(t *testing.T) {
	_, err := images.Of(imagelist.Reference("4.0.3-6"), images.Target{Registry: ecr, PathPrefix: "bpa-dev"})
	assert.ErrorContains(t, err, "the reference chart: \"kafka:4.0.3-6\": must say where it comes from")
}
