package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/problem"
)

func TestTagsThatAWSWouldRefuseAreRefused(t *testing.T) {
	many := map[string]string{}
	for _, key := range strings.Fields("a b c d e f g h i") {
		many[key] = "x"
	}
	for want, tags := range map[string]map[string]string{
		"tags: 9: must be at most 8": many,
		"tags.aws:x":                 {"aws:x": "y"},
		"tags.AWS:x":                 {"AWS:x": "y"},
		"at most 256 characters":     {"x": strings.Repeat("v", 257)},
		"1 to 128 characters":        {strings.Repeat("k", 129): "v"},
		"letters, digits, spaces":    {"team": "Ops, Tokyo (24/7)"},
		"differ from Team":           {"Team": "a", "team": "b"},
		"differ from bpa:stack":      {"BPA:stack": "mine"},
	} {
		var p problem.List
		AWS{Tags: tags}.check(&p)
		require.ErrorContains(t, p.Err(""), want)
	}
	var p problem.List
	AWS{Tags: map[string]string{"Cost centre": "4711/東京", "empty": "", "mail": "a+b@example.com"}}.check(&p)
	assert.NoError(t, p.Err(""))
}
