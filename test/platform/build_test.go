package platform_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pulumi's language host compiles with flags of its own. After `make build` it must find every package in the cache: with
// one flag more or less, the first `pulumi up` would compile the SDKs again, for minutes.
func TestTheLanguageHostCompilesNothingAfterMakeBuild(t *testing.T) {
	build := exec.Command("make", "-s", "-C", "../..", "build")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	host := exec.Command("go", "build", "-v", "-buildvcs=false", "-trimpath", "-ldflags", "-w -s",
		"-o", filepath.Join(t.TempDir(), "program"), ".")
	host.Dir = "../.."
	host.Env = append(os.Environ(), "GOFLAGS=")
	out, err = host.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Empty(t, string(out), "with -v, go build names every package that it compiles")
}
