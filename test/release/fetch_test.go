// Package release holds the script that fetches a prebuilt program to its word.
package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// published serves a release whose archive holds the given programs.
func published(t *testing.T, version string, spoilt bool) *httptest.Server {
	t.Helper()
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	w := tar.NewWriter(packed)
	for _, name := range []string{"LICENSE", "bpa", "bpactl"} {
		body := "#!/bin/sh\necho " + name + " " + version + "\n"
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(body))}))
		_, err := w.Write([]byte(body))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, packed.Close())
	name := fmt.Sprintf("bpa_%s_%s_%s.tar.gz", version, runtime.GOOS, runtime.GOARCH)
	sum := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))
	content := archive.Bytes()
	if spoilt {
		content = append([]byte{}, content...)
		content[len(content)/2] ^= 1
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v"+version+"/"+name, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	mux.HandleFunc("/v"+version+"/checksums.txt", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%064d  bpa_%s_plan9_mips.tar.gz\n%s  %s\n", 0, version, sum, name)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// project is a folder with the script and the project file that it edits.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"../../tools/fetch-release.sh": "tools/fetch-release.sh", "../../Pulumi.yaml": "Pulumi.yaml"} {
		b, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), b, 0o755))
	}
	return dir
}

func fetch(dir, releases string, args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(dir, "tools", "fetch-release.sh"), args...)
	cmd.Env = append(os.Environ(), "BPA_RELEASES="+releases)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestAReleaseIsFetchedCheckedAndUsed(t *testing.T) {
	dir, server := project(t), published(t, "0.2.0", false)
	out, err := fetch(dir, server.URL, "v0.2.0")
	require.NoError(t, err, out)
	ran, err := exec.Command(filepath.Join(dir, "bin", "bpa")).Output()
	require.NoError(t, err)
	assert.Equal(t, "bpa 0.2.0\n", string(ran))
	settings, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(settings), "\n    binary: bin/bpa\n")
	assert.NotContains(t, string(settings), "buildTarget: bin/bpa")

	out, err = fetch(dir, server.URL, "source")
	require.NoError(t, err, out)
	original, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	back, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(original), string(back))
}

func TestWhatIsNotTheReleaseIsNotInstalled(t *testing.T) {
	for name, c := range map[string]struct {
		version, want string
		spoilt        bool
	}{
		"another content": {"0.2.0", "nothing was installed", true},
		"no such release": {"0.3.0", "cannot be fetched", false},
		"no version":      {"latest", `"latest": must be a version such as 0.1.0`, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, server := project(t), published(t, "0.2.0", c.spoilt)
			out, err := fetch(dir, server.URL, c.version)
			require.Error(t, err)
			assert.Contains(t, out, c.want)
			assert.NoFileExists(t, filepath.Join(dir, "bin", "bpa"))
		})
	}
}
