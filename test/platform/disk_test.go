package platform_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// given are secrets of the stack file. The rehearsal's stand-ins for them can be told by how they begin.
const given = small + `
  bpa:database: {masterPassword: {secure: "v1:x"}, adminPassword: {secure: "v1:x"}, kongPassword: {secure: "v1:x"}}
  bpa:application: {values: {license: {secure: "v1:x"}}}
`

// What lies on disk while a deployment runs is what stays there when it is killed: the chart, the package, the state, the
// engine's logs. None of them may hold a password or the private key (R11, docs/decisions/0004).
func TestAKilledRunLeavesNoSecretOnDisk(t *testing.T) {
	project, temporary := t.TempDir(), t.TempDir()
	bpactl := filepath.Join(t.TempDir(), "bpactl")
	out, err := exec.Command("go", "build", "-o", bpactl, "../../cmd/bpactl").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, name := range []string{"Pulumi.yaml", "tools/go.mod"} {
		b, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(project, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(project, name), b, 0o600))
	}
	file := filepath.Join(project, "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config:\n  pulumi:disable-default-providers: ['*']\n"+given), 0o600))

	run := exec.Command(bpactl, "rehearse", "cycle", "--file", file)
	run.Env = append(os.Environ(), "TMPDIR="+temporary)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the engine is a process of its own, and is killed with it
	var stderr bytes.Buffer
	run.Stderr = &stderr
	stdout, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	var printed strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "second preview") {
			break
		}
	}
	require.NoError(t, syscall.Kill(-run.Process.Pid, syscall.SIGKILL), printed.String()+stderr.String())
	require.Error(t, run.Wait())

	files := scan(t, temporary, "Rehearsal-", "PRIVATE KEY-----")
	assert.Greater(t, files, 20, "the chart, the package and the state are there")
	assert.NotContains(t, printed.String(), "Rehearsal-")
	scan(t, project, "Rehearsal-", "PRIVATE KEY-----")
}

// scan fails where a file below a folder holds one of the texts, and returns how many files there are.
func scan(t *testing.T, dir string, texts ...string) int {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, text := range texts {
			assert.False(t, bytes.Contains(b, []byte(text)), "%s holds %s…", strings.TrimPrefix(path, dir), text)
		}
		return err
	}))
	return files
}

// snapshots keeps what lies on disk while the engine prints, at a number of moments of an `up`.
type snapshots struct {
	dir    string
	writes int
	files  map[string][]byte
}

// Write is called for every line of progress: between two of them, the engine has written state, plans and logs.
func (s *snapshots) Write(line []byte) (int, error) {
	if s.writes++; s.writes%40 != 1 {
		return len(line), nil
	}
	return len(line), filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the engine removes its own files meanwhile
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		s.files[fmt.Sprintf("%s when line %d was printed", strings.TrimPrefix(path, s.dir), s.writes)] = b
		return err
	})
}

// Passwords that the program generates are in no stack file: they are known when the `up` is over, and looked for in what
// lay on disk before.
func TestR11NoGeneratedPasswordIsOnDiskDuringAnUp(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	seen := &snapshots{dir: temporary, files: map[string][]byte{}}
	options, err := platform.Options(projectWith(t, small, nil), "test", seen)
	require.NoError(t, err)
	r := &run{}
	r.Result, err = rehearsal.Up(context.Background(), options)
	require.NoError(t, err, r.Text)

	secrets := secretsOf(t, r)
	require.Subset(t, slices.Collect(maps.Keys(secrets)), []string{"database-master", "database-kong", "atlas-password"})
	places := map[string]bool{}
	for place, content := range seen.files {
		for _, folder := range []string{"/state/", "/.bpa/charts/", "/.bpa/packages/"} {
			places[folder] = places[folder] || strings.Contains(place, folder)
		}
		for name, secret := range secrets {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
				assert.False(t, bytes.Contains(content, []byte(form)), "%s holds %s", place, name)
			}
		}
	}
	assert.Equal(t, map[string]bool{"/state/": true, "/.bpa/charts/": true, "/.bpa/packages/": true}, places, "all of them were looked at")
	left, err := filepath.Glob(filepath.Join(temporary, "bpa-rehearsal-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "a run that ends removes its folder")
}
