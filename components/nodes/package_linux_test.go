package nodes

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestR19ThePackageIsInOptBPA(t *testing.T) {
	c := newCloud(t)
	sum := c.publish(t, pack(t,
		tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o700, Uid: 1000},
		file("./VERSION", "4.0.3-6\n"), file("./charts/data/values.yaml", "nested\n"), file("./data/elk/index", "from the package"),
	))
	m := newMachine(t, c)
	m.mustBoot()

	assert.Equal(t, "4.0.3-6\n", m.read("opt/bpa/VERSION"))
	assert.Equal(t, sum+"\n", m.read("opt/bpa/.package"))
	assert.Equal(t, "nested\n", m.read("opt/bpa/charts/data/values.yaml"), "a folder called data further down belongs to the package")
	assert.NoFileExists(t, m.path("opt/bpa/data/elk/index"), "data/ belongs to the node")
	for _, leftover := range []string{".download", ".unpack", ".package.partial"} {
		assert.NoFileExists(t, m.path("opt/bpa/"+leftover))
		assert.NoDirExists(t, m.path("opt/bpa/"+leftover))
	}
	assert.Equal(t, "755 0:0", strings.TrimSpace(m.mustRun("stat", "-c", "%a %u:%g", m.root+"/opt/bpa")), "pods of any user reach data/")
	assert.Equal(t, "644 0:0", strings.TrimSpace(m.mustRun("stat", "-c", "%a %u:%g", m.root+"/opt/bpa/VERSION")))
}

func TestR19ANewPackageReachesARunningNode(t *testing.T) {
	c := newCloud(t)
	c.publish(t, pack(t, file("VERSION", "1"), file("config", "of the package"), file("tool", "#!/bin/sh\n")))
	m := newMachine(t, c)
	m.mustBoot()
	assert.Contains(t, m.calls(), "systemctl enable --now bpa-package.timer\n")
	assert.Contains(t, m.read("etc/systemd/system/bpa-package.service"), "ExecStart=/usr/local/sbin/bpa-package\n")
	m.write("opt/bpa/data/elk/index", "precious")

	t.Run("the same one is not fetched again", func(t *testing.T) {
		before := strings.Count(m.calls(), ".tar.gz")
		output, err := m.timer()
		require.NoError(t, err, output)
		assert.Equal(t, before, strings.Count(m.calls(), ".tar.gz"))
	})
	t.Run("a new one leaves data alone, even through links", func(t *testing.T) {
		require.NoError(t, os.Remove(m.path("opt/bpa/config")))
		require.NoError(t, os.Symlink("data/elk/index", m.path("opt/bpa/config")))
		sum := c.publish(t, pack(t, file("VERSION", "2"), file("config", "of the package"), file("data/elk/index", "of the package")))
		output, err := m.timer()
		require.NoError(t, err, output)
		assert.Equal(t, "2", m.read("opt/bpa/VERSION"))
		assert.Equal(t, "of the package", m.read("opt/bpa/config"))
		assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))
		assert.Equal(t, sum+"\n", m.read("opt/bpa/.package"))
	})
	t.Run("a package whose data is a link goes nowhere", func(t *testing.T) {
		link := tar.Header{Typeflag: tar.TypeSymlink, Name: "data", Linkname: "/", Mode: 0o777}
		c.publish(t, pack(t, link, file("VERSION", "3")))
		output, err := m.timer()
		require.NoError(t, err, output)
		assert.Equal(t, "3", m.read("opt/bpa/VERSION"))
		assert.Equal(t, "precious", m.read("opt/bpa/data/elk/index"))
	})
	t.Run("a program that runs is replaced", func(t *testing.T) {
		m.mustRun("cp", "/bin/sleep", m.root+"/opt/bpa/tool")
		stop := m.start(t, filepath.Join(m.root, "opt/bpa/tool"), "infinity")
		c.publish(t, pack(t, file("VERSION", "4"), file("tool", "new")))
		output, err := m.timer()
		require.NoError(t, err, output)
		assert.Equal(t, "new", m.read("opt/bpa/tool"))
		stop()
	})
	t.Run("nothing is written where the volume is not mounted", func(t *testing.T) {
		m.powerOff()
		m.powerOn()
		output, err := m.timer()
		require.Error(t, err)
		assert.Contains(t, output, "/opt is not mounted")
		assert.NoDirExists(t, m.path("opt/bpa"))
	})
}

func TestR19AMalformedPointerChangesNothing(t *testing.T) {
	c := newCloud(t)
	m := newMachine(t, c)
	sum := c.publish(t, pack(t, file("VERSION", "1")))
	key := "packages/" + sum + ".tar.gz"
	m.mustBoot()
	before := m.state(t)
	for name, text := range map[string]string{
		"empty":                   "",
		"without a key":           sum + "\n",
		"without a hash":          key + "\n",
		"a hash that is short":    sum[1:] + " " + key + "\n",
		"a hash in upper case":    strings.Repeat("A", 64) + " " + key + "\n",
		"an error page":           "<html>\n<body>503</body>\n</html>\n",
		"two lines":               sum + " " + key + "\n" + sum + " " + key + "\n",
		"a key that is not there": strings.Repeat("0", 64) + " packages/none.tar.gz\n",
		"the hash of another":     strings.Repeat("0", 64) + " " + key + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			c.point(t, text)
			output, err := m.timer()
			require.Error(t, err, output)
			assert.NotEmpty(t, output, "says why")
			require.NoError(t, os.RemoveAll(m.path("opt/bpa/.download")))
			assert.Equal(t, before, m.state(t))
		})
	}
	t.Run("one without a newline is well-formed", func(t *testing.T) {
		c.point(t, sum+" "+key)
		output, err := m.timer()
		require.NoError(t, err, output)
	})
}

func TestR19S3IsUnreachableAtTheFirstBoot(t *testing.T) {
	c := newCloud(t)
	c.reach(t, false)
	m := newMachine(t, c)
	output, err := m.boot()
	require.Error(t, err)
	assert.Equal(t, 12, strings.Count(output, "the package could not be fetched, trying again"))
	assert.Contains(t, output, "FAILED: no package from s3://"+testBucket+"/"+testPointer+"; bpa-package.timer keeps trying")
	assert.False(t, m.gateIsOpen(t))

	// nodeadm has tried in vain to start kubelet by the time S3 answers the timer.
	m.write("etc/eks/kubelet/environment", "")
	c.reach(t, true)
	output, err = m.timer()
	require.NoError(t, err, output)
	assert.True(t, m.gateIsOpen(t))
	assert.Equal(t, 1, strings.Count(m.calls(), "systemctl start --no-block kubelet.service"))

	c.publish(t, pack(t, file("VERSION", "5")))
	output, err = m.timer()
	require.NoError(t, err, output)
	assert.Equal(t, 1, strings.Count(m.calls(), "systemctl start --no-block kubelet.service"), "a kubelet that was stopped stays so")
}

func TestR19AnArchiveThatDoesNotUnpackIsRefused(t *testing.T) {
	c := newCloud(t)
	m := newMachine(t, c)
	m.mustBoot()
	version := m.read("opt/bpa/VERSION")
	c.publish(t, []byte("not an archive"))
	_, err := m.timer()
	require.Error(t, err)
	assert.Equal(t, version, m.read("opt/bpa/VERSION"))
	assert.True(t, m.gateIsOpen(t), "the node goes on with the package that it has")

	c.publish(t, pack(t, file("VERSION", "6")))
	output, err := m.timer()
	require.NoError(t, err, output)
	assert.Equal(t, "6", m.read("opt/bpa/VERSION"))
}
