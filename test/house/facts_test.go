package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	citation = regexp.MustCompile(`(\S*)\bfacts\.md[^§\n]{0,4}§(\d+)(?:-§(\d+))?`)
	section  = regexp.MustCompile(`(?m)^## (\d+) `)
)

// A reader who follows a citation must arrive.
func TestEveryCitedFactHasItsSection(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/facts.md"))
	require.NoError(t, err)
	sections := map[string]bool{}
	for _, m := range section.FindAllStringSubmatch(string(page), -1) {
		sections[m[1]] = true
	}
	cited := 0
	walk(t, func(path string, text []byte) {
		for _, m := range citation.FindAllStringSubmatch(string(text), -1) {
			if filepath.Dir(path) == "test/house" {
				continue
			}
			cited++
			assert.Contains(t, m[1], "docs/", "%s: %s", path, m[0])
			assert.True(t, sections[m[2]], "%s: %s: no such section", path, m[0])
			assert.True(t, m[3] == "" || sections[m[3]], "%s: %s: no such section", path, m[0])
		}
	})
	assert.Greater(t, cited, 30)
}
