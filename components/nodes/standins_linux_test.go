package nodes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/testkit/tooling"
)

// standIns come first on a machine's PATH. MACHINE and CLOUD are folders, SELF is the instance.
var standIns = map[string]string{
	"aws": `#!/bin/sh
set -eu
echo "aws $*" >>"$MACHINE/calls"
[ "$AWS_DEFAULT_REGION" = us-west-2 ]
case "$1 $2" in
'ec2 describe-volumes')
  # Its holder lets go after so many looks. The answer comes last: who has read it does not wait for this to end.
  volume=$(cat "$CLOUD/volume")
  if [ -s "$CLOUD/looks" ]; then
    looks=$(($(cat "$CLOUD/looks") - 1))
    echo "$looks" >"$CLOUD/looks"
    [ "$looks" -gt 0 ] || { printf 'available\tNone\n' >"$CLOUD/volume"; rm "$CLOUD/looks"; }
  fi
  printf '%s\n' "$volume"
  ;;
'ec2 attach-volume')
  case "$*" in *"--volume-id ` + testVolume + ` --instance-id $SELF "*) ;; *) exit 252 ;; esac
  case "$(cat "$CLOUD/volume")" in available*) ;; *) echo VolumeInUse >&2; exit 254 ;; esac
  if [ -e "$CLOUD/denied" ]; then echo "UnauthorizedOperation: not allowed" >&2; exit 254; fi
  printf 'in-use\t%s\n' "$SELF" >"$CLOUD/volume"
  ln -sfn "$DEVICE_OF_VOLUME" "$DEVICES/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
  ;;
'autoscaling set-instance-health')
  [ "$*" = "autoscaling set-instance-health --instance-id $SELF --health-status Unhealthy --no-should-respect-grace-period" ]
  ;;
's3 cp')
  shift 2
  if [ "$1" = --only-show-errors ]; then shift; fi
  if [ -e "$CLOUD/unreachable" ]; then echo "Could not connect to the endpoint URL" >&2; exit 1; fi
  object=$CLOUD/s3/${1#s3://}
  if [ "$2" = - ]; then cat "$object"; else cp "$object" "$2"; fi
  ;;
*) exit 252 ;;
esac
`,
	"curl": `#!/bin/sh
if [ -e "$CLOUD/no-metadata" ]; then exit 28; fi
case "$*" in
*'-X PUT http://169.254.169.254/latest/api/token -H X-aws-ec2-metadata-token-ttl-seconds: 300') printf 'the-token' ;;
*'-H X-aws-ec2-metadata-token: the-token http://169.254.169.254/latest/meta-data/instance-id') printf %s "$SELF" ;;
*) exit 22 ;;
esac
`,
	"systemctl": `#!/bin/sh
echo "systemctl $*" >>"$MACHINE/calls"
[ "$*" != 'start bpa-boot.service' ] || exec "$ROOT/usr/local/sbin/bpa-boot"
`,
	"sysctl": `#!/bin/sh
[ "$1 $2" = '-q -p' ] && cp "$3" "$MACHINE/kernel"
`,
}

// realDevices says why a machine cannot be had here, or nothing.
var realDevices = sync.OnceValue(func() string {
	if os.Geteuid() != 0 {
		return "only root may make loop devices and mount them"
	}
	for _, command := range []string{
		"bash", "blkid", "blockdev", "findmnt", "flock", "losetup", "mkfs.xfs", "mountpoint", "nsenter",
		"systemd-analyze", "unshare", "wipefs", "xfs_growfs", "xfs_repair",
	} {
		if _, err := exec.LookPath(command); err != nil {
			return command + " is not installed"
		}
	}
	probe := `image=$(mktemp) && folder=$(mktemp -d) || exit
trap 'rm -r "$image" "$folder"' EXIT
truncate --size=300M "$image" && mkfs.xfs -q "$image" && unshare --mount --propagation private mount -o loop "$image" "$folder"`
	if output, err := exec.Command("bash", "-c", probe).CombinedOutput(); err != nil {
		return "xfs on a loop device does not mount in a mount namespace here: " + string(output)
	}
	return ""
})

func requireRealDevices(t *testing.T) {
	t.Helper()
	if reason := realDevices(); reason != "" {
		t.Skip(reason)
	}
}

func requireCommand(t *testing.T, command string) {
	t.Helper()
	if _, err := exec.LookPath(command); err != nil {
		tooling.Missing(t, command+" is not installed")
	}
}

// pack makes a package of tar entries, in their order.
func pack(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	archive := tar.NewWriter(zip)
	for _, e := range entries {
		content := e.PAXRecords["BPA.content"]
		e.PAXRecords = nil
		e.Size = int64(len(content))
		require.NoError(t, archive.WriteHeader(&e))
		_, err := archive.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

// file is an entry of a package, as its maker's account and umask left it.
func file(name, content string) tar.Header {
	return tar.Header{
		Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Uid: 1000, Gid: 1000, PAXRecords: map[string]string{"BPA.content": content},
	}
}

// publish uploads a package and points to it. It returns the hash.
func (c *cloud) publish(t *testing.T, archive []byte) string {
	t.Helper()
	hash := sha256.Sum256(archive)
	sum := hex.EncodeToString(hash[:])
	key := "packages/" + sum + ".tar.gz"
	write(t, filepath.Join(c.dir, "s3", testBucket, key), string(archive))
	c.point(t, sum+" "+key+"\n")
	return sum
}

// point sets the pointer's text.
func (c *cloud) point(t *testing.T, text string) {
	t.Helper()
	write(t, filepath.Join(c.dir, "s3", testBucket, testPointer), text)
}

// reach makes S3 answer, or not.
func (c *cloud) reach(t *testing.T, reachable bool) {
	t.Helper()
	if reachable {
		require.NoError(t, os.RemoveAll(filepath.Join(c.dir, "unreachable")))
		return
	}
	write(t, filepath.Join(c.dir, "unreachable"), "")
}
