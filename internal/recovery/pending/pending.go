// Package pending takes over what an engine that was killed had begun.
//
// Such an engine leaves its state with pending operations: it had asked a cloud for something, and never heard the answer. A
// plain `up` would ask again, and make a second one, or fail on a name that is taken. Here each creation that was under way
// gets the id of what the cloud has made, so that a refresh can tell the rest: whether it is there, and with which
// properties. Updates and deletions need the refresh alone, as the state still holds the resource.
package pending

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/recovery/imports"
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
	Open []imports.Open
	// Others are updates and deletions that were under way. A refresh has told how far they came.
	Others []resource.URN
}

// Empty reports whether nothing was under way.
func (r *Report) Empty() bool {
	return len(r.Taken)+len(r.Missing)+len(r.Open)+len(r.Others) == 0
}

// state is a state as `pulumi stack export` writes it, with whatever else it holds.
type state struct {
	whole, deployment map[string]any
	resources         []any
	pending           []operation
}

// operation is one that was under way.
type operation struct {
	kind     string
	resource map[string]any
	urn      resource.URN
}

func read(exported []byte) (*state, error) {
	s := &state{}
	if err := json.Unmarshal(exported, &s.whole); err != nil {
		return nil, fmt.Errorf("pending: reading the state: %w", err)
	}
	s.deployment, _ = s.whole["deployment"].(map[string]any)
	s.resources, _ = s.deployment["resources"].([]any)
	list, _ := s.deployment["pending_operations"].([]any)
	for _, entry := range list {
		fields, _ := entry.(map[string]any)
		made, _ := fields["resource"].(map[string]any)
		kind, _ := fields["type"].(string)
		s.pending = append(s.pending, operation{kind: kind, resource: made, urn: urnOf(made)})
	}
	return s, nil
}

func urnOf(entry any) resource.URN {
	fields, _ := entry.(map[string]any)
	urn, _ := fields["urn"].(string)
	return resource.URN(urn)
}

// Settle gives every creation that was under way its id, puts it among the resources of the state, and clears the list of
// what was under way. What the clouds hold is a listing; where it is silent, an id that consists of inputs is taken at its
// word. A refresh of the result drops what is not there.
func Settle(exported []byte, listing Listing) (settled []byte, report Report, err error) {
	s, err := read(exported)
	if err != nil || len(s.pending) == 0 {
		return exported, Report{}, err
	}
	var planned []imports.Planned
	for _, o := range s.pending {
		switch {
		case o.resource["custom"] != true: // the program registers a component anew, and makes nothing by it
		case o.kind == string(apitype.OperationTypeCreating):
			inputs, _ := o.resource["inputs"].(map[string]any)
			planned = append(planned, imports.NewPlanned(o.urn, inputs))
		default:
			report.Others = append(report.Others, o.urn)
		}
	}
	// The state needs the provider's own id, which is not always the one that an import takes.
	ids, open := imports.MatchListed(planned, s.unknown(listing.Found))
	for _, o := range open {
		i := slices.IndexFunc(planned, func(p imports.Planned) bool { return p.URN == o.URN })
		id := idOf(string(o.URN.Type()), planned[i].Inputs)
		switch {
		case id != "":
			ids[o.URN] = id
		case o.Absent && listing.Whole:
			report.Missing = append(report.Missing, o.URN)
		default:
			report.Open = append(report.Open, o)
		}
	}
	for _, o := range s.pending {
		if id := ids[o.urn]; id != "" && o.kind == string(apitype.OperationTypeCreating) && s.add(o.resource, id) {
			report.Taken = append(report.Taken, Taken{URN: o.urn, ID: id})
		}
	}
	s.deployment["resources"] = s.resources
	delete(s.deployment, "pending_operations")
	settled, err = json.Marshal(s.whole)
	return settled, report, err
}

// unknown are the resources of a listing that the state does not hold.
func (s *state) unknown(found []imports.Found) []imports.Found {
	held := map[string]bool{}
	for _, entry := range s.resources {
		fields, _ := entry.(map[string]any)
		held[fmt.Sprint(fields["type"], "|", fields["id"])] = true
	}
	return slices.DeleteFunc(slices.Clone(found), func(f imports.Found) bool { return held[f.Type+"|"+f.ID] })
}

// add puts a resource into the state. Its outputs are its inputs until the refresh. Where it was to replace another, it
// takes that one's place, and the other waits at the end to be deleted, as the engine itself has it. It reports false where
// the state holds it already.
func (s *state) add(made map[string]any, id string) bool {
	i := slices.IndexFunc(s.resources, func(entry any) bool {
		fields, _ := entry.(map[string]any)
		return urnOf(entry) == urnOf(made) && fields["delete"] != true
	})
	if i >= 0 {
		replaced, _ := s.resources[i].(map[string]any)
		if replaced["id"] == id {
			return false
		}
		if replaced["pendingReplacement"] != true { // else it is gone
			replaced["delete"] = true
			s.resources = append(s.resources, replaced)
		}
	}
	made["id"], made["outputs"] = id, made["inputs"]
	if i >= 0 {
		s.resources[i] = made
	} else {
		s.resources = append(s.resources, made)
	}
	return true
}
