package images_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/testkit/tooling"
)

var listening = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)

// startDistribution runs the registry that Docker's is built from, of the Debian package docker-registry.
func startDistribution(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		tooling.Missing(t, "docker-registry is not on PATH; apt-get install docker-registry")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	require.NoError(t, os.WriteFile(config, []byte("version: 0.1\nstorage: {filesystem: {rootdirectory: "+dir+
		"}}\nhttp: {addr: '127.0.0.1:0'}\n"), 0o600))
	return start(t, exec.Command(program, "serve", config), func(line string) string {
		if match := listening.FindStringSubmatch(line); match != nil {
			return match[1]
		}
		return ""
	})
}

func TestR14PushesToDistribution(t *testing.T) {
	target := newGate(t, startDistribution(t))
	source := startRegistry(t)
	list, layers := release(t, source)
	appendLines(t, list, "oci:"+writeLayout(t, "4.0.3-multi", "4.0.3-522"),
		"docker-archive:"+writeArchive(t, "bpa/archived:1", 100_000))
	target.set(func(g *gate) { g.uploadBudget = 40_000_000 })
	broken := push(t, list, target.host, pushOptions)
	assert.NotZero(t, broken.Failed)
	first := target.forget()
	target.heal()
	resumed := push(t, list, target.host, pushOptions)
	assert.Zero(t, resumed.Failed, resumed.errors)
	second := target.forget()
	for digest := range layers {
		assert.Equal(t, 1, first[digest]+second[digest], "uploads of %s", digest)
	}
	assert.Equal(t, digestAt(t, source+"/bpa/service-05:4.0.3-505"), digestAt(t, target.host+"/bpa-dev/service-05:4.0.3-505"))
	assert.Equal(t, "images: 0 pushed, 53 already there, 0 failed", push(t, list, target.host, pushOptions).String())
	assert.Zero(t, target.changes)
}
