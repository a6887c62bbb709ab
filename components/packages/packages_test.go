package packages_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/packages"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

var archive = &packages.Archive{Path: "./.bpa/packages/x.tar.gz", SHA256: strings.Repeat("ab", 32)}

func program(a *packages.Args, read *testkit.Captured) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p, err := packages.New(ctx, "packages", a)
		if err == nil && read != nil {
			read.Capture(ctx, p.ReadPolicy)
		}
		return err
	}
}

func TestR19ThePackageLiesInAPrivateVersionedBucket(t *testing.T) {
	for _, protect := range []bool{true, false} {
		a := &packages.Args{Account: testkit.Account, Archive: archive, Protect: protect}
		testkit.Both(t, program(a, nil), func(t *testing.T, g *testkit.Graph) {
			assert.Equal(t, []string{
				"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2 packages-bucket",
				"aws:s3/bucketObjectv2:BucketObjectv2 packages-archive",
				"aws:s3/bucketObjectv2:BucketObjectv2 packages-current",
				"aws:s3/bucketOwnershipControls:BucketOwnershipControls packages-bucket",
				"aws:s3/bucketPolicy:BucketPolicy packages-bucket",
				"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock packages-bucket",
				"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 packages-bucket",
				"aws:s3/bucketV2:BucketV2 packages-bucket",
				"aws:s3/bucketVersioningV2:BucketVersioningV2 packages-bucket",
				"bpa:packages:Packages packages",
			}, g.List())
			g.Owned(t, "bpa:packages:Packages")
			bucket := g.Get(t, "aws:s3/bucketV2:BucketV2", "packages-bucket")
			assert.Equal(t, protect, bucket.Protect)
			assert.Equal(t, !protect, bucket.Plain("forceDestroy"), "an unprotected bucket goes with its objects, so a destroy ends")
			closed := g.Get(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "packages-bucket")
			for _, switchName := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				assert.Equal(t, true, closed.Plain(switchName), switchName)
			}
			versioning := g.Get(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", "packages-bucket")
			assert.Equal(t, map[string]any{"status": "Enabled"}, versioning.Plain("versioningConfiguration"))
		})
	}
}

func TestR19ThePointerNeverComesBeforeThePackage(t *testing.T) {
	var read testkit.Captured
	g, err := testkit.Update(program(&packages.Args{Account: testkit.Account, Archive: archive}, &read))
	require.NoError(t, err)
	object := g.Get(t, "aws:s3/bucketObjectv2:BucketObjectv2", "packages-archive")
	assert.Equal(t, "packages/"+archive.SHA256+".tar.gz", object.Plain("key"), "content-addressed: a node fetches exactly this version")
	assert.True(t, g.DependsOn(object, "aws:s3/bucketVersioningV2:BucketVersioningV2", "packages-bucket"))
	current := g.Get(t, "aws:s3/bucketObjectv2:BucketObjectv2", "packages-current")
	assert.Equal(t, archive.SHA256+" packages/"+archive.SHA256+".tar.gz\n", current.Plain("content"))
	assert.True(t, g.DependsOn(current, object.Type, object.Name))
	document, _ := read.Value()
	assert.JSONEq(t, `{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"],
		"Resource": ["arn:aws:s3:us-west-2:111122223333:packages-bucket/packages/*"]}]}`, document.(string))
	deny := g.Get(t, "aws:s3/bucketPolicy:BucketPolicy", "packages-bucket").Policy(t, "policy")["TLSOnly"]
	assert.Equal(t, "Deny", deny["Effect"])
}

func TestAnArchiveMustComeFromPack(t *testing.T) {
	g, err := testkit.Update(program(&packages.Args{Account: testkit.Account}, nil))
	require.EqualError(t, errors.Unwrap(err), "packages: Archive: (not set): must come from Pack")
	assert.Empty(t, g.List())
}

// tree writes a package whose times and modes differ from run to run.
func tree(t *testing.T, mode os.FileMode, when time.Time) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "bin", "empty"), 0o700|mode))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bin", "run.sh"), []byte("echo hello\n"), 0o700|mode))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "VERSION"), []byte("4.0.3-6\n"), 0o600|mode))
	require.NoError(t, os.Chmod(filepath.Join(dir, "VERSION"), 0o600|mode))
	require.NoError(t, os.Chtimes(filepath.Join(dir, "VERSION"), when, when))
	return dir
}

func TestR19TheArchiveIsTheSameOnEveryLaptop(t *testing.T) {
	first, err := packages.Pack(tree(t, 0o044, time.Unix(1e9, 0)), t.TempDir())
	require.NoError(t, err)
	work := t.TempDir()
	second, err := packages.Pack(tree(t, 0, time.Unix(2e9, 0)), work)
	require.NoError(t, err)
	assert.Equal(t, first, second, "names, content and the executable bit count, times and umask do not")
	again, err := packages.Pack(tree(t, 0, time.Unix(1, 0)), work)
	require.NoError(t, err)
	assert.Equal(t, second, again)

	entries := map[string]int64{}
	file, err := os.Open(filepath.Join(work, second.Path))
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		entries[header.Name] = header.Mode
	}
	assert.Equal(t, map[string]int64{"bin/": 0o755, "bin/empty/": 0o755, "bin/run.sh": 0o755, "VERSION": 0o644}, entries)
	left, err := filepath.Glob(filepath.Join(work, ".bpa", "packages", "*"))
	require.NoError(t, err)
	assert.Len(t, left, 1, "no partial file stays behind")
}

func TestAGivenArchiveIsTakenAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bpa.tar.gz")
	require.NoError(t, os.WriteFile(file, []byte("as it is"), 0o600))
	work := t.TempDir()
	packed, err := packages.Pack(file, work)
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(work, packed.Path))
	require.NoError(t, err)
	assert.Equal(t, "as it is", string(content))
	reference, err := packages.Pack("", work)
	require.NoError(t, err)
	assert.NotEqual(t, packed.SHA256, reference.SHA256)
}

func TestBadPackageSourcesAreNamed(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "bpa.zip")
	require.NoError(t, os.WriteFile(text, nil, 0o600))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(text, link))
	for source, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file or directory",
		text:                       "must be a directory or a .tar.gz",
		filepath.Dir(link):         "link: must be a file or a directory; links and devices cannot be packed",
	} {
		work := t.TempDir()
		_, err := packages.Pack(source, work)
		require.ErrorContains(t, err, want)
		left, globErr := filepath.Glob(filepath.Join(work, ".bpa", "packages", "*"))
		require.NoError(t, globErr)
		assert.Empty(t, left, "nothing half-done")
	}
}
