package nodes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
)

// The machine that the boot script is tested on: a folder for its root, a loop device for its volume, and a mount
// namespace of its own, so that no mount outlives a test. AWS, its metadata service and systemd are stand-ins.
const (
	testVolume  = "vol-0123456789abcdef0"
	testBucket  = "bpa-packages"
	testPointer = "packages/current"
)

var testNode = config.Node{Name: "node-4", Directories: []string{"elk", "metrices", "metrices/prometheus", "metrices/grafana"}}

// cloud is what outlives a machine: the volume, who holds it, and the bucket.
type cloud struct {
	dir, device string
}

// newCloud makes an empty volume that nobody holds, and a bucket with a package in it.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	requireRealDevices(t)
	c := &cloud{dir: t.TempDir()}
	run(t, "truncate", "--size=300M", c.image())
	c.device = run(t, "losetup", "--find", "--show", c.image())
	t.Cleanup(func() { run(t, "losetup", "--detach", c.device) })
	c.heldBy(t, "")
	require.NoError(t, os.MkdirAll(filepath.Join(c.dir, "s3", testBucket, "packages"), 0o755))
	c.publish(t, pack(t, file("VERSION", "4.0.3-6\n"), file("bin/run.sh", "#!/bin/sh\n")))
	return c
}

// heldBy makes an instance the holder of the volume, or nobody.
func (c *cloud) heldBy(t *testing.T, instance string) {
	t.Helper()
	state := "available\tNone\n"
	if instance != "" {
		state = "in-use\t" + instance + "\n"
	}
	write(t, filepath.Join(c.dir, "volume"), state)
}

// hash is of every byte of the volume that is not zero.
func (c *cloud) hash(t *testing.T) string {
	t.Helper()
	const seekData = 3
	run(t, "blockdev", "--flushbufs", c.device)
	image, err := os.Open(c.image())
	require.NoError(t, err)
	defer image.Close()
	hash := sha256.New()
	page := make([]byte, 4096)
	for offset := int64(0); ; offset += int64(len(page)) {
		// Holes of the image take no time.
		offset, err = image.Seek(offset, seekData)
		if errors.Is(err, syscall.ENXIO) {
			return hex.EncodeToString(hash.Sum(nil))
		}
		require.NoError(t, err)
		_, err = image.ReadAt(page, offset)
		require.NoError(t, err)
		if len(bytes.TrimLeft(page, "\x00")) > 0 {
			fmt.Fprintf(hash, "%d %x\n", offset, page)
		}
	}
}

func (c *cloud) image() string { return filepath.Join(c.dir, "volume.img") }

// machine is an instance.
type machine struct {
	t     *testing.T
	cloud *cloud
	// dir holds the machine's own files, root among them. id is the instance's.
	dir, root, id string
	env           []string
	// namespace is the process that keeps the mount namespace, stop ends it.
	namespace int
	stop      func()
}

var instances = struct {
	sync.Mutex
	count int
}{}

// newMachine boots nothing yet: its root is a fresh image, with CNI plugins in /opt.
func newMachine(t *testing.T, c *cloud) *machine {
	t.Helper()
	instances.Lock()
	instances.count++
	m := &machine{t: t, cloud: c, dir: t.TempDir(), id: fmt.Sprintf("i-%d", instances.count)}
	instances.Unlock()
	m.root = filepath.Join(m.dir, "root")
	write(t, filepath.Join(m.root, "opt/cni/bin/bridge"), strings.Repeat("bridge of the image\n", 1000))
	require.NoError(t, os.Chmod(filepath.Join(m.root, "opt/cni/bin/bridge"), 0o755))
	require.NoError(t, os.Symlink("bridge", filepath.Join(m.root, "opt/cni/bin/vlan")))
	write(t, filepath.Join(m.root, "etc/fstab"), "")
	write(t, filepath.Join(m.dir, "calls"), "")
	write(t, filepath.Join(m.dir, "uptime"), "60.12 100.00\n")
	write(t, filepath.Join(m.dir, "part-001"), renderBoot(testNode, "us-west-2", 262144, testPointer, testVolume, testBucket))
	require.NoError(t, os.MkdirAll(filepath.Join(m.dir, "by-id"), 0o755))
	for name, text := range standIns {
		write(t, filepath.Join(m.dir, "bin", name), text)
		require.NoError(t, os.Chmod(filepath.Join(m.dir, "bin", name), 0o755))
	}
	m.env = []string{
		"PATH=" + filepath.Join(m.dir, "bin") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
		"ROOT=" + m.root, "DEVICES=" + filepath.Join(m.dir, "by-id"), "WAIT=0", "UPTIME=" + filepath.Join(m.dir, "uptime"),
		"MACHINE=" + m.dir, "CLOUD=" + c.dir, "SELF=" + m.id, "DEVICE_OF_VOLUME=" + c.device,
	}
	m.powerOn()
	return m
}

// replace terminates the machine and launches another, which finds the volume free.
func (m *machine) replace() *machine {
	m.t.Helper()
	m.powerOff()
	m.cloud.heldBy(m.t, "")
	return newMachine(m.t, m.cloud)
}

// reboot loses every mount, and mounts what fstab lists. The volume stays attached.
func (m *machine) reboot() {
	m.t.Helper()
	m.powerOff()
	m.powerOn()
	m.mustRun("mount", "--all", "--fstab", filepath.Join(m.root, "etc/fstab"))
}

func (m *machine) powerOn() {
	m.t.Helper()
	// It ends with its standard input, so even a test that is killed leaves no mount behind.
	holder := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; exec cat")
	stdin, err := holder.StdinPipe()
	require.NoError(m.t, err)
	stdout, err := holder.StdoutPipe()
	require.NoError(m.t, err)
	require.NoError(m.t, holder.Start())
	_, err = io.ReadFull(stdout, make([]byte, 1))
	require.NoError(m.t, err)
	m.namespace = holder.Process.Pid
	m.stop = sync.OnceFunc(func() { _ = errors.Join(stdin.Close(), holder.Wait()) })
	m.t.Cleanup(m.stop)
}

func (m *machine) powerOff() { m.stop() }

// exec runs a command on the machine, in a process group of its own, and returns what it printed.
func (m *machine) exec(env []string, command ...string) (string, error) {
	args := append([]string{fmt.Sprintf("--mount=/proc/%d/ns/mnt", m.namespace), "--"}, command...)
	cmd := exec.Command("nsenter", args...)
	cmd.Env = append(append([]string{}, m.env...), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A file and not a pipe: what a killed script leaves running must not be waited for.
	output, err := os.CreateTemp(m.dir, "output-*")
	require.NoError(m.t, err)
	defer os.Remove(output.Name())
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	err = cmd.Run()
	text, readErr := os.ReadFile(output.Name())
	require.NoError(m.t, readErr)
	return string(text), err
}

func (m *machine) mustRun(command ...string) string {
	m.t.Helper()
	output, err := m.exec(nil, command...)
	require.NoError(m.t, err, "%v\n%s", command, output)
	return output
}

// boot runs the script as cloud-init does.
func (m *machine) boot(env ...string) (string, error) {
	return m.exec(env, "bash", filepath.Join(m.dir, "part-001"))
}

func (m *machine) mustBoot() string {
	m.t.Helper()
	output, err := m.boot()
	require.NoError(m.t, err, output)
	return output
}

// timer runs what bpa-package.timer runs.
func (m *machine) timer(env ...string) (string, error) {
	return m.exec(env, filepath.Join(m.root, "usr/local/sbin/bpa-package"))
}

// path is where the test sees a file of the machine, mounts included.
func (m *machine) path(name string) string {
	return filepath.Join(fmt.Sprintf("/proc/%d/root", m.namespace), m.root, name)
}

func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	require.NoError(m.t, err)
	return string(text)
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	write(m.t, m.path(name), text)
}

// calls are the stand-ins' calls so far.
func (m *machine) calls() string {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "calls"))
	require.NoError(m.t, err)
	return string(text)
}

func (m *machine) mounted() bool {
	_, err := m.exec(nil, "mountpoint", "-q", filepath.Join(m.root, "opt"))
	return err == nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// run runs a command of the test itself and returns its standard output.
func run(t *testing.T, command ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	require.NoError(t, err, "%v: %s", command, &stderr)
	return strings.TrimSpace(string(output))
}
