package problem_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/problem"
)

func TestProblemsKeepTheirOrderAndForm(t *testing.T) {
	var l problem.List
	require.NoError(t, l.Err("x: "))
	assert.True(t, l.Empty())
	l.Require(true, "fine", 1, "never")
	l.Add("a.b", "text", "must be %d", 3)
	l.Require(false, "c[0]", nil, "must be set")
	l.Add("d", "", "must be set")
	l.Add("e", netip.MustParsePrefix("10.0.0.0/8"), "must be smaller")
	l.Add("f", []int{1, 2}, "100 %% sure")
	require.EqualError(t, l.Err("x: "), "x: a.b: \"text\": must be 3\nx: c[0]: (not set): must be set\nx: d: (not set): must be set\n"+
		"x: e: 10.0.0.0/8: must be smaller\nx: f: [1 2]: 100 % sure")
	lines := l.Lines()
	lines[0] = "changed"
	assert.NotEqual(t, "changed", l.Lines()[0], "a caller cannot change the list")
}
