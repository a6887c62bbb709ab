// Package explain says why a resource exists: which requirement of Cisco's white paper asks for it, what it needs, what
// needs it, and what keeps it from being deleted. It reads a stack's state and docs/requirements.md.
package explain

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/docs"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Requirement is one row of docs/requirements.md.
type Requirement struct {
	ID, Asks string
	// Components that meet it, and patterns of the names of the resources that do, such as network-private-*.
	Components, Resources []string
	Tests                 []string
}

var (
	row    = regexp.MustCompile(`(?m)^\| ([RD]\d\d) \|(.*)\|$`)
	link   = regexp.MustCompile(`\[[^\]]*\]\(([^)]*)\)`)
	quoted = regexp.MustCompile("`([^`]+)`")
	name   = regexp.MustCompile(`[a-z][a-z0-9]*(?:-[a-z0-9*]+)+`)
)

// Requirements lists the rows, in order: the paper's, then those of what it leaves out.
func Requirements() []Requirement {
	var list []Requirement
	for _, m := range row.FindAllStringSubmatch(docs.Requirements, -1) {
		cells := strings.Split(m[2], " | ")
		if len(cells) < 5 {
			continue
		}
		r := Requirement{ID: m[1], Asks: link.ReplaceAllString(strings.TrimSpace(cells[0]), "docs/$1")}
		for _, q := range quoted.FindAllStringSubmatch(cells[1], -1) {
			r.Components = append(r.Components, q[1])
		}
		r.Resources = name.FindAllString(quoted.ReplaceAllString(cells[2], ""), -1)
		for _, q := range quoted.FindAllStringSubmatch(cells[4], -1) {
			r.Tests = append(r.Tests, q[1])
		}
		list = append(list, r)
	}
	return list
}

// Meets reports whether a resource is one of those that meet the requirement.
func (r Requirement) Meets(urn resource.URN) bool {
	return slices.ContainsFunc(r.Resources, func(pattern string) bool {
		before, after, wild := strings.Cut(pattern, "*")
		if !wild {
			return urn.Name() == pattern
		}
		return strings.HasPrefix(urn.Name(), before) && strings.HasSuffix(urn.Name(), after)
	})
}

// purposes say what a component is for; one test compares them with the components that there are.
var purposes = map[string]string{
	"network":       "VPC, subnets of three zones, NAT, endpoints and DNS",
	"cluster":       "the EKS control plane, pod networking, access and the kubernetes provider",
	"addons":        "the add-ons that need nodes: CoreDNS, EBS CSI, pod identity",
	"nodes":         "node-1 to node-4, each a group of one with a volume that outlives it",
	"roll":          "replaces nodes that would be launched in another way today, one at a time",
	"ingress":       "the load balancer on 443 and 30101, its certificate and access logs",
	"database":      "RDS PostgreSQL with its parameter group, subnets and secrets",
	"bootstrap":     "the job inside the cluster that makes databases and roles",
	"retirement":    "the job that takes the login from whom a rotation has replaced",
	"atlas":         "the MongoDB Atlas project, cluster and user, behind a private endpoint",
	"registry":      "one ECR repository per BPA image, and the cache of public images",
	"packages":      "the bucket with the package that every node holds in /opt/bpa",
	"bastion":       "the host for shell access through Session Manager",
	"backup":        "snapshots of the nodes' volumes on a schedule",
	"observability": "alarms, whom they tell, a dashboard and Container Insights",
	"bpa":           "namespace, certificate, secrets and the Helm release of BPA",
}

// Stack explains one stack.
type Stack struct {
	resources  []*stackdoc.Resource
	byURN      map[resource.URN]*stackdoc.Resource
	dependants map[resource.URN][]resource.URN
}

// New reads a stack as `pulumi stack export` writes it.
func New(state []byte) (*Stack, error) {
	resources, err := stackdoc.Deployed(state)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	s := &Stack{resources: resources, byURN: map[resource.URN]*stackdoc.Resource{}, dependants: map[resource.URN][]resource.URN{}}
	for _, r := range resources {
		s.byURN[r.URN] = r
		for _, d := range r.Dependencies {
			s.dependants[d] = append(s.dependants[d], r.URN)
		}
	}
	return s, nil
}

// Explain finds what a word means: a requirement (R09), a component (database), a URN, or the name of a resource.
func (s *Stack) Explain(word string) (string, error) {
	for _, r := range Requirements() {
		if strings.EqualFold(r.ID, word) {
			return s.requirement(r), nil
		}
	}
	if purpose, ok := purposes[strings.ToLower(word)]; ok {
		return s.component(strings.ToLower(word), purpose), nil
	}
	var found []*stackdoc.Resource
	for _, r := range s.resources {
		if string(r.URN) == word || r.URN.Name() == word {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf(
			"explain: %q: must be a requirement (R01 to R27, D01 to D07), a component (%s), or the URN or name of a resource%s",
			word,
			strings.Join(components(), ", "),
			s.nearest(word),
		)
	}
	parts := make([]string, len(found))
	for i, r := range found {
		parts[i] = s.resource(r)
	}
	return strings.Join(parts, "\n"), nil
}

func components() []string {
	list := make([]string, 0, len(purposes))
	for c := range purposes {
		list = append(list, c)
	}
	slices.Sort(list)
	return list
}

// nearest suggests a resource with a name like the word.
func (s *Stack) nearest(word string) string {
	word = word[strings.LastIndex(word, ":")+1:]
	best, distance := "", len(word)/3+1
	for _, r := range s.resources {
		if d := levenshtein.Distance(word, r.URN.Name(), nil); d < distance {
			best, distance = r.URN.Name(), d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

func (s *Stack) requirement(r Requirement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.ID, r.Asks)
	fmt.Fprintf(&b, "met by: %s\n", strings.Join(r.Components, ", "))
	var met []*stackdoc.Resource
	for _, x := range s.resources {
		if x.Custom && r.Meets(x.URN) {
			met = append(met, x)
		}
	}
	list(&b, "resources", describe(met))
	list(&b, "proved by", r.Tests)
	return b.String()
}

func (s *Stack) component(name, purpose string) string {
	var own []*stackdoc.Resource
	for _, r := range s.resources {
		if r.Custom && r.Component() == name && !r.Internal() {
			own = append(own, r)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", name, purpose)
	var rows []string
	for _, r := range Requirements() {
		if slices.Contains(r.Components, name) {
			rows = append(rows, r.ID+" "+r.Asks)
		}
	}
	list(&b, "asked for by", rows)
	needs, needed := map[string]bool{}, map[string]bool{}
	for _, r := range own {
		for _, d := range r.Dependencies {
			needs[stackdoc.Component(d)] = true
		}
		for _, d := range s.dependants[r.URN] {
			needed[stackdoc.Component(d)] = true
		}
	}
	list(&b, "needs", others(needs, name))
	list(&b, "needed by", others(needed, name))
	list(&b, fmt.Sprintf("%d resources", len(own)), describe(own))
	return b.String()
}

func others(set map[string]bool, own string) []string {
	var found []string
	for c := range set {
		if c != own && c != "stack" {
			found = append(found, c)
		}
	}
	slices.Sort(found)
	return found
}

func (s *Stack) resource(r *stackdoc.Resource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Type(), r.URN.Name())
	component := r.Component()
	if purpose := purposes[component]; purpose != "" {
		fmt.Fprintf(&b, "part of %s: %s\n", component, purpose)
	}
	var rows []string
	for _, q := range Requirements() {
		if q.Meets(r.URN) {
			rows = append(rows, q.ID+" "+q.Asks)
		}
	}
	list(&b, "asked for by", rows)
	if len(rows) == 0 {
		if root := s.serves(r); root != "" {
			fmt.Fprintf(&b, "no requirement names it; it serves %s\n", root)
		}
	}
	if loss := catalog.Of(r.Type()).Loss; loss.Stateful {
		fmt.Fprintf(&b, "if it goes, this is lost: %s\n", loss.Lost)
	}
	guards := catalog.KeptBy(r.Type(), r.Protect, r.Inputs)
	list(&b, "protected by", guards)
	if len(guards) == 0 && r.Custom {
		b.WriteString("nothing protects it from deletion\n")
	}
	list(&b, "needs", s.names(r.Dependencies))
	direct := s.dependants[r.URN]
	title := "needed by"
	if all := len(s.reached(r.URN)); all > len(direct) {
		title = fmt.Sprintf("needed by (%d in all, directly)", all)
	}
	list(&b, title, s.names(direct))
	return b.String()
}

// serves names the nearest dependants that a requirement names.
func (s *Stack) serves(r *stackdoc.Resource) string {
	level, seen := []resource.URN{r.URN}, map[resource.URN]bool{}
	for len(level) > 0 {
		var next []resource.URN
		for _, urn := range level {
			for _, d := range s.dependants[urn] {
				for _, q := range Requirements() {
					if q.Meets(d) {
						return fmt.Sprintf("%s (%s %s)", d.Name(), q.ID, q.Asks)
					}
				}
				if !seen[d] {
					seen[d] = true
					next = append(next, d)
				}
			}
		}
		level = next
	}
	return ""
}

// reached are all that need a resource, directly or not.
func (s *Stack) reached(urn resource.URN) map[resource.URN]bool {
	all := map[resource.URN]bool{}
	var visit func(resource.URN)
	visit = func(u resource.URN) {
		for _, d := range s.dependants[u] {
			if !all[d] {
				all[d] = true
				visit(d)
			}
		}
	}
	visit(urn)
	return all
}

func (s *Stack) names(urns []resource.URN) []string {
	var found []*stackdoc.Resource
	for _, u := range urns {
		if r, ok := s.byURN[u]; ok {
			found = append(found, r)
		}
	}
	return describe(found)
}

// describe writes resources as "rds Instance database-instance", sorted.
func describe(resources []*stackdoc.Resource) []string {
	lines := make([]string, len(resources))
	for i, r := range resources {
		parts := strings.FieldsFunc(r.Type(), func(c rune) bool { return c == ':' || c == '/' })
		lines[i] = parts[len(parts)-1] + " " + r.URN.Name()
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return slices.Compact(lines)
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", title)
	for _, l := range lines {
		fmt.Fprintf(b, "  %s\n", l)
	}
}
