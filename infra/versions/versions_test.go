package versions_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/semver"

	"github.com/bpa-on-aws/platform/infra/versions"
)

func on(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	require.NoError(t, err)
	return d
}

func TestR16TheLastDayCountsAndTheNextDoesNot(t *testing.T) {
	last := on(t, "2026-11-26").Add(23 * time.Hour)
	require.NoError(t, versions.EKS.Check("1.31", last))
	require.EqualError(t, versions.EKS.Check("1.31", last.Add(2*time.Hour)),
		"cannot be created since 2026-11-26 (end of extended support); the nearest that can is 1.32")
}

func TestR16TheNearestVersionIsTheOldestThatIsNotOlder(t *testing.T) {
	day := on(t, "2026-11-23")
	assert.Equal(t, "1.31", versions.EKS.Nearest("1.27", day))
	assert.Equal(t, "16.9", versions.PostgreSQL.Nearest("16.3", day), "16.9 comes before 16.10")
	assert.Equal(t, "7.0", versions.MongoDB.Nearest("5.0", day))
	assert.Equal(t, "8.0", versions.MongoDB.Nearest("9.0", day), "the newest, where none is as new")
	assert.Equal(t, "none", versions.MongoDB.Nearest("5.0", on(t, "2040-01-01")))
	require.EqualError(t, versions.MongoDB.Check("4.4", day), "must be a version of MongoDB Atlas that can be created: 7.0, 8.0")
}

func TestR16TheSupportedProfileCanBeCreatedAndThePapersCannot(t *testing.T) {
	day := on(t, "2026-11-23")
	supported, paper := versions.Profiles["supported"], versions.Profiles["whitepaper"]
	require.NoError(t, versions.EKS.Check(supported.EKS, day))
	require.NoError(t, versions.PostgreSQL.Check(supported.PostgreSQL, day))
	require.NoError(t, versions.MongoDB.Check(supported.MongoDB, day))
	require.Error(t, versions.EKS.Check(paper.EKS, day))
	require.Error(t, versions.PostgreSQL.Check(paper.PostgreSQL, day))
	require.Error(t, versions.MongoDB.Check(paper.MongoDB, day))
	_, pinned := versions.PinsFor(supported.EKS)
	assert.True(t, pinned)
}

func TestTablesAreInOrderAndPinsAreComplete(t *testing.T) {
	for _, p := range []versions.Product{versions.EKS, versions.PostgreSQL, versions.MongoDB} {
		for i, r := range p.Releases {
			assert.NotEmpty(t, r.Source, "%s %s", p.Name, r.Version)
			assert.Equal(t, r.To.IsZero(), r.Why == "", "%s %s says what ends it, where something does", p.Name, r.Version)
			assert.True(
				t,
				!r.Support.IsZero() || r.Unverified != "",
				"%s %s has an end, or says that it is not verified",
				p.Name,
				r.Version,
			)
			assert.False(t, r.Support.Before(r.Standard), "%s %s", p.Name, r.Version)
			if i > 0 && semver.Major("v"+r.Version) == semver.Major("v"+p.Releases[i-1].Version) && !r.To.IsZero() {
				assert.False(t, r.To.Before(p.Releases[i-1].To), "%s %s ends before the version before it", p.Name, r.Version)
			}
		}
	}
	for _, r := range versions.EKS.Releases {
		pins, ok := versions.PinsFor(r.Version)
		if !ok {
			continue
		}
		assert.Regexp(t, regexp.MustCompile(`^v\d{8}$`), pins.AMIRelease)
		for _, addon := range versions.AddonNames() {
			assert.Regexp(t, regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`), pins.Addons[addon], addon)
		}
	}
	assert.Equal(t, "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/"+
		"amazon-eks-node-al2023-x86_64-standard-1.35-v20260930/image_id", versions.AMIParameter("1.35", "v20260930"))
}
