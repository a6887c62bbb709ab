package nodes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestR25AVolumeThatHoldsSomethingIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		fill []string
		want string
	}{
		"ext4":                    {[]string{"mkfs.ext4", "-q"}, "holds ext4, not the xfs of a BPA node"},
		"swap space":              {[]string{"mkswap", "--quiet"}, "holds swap, not the xfs of a BPA node"},
		"a DOS partition table":   {partition("dos"), "holds a partition table, not the xfs of a BPA node"},
		"a GPT partition table":   {partition("gpt"), "holds a partition table, not the xfs of a BPA node"},
		"data at its beginning":   {data(5000), "holds data without a filesystem"},
		"data in the 16th MiB":    {data(15 << 20), "holds data without a filesystem"},
		"data far from the start": {data(150<<20 + 77), "holds data without a filesystem"},
	} {
		t.Run(name, func(t *testing.T) {
			requireRealDevices(t)
			requireCommand(t, c.fill[0])
			m := newMachine(t, newCloud(t))
			run(t, append(c.fill, m.cloud.device)...)
			before := m.cloud.hash(t)

			output, err := m.boot()

			require.Error(t, err)
			assert.Contains(t, output, "FAILED: "+m.cloud.device+" "+c.want+"; it was left alone")
			assert.Equal(t, before, m.cloud.hash(t))
			assert.False(t, m.mounted())
			assert.False(t, m.gateIsOpen(t))
			assert.Empty(t, m.read("etc/fstab"))
		})
	}
}

// partition is a command that makes a partition table on the device that is added to it.
func partition(label string) []string {
	return []string{"sh", "-c", `echo 'type=linux' 2>/dev/null | sfdisk --quiet --no-reread --no-tell-kernel --label ` + label + ` "$0"`}
}

// data is a command that writes a few bytes at an offset.
func data(offset int) []string {
	return []string{"sh", "-c", fmt.Sprintf(`echo precious | dd of="$0" bs=1 seek=%d conv=notrunc,fsync status=none`, offset)}
}

func TestR25ALostSuperblockLosesNoData(t *testing.T) {
	for name, c := range map[string]struct{ lost, want string }{
		"its sector":         {"bs=512 count=1", "holds data without a filesystem"},
		"the first 4 KiB":    {"bs=4096 count=1", "holds data without a filesystem"},
		"the first MiB":      {"bs=1M count=1", "holds data without a filesystem"},
		"the first 16 MiB":   {"bs=1M count=16", "holds data without a filesystem"},
		"a part of its UUID": {"bs=1 count=4 seek=34", ""},
	} {
		t.Run(name, func(t *testing.T) {
			old := newMachine(t, newCloud(t))
			old.mustBoot()
			old.write("opt/bpa/data/elk/index", "precious")
			old.powerOff()
			run(t, "sh", "-c", "dd if=/dev/zero of="+old.cloud.device+" conv=notrunc,fsync status=none "+c.lost)
			before := old.cloud.hash(t)

			for range 2 {
				m := old.replace()
				output, err := m.boot()
				require.Error(t, err)
				assert.Contains(t, output, c.want)
				assert.Contains(t, output, "it was left alone")
				assert.Equal(t, before, old.cloud.hash(t))
			}

			_, _ = exec.Command("xfs_repair", "-L", old.cloud.device).CombinedOutput()
			m := old.replace()
			m.mustBoot()
			if c.lost != "bs=1M count=16" { // which held the data itself
				assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))
			}
		})
	}
}

func TestR25AHalfMadeFilesystemIsMadeAgain(t *testing.T) {
	t.Run("marked as unfinished", func(t *testing.T) {
		m := newMachine(t, newCloud(t))
		run(t, "mkfs.xfs", "-q", "-L", "bpa-opt", m.cloud.device)
		unfinished(t, m.cloud)
		assert.Contains(t, m.mustBoot(), "making the filesystem on "+m.cloud.device+" again")
		assert.True(t, m.mounted())
	})
	t.Run("but not another's", func(t *testing.T) {
		m := newMachine(t, newCloud(t))
		run(t, "mkfs.xfs", "-q", "-L", "other", m.cloud.device)
		unfinished(t, m.cloud)
		before := m.cloud.hash(t)
		output, err := m.boot()
		require.Error(t, err)
		assert.Contains(t, output, "it was left alone")
		assert.Equal(t, before, m.cloud.hash(t))
	})
}

// unfinished sets the byte of the superblock that mkfs.xfs clears at its end.
func unfinished(t *testing.T, c *cloud) {
	t.Helper()
	run(t, "sh", "-c", `printf '\001' | dd of="$0" bs=1 seek=126 conv=notrunc,fsync status=none`, c.device)
}

// TestR25MkfsKilledAtAnyWrite kills the real mkfs.xfs at each of its writes, and the script with it.
func TestR25MkfsKilledAtAnyWrite(t *testing.T) {
	requireRealDevices(t)
	requireCommand(t, "strace")
	mkfs, err := exec.LookPath("mkfs.xfs")
	require.NoError(t, err)
	again, writes := 0, 0
	for finished := false; !finished; {
		writes++
		require.Less(t, writes, 1000)
		m := newMachine(t, newCloud(t))
		standIn := filepath.Join(m.dir, "bin/mkfs.xfs")
		write(t, standIn, fmt.Sprintf("#!/bin/sh\nstrace -f -o /dev/null -e trace=pwrite64 -e inject=pwrite64:signal=KILL:when=%d %s \"$@\" || kill -9 0\n",
			writes, mkfs))
		require.NoError(t, os.Chmod(standIn, 0o755))
		_, err := m.boot()
		finished = err == nil
		require.NoError(t, os.Remove(standIn))

		next := m.replace()
		output := next.mustBoot()
		if !finished {
			assert.Contains(t, output, "making")
		}
		if strings.Contains(output, "again, which was interrupted") {
			again++
		}
		next.powerOff()
	}
	t.Logf("mkfs.xfs was killed at each of its %d writes; it was begun again on what it left behind %d times", writes-1, again)
	assert.Positive(t, again)
}
