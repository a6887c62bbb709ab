package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// source is what matters of the provider's source: the functions that make resources, by Terraform's type, all functions by
// package and name, and the constants that stand for names of properties.
type source struct {
	resources map[string]*ast.FuncDecl
	packages  map[string]string
	functions map[string]*ast.FuncDecl
	constants map[string]string
}

var annotation = regexp.MustCompile(`@SDKResource\("(\w+)"`)

// parse reads the packages of the services, and those that they share.
func parse(folder string) (*source, error) {
	s := &source{
		resources: map[string]*ast.FuncDecl{}, packages: map[string]string{},
		functions: map[string]*ast.FuncDecl{}, constants: map[string]string{},
	}
	set := token.NewFileSet()
	for _, part := range []string{"internal", "names"} {
		err := filepath.WalkDir(filepath.Join(folder, part), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err == nil {
				s.add(file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *source) add(file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || d.Body == nil {
				continue
			}
			s.functions[file.Name.Name+"."+d.Name.Name] = d
			if m := annotation.FindStringSubmatch(d.Doc.Text()); m != nil {
				s.resources[m[1]], s.packages[m[1]] = d, file.Name.Name
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.CONST {
					for i, value := range v.Values {
						if text, ok := literal(value).(string); ok {
							s.constants[file.Name.Name+"."+v.Names[i].Name] = text
						}
					}
				}
			}
		}
	}
}

// literal is the value of a plain text, number or boolean, or nil.
func literal(e ast.Expr) any {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value) // the parser has read it
			return text
		}
		number, err := strconv.ParseFloat(e.Value, 64)
		if err == nil {
			return number
		}
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return e.Name == "true"
		}
	}
	return nil
}

// text is a text, or a constant that stands for one.
func (s *source) text(pkg string, e ast.Expr) string {
	if text, ok := literal(e).(string); ok {
		return text
	}
	return s.constants[qualified(pkg, e)]
}

// qualified is package and name of what an identifier means. The provider's packages are imported by their own names, but for
// tags, which is tftags.
func qualified(pkg string, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return pkg + "." + e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return strings.TrimPrefix(x.Name, "tf") + "." + e.Sel.Name
		}
	}
	return ""
}

// fields finds the members of a literal, of one behind a pointer, or of what a function returns.
func (s *source) fields(pkg string, e ast.Expr) map[string]ast.Expr {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return s.fields(pkg, e.X)
	case *ast.CallExpr:
		return s.returned(s.functions[qualified(pkg, e.Fun)], strings.Split(qualified(pkg, e.Fun), ".")[0])
	case *ast.FuncLit:
		return s.returned(&ast.FuncDecl{Body: e.Body}, pkg)
	case *ast.CompositeLit:
		found := map[string]ast.Expr{}
		for _, element := range e.Elts {
			pair, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			name := s.text(pkg, pair.Key)
			if field, ok := pair.Key.(*ast.Ident); ok && name == "" {
				name = field.Name
			}
			found[name] = pair.Value
		}
		return found
	}
	return nil
}

// returned are the members of what a function returns.
func (s *source) returned(f *ast.FuncDecl, pkg string) map[string]ast.Expr {
	if f == nil {
		return nil
	}
	for _, statement := range f.Body.List {
		if r, ok := statement.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
			return s.fields(pkg, r.Results[0])
		}
	}
	return nil
}
