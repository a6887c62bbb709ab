package recovery

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Open is a resource that no cloud's resource could be taken for with certainty.
type Open struct {
	URN resource.URN
	// Why is for people.
	Why string
	// Absent says that the listing holds nothing that may be meant.
	Absent bool
}

// Match finds the id by which `pulumi import` takes each custom resource that is planned, by URN: made of its properties, or
// else found in the listing. What it leaves open is listed.
func Match(planned []Planned, found []Found) (ids map[resource.URN]string, open []Open) {
	made := map[resource.URN]string{}
	rest := slices.DeleteFunc(slices.Clone(planned), func(p Planned) bool {
		id, known := "", false
		if p.wanted() {
			id, known = p.identity().ImportID.Of(p.Inputs)
		}
		if known {
			made[p.URN] = id
		}
		return known
	})
	matched, open := findAll(rest, found)
	for _, p := range rest {
		f, there := matched[p.URN]
		if !there {
			continue
		}
		if id := p.id(p.identity().ImportID, f); id != "" {
			made[p.URN] = id
		} else {
			open = append(open, Open{URN: p.URN, Why: waits})
		}
	}
	for i := range open {
		if o := &open[i]; o.Absent && o.Why == absent && identityOf(o.URN).ImportID != nil {
			o.Why = waits
		}
	}
	return made, open
}

// id makes the id of a resource that was found, of what is planned and what the listing adds; or it is the one of the listing. It
// is "" where that is a part alone.
func (p Planned) id(form catalog.ID, f Found) string {
	all := maps.Clone(p.Inputs)
	if all == nil {
		all = map[string]any{}
	}
	for name, value := range f.Inputs {
		if _, planned := all[name]; !planned {
			all[name] = value
		}
	}
	if id, known := form.Of(all); known {
		return id
	}
	if f.part {
		return ""
	}
	return f.ID
}

// identified reports whether what an import asks for is known: a resource whose id is made of properties, one of which the preview
// does not know yet, is part of another that does not exist either. A rule in a security group that is still to be made is not the
// one that looks alike in another group.
func (p Planned) identified() bool {
	form := p.identity().ImportID
	if form == nil || !p.Open {
		return true
	}
	_, known := form.Of(p.Inputs)
	return known
}

func identityOf(urn resource.URN) *catalog.Identity { return &catalog.Of(string(urn.Type())).Identity }

func (p Planned) identity() *catalog.Identity { return identityOf(p.URN) }

// Why a resource is open: no listing holds it, or its id cannot be made yet.
const (
	absent = "nothing like it is in the listing"
	waits  = "what its id is made of is not in the state yet"
)

// wanted reports whether a cloud can have the resource.
func (p Planned) wanted() bool { return p.Custom && !p.local() && !isProvider(p.URN) }

// findAll finds the cloud's resource for each custom one that is planned, by URN. What it leaves open is listed.
func findAll(planned []Planned, found []Found) (matched map[resource.URN]Found, open []Open) {
	matched, taken := map[resource.URN]Found{}, map[string]bool{}
	found = combine(found)
	waiting := slices.DeleteFunc(slices.Clone(planned), func(p Planned) bool { return !p.wanted() })
	// One that has been found leaves fewer for those that are alike.
	for again := true; again; {
		again = false
		claims, by := map[string]Found{}, map[string][]int{}
		for i, p := range waiting {
			if c := candidates(p, found, taken); len(c) == 1 {
				claims[c[0].key()] = c[0]
				by[c[0].key()] = append(by[c[0].key()], i)
			}
		}
		var done []int
		for key, f := range claims {
			if len(by[key]) == 1 {
				done, again = append(done, by[key][0]), true
				matched[waiting[by[key][0]].URN], taken[key] = f, true
			}
		}
		slices.Sort(done)
		for _, i := range slices.Backward(done) {
			waiting = slices.Delete(waiting, i, i+1)
		}
	}
	for _, p := range waiting {
		left := candidates(p, found, taken)
		open = append(open, Open{URN: p.URN, Why: why(p, left), Absent: len(left) == 0})
	}
	return matched, open
}

// combine joins what several listings say of one resource.
func combine(found []Found) []Found {
	var all []Found
	at, standard := map[string]int{}, map[string]bool{}
	for _, f := range found {
		standard[f.ID] = standard[f.ID] || f.Type == catalog.EC2DefaultSecurityGroup
	}
	for _, f := range found {
		if f.Type == catalog.EC2SecurityGroup && standard[f.ID] { // by its ARN, a VPC's own security group is one like any other
			f.Type = catalog.EC2DefaultSecurityGroup
		}
		i, known := at[f.key()]
		if !known {
			at[f.key()] = len(all)
			f.Inputs = maps.Clone(f.Inputs)
			all = append(all, f)
			continue
		}
		if all[i].Name == "" {
			all[i].Name = f.Name
		}
		if all[i].Inputs == nil {
			all[i].Inputs = map[string]any{}
		}
		maps.Copy(all[i].Inputs, f.Inputs)
	}
	return all
}

func (f Found) key() string { return f.Type + "|" + f.ID }

func why(p Planned, candidates []Found) string {
	switch {
	case p.identity().NoImport != "":
		return p.identity().NoImport
	case len(candidates) == 0:
		return absent
	case p.Open:
		return fmt.Sprintf("%d may be meant until what it refers to is known", len(candidates))
	}
	return fmt.Sprintf("%d may be meant", len(candidates))
}

// candidates are the resources that agree with all that is known. Where some bear the generated form of the logical name,
// only those count.
func candidates(p Planned, found []Found, taken map[string]bool) []Found {
	var agree, named []Found
	for _, f := range found {
		if f.Type != string(p.URN.Type()) || taken[f.key()] || !agrees(p, f) {
			continue
		}
		agree = append(agree, f)
		if f.Name == p.URN.Name() || isGenerated(f.Name, p.URN.Name()) {
			named = append(named, f)
		}
	}
	if len(named) > 0 {
		return named
	}
	return agree
}

// agrees reports whether nothing that is known of the planned resource contradicts what is known of the found one, and
// whether there is any agreement at all: a property, the name, or the stack's own tag.
func agrees(p Planned, f Found) bool {
	common := 0
	for name, want := range p.Inputs {
		got, there := f.Inputs[name]
		if !there {
			continue
		}
		if !contains(got, want) {
			return false
		}
		common++
	}
	return common > 0 || f.stack() != "" || strings.HasPrefix(f.Name, p.URN.Name())
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// contains reports whether a found value agrees with what is known of the planned one: objects may hold more.
func contains(got, want any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	g, ok := got.(map[string]any)
	if !ok {
		return false
	}
	for name, inner := range w {
		if there, ok := g[name]; !ok && !empty(inner) || ok && !contains(there, inner) {
			return false
		}
	}
	return true
}
