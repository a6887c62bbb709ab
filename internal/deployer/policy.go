package deployer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Purpose is what a policy is for.
type Purpose string

// The purposes of a policy. Up includes what a later `up` changes and deletes.
const (
	Up      Purpose = "up"
	Preview Purpose = "preview"
	Destroy Purpose = "destroy"
)

// Purposes lists all of them.
func Purposes() []Purpose { return []Purpose{Up, Preview, Destroy} }

// Statement of a policy.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition Block `json:",omitempty"`
}

// Needs returns the grants that an operation on a type takes, reading included: create, update, delete or read. The
// error names a type that the table does not know.
func Needs(typ, verb string) ([]Grant, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	r, ok := t.rows[typ]
	if !ok {
		return nil, fmt.Errorf("deployer: %s has no row in internal/deployer/table: "+
			"write down what its creation, reading, changing and deletion need", typ)
	}
	switch verb {
	case "create":
		return slices.Concat(r.Create, r.Read), nil
	case "update":
		return slices.Concat(r.Update, r.Read), nil
	case "delete":
		return slices.Concat(r.Delete, r.Read), nil
	case "read":
		return r.Read, nil
	}
	return nil, fmt.Errorf("deployer: there is no operation %q", verb)
}

// verbs are the operations that a purpose needs.
var verbs = map[Purpose][]string{
	Up: {"create", "update", "delete"}, Preview: {"read"}, Destroy: {"delete"},
}

// Statements returns what a purpose needs of a stack, in a stable order.
func Statements(g Graph, purpose Purpose) ([]Statement, error) {
	list, known := verbs[purpose]
	if !known {
		return nil, fmt.Errorf("deployer: %q: must be one of %v", purpose, Purposes())
	}
	types := []string{lookups}
	if purpose == Up {
		types = append(types, tagging)
	}
	for _, r := range g.Resources {
		types = append(types, r.Type)
	}
	slices.Sort(types)
	var grants []Grant
	for _, typ := range slices.Compact(types) {
		for _, verb := range list {
			need, err := Needs(typ, verb)
			if err != nil {
				return nil, err
			}
			grants = append(grants, need...)
		}
	}
	return g.statements(grants)
}

// statements joins grants that are on the same and under the same condition.
func (g Graph) statements(grants []Grant) ([]Statement, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	joined := map[string]*Grant{}
	for _, grant := range grants {
		key := grant.Kind + "|" + grant.Condition + "|" + grant.Argument
		if joined[key] == nil {
			joined[key] = &Grant{Kind: grant.Kind, Condition: grant.Condition, Argument: grant.Argument}
		}
		joined[key].Actions = append(joined[key].Actions, grant.Actions...)
	}
	var list []Statement
	for _, grant := range joined {
		slices.Sort(grant.Actions)
		s := Statement{Sid: sid(*grant), Effect: "Allow", Action: slices.Compact(grant.Actions), Resource: g.resources(t, *grant)}
		if len(s.Resource) == 0 {
			continue // the stack has nothing of the kind, such as no role that a service may get
		}
		if block := conditions[grant.Condition]; block != nil {
			s.Condition = block(g, *grant, grants)
		}
		list = append(list, s)
		if outside := g.outside(t, *grant); len(outside) > 0 {
			list = append(list, Statement{Sid: s.Sid + "Existing", Effect: "Allow", Action: s.Action, Resource: outside})
		}
	}
	slices.SortFunc(list, func(a, b Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	return list, nil
}

// sid makes a name of a grant: VpcOwn, RolePassedToEc2.
func sid(g Grant) string {
	service, _, _ := strings.Cut(g.Argument, ".amazonaws.com")
	if service == "pullthroughcache.ecr" {
		service = "ecr"
	}
	kind := g.Kind
	if kind == "" {
		kind = "any"
	}
	var b strings.Builder
	up := true
	for _, r := range kind + "-" + g.Condition + "-" + service {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// resources returns the ARNs that a grant is on.
func (g Graph) resources(t *table, grant Grant) []string {
	if grant.Kind == "" {
		return []string{"*"}
	}
	k := t.kinds[grant.Kind]
	arn := strings.NewReplacer("{partition}", g.Account.Partition, "{region}", g.Account.Region, "{account}", g.Account.ID,
		"{cluster}", g.Cluster, "{path}", g.Path).Replace(k.ARN)
	if k.Names == "" {
		return []string{arn}
	}
	var list []string
	for _, name := range g.names(k.Names, func(r Resource) bool {
		return grant.Condition != "passed-to" || slices.Contains(r.TrustedBy, grant.Argument)
	}) {
		list = append(list, strings.ReplaceAll(arn, "{name}", name))
	}
	return list
}

// outside returns the ARNs of an existing VPC and its subnets, which do not carry the stack's tag.
func (g Graph) outside(t *table, grant Grant) []string {
	if grant.Condition != "own" {
		return nil
	}
	prefix, all := strings.CutSuffix(t.kinds[grant.Kind].ARN, "/*")
	var list []string
	for _, id := range g.Existing {
		if all && id != "" && strings.HasSuffix(prefix, ":"+strings.Split(id, "-")[0]) {
			list = append(list, g.Account.ARN("ec2", strings.Split(id, "-")[0]+"/"+id))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
