package main

import (
	"go/ast"
	"slices"
	"strings"
	"unicode"
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

// properties reads a schema.
func (s *source) properties(pkg string, schema map[string]ast.Expr) map[string]property {
	found := map[string]property{}
	for name, value := range schema {
		found[name] = s.property(pkg, value)
	}
	return found
}

func (s *source) property(pkg string, value ast.Expr) property {
	fields := s.fields(pkg, value)
	is := func(flag string) bool { return literal(fields[flag]) == true }
	list := func(field string) (found []string) {
		if l, ok := fields[field].(*ast.CompositeLit); ok {
			for _, element := range l.Elts {
				found = append(found, s.text(pkg, element))
			}
		}
		return found
	}
	number := func(field string) int {
		n, _ := literal(fields[field]).(float64)
		return int(n)
	}
	p := property{
		Required: is("Required"), Optional: is("Optional"), ForceNew: is("ForceNew"), Computed: is("Computed"),
		Default: literal(fields["Default"]), MinItems: number("MinItems"), MaxItems: number("MaxItems"),
		ConflictsWith: list("ConflictsWith"), ExactlyOneOf: list("ExactlyOneOf"), AtLeastOneOf: list("AtLeastOneOf"),
		RequiredWith: list("RequiredWith"),
	}
	if selector, ok := fields["Type"].(*ast.SelectorExpr); ok {
		p.Type = strings.ToLower(strings.TrimPrefix(selector.Sel.Name, "Type"))
	}
	if nested := s.fields(pkg, s.fields(pkg, fields["Elem"])["Schema"]); len(nested) > 0 {
		p.Block = s.properties(pkg, nested)
	}
	return p
}

// renames are the names that pulumi-aws gives by hand. Source: pulumi-aws provider/resources.go.
var renames = map[string]string{"topic_arn": "topic", "alarm_name": "name"}

// match finds the SDK's name for one of Terraform's: lists are in the plural, blocks of which there is one in the singular.
func match(terraform string, names []string) string {
	if name := renames[terraform]; name != "" && slices.Contains(names, name) && !slices.Contains(names, camel(terraform)) {
		return name
	}
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
