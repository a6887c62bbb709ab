package recovery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Taken is a creation that was under way, and the id that its resource has, or would have.
type Taken struct {
	URN resource.URN
	ID  string
}

// Report says what became of the operations that were under way.
type Report struct {
	// Taken were made, and are in the state now.
	Taken []Taken
	// Missing were not made: the next `up` makes them.
	Missing []resource.URN
	// Open are creations whose id nobody can tell. If they were made, the next `up` does not know it.
	Open []Open
	// Others are updates and deletions that were under way, or failed half-way. A refresh has told how far they came.
	Others []resource.URN
	// Ended are releases that a plugin which has died had left pending.
	Ended []Ended
	// Adopted were made by a creation that failed, and are in the state now; see Adopt.
	Adopted []Taken
}

// Empty reports whether nothing was under way.
func (r *Report) Empty() bool {
	return len(r.Taken)+len(r.Missing)+len(r.Open)+len(r.Others)+len(r.Ended)+len(r.Adopted) == 0
}

// String says what became of each operation, a line each.
func (r *Report) String() string {
	var b strings.Builder
	for _, t := range r.Taken {
		fmt.Fprintf(&b, "taken over: %s %s (%s)\n", t.URN.Type(), t.URN.Name(), t.ID)
	}
	for _, urn := range r.Missing {
		fmt.Fprintf(&b, "not made: %s %s\n", urn.Type(), urn.Name())
	}
	for _, urn := range r.Others {
		fmt.Fprintf(&b, "read again: %s %s\n", urn.Type(), urn.Name())
	}
	for _, e := range r.Ended {
		fmt.Fprintf(&b, "no longer %s: %s %s\n", e.Status, e.URN.Type(), e.URN.Name())
	}
	for _, t := range r.Adopted {
		fmt.Fprintf(&b, "found and imported: %s %s (%s)\n", t.URN.Type(), t.URN.Name(), t.ID)
	}
	for _, o := range r.Open {
		fmt.Fprintf(&b, "open: %s %s: %s\n", o.URN.Type(), o.URN.Name(), o.Why)
	}
	return b.String()
}

// Listing is what the clouds hold.
type Listing struct {
	Found []Found
	// Whole says that nothing is missing in it, as in a rehearsal: what it lacks was not made. The listing of an account
	// lacks what no command lists, and may be a moment late.
	Whole bool
}

// Settle gives every creation that was under way its id, puts it among the resources of the state, and clears the list of
// what was under way. What the clouds hold is a listing; where it is silent, an id that consists of inputs is taken at its
// word. A refresh of the result drops what is not there.
func Settle(exported []byte, listing Listing) (settled []byte, report Report, err error) {
	s, err := stackdoc.ReadState(exported)
	if err != nil || len(s.Pending) == 0 {
		return exported, Report{}, err
	}
	planned := begun(s)
	matched, open := findAll(planned, unheld(s, listing.Found))
	ids := map[resource.URN]string{}
	for _, p := range planned {
		if f, there := matched[p.URN]; there { // the state needs the provider's own id, which is not always that of an import
			if ids[p.URN] = p.id(p.identity().StateID, f); ids[p.URN] == f.ID && f.own != "" {
				ids[p.URN] = f.own
			}
		}
	}
	for _, o := range open {
		i := slices.IndexFunc(planned, func(p Planned) bool { return p.URN == o.URN })
		id, known := planned[i].identity().StateID.Of(planned[i].Inputs)
		switch {
		case known:
			ids[o.URN] = id
		case o.Absent && listing.Whole:
			report.Missing = append(report.Missing, o.URN)
		default:
			report.Open = append(report.Open, o)
		}
	}
	for _, o := range s.Pending {
		switch id := ids[o.Resource.URN]; {
		case !o.Resource.Custom: // the program registers a component anew, and makes nothing by it
		case o.Kind != apitype.OperationTypeCreating:
			report.Others = append(report.Others, o.Resource.URN)
		case id != "" && s.Complete(o, id):
			report.Taken = append(report.Taken, Taken{URN: o.Resource.URN, ID: id})
		}
	}
	s.Pending = nil
	settled, err = s.Export()
	return settled, report, err
}

// begun are the resources that were being created.
func begun(s *stackdoc.State) (planned []Planned) {
	for _, o := range s.Pending {
		if o.Resource.Custom && o.Kind == apitype.OperationTypeCreating {
			planned = append(planned, plannedOf(o.Resource))
		}
	}
	return planned
}

// unheld are the resources of a listing that the state does not hold.
func unheld(s *stackdoc.State, found []Found) []Found {
	held := map[string]bool{}
	for _, r := range s.Resources {
		held[Found{Type: r.Type(), ID: r.ID}.key()] = true
	}
	return slices.DeleteFunc(slices.Clone(found), func(f Found) bool {
		return held[f.key()] || f.own != "" && held[Found{Type: f.Type, ID: f.own}.key()]
	})
}
