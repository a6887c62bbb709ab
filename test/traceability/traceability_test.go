// Package traceability holds docs/requirements.md to the tests: each row of the white paper has a test that carries its
// id, and each test that the table names exists.
package traceability

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root  = "../.."
	table = "docs/requirements.md"
	rows  = 27
)

var (
	rowLine  = regexp.MustCompile(`^\| ([RD]\d\d) \|`)
	testName = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	// rowTest is the name of a test that proves one row or more: TestR09…, TestR10R20…, TestD05….
	rowTest = regexp.MustCompile(`^Test((?:[RD]\d\d)+)[A-Z]`)
)

var update = flag.Bool("update", false, "write the tests of each row into the table anew")

// The last cell of each row lists its tests. `make golden` refreshes it.
func TestGoldenTableListsTheTests(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, table))
	require.NoError(t, err)
	lines := strings.Split(string(b), "\n")
	for i, line := range lines {
		if m := rowLine.FindStringSubmatch(line); m != nil {
			cells := strings.Split(line, " | ")
			cells[len(cells)-1] = "`" + strings.Join(testsOf(t, m[1]), "`, `") + "` |"
			lines[i] = strings.Join(cells, " | ")
		}
	}
	want := strings.Join(lines, "\n")
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, table), []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(b), "run `make golden`")
}

// testsOf returns the names of the tests that carry a row's id, sorted.
func testsOf(t *testing.T, row string) []string {
	t.Helper()
	var own []string
	for name := range testFunctions(t) {
		if m := rowTest.FindStringSubmatch(name); m != nil && strings.Contains(m[1], row) {
			own = append(own, name)
		}
	}
	sort.Strings(own)
	return own
}

func TestEveryRowHasATest(t *testing.T) {
	named := tableRows(t)
	wanted := map[string]bool{}
	for n := 1; n <= rows; n++ {
		wanted[fmt.Sprintf("R%02d", n)] = true
	}
	// Beside the paper's rows there are those of what it leaves out.
	for row := range named {
		wanted[row] = true
	}
	for row := range wanted {
		cells, ok := named[row]
		if !assert.True(t, ok, "%s has no line for %s", table, row) {
			continue
		}
		own := testsOf(t, row)
		assert.NotEmpty(t, own, "no test is named Test%s…", row)
		listed := testName.FindAllStringSubmatch(cells, -1)
		assert.NotEmpty(t, listed, "%s: the line of %s names no test; there are %v", table, row, own)
	}
}

func TestEveryNamedTestExists(t *testing.T) {
	tests := testFunctions(t)
	for row, cells := range tableRows(t) {
		for _, m := range testName.FindAllStringSubmatch(cells, -1) {
			assert.Contains(t, tests, m[1], "%s: the line of %s names %s, which does not exist", table, row, m[1])
		}
	}
}

func tableRows(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, table))
	require.NoError(t, err)
	found := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if m := rowLine.FindStringSubmatch(line); m != nil {
			found[m[1]] = line
		}
	}
	return found
}

// testFunctions returns the names of all test functions of the module, with the file of each.
func testFunctions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found[f.Name.Name] = path
			}
		}
		return nil
	})
	require.NoError(t, err)
	return found
}
