package main

import (
	"go/ast"
	"slices"
	"strings"
	"unicode"

	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

// resource is a type of Terraform's, and the package that it is in.
type resource struct {
	schema map[string]ast.Expr
	pkg    string
}

// renamed are the modules of pulumi-aws that have another name in Terraform's types.
var renamed = map[string]string{"rds": "db", "ec2": "", "vpc": "vpc"}

// resource finds the type that a token of pulumi-aws means: aws:lb/listener:Listener is aws_lb_listener, and
// aws:lb/loadBalancer:LoadBalancer aws_lb.
func (s *source) resource(token string) *resource {
	parts := strings.FieldsFunc(token, func(r rune) bool { return r == ':' || r == '/' })
	module, name := parts[1], snake(strings.TrimSuffix(strings.TrimSuffix(parts[3], "V2"), "v2"))
	candidates := []string{"aws_" + module + "_" + name, "aws_" + name, "aws_" + module}
	if other := renamed[module]; other != "" {
		candidates = append([]string{"aws_" + other + "_" + name}, candidates...)
	}
	if module == "s3" {
		candidates = append(candidates, "aws_s3_"+strings.TrimPrefix(name, "bucket_"))
	}
	for _, candidate := range candidates {
		if f := s.resources[candidate]; f != nil {
			pkg := s.packages[candidate]
			all := s.returned(f, pkg)
			schema := s.fields(pkg, all["Schema"])
			if schema == nil {
				schema = s.fields(pkg, all["SchemaFunc"])
			}
			return &resource{schema, pkg}
		}
	}
	return nil
}

// typeOf reads a type's properties by the names that the SDK has for them.
func (s *source) typeOf(r *resource, names []string) sdkdoc.ExtractType {
	t := sdkdoc.ExtractType{Properties: map[string]sdkdoc.ExtractProperty{}}
	for terraform, value := range r.schema {
		if name := match(terraform, names); name != "" {
			t.Properties[name] = s.property(r.pkg, value, names)
		}
	}
	for _, name := range names {
		if _, ok := t.Properties[name]; !ok {
			t.Unmatched = append(t.Unmatched, name)
		}
	}
	return t
}

func (s *source) property(pkg string, value ast.Expr, names []string) sdkdoc.ExtractProperty {
	fields := s.fields(pkg, value)
	is := func(flag string) bool { return literal(fields[flag]) == true }
	list := func(field string) []string {
		var found []string
		if l, ok := fields[field].(*ast.CompositeLit); ok {
			for _, element := range l.Elts {
				if name := match(s.text(pkg, element), names); name != "" && !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
		}
		slices.Sort(found)
		return found
	}
	p := sdkdoc.ExtractProperty{
		Required: is("Required"), ForceNew: is("ForceNew"), Computed: is("Computed"), Default: literal(fields["Default"]),
		ConflictsWith: list("ConflictsWith"), ExactlyOneOf: list("ExactlyOneOf"), RequiredWith: list("RequiredWith"),
	}
	if selector, ok := fields["Type"].(*ast.SelectorExpr); ok {
		p.Type = strings.ToLower(strings.TrimPrefix(selector.Sel.Name, "Type"))
	}
	if most, ok := literal(fields["MaxItems"]).(float64); ok {
		p.MaxItems = int(most)
	}
	for name, nested := range s.fields(pkg, s.fields(pkg, fields["Elem"])["Schema"]) {
		flags := s.fields(pkg, nested)
		if literal(flags["Required"]) == true {
			p.NestedRequired = append(p.NestedRequired, camel(name))
		}
		if literal(flags["ForceNew"]) == true {
			p.NestedForceNew = append(p.NestedForceNew, camel(name))
		}
	}
	slices.Sort(p.NestedRequired)
	slices.Sort(p.NestedForceNew)
	return p
}

// match finds the SDK's name for one of Terraform's: lists are in the plural, blocks of which there is one in the singular.
func match(terraform string, names []string) string {
	name := camel(terraform)
	for _, candidate := range []string{
		name, name + "s", name + "es", strings.TrimSuffix(name, "y") + "ies", strings.TrimSuffix(name, "s"),
	} {
		if slices.Contains(names, candidate) {
			return candidate
		}
	}
	return ""
}

func camel(name string) string {
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
