// Package sdkdoc reads property tables out of the source of Pulumi's Go SDKs: names, kinds and what is required. The
// golden tests of the simulated providers use it, so that no table is written from memory. Nothing is compiled, which
// for some SDK packages would take minutes.
package sdkdoc

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// Reader reads one SDK module.
type Reader struct {
	module, dir string
	packages    map[string]*pkg
	schemas     *provider.Schemas
}

// pkg is what matters of a package: struct types, and each type's file for its imports.
type pkg struct {
	path    string
	structs map[string]*ast.StructType
	files   map[string]*ast.File
	// required by constructor: the arguments that New<Type> insists on.
	required map[string][]string
}

// New reads the module whose source lies in dir.
func New(module, dir string) *Reader {
	return &Reader{module: module, dir: dir, packages: map[string]*pkg{}, schemas: &provider.Schemas{
		Types: map[string]map[string]*provider.Property{}, Objects: map[string]map[string]*provider.Property{},
	}}
}

// Schemas returns what was read so far.
func (r *Reader) Schemas() *provider.Schemas { return r.schemas }

// Read adds a resource type: resource Subnet of package go/aws/ec2, for instance.
func (r *Reader) Read(tok, packagePath, resource string) error {
	p, err := r.load(packagePath)
	if err != nil {
		return fmt.Errorf("%s: %w", tok, err)
	}
	name := strings.ToLower(resource[:1]) + resource[1:] + "Args"
	properties, err := r.properties(p, name)
	if err != nil {
		return fmt.Errorf("%s: %w", tok, err)
	}
	for _, field := range p.required["New"+resource] {
		if property := properties[field]; property != nil {
			property.Required = true
		}
	}
	if property := properties["name"]; property != nil {
		property.Filled = !property.Required && p.filled(resource, "name")
	}
	r.schemas.Types[tok] = properties
	return nil
}

// filled reports whether an output of a resource is never nil.
func (p *pkg) filled(resource, output string) bool {
	st := p.structs[resource]
	if st == nil {
		return false
	}
	for _, f := range st.Fields.List {
		kind, ok := f.Type.(*ast.SelectorExpr)
		if ok && f.Tag != nil && strings.Contains(f.Tag.Value, `pulumi:"`+output+`"`) {
			return kind.Sel.Name == "StringOutput"
		}
	}
	return false
}

// ReadSettings adds the settings of the provider itself, whose package is at a path inside the SDK.
func (r *Reader) ReadSettings(packagePath string) error {
	p, err := r.load(packagePath)
	if err == nil {
		r.schemas.Settings, err = r.properties(p, "providerArgs")
	}
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

var requiredArgument = regexp.MustCompile(`invalid value for required argument '(\w+)'`)

func (r *Reader) load(path string) (*pkg, error) {
	if p := r.packages[path]; p != nil {
		return p, nil
	}
	p := &pkg{path: path, structs: map[string]*ast.StructType{}, files: map[string]*ast.File{}, required: map[string][]string{}}
	files, err := filepath.Glob(filepath.Join(r.dir, filepath.FromSlash(path), "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: no source in the SDK", path)
	}
	set := token.NewFileSet()
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.add(file, source, set)
	}
	r.packages[path] = p
	return p, nil
}

// add collects the structs and constructors of a file.
func (p *pkg) add(file *ast.File, source []byte, set *token.FileSet) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || !strings.HasPrefix(d.Name.Name, "New") || d.Body == nil {
				continue
			}
			body := source[set.Position(d.Body.Pos()).Offset:set.Position(d.Body.End()).Offset]
			for _, m := range requiredArgument.FindAllSubmatch(body, -1) {
				name := string(m[1])
				p.required[d.Name.Name] = append(p.required[d.Name.Name], strings.ToLower(name[:1])+name[1:])
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					if st, ok := t.Type.(*ast.StructType); ok {
						p.structs[t.Name.Name], p.files[t.Name.Name] = st, file
					}
				}
			}
		}
	}
}

// properties reads a struct of plain values. Fields that are neither pointer, list nor map are required.
func (r *Reader) properties(p *pkg, name string) (map[string]*provider.Property, error) {
	st := p.structs[name]
	if st == nil {
		return nil, fmt.Errorf("%s: no struct %s", p.path, name)
	}
	properties := map[string]*provider.Property{}
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return nil, err
		}
		property := reflect.StructTag(tag).Get("pulumi")
		if property == "" {
			continue
		}
		kind, err := r.kind(p, p.files[name], f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, property, err)
		}
		properties[property] = &provider.Property{Kind: kind, Required: kind != "any" && !optional(f.Type)}
	}
	return properties, nil
}

func optional(t ast.Expr) bool {
	switch t.(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.InterfaceType:
		return true
	}
	return false
}

// kind turns a Go type into a kind of the table, and reads the objects that it names.
func (r *Reader) kind(p *pkg, file *ast.File, t ast.Expr) (string, error) {
	switch t := t.(type) {
	case *ast.StarExpr:
		return r.kind(p, file, t.X)
	case *ast.ArrayType:
		kind, err := r.kind(p, file, t.Elt)
		return "[]" + kind, err
	case *ast.MapType:
		kind, err := r.kind(p, file, t.Value)
		return "map:" + kind, err
	case *ast.Ident:
		switch t.Name {
		case "string", "bool":
			return t.Name, nil
		case "int", "float64":
			return "number", nil
		}
		return r.object(p, t.Name)
	case *ast.SelectorExpr:
		alias, _ := t.X.(*ast.Ident)
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			if (i.Name != nil && i.Name.Name == alias.Name || i.Name == nil && strings.HasSuffix(path, "/"+alias.Name)) &&
				strings.HasPrefix(path, r.module+"/") {
				other, err := r.load(strings.TrimPrefix(path, r.module+"/"))
				if err != nil {
					return "", err
				}
				return r.object(other, t.Sel.Name)
			}
		}
	}
	return "any", nil // assets, archives and untyped values
}

// object reads a nested struct once. A name that is no struct is an enumeration, or another resource's own type.
func (r *Reader) object(p *pkg, name string) (string, error) {
	if p.structs[name] == nil {
		return "string", nil
	}
	parts := strings.Split(p.path, "/")
	key := strings.Join(parts[2:], "/") + "." + name
	if len(parts) < 3 {
		key = name
	}
	if r.schemas.Objects[key] == nil {
		r.schemas.Objects[key] = map[string]*provider.Property{} // ends recursion
		properties, err := r.properties(p, name)
		if err != nil {
			return "", err
		}
		r.schemas.Objects[key] = properties
	}
	return "{" + key + "}", nil
}
