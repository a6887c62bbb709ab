package house

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// data are the companion's files that name types and are no code, with the reason.
var data = map[string]string{
	"internal/sim/failures/table": "what is deployed to provoke a failure: scripts of rehearsals, not knowledge of a type",
	"internal/sim/schema":         "the providers' own schemas, which a command extracts",
	"internal/sim/aws":            "the provider's own schema, which a command extracts",
	"internal/sim/aws/extract":    "the provider's own schema, as it was read",
	"internal/sim/atlas":          "the provider's own schema, which a command extracts",
	"internal/sim/kubernetes":     "the provider's own schema, which a command extracts",
	"internal/sim/random":         "the provider's own schema, which a command extracts",
}

// behaviour are the folders in which a type's simulation is code, a file a service.
var behaviour = []string{"internal/sim/aws", "internal/sim/atlas", "internal/sim/kubernetes", "internal/sim/random", "internal/sim/eks"}

// A new type is written into four files: its component, the component's test, the catalog's file of its service, and, where its
// simulation needs code, the cloud's. One that is catalogued already needs the first two, and what hands the component its
// arguments. So no other file may list types.
func TestATypeIsListedInTheCatalogAndInOneFileOfItsCloud(t *testing.T) {
	walk(t, func(at string, text []byte) {
		if _, ok := data[path.Dir(at)]; ok || !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(at)) ||
			strings.Contains(at, "/testdata/") || strings.HasPrefix(at, "docs/") {
			return
		}
		if found := known(string(text)); len(found) > 0 {
			t.Errorf("%s names %s", at, found[0])
		}
	})
	all := sources(t)
	types := constants(all)
	assert.NotEmpty(t, types)
	files := map[string][]string{}
	for _, s := range all {
		if s.test() || s.in("internal/catalog", "components", "test") {
			continue
		}
		names := listed(s, types)
		if len(names) > 0 && !s.in(behaviour...) {
			t.Errorf("%s has a table of %d types, such as %s", s.path, len(names), names[0])
			continue
		}
		for _, name := range names {
			files[name] = append(files[name], s.path)
		}
	}
	for name, paths := range files {
		assert.Len(t, slices.Compact(paths), 1, "catalog.%s", name)
	}
}

// constants are the names that the catalog gives to tokens.
func constants(all []source) map[string]bool {
	names := map[string]bool{}
	for _, s := range all {
		if !s.in("internal/catalog") {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if literal, ok := spec.Values[0].(*ast.BasicLit); ok && len(known(literal.Value)) == 1 {
					names[spec.Names[0].Name] = true
				}
			}
			return true
		})
	}
	return names
}

// listed returns the types by which a table of the file is keyed.
func listed(s source, types map[string]bool) []string {
	var all []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		for _, element := range literal.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			key, ok := pair.Key.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if within, ok := key.X.(*ast.Ident); ok && within.Name == "catalog" && types[key.Sel.Name] {
				all = append(all, key.Sel.Name)
			}
		}
		return true
	})
	return all
}
