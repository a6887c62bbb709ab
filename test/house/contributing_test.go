package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is a line of "Where is …?" in CONTRIBUTING.md: what, file and symbol.
var place = regexp.MustCompile("(?m)^\\| ([^|]+) \\| \\[([^]]+)\\]\\(([^)]+)\\) \\| `([^`]+)`")

func TestEverythingIsWhereItIsSaidToBe(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	places := place.FindAllStringSubmatch(string(page), -1)
	assert.Len(t, places, 10)
	for _, p := range places {
		what, file, link, symbol := p[1], p[2], p[3], p[4]
		assert.Equal(t, file, link, what)
		text, err := os.ReadFile(filepath.Join(root, file))
		if assert.NoError(t, err, what) {
			defined := symbol
			if strings.HasSuffix(file, ".go") {
				defined = `(?m)^(?:func (?:\(.*?\) )?|type |var |const |\t)` + regexp.QuoteMeta(symbol) + `\b`
			}
			assert.Regexp(t, defined, string(text), what)
		}
	}
}
