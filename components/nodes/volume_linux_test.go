package nodes

import (
	"fmt"
	"os/exec"
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
		"a DOS partition table":   {dos, "holds a partition table, not the xfs of a BPA node"},
		"a GPT partition table":   {gpt, "holds a partition table, not the xfs of a BPA node"},
		"data at its beginning":   {data(5000), "holds data without a filesystem"},
		"data in the 16th MiB":    {data(15 << 20), "holds data without a filesystem"},
		"data far from the start": {data(150<<20 + 77), "holds data without a filesystem"},
	} {
		t.Run(name, func(t *testing.T) {
			requireRealDevices(t)
			requireCommand(t, c.fill[0])
			m := newMachine(t, newCloud(t))
			fill := exec.Command(c.fill[0], append(c.fill[1:], m.cloud.device)...)
			fill.Stdin = strings.NewReader("type=linux\n")
			require.NoError(t, fill.Run())
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

// gpt is a command that writes a GPT with one Linux partition on the device that is added to it.
var gpt = []string{"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--label=gpt"}

// dos is a command that writes a partition table with one Linux partition on the device that is added to it.
var dos = []string{"sh", "-c", `{
  head -c 446 /dev/zero
  printf '\000\040\041\000\203\376\377\377\000\010\000\000\000\120\011\000'
  head -c 48 /dev/zero
  printf '\125\252'
} | dd of="$0" conv=notrunc,fsync status=none`}

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
			if !strings.Contains(c.lost, "1M") { // which takes the directories with it
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

// TestR25MkfsKilledAtAnyWrite kills the real mkfs.xfs at each of its writes.
func TestR25MkfsKilledAtAnyWrite(t *testing.T) {
	requireRealDevices(t)
	requireCommand(t, "strace")
	again := 0
	for write := 1; ; write++ {
		c := newCloud(t)
		kill := fmt.Sprintf("inject=pwrite64:signal=KILL:when=%d", write)
		mkfs := []string{"mkfs.xfs", "-q", "-L", "bpa-opt", c.device}
		strace := append([]string{"-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", kill}, mkfs...)
		if exec.Command("strace", strace...).Run() == nil {
			require.Greater(t, write, 10)
			t.Logf("mkfs.xfs was killed at each of its %d writes, after %d of which there was something to make again", write-1, again)
			break
		}
		m := newMachine(t, c)
		output := m.mustBoot()
		require.Contains(t, output, "making")
		require.True(t, m.mounted())
		if strings.Contains(output, "again, which was interrupted") {
			again++
		}
		m.powerOff()
	}
	assert.Positive(t, again)
}
