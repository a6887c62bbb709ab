package nodes

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestR25FirstBootPutsOptOnTheVolume(t *testing.T) {
	m := newMachine(t, newCloud(t))
	output := m.mustBoot()

	t.Run("the volume is attached to this instance", func(t *testing.T) {
		assert.Contains(t, m.calls(), "aws ec2 attach-volume --volume-id "+testVolume+" --instance-id "+m.id+" --device /dev/sdf")
	})
	t.Run("an empty one gets a filesystem and is mounted", func(t *testing.T) {
		assert.Contains(t, output, "which is empty")
		mount := m.mustRun("findmnt", "-n", "-o", "SOURCE,FSTYPE", m.root+"/opt")
		assert.Equal(t, []string{m.cloud.device, "xfs"}, strings.Fields(mount))
	})
	t.Run("what /opt held is there still", func(t *testing.T) {
		image, err := os.ReadFile(filepath.Join(m.root, "opt/cni/bin/bridge"))
		require.NoError(t, err)
		assert.Equal(t, string(image), m.read("opt/cni/bin/bridge"))
		info, err := os.Stat(m.path("opt/cni/bin/bridge"))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o755), info.Mode())
		target, err := os.Readlink(m.path("opt/cni/bin/vlan"))
		require.NoError(t, err)
		assert.Equal(t, "bridge", target)
		assert.NoDirExists(t, m.path("opt/.image"))
	})
	t.Run("fstab has it by UUID, once", func(t *testing.T) {
		uuid := run(t, "blkid", "-p", "-s", "UUID", "-o", "value", m.cloud.device)
		assert.Equal(t, "UUID="+uuid+" "+m.root+"/opt xfs defaults,nofail,x-systemd.device-timeout=300s 0 2\n", m.read("etc/fstab"))
	})
	t.Run("the staging mount is gone", func(t *testing.T) {
		_, err := m.exec(nil, "mountpoint", "-q", m.root+"/run/bpa-opt")
		assert.Error(t, err)
	})
}

func TestR25ASecondBootChangesNothing(t *testing.T) {
	m := newMachine(t, newCloud(t))
	m.mustBoot()
	m.write("opt/bpa/data/elk/index", "precious")
	before := m.state(t)

	t.Run("fstab alone mounts the volume", func(t *testing.T) {
		m.reboot()
		assert.True(t, m.mounted())
		assert.Equal(t, before, m.state(t))
	})
	t.Run("systemd runs the script again", func(t *testing.T) {
		assert.Contains(t, m.read("etc/systemd/system/bpa-boot.service"), "ExecStart=/usr/local/sbin/bpa-boot\n")
		assert.Contains(t, m.calls(), "systemctl enable bpa-boot.service\n")
		assert.Contains(
			t,
			m.read("etc/systemd/system/bpa-boot.service"),
			"Restart=on-failure\nRestartSec=15\n",
			"and again after a failure",
		)
		output, err := m.exec(nil, filepath.Join(m.root, "usr/local/sbin/bpa-boot"))
		require.NoError(t, err, output)
		assert.Equal(t, before, m.state(t))
	})
	t.Run("and needs no AWS where the volume is attached and the package is there", func(t *testing.T) {
		write(t, filepath.Join(m.cloud.dir, "no-metadata"), "")
		m.cloud.reach(t, false)
		output := m.mustBoot()
		assert.Contains(t, output, "no package from s3://"+testBucket+"/"+testPointer+": the one that is here stays")
		assert.Equal(t, before, m.state(t))
		assert.True(t, m.gateIsOpen(t))
	})
}

func TestR25AReplacedNodeFindsItsData(t *testing.T) {
	old := newMachine(t, newCloud(t))
	old.mustBoot()
	uuid := old.read("etc/fstab")
	old.write("opt/bpa/data/elk/index", "precious")
	old.write("opt/elsewhere/file", "kept too")
	old.write("opt/cni/bin/aws-cni", "put here by the VPC CNI")
	old.mustRun("touch", "-d", "2001-01-01", old.root+"/opt/cni/bin/bridge")

	m := old.replace()
	write(t, filepath.Join(m.root, "opt/cni/bin/bridge"), "bridge of a newer image")
	output := m.mustBoot()

	assert.NotContains(t, output, "making")
	assert.Equal(t, strings.ReplaceAll(uuid, old.root, m.root), m.read("etc/fstab"), "the same filesystem")
	assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))
	assert.Equal(t, "kept too", m.read("opt/elsewhere/file"))
	assert.Equal(t, "put here by the VPC CNI", m.read("opt/cni/bin/aws-cni"))
	assert.Equal(t, "bridge of a newer image", m.read("opt/cni/bin/bridge"))
}

func TestR25AnEnlargedVolumeIsUsedWhole(t *testing.T) {
	m := newMachine(t, newCloud(t))
	m.mustBoot()
	m.write("opt/bpa/data/elk/index", "precious")
	size := func() string { return m.mustRun("findmnt", "-n", "-o", "SIZE", "--bytes", m.root+"/opt") }
	small := size()
	enlarge := func(to string) {
		run(t, "truncate", "--size="+to, m.cloud.image())
		run(t, "losetup", "--set-capacity", m.cloud.device)
		require.Equal(t, small, size(), "EBS enlarges the disk alone")
	}

	enlarge("400M")
	m.mustBoot()
	grown := size()
	assert.NotEqual(t, small, grown)
	assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))

	t.Run("and without a boot by what the timer starts", func(t *testing.T) {
		small = grown
		enlarge("500M")
		_, command, found := strings.Cut(m.read("etc/systemd/system/bpa-package.service"), "ExecStartPre=-")
		require.True(t, found)
		command, _, _ = strings.Cut(command, "\n")
		m.mustRun("bash", "-c", strings.ReplaceAll(command, " /opt", " "+m.root+"/opt"))
		assert.NotEqual(t, grown, size())
		assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))
	})
}

func TestR25ANodeThatCrashedLeavesAUsableVolume(t *testing.T) {
	m := newMachine(t, newCloud(t))
	m.mustBoot()
	m.write("opt/bpa/data/elk/index", "precious")
	m.mustRun("sync", "-f", m.root+"/opt")
	// The volume as it is while mounted: its log has not been written back.
	crashed := newCloud(t)
	run(t, "cp", "--sparse=always", m.cloud.image(), filepath.Join(crashed.dir, "crashed.img"))
	run(t, "dd", "if="+filepath.Join(crashed.dir, "crashed.img"), "of="+crashed.device, "bs=1M", "status=none", "conv=fsync")
	m.powerOff()

	next := newMachine(t, crashed)
	next.mustBoot()
	assert.Equal(t, "precious", next.read("opt/bpa/data/elk/index"))
}

func TestR25ABusyVolumeIsWaitedFor(t *testing.T) {
	t.Run("until its old node lets go", func(t *testing.T) {
		c := newCloud(t)
		c.heldBy(t, "i-old")
		write(t, filepath.Join(c.dir, "looks"), "5\n")
		m := newMachine(t, c)
		output := m.mustBoot()
		assert.Equal(t, 5, strings.Count(output, "waiting for "+testVolume+": in-use i-old"))
		assert.True(t, m.mounted())
	})
	t.Run("but not for ever", func(t *testing.T) {
		c := newCloud(t)
		c.heldBy(t, "i-old")
		m := newMachine(t, c)
		output, err := m.boot()
		require.Error(t, err)
		assert.Contains(t, output, "FAILED: volume "+testVolume+" did not become ours: in-use, held by i-old")
		assert.NotContains(t, m.calls(), "attach-volume")
		assert.False(t, m.gateIsOpen(t))

		c.heldBy(t, "")
		output, err = m.exec(nil, filepath.Join(m.root, "usr/local/sbin/bpa-boot"))
		require.NoError(t, err, output, "what systemd starts again finds the volume free")
		assert.True(t, m.gateIsOpen(t))
	})
	t.Run("and a refusal to attach it is shown", func(t *testing.T) {
		c := newCloud(t)
		write(t, filepath.Join(c.dir, "denied"), "")
		output, err := newMachine(t, c).boot()
		require.Error(t, err)
		assert.Contains(t, output, "attach-volume: UnauthorizedOperation: not allowed")
		assert.Contains(t, output, "did not become ours: available, held by None: UnauthorizedOperation: not allowed")
	})
	t.Run("a node without metadata says so", func(t *testing.T) {
		c := newCloud(t)
		write(t, filepath.Join(c.dir, "no-metadata"), "")
		output, err := newMachine(t, c).boot()
		require.Error(t, err)
		assert.Contains(t, output, "FAILED: no answer from the instance metadata service")
	})
}

func TestR18DirectoriesAndKernelSetting(t *testing.T) {
	m := newMachine(t, newCloud(t))
	m.mustBoot()
	check := func(t *testing.T) {
		for _, directory := range testNode.Directories {
			info, err := os.Stat(m.path("opt/bpa/data/" + directory))
			require.NoError(t, err)
			assert.Equal(t, os.ModeDir|0o777, info.Mode(), directory)
		}
		kernel, err := os.ReadFile(filepath.Join(m.dir, "kernel"))
		require.NoError(t, err)
		assert.Equal(t, "vm.max_map_count = 262144\n", string(kernel), "set now")
		assert.Equal(t, string(kernel), m.read("etc/sysctl.d/99-bpa.conf"), "set at every boot")
	}
	t.Run("at the first boot", check)
	t.Run("at a later one, with what they hold", func(t *testing.T) {
		m.write("opt/bpa/data/metrices/prometheus/wal", "precious")
		m.mustRun("chmod", "700", m.root+"/opt/bpa/data/elk")
		m.reboot()
		m.mustBoot()
		check(t)
		assert.Equal(t, "precious", m.read("opt/bpa/data/metrices/prometheus/wal"))
	})
}

// TestR17AReplacementIsTheSameNode: what belongs to node-4 is on its volume, and comes back with its replacement,
// which has the same script and the same label.
func TestR17AReplacementIsTheSameNode(t *testing.T) {
	old := newMachine(t, newCloud(t))
	assert.Contains(t, old.mustBoot(), "bpa-boot node-4: ready")
	before := old.state(t)
	m := old.replace()
	assert.Contains(t, m.mustBoot(), "bpa-boot node-4: ready")
	assert.Equal(t, before, m.state(t))
}

func TestR19KubeletWaitsForVolumeAndPackage(t *testing.T) {
	m := newMachine(t, newCloud(t))
	m.cloud.reach(t, false)
	_, err := m.boot()
	require.Error(t, err)
	dropin := m.read("etc/systemd/system/kubelet.service.d/10-bpa.conf")
	assert.Equal(t, "[Unit]\nRequiresMountsFor=/opt\nAssertPathIsMountPoint=/opt\nAssertPathExists=/opt/bpa/.package\n", dropin)
	assert.False(t, m.gateIsOpen(t), "there is no package yet")

	m.cloud.reach(t, true)
	m.mustBoot()
	assert.True(t, m.gateIsOpen(t))

	m.powerOff()
	m.powerOn()
	assert.False(t, m.gateIsOpen(t), "the volume is not mounted")
}

// gateIsOpen asks systemd whether it would start kubelet.
func (m *machine) gateIsOpen(t *testing.T) bool {
	t.Helper()
	asserts := regexp.MustCompile(`(?m)^Assert.*$`).FindAllString(m.read("etc/systemd/system/kubelet.service.d/10-bpa.conf"), -1)
	require.Len(t, asserts, 2)
	command := []string{"systemd-analyze", "condition"}
	for _, a := range asserts {
		command = append(command, strings.Replace(a, "=/opt", "="+m.root+"/opt", 1))
	}
	output, err := m.exec(nil, command...)
	var exit *exec.ExitError
	require.True(t, err == nil || assert.ErrorAs(t, err, &exit) && strings.Contains(output, "Asserts failed"), output)
	return err == nil
}

// An instance that cannot be prepared is replaced in the end: EC2 would call it healthy for ever.
func TestR25ABootThatCannotSucceedMarksItsInstanceUnhealthy(t *testing.T) {
	const health = "aws autoscaling set-instance-health"
	c := newCloud(t)
	c.heldBy(t, "i-old")
	m := newMachine(t, c)
	_, err := m.boot()
	require.Error(t, err)
	assert.NotContains(t, m.calls(), health, "a minute after its start it may still succeed")

	write(t, filepath.Join(m.dir, "uptime"), "1801.50 3000.00\n")
	output, err := m.boot()
	require.Error(t, err)
	assert.Contains(t, output, "not prepared after 1800 seconds")
	assert.Contains(t, m.calls(), health+" --instance-id "+m.id+" --health-status Unhealthy")

	c.heldBy(t, "")
	before := strings.Count(m.calls(), health)
	m.mustBoot()
	assert.Equal(t, before, strings.Count(m.calls(), health), "one that is prepared, however late, is healthy")
}

// fill writes to the volume until it has no byte left.
func (m *machine) fill() {
	m.t.Helper()
	for i, size := range []string{"1M", "4k", "512"} {
		_, err := m.exec(nil, "dd", "if=/dev/zero", fmt.Sprintf("of=%s/opt/bpa/data/elk/index-%d", m.root, i), "bs="+size)
		require.Error(m.t, err, "dd ends where the volume is full")
	}
}

func TestR25AFullVolumeStillBoots(t *testing.T) {
	c := newCloud(t)
	m := newMachine(t, c)
	m.mustBoot()
	m.fill()

	t.Run("after a reboot", func(t *testing.T) {
		m.reboot()
		m.mustBoot()
		assert.True(t, m.gateIsOpen(t))
	})
	t.Run("on a replacement with the same image", func(t *testing.T) {
		m = m.replace()
		of := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC) // an image's files are older than what was copied from it
		require.NoError(t, os.Chtimes(filepath.Join(m.root, "opt/cni/bin/bridge"), of, of))
		output := m.mustBoot()
		assert.NotContains(t, output, "is full")
		assert.True(t, m.gateIsOpen(t))
	})
	t.Run("on one with a newer image, whose files do not fit", func(t *testing.T) {
		m = m.replace()
		write(t, filepath.Join(m.root, "opt/cni/bin/bridge"), "bridge of a newer image")
		output := m.mustBoot()
		assert.Contains(t, output, "is full: 4 KiB of the image's /opt do not fit; files of an older image stay")
		assert.Equal(t, strings.Repeat("bridge of the image\n", 1000), m.read("opt/cni/bin/bridge"))
		assert.True(t, m.gateIsOpen(t))
	})
	t.Run("with a newer package, which does not fit", func(t *testing.T) {
		sum := m.read("opt/bpa/.package")
		noise := make([]byte, 8<<20)
		_, _ = rand.Read(noise) // never fails
		c.publish(t, pack(t, file("VERSION", "next"), file("large", string(noise))))
		output := m.mustBoot()
		assert.Contains(t, output, "the one that is here stays")
		assert.Equal(t, sum, m.read("opt/bpa/.package"))
		assert.NoFileExists(t, m.path("opt/bpa/.download"), "what did not fit leaves its room")
		assert.NoDirExists(t, m.path("opt/bpa/.unpack"))
	})
	t.Run("but one that lacks what kubelet needs says what to do", func(t *testing.T) {
		m = m.replace()
		write(t, filepath.Join(m.root, "opt/cni/bin/new-plugin"), "a plugin that no image had before")
		output, err := m.boot()
		require.Error(t, err)
		assert.Contains(t, output, "FAILED: "+c.device+" is full, and lacks 4 KiB of the image's /opt: enlarge the volume")
		assert.False(t, m.gateIsOpen(t))
	})
	t.Run("and boots when it was enlarged", func(t *testing.T) {
		run(t, "truncate", "--size=500M", c.image())
		run(t, "losetup", "--set-capacity", c.device)
		m.mustBoot()
		assert.Equal(t, "a plugin that no image had before", m.read("opt/cni/bin/new-plugin"))
		assert.Equal(t, "next", m.read("opt/bpa/VERSION"))
		assert.True(t, m.gateIsOpen(t))
	})
}
