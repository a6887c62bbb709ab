package imports

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Found is a resource in a cloud.
type Found struct {
	// Type is Pulumi's, ID the one that `pulumi import` takes.
	Type string `json:"type"`
	ID   string `json:"id"`
	// Name is the physical name where the resource has one.
	Name string `json:"name,omitempty"`
	// Inputs are what the listing knows of its properties, by Pulumi's names; all of them where Complete.
	Inputs   map[string]any `json:"inputs,omitempty"`
	Complete bool           `json:"complete,omitempty"`
}

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
		id, ok := "", false
		if p.wanted() {
			id, ok = ID(string(p.URN.Type()), p.Inputs)
		}
		if ok {
			made[p.URN] = id
		}
		return ok
	})
	ids, open = matchListed(rest, found, func(typ string) string {
		if HasForm(typ) {
			return "what its id is made of is not in the state yet"
		}
		return absent
	})
	maps.Copy(ids, made)
	return ids, open
}

// MatchListed finds the cloud's resource for each custom one that is planned in the listing alone, by URN, and takes the id
// that the listing gives it. What it leaves open is listed.
func MatchListed(planned []Planned, found []Found) (ids map[resource.URN]string, open []Open) {
	return matchListed(planned, found, func(string) string { return absent })
}

// absent is why a resource is open that no listing holds.
const absent = "nothing like it is in the listing"

// wanted reports whether a cloud can have the resource.
func (p Planned) wanted() bool { return p.Custom && !p.local() && !isProvider(p.URN) }

func matchListed(
	planned []Planned, found []Found, whyAbsent func(typ string) string,
) (ids map[resource.URN]string, open []Open) {
	ids = map[resource.URN]string{}
	taken := map[string]bool{}
	found = combine(found)
	waiting := slices.DeleteFunc(slices.Clone(planned), func(p Planned) bool { return !p.wanted() })
	// One that has been found leaves fewer for those that are alike.
	for again := true; again; {
		again = false
		claims := map[string][]int{}
		for i, p := range waiting {
			if c := candidates(p, found, taken); len(c) == 1 {
				claims[key(c[0])] = append(claims[key(c[0])], i)
			}
		}
		var matched []int
		for id, by := range claims {
			if len(by) == 1 {
				matched, again = append(matched, by[0]), true
				ids[waiting[by[0]].URN] = id[strings.Index(id, "|")+1:]
				taken[id] = true
			}
		}
		slices.Sort(matched)
		for _, i := range slices.Backward(matched) {
			waiting = slices.Delete(waiting, i, i+1)
		}
	}
	for _, p := range waiting {
		left := candidates(p, found, taken)
		open = append(open, Open{URN: p.URN, Why: why(p, left, whyAbsent), Absent: len(left) == 0})
	}
	return ids, open
}

// combine joins what several listings say of one resource.
func combine(found []Found) []Found {
	var all []Found
	at, standard := map[string]int{}, map[string]bool{}
	for _, f := range found {
		standard[f.ID] = standard[f.ID] || f.Type == defaultGroupType
	}
	for _, f := range found {
		if f.Type == groupType && standard[f.ID] { // by its ARN, a VPC's own security group is one like any other
			f.Type = defaultGroupType
		}
		i, known := at[key(f)]
		if !known {
			at[key(f)] = len(all)
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
		all[i].Complete = all[i].Complete || f.Complete
	}
	return all
}

func key(f Found) string { return f.Type + "|" + f.ID }

func why(p Planned, candidates []Found, whyAbsent func(typ string) string) string {
	if reason, not := notImportable[string(p.URN.Type())]; not {
		return reason
	}
	switch {
	case len(candidates) == 0:
		return whyAbsent(string(p.URN.Type()))
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
		if f.Type != string(p.URN.Type()) || taken[key(f)] || !agrees(p, f) {
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
// whether there is any agreement at all where the listing is incomplete: a property, the name, or the stack's own tag.
func agrees(p Planned, f Found) bool {
	common := 0
	for name, want := range p.Inputs {
		got, there := f.Inputs[name]
		if !there && f.Complete && !empty(want) {
			return false
		}
		if !there {
			continue
		}
		if !contains(got, want) {
			return false
		}
		common++
	}
	return f.Complete || common > 0 || stackOf(f) != "" || strings.HasPrefix(f.Name, p.URN.Name())
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
