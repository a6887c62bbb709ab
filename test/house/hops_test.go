package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// hopLimit is over how many lines of code a value may go from the stack file to its resource.
const hopLimit = 6

// The way of a value is what a reader follows to change one: database.instanceClass stands for all. A hop is a line of the program
// that names it, as a field or as a text: its declaration, default, validation and hand-overs.
func TestAValueIsSoonAtItsResource(t *testing.T) {
	var hops []string
	for _, s := range sources(t) {
		if s.test() || !s.in("infra", "stacks", "components") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			named := false
			switch n := n.(type) {
			case *ast.Ident:
				named = n.Name == "InstanceClass"
			case *ast.BasicLit:
				named = n.Kind == token.STRING && (n.Value == `"instanceClass"` || n.Value == `"database.instanceClass"`)
			}
			if named {
				hops = append(hops, fmt.Sprintf("%s:%d", s.path, s.line(n)))
			}
			return true
		})
	}
	hops = slices.Compact(hops)
	assert.NotEmpty(t, hops)
	assert.LessOrEqual(t, len(hops), hopLimit, "%v", hops)
}
