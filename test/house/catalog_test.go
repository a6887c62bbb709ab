package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// typeToken finds what may be a type's token.
var typeToken = regexp.MustCompile(`[a-z]+:[\w./-]+:\w+`)

// known returns the types that a text names and the catalog knows.
func known(text string) []string {
	var all []string
	for _, found := range typeToken.FindAllString(text, -1) {
		if _, ok := catalog.Find(found); ok {
			all = append(all, found)
		}
	}
	return all
}

// A type has its token in the catalog; everything else says catalog.RDSInstance, and a misspelt one does not compile.
func TestNoTokenStandsOutsideTheCatalog(t *testing.T) {
	for _, s := range sources(t) {
		if s.in("internal/catalog", "components") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			assert.NoError(t, err)
			// A test's document or URN, as Pulumi would write it, is given as it is.
			if s.test() && (strings.ContainsAny(text, "{}\n") || strings.HasPrefix(text, "urn:")) {
				return true
			}
			for _, found := range known(text) {
				t.Errorf("%s:%d: %s is written out", s.path, s.line(literal), found)
			}
			return true
		})
	}
}
