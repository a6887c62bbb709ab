package images_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/images"
)

// configured is an image for an architecture, with a variable of its environment.
func configured(t *testing.T, architecture, variable string) v1.Image {
	t.Helper()
	image, err := random.Image(100, 1)
	require.NoError(t, err)
	file, err := image.ConfigFile()
	require.NoError(t, err)
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config.Env = "linux", architecture, []string{"PATH=/bin", variable}
	image, err = mutate.ConfigFile(image, file)
	require.NoError(t, err)
	return image
}

// advised is what a push of one image advises, from a docker archive and from a registry.
func advised(t *testing.T, image v1.Image) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "image.tar")
	tag, err := name.NewTag("bpa/kafka:1")
	require.NoError(t, err)
	require.NoError(t, tarball.WriteToFile(file, tag, image))
	source := startRegistry(t)
	put(t, source+"/bpa/kafka:1", image)
	var all []string
	for _, line := range []string{"docker-archive:" + file, source + "/bpa/kafka:1"} {
		got := push(t, writeList(t, line), startRegistry(t), images.Options{DryRun: true})
		require.Len(t, got.results, 1, got.errors)
		for _, r := range got.results {
			all = append(all, r.Advice...)
		}
	}
	return all
}

func TestR14AnImageWithAJavaThatDoesNotSeeItsLimitsIsNamed(t *testing.T) {
	old := []string{"8u312", "jdk8u345-b01", "1.8.0_362", "10.0.2", "11.0.15", "jdk-11.0.15+10", "14.0.2"}
	good := []string{"8u372", "jdk8u372-b07", "1.8.0_382", "11.0.16", "jdk-11.0.22+7", "17.0.1", "jdk-21.0.4+7", "15.0.1", "21", "unknown"}
	for _, version := range old {
		got := advised(t, configured(t, "amd64", "JAVA_VERSION="+version))
		require.Len(t, got, 2, version)
		assert.Contains(t, got[0], "has Java "+version+", which reads no limits of cgroup v2")
	}
	for _, version := range good {
		assert.Empty(t, advised(t, configured(t, "amd64", "JAVA_VERSION="+version)), version)
	}
}

func TestR14AnImageThatTheNodesCannotRunIsNamed(t *testing.T) {
	got := advised(t, configured(t, "arm64", "A=b"))
	require.Len(t, got, 2)
	assert.Contains(t, got[1], "is for arm64, and the nodes are linux/amd64")

	source := startRegistry(t)
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: configured(t, "arm64", "A=b"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}},
	})
	put(t, source+"/bpa/kafka:1", index)
	put(t, source+"/bpa/kong:1", mutate.AppendManifests(index, mutate.IndexAddendum{
		Add:        configured(t, "amd64", "JAVA_VERSION=11.0.2"),
		Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}},
	}))
	target := startRegistry(t)
	both := push(t, writeList(t, source+"/bpa/kafka:1", source+"/bpa/kong:1"), target, images.Options{})
	assert.Equal(t, "images: 2 pushed, 0 already there, 0 failed", both.String(), both.errors)
	assert.Contains(t, both.results[target+"/bpa-dev/kafka:1"].Advice[0], "has no image for linux/amd64")
	assert.Contains(t, both.results[target+"/bpa-dev/kong:1"].Advice[0], "has Java 11.0.2")
}
