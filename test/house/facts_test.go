package house

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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

// outside finds the folders of one machine, and a neighbour of the repository.
var outside = regexp.MustCompile(`\.\./shared/|/work/|/tmp/|/root/|/home/\w+/`)

// Whoever has the repository has all that it reads and cites.
func TestNothingIsReadFromOutsideTheRepository(t *testing.T) {
	walk(t, func(at string, text []byte) {
		if at == ".git" || path.Dir(at) == "test/house" {
			return
		}
		for _, found := range outside.FindAllString(string(text), -1) {
			t.Errorf("%s names %s, which is not in the repository", at, found)
		}
	})
	for _, s := range sources(t) {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				if strings.HasPrefix(text, "../") {
					assert.False(t, strings.HasPrefix(path.Join(path.Dir(s.path), text), ".."), "%s:%d: %s", s.path, s.line(literal), text)
				}
			}
			return true
		})
	}
}
