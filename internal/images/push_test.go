package images_test

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/images"
)

var pushOptions = images.Options{Jobs: 4}

// release fills a registry with 50 images of mixed size, three of them with layers of 20 to 30 MB, and lists them.
func release(t *testing.T, host string) (list string, layers map[string]bool) {
	t.Helper()
	var lines []string
	layers = map[string]bool{}
	for i := range int64(50) {
		bytes, count := 20_000+i*3_000, 1+i%4
		if i%17 == 5 {
			bytes, count = 20_000_000+i*250_000, 1
		}
		tagged := fmt.Sprintf("bpa/service-%02d:4.0.3-%d", i, 500+i)
		image := sourceImage(t, host, tagged, i+1, bytes, count)
		manifest, err := image.Manifest()
		require.NoError(t, err)
		layers[manifest.Config.Digest.String()] = true
		for _, layer := range manifest.Layers {
			layers[layer.Digest.String()] = true
		}
		lines = append(lines, host+"/"+tagged)
	}
	return writeList(t, lines...), layers
}

func TestR14RenamesAndKeepsTags(t *testing.T) {
	source, target := startRegistry(t), startRegistry(t)
	sourceImage(t, source, "bpa/sase-service:4.0.3-522", 1, 5000, 2)
	list := writeList(t, "# BPA 4.0.3", "", source+"/bpa/sase-service:4.0.3-522  # the only one")

	got := push(t, list, target, pushOptions)
	assert.Equal(t, "images: 1 pushed, 0 already there, 0 failed", got.String(), got.errors)
	moved := target + "/bpa-dev/sase-service:4.0.3-522"
	assert.Equal(t, digestAt(t, source+"/bpa/sase-service:4.0.3-522"), digestAt(t, moved))
	assert.Equal(t, digestAt(t, moved), got.results[moved].Digest)

	again := push(t, list, target, pushOptions)
	assert.Equal(t, "images: 0 pushed, 1 already there, 0 failed", again.String())
}

func TestR14ResumesAnInterruptedPush(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	list, layers := release(t, source)
	target.set(func(g *gate) { g.uploadBudget = 40_000_000 })

	broken := push(t, list, target.host, pushOptions)
	first := target.forget()
	assert.NotZero(t, broken.Failed)
	assert.NotEmpty(t, first)
	assert.Less(t, len(first), len(layers))
	t.Logf("cut off after 40 MB: %s, %d of %d layers", broken, len(first), len(layers))

	target.heal()
	resumed := push(t, list, target.host, pushOptions)
	assert.Equal(t, 50, resumed.Pushed+resumed.There, resumed.errors)
	assert.Equal(t, broken.Pushed, resumed.There)
	second := target.forget()
	t.Logf("repeated: %s, %d layers", resumed, len(second))
	for digest := range layers {
		assert.Equal(t, 1, first[digest]+second[digest], "uploads of %s", digest)
	}

	assert.Equal(t, "images: 0 pushed, 50 already there, 0 failed", push(t, list, target.host, pushOptions).String())
	assert.Empty(t, target.forget())
}

func TestR14StopsWhenCancelled(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	list, layers := release(t, source)
	ctx, cancel := context.WithCancel(t.Context())
	read, err := readList(list, images.Target{Registry: target.host, PathPrefix: prefix})
	require.NoError(t, err)
	var last error
	summary := images.Push(ctx, read, options(images.Options{Jobs: 4, Done: func(r images.Result) {
		cancel()
		last = r.Err
	}}))
	assert.Positive(t, summary.Pushed)
	assert.Equal(t, 50, summary.Pushed+summary.Failed)
	assert.ErrorContains(t, last, "interrupted; run the command again")

	first := target.forget()
	resumed := push(t, list, target.host, pushOptions)
	assert.Zero(t, resumed.Failed, resumed.errors)
	second := target.forget()
	for digest := range layers {
		assert.Equal(t, 1, first[digest]+second[digest], "uploads of %s", digest)
	}
}

func TestR14RepeatsWhatPasses(t *testing.T) {
	for name, trouble := range map[string]func(source, target *gate){
		"throttled target": func(_, target *gate) { target.throttled = 6 },
		"throttled source": func(source, _ *gate) { source.throttled = 6 },
		"cut uploads":      func(_, target *gate) { target.cutUploads = 4 },
		"cut downloads":    func(source, _ *gate) { source.cutDownloads = 4 },
	} {
		t.Run(name, func(t *testing.T) {
			behind := startRegistry(t)
			source, target := newGate(t, behind), newGate(t, startRegistry(t))
			var lines []string
			for i := range int64(3) {
				tagged := fmt.Sprintf("bpa/service-%d:1", i)
				sourceImage(t, behind, tagged, i, 300_000, 3)
				lines = append(lines, source.host+"/"+tagged)
			}
			trouble(source, target)
			got := push(t, writeList(t, lines...), target.host, pushOptions)
			assert.Equal(t, "images: 3 pushed, 0 already there, 0 failed", got.String(), got.errors)
			assert.Zero(t, source.throttled+target.throttled+source.cutDownloads+target.cutUploads, "the trouble was met")
		})
	}
}

func TestR14GivesUpOnWhatStays(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
	target.throttled = 1 << 30
	got := push(t, writeList(t, source+"/bpa/kafka:1"), target.host, pushOptions)
	assert.Equal(t, 1, got.Failed)
	assert.Contains(t, got.errors, "release.txt:1: "+source+"/bpa/kafka:1: after 4 attempts: ")
	assert.Contains(t, got.errors, "TOOMANYREQUESTS")
}

func TestR14CopiesAnIndexWhole(t *testing.T) {
	source, target := startRegistry(t), startRegistry(t)
	index, err := random.Index(2000, 2, 3, random.WithSource(rand.NewSource(1)))
	require.NoError(t, err)
	put(t, source+"/bpa/kafka:1", index)
	got := push(t, writeList(t, source+"/bpa/kafka:1"), target, pushOptions)
	require.Equal(t, 1, got.Pushed, got.errors)
	tag, err := name.NewTag(target + "/bpa-dev/kafka:1")
	require.NoError(t, err)
	copied, err := remote.Index(tag)
	require.NoError(t, err)
	want, err := index.Digest()
	require.NoError(t, err)
	assert.Equal(t, want.String(), digestAt(t, tag.Name()))
	manifest, err := copied.IndexManifest()
	require.NoError(t, err)
	for _, child := range manifest.Manifests {
		image, err := copied.Image(child.Digest)
		require.NoError(t, err)
		layers, err := image.Layers()
		require.NoError(t, err)
		assert.Len(t, layers, 2)
	}
}

func TestR14DryRunChangesNothing(t *testing.T) {
	source, target := startRegistry(t), newGate(t, startRegistry(t))
	sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
	sourceImage(t, source, "bpa/kong:1", 2, 1000, 1)
	push(t, writeList(t, source+"/bpa/kong:1"), target.host, pushOptions)
	target.forget()
	got := push(t, writeList(t, source+"/bpa/kafka:1", source+"/bpa/kong:1"), target.host, images.Options{DryRun: true})
	assert.Equal(t, "images: 1 to push, 1 already there, 0 failed", got.String())
	assert.Equal(t, images.Missing, got.results[target.host+"/bpa-dev/kafka:1"].State)
	assert.Zero(t, target.changes)
}

func TestR14ReportsSentBytes(t *testing.T) {
	source, target := startRegistry(t), startRegistry(t)
	image := sourceImage(t, source, "bpa/kafka:1", 1, 100_000, 1)
	layers, err := image.Layers()
	require.NoError(t, err)
	size, err := layers[0].Size()
	require.NoError(t, err)
	sent := 0
	push(t, writeList(t, source+"/bpa/kafka:1"), target, images.Options{Sent: func(n int) { sent += n }})
	assert.GreaterOrEqual(t, int64(sent), size)
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func TestR14StaysBelow200MB(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the peak of memory is read from /proc/self/status, which only Linux has")
	}
	source, target := startRegistry(t), startRegistry(t)
	list, _ := release(t, source)
	archive := writeArchive(t, "sase-service:4.0.3-522", 24_000_000)
	appendLines(t, list, "docker-archive:"+archive)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), pushList+"="+list, pushTo+"="+target)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	summary, _, _ := strings.Cut(string(out), "\n")
	assert.Equal(t, "images: 51 pushed, 0 already there, 0 failed", summary)
	match := peak.FindSubmatch(out)
	require.NotNil(t, match)
	kilobytes, err := strconv.Atoi(string(match[1]))
	require.NoError(t, err)
	t.Logf("peak memory %d MB", kilobytes/1024)
	assert.Less(t, kilobytes, 200*1024)
}
