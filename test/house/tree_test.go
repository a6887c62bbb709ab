// Package house holds the tree to its measures: what the program may link, where a resource type may be named, how long the way
// of a value is, and that what code cites is there. It needs neither an engine nor a cloud.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is this repository's.
const module = "github.com/bpa-on-aws/platform"

// root is the repository's folder, seen from this one.
const root = "../.."

// source is a file of Go.
type source struct {
	path string // from the repository's folder
	set  *token.FileSet
	ast  *ast.File
	text []byte
}

// test reports whether the file is compiled for tests alone.
func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// in reports whether the file lies in one of the folders.
func (s source) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(s.path, f+"/") })
}

// line is where a node stands.
func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

// walk calls visit for every file that is kept, without what a build leaves behind.
func walk(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && at != root && (slices.Contains([]string{"bin", ".git", ".bpa", "node_modules"}, name)) {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		path, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(at)
		visit(filepath.ToSlash(path), text)
		return err
	}))
}

// sources are the files of Go.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	walk(t, func(path string, text []byte) {
		if filepath.Ext(path) != ".go" {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution|parser.ParseComments)
		require.NoError(t, err)
		all = append(all, source{path: path, set: set, ast: file, text: text})
	})
	require.NotEmpty(t, all)
	return all
}

// list runs `go list`.
func list(t *testing.T, arguments ...string) []string {
	t.Helper()
	c := exec.Command("go", append([]string{"list"}, arguments...)...)
	c.Dir = root
	out, err := c.Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}
