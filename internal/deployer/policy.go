// Package deployer writes the IAM policy of whoever deploys a stack: no more than `up`, `preview` or `destroy` of the
// stack's own resources need, limited to their names and tags.
//
// The catalog says for each resource type which actions its creation, reading, changing and deletion take, on what, and
// under which condition. The policy is the sum of the permissions of the types in the stack's resource graph. A type
// without any is an error, so that a policy cannot silently lack something.
package deployer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/bpa-on-aws/platform/internal/catalog"
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

// Permissions returns what a type needs, or an origin of a restore. The error names a type of which the catalog does not
// know it.
func Permissions(typ string) (catalog.Permissions, error) {
	if p, ok := catalog.Origins[typ]; ok {
		return p, nil
	}
	p := catalog.Of(typ).Permissions
	if !p.Known() {
		return p, fmt.Errorf("deployer: %s has no permissions in internal/catalog: "+
			"write down what its creation, reading, changing and deletion need", typ)
	}
	return p, nil
}

// needs are the grants that a purpose takes.
var needs = map[Purpose]func(catalog.Permissions) []catalog.Grant{
	Up: func(p catalog.Permissions) []catalog.Grant {
		return slices.Concat(p.Create, p.Read, p.Update, p.Delete)
	},
	Preview: func(p catalog.Permissions) []catalog.Grant { return p.Read },
	Destroy: func(p catalog.Permissions) []catalog.Grant { return slices.Concat(p.Delete, p.Read) },
}

// Statements returns what a purpose needs of a stack, in a stable order.
func Statements(g Graph, purpose Purpose) ([]Statement, error) {
	need, known := needs[purpose]
	if !known {
		return nil, fmt.Errorf("deployer: %q: must be one of %v", purpose, Purposes())
	}
	grants := slices.Clone(need(catalog.Lookups))
	if purpose == Up {
		grants = append(grants, need(catalog.Tagging)...)
	}
	var types []string
	for _, r := range g.Resources {
		types = append(types, r.Type)
	}
	slices.Sort(types)
	for _, typ := range slices.Compact(types) {
		p, err := Permissions(typ)
		if err != nil {
			return nil, err
		}
		grants = append(grants, need(p)...)
	}
	return g.statements(grants), nil
}

// statements joins grants that are on the same and under the same condition.
func (g Graph) statements(grants []catalog.Grant) []Statement {
	type subject struct {
		on      catalog.Target
		when    catalog.Condition
		service string
	}
	joined := map[subject][]string{}
	for _, grant := range grants {
		s := subject{grant.On, grant.If, grant.Service}
		joined[s] = append(joined[s], grant.Actions...)
	}
	var list []Statement
	for on, actions := range joined {
		slices.Sort(actions)
		grant := catalog.Grant{Actions: slices.Compact(actions), On: on.on, If: on.when, Service: on.service}
		s := Statement{Sid: sid(grant), Effect: "Allow", Action: grant.Actions, Resource: g.resources(grant)}
		if len(s.Resource) == 0 {
			continue // the stack has nothing of the kind, such as no role that a service may get
		}
		if block := conditions[grant.If]; block != nil {
			s.Condition = block(g, grant, grants)
		}
		list = append(list, s)
		if outside := g.outside(grant); len(outside) > 0 {
			list = append(list, Statement{Sid: s.Sid + "Existing", Effect: "Allow", Action: s.Action, Resource: outside})
		}
	}
	slices.SortFunc(list, func(a, b Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	return list
}

// sid makes a name of a grant: VpcOwn, RolePassedToEc2.
func sid(g catalog.Grant) string {
	service, _, _ := strings.Cut(g.Service, ".amazonaws.com")
	if service == "pullthroughcache.ecr" {
		service = "ecr"
	}
	var b strings.Builder
	up := true
	for _, r := range cmp.Or(g.On.Name, "any") + "-" + string(g.If) + "-" + service {
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
func (g Graph) resources(grant catalog.Grant) []string {
	if grant.On == (catalog.Target{}) {
		return []string{"*"}
	}
	arn := strings.NewReplacer("{partition}", g.Account.Partition, "{region}", g.Account.Region, "{account}", g.Account.ID,
		"{cluster}", g.Cluster, "{path}", g.Path).Replace(grant.On.ARN)
	if grant.On.NamesOf == "" {
		return []string{arn}
	}
	var list []string
	for _, name := range g.names(grant.On.NamesOf, func(r Resource) bool {
		return grant.If != catalog.PassedTo || slices.Contains(r.TrustedBy, grant.Service)
	}) {
		list = append(list, strings.ReplaceAll(arn, "{name}", name))
	}
	return list
}

// outside returns the ARNs of an existing VPC and its subnets, which do not carry the stack's tag.
func (g Graph) outside(grant catalog.Grant) []string {
	if grant.If != catalog.Own {
		return nil
	}
	prefix, all := strings.CutSuffix(grant.On.ARN, "/*")
	var list []string
	for _, id := range g.Existing {
		if all && id != "" && strings.HasSuffix(prefix, ":"+strings.Split(id, "-")[0]) {
			list = append(list, g.Account.ARN("ec2", strings.Split(id, "-")[0]+"/"+id))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
