package prose_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/prose"
)

func TestLinesBreakAtSpacesAlone(t *testing.T) {
	assert.Equal(t, "- one two\n  three\n  https://a-long-address/of-more-than/a-line\n  four",
		prose.Wrap("- ", "  ", "one two  three\nhttps://a-long-address/of-more-than/a-line four", 10))
	assert.Equal(t, "ein süß", prose.Wrap("", "", "ein süß", 7), "columns, not bytes")
	assert.Equal(t, "a: ", prose.Wrap("a: ", "", "", 10))
}

func TestFurtherLinesStandBelowTheText(t *testing.T) {
	text := "a line of seventy-two columns is what fits beside a head of eight columns"
	assert.Equal(t, "source: "+text[:65]+"\n        columns", prose.Hang("source: ", text))
}
