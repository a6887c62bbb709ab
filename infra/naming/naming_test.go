package naming_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/infra/naming"
)

// longest is the longest prefix that the configuration allows.
const longest = "bpa-abcdefghijklmnop"

func TestEveryNameKeepsItsLimitWithTheLongestPrefixInTheLongestRegion(t *testing.T) {
	assert.Len(t, longest, 20)
	for _, n := range naming.New(longest, "111122223333", "ap-southeast-2").All() {
		assert.LessOrEqual(t, len(n.Name), n.Rule.Max, n.Rule.What)
		assert.Regexp(t, n.Rule.Pattern, n.Name, n.Rule.What)
		assert.True(t, strings.HasPrefix(n.Name, longest), "%s: the stack can be told from the name", n.Rule.What)
	}
}

func TestLimitsAreTheServices(t *testing.T) {
	limits := map[string]int{}
	for _, n := range naming.New("bpa", "111122223333", "us-west-2").All() {
		limits[n.Rule.What] = n.Rule.Max
	}
	assert.Equal(t, map[string]int{
		"EKS cluster": 100, "RDS instance": 63, "load balancer": 32, "Atlas project": 64, "Atlas cluster": 23,
	}, limits, "docs/facts.md §4; of an Atlas cluster's name the first 23 characters must be unique")
}

func TestTwoStacksShareNoName(t *testing.T) {
	one, other := naming.New("bpa-dev", "111122223333", "us-west-2").All(), naming.New("bpa-prod", "111122223333", "us-west-2").All()
	for i := range one {
		assert.NotEqual(t, one[i].Name, other[i].Name)
	}
	// Two regions of one account share an Atlas organisation.
	assert.NotEqual(
		t,
		naming.New("bpa", "111122223333", "us-west-2").AtlasProject(),
		naming.New("bpa", "111122223333", "us-east-1").AtlasProject(),
	)
}

func TestALongNameIsCutAndStaysItsOwn(t *testing.T) {
	assert.Equal(t, "bpa-dev-resolver-corp-example-com", naming.Limit(64, "bpa-dev", "resolver", "corp.example.com"))
	assert.Equal(t, "bpa-dev-resolver", naming.Limit(64, "bpa-dev", "resolver", ""))
	long := strings.Repeat("department.", 8) + "example.com"
	name, other := naming.Limit(64, "bpa-dev", "resolver", long), naming.Limit(64, "bpa-dev", "resolver", long+".jp")
	assert.Regexp(t, `^[0-9A-Za-z_-]{1,64}$`, name)
	assert.Regexp(t, `-[0-9a-f]{8}$`, name)
	assert.NotEqual(t, name, other)
}
