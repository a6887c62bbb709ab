package nodes

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var every = flag.Bool("every", false, "go on in every way after a kill at any step, not in one way for each step")

// killAt makes bash kill its whole process group just before its n-th command that can change anything. What only looks or
// computes is not counted: being killed before it is being killed before what comes after it.
const killAt = `set -o functrace
trap 'case $BASH_COMMAND in
  "[["*|"(("*|case\ *|declare\ *|die\ *|exit*|export\ *|for\ *|local\ *|log\ *|read\ *|return*|set\ *) ;;
  blkid\ *|blockdev\ *|curl\ *|dd\ *|findmnt\ *|grep\ *|mountpoint\ *|readlink\ *|sleep\ *|tr\ *|wc\ *|wipefs\ *) ;;
  [A-Z]*=*|found=*|line=*|mib=*|path=*|self=*|signatures=*|sum=*|token=*|type=*|uuid=*) ;;
  gate_*|install_unit|instance_id|attach_*|find_device|is_*|make_*|mount_opt*|apply_*|install_package|fetch_package|prepare) ;;
  list_missing*|fits*|copy_*|grow_*|give_up_*|trap\ *|NEEDED=*|problem=*|cd\ *|df\ *|tail\ *|find\ *) ;;
  *)
    read -r STEP <"$MACHINE/step"
    echo "$((STEP + 1))" >"$MACHINE/step"
    if [[ $((STEP + 1)) == "$KILL_AT" ]]; then kill -9 0; fi
    ;;
esac' DEBUG
`

// killing is the environment in which bash is killed before step n, or counts steps where n is 0.
func (m *machine) killing(n int) []string {
	m.t.Helper()
	write(m.t, filepath.Join(m.dir, "step"), "0\n")
	write(m.t, filepath.Join(m.dir, "kill-at.sh"), killAt)
	return []string{"BASH_ENV=" + filepath.Join(m.dir, "kill-at.sh"), "KILL_AT=" + strconv.Itoa(n)}
}

func (m *machine) steps() int {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "step"))
	require.NoError(m.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(m.t, err)
	return n
}

func requireKilled(t *testing.T, err error, output string) {
	t.Helper()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, output)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "%v\n%s", err, output)
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// state is every file below the machine's root, with its mode, owner, links and content. What differs from one machine to
// another, its folder and the filesystem's UUID, is left out.
func (m *machine) state(t *testing.T) []string {
	t.Helper()
	var list []string
	top := m.path("")
	require.NoError(t, filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		line := fmt.Sprintf("%s %s %d:%d", strings.TrimPrefix(path, top), info.Mode(), stat.Uid, stat.Gid)
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			list = append(list, line+" -> "+target)
			return err
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			text := strings.ReplaceAll(uuidPattern.ReplaceAllString(string(content), "<uuid>"), m.root, "<root>")
			list = append(list, fmt.Sprintf("%s links %d sha256 %x", line, stat.Nlink, sha256.Sum256([]byte(text))))
			return err
		}
		list = append(list, line)
		return nil
	}))
	return list
}

// start runs a command on the machine until the function that it returns is called.
func (m *machine) start(t *testing.T, command ...string) func() {
	t.Helper()
	cmd := exec.Command("nsenter", append([]string{fmt.Sprintf("--mount=/proc/%d/ns/mnt", m.namespace), "--"}, command...)...)
	require.NoError(t, cmd.Start())
	stop := func() { _, _ = cmd.Process.Kill(), cmd.Wait() }
	t.Cleanup(stop)
	return stop
}

func TestR25ABootKilledAtAnyStepIsFinishedByTheNext(t *testing.T) {
	whole := newMachine(t, newCloud(t))
	output, err := whole.boot(whole.killing(0)...)
	require.NoError(t, err, output)
	want, steps := whole.state(t), whole.steps()
	require.Greater(t, steps, 50)

	continuations := []struct {
		name string
		next func(m *machine) *machine
	}{
		{"run again on the same instance", func(m *machine) *machine { return m }},
		{"run again after a reboot", func(m *machine) *machine { m.reboot(); return m }},
		{"run on a replacement", (*machine).replace},
	}
	for step := 1; step <= steps; step++ {
		for i, c := range continuations {
			if !*every && step%len(continuations) != i {
				continue
			}
			t.Run(fmt.Sprintf("killed before step %d of %d, %s", step, steps, c.name), func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, newCloud(t))
				output, err := m.boot(m.killing(step)...)
				requireKilled(t, err, output)
				m = c.next(m)
				m.mustBoot()
				assert.Equal(t, want, m.state(t))
			})
		}
	}
}

func TestR19AnUpdateKilledAtAnyStepIsFinishedByTheNext(t *testing.T) {
	c := newCloud(t)
	m := newMachine(t, c)
	m.mustBoot()
	m.write("opt/bpa/data/elk/index", "precious")
	first := pack(t, file("VERSION", "1"), file("a", "1"), file("z", "1"))
	second := pack(t, file("VERSION", "2"), file("a", "2"), file("z", "2"))
	update := func(archive []byte) []string {
		c.publish(t, archive)
		output, err := m.timer()
		require.NoError(t, err, output)
		return m.state(t)
	}
	update(first)
	c.publish(t, second)
	output, err := m.timer(m.killing(0)...)
	require.NoError(t, err, output)
	steps := m.steps()
	require.Greater(t, steps, 10)
	newState, oldState := m.state(t), update(first)

	for step := 1; step <= steps; step++ {
		t.Run(fmt.Sprintf("killed before step %d of %d", step, steps), func(t *testing.T) {
			c.publish(t, second)
			output, err := m.timer(m.killing(step)...)
			requireKilled(t, err, output)
			assert.True(t, m.gateIsOpen(t), "a node that had a package restarts its kubelet")
			assert.Equal(t, newState, update(second), "goes on")

			update(first)
			c.publish(t, second)
			output, err = m.timer(m.killing(step)...)
			requireKilled(t, err, output)
			assert.Equal(t, oldState, update(first), "goes back")
		})
	}
}

func TestR25ACopyOfOptCutShortIsMadeAgain(t *testing.T) {
	m := newMachine(t, newCloud(t))
	write(t, filepath.Join(m.dir, "bin/cp"), `#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in
"-a --parents "*)
  cp "$@"
  find "$ROOT/run/bpa-opt" -name bridge -exec truncate --size=100 {} + -exec touch {} +
  kill -9 0
  ;;
*) exec cp "$@" ;;
esac
`)
	require.NoError(t, os.Chmod(filepath.Join(m.dir, "bin/cp"), 0o755))
	output, err := m.boot()
	requireKilled(t, err, output)
	require.NoError(t, os.Remove(filepath.Join(m.dir, "bin/cp")))
	m.mustBoot()
	image, err := os.ReadFile(filepath.Join(m.root, "opt/cni/bin/bridge"))
	require.NoError(t, err)
	assert.Equal(t, string(image), m.read("opt/cni/bin/bridge"))
}
