package stackdoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// State is a stack as `pulumi stack export` writes it. Secrets need not be readable.
type State struct {
	// Resources are in the engine's order, what needs something after it; deletions pending are among them.
	Resources []*Resource
	// Pending are the operations that were under way when the engine was killed.
	Pending []Operation
	// SecretsProvider is what encrypts the secrets, such as awskms, or empty.
	SecretsProvider string

	document []byte
}

// Operation is one that was under way, and the resource as the engine meant it to be.
type Operation struct {
	Kind     apitype.OperationType
	Resource *Resource
}

// ErrEmpty is what Deployed returns of a state without resources.
var ErrEmpty = errors.New("the state holds no resources: it must be the output of `pulumi stack export`")

// ReadState reads a state.
func ReadState(document []byte) (*State, error) {
	s := &State{document: document}
	var whole apitype.UntypedDeployment
	if err := json.Unmarshal(document, &whole); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	var deployment apitype.DeploymentV3
	if len(whole.Deployment) > 0 {
		if err := json.Unmarshal(whole.Deployment, &deployment); err != nil {
			return nil, fmt.Errorf("reading the state: %w", err)
		}
	}
	for i := range deployment.Resources {
		r := of(&deployment.Resources[i], false)
		r.position = i
		s.Resources = append(s.Resources, r)
	}
	for i := range deployment.PendingOperations {
		r := of(&deployment.PendingOperations[i].Resource, false)
		r.position, r.begun = i, true
		s.Pending = append(s.Pending, Operation{deployment.PendingOperations[i].Type, r})
	}
	if p := deployment.SecretsProviders; p != nil {
		s.SecretsProvider = p.Type
	}
	return s, nil
}

// Live are the resources of the stack as it stands: what only waits for its deletion is none of them. The engine, too, knows a
// URN by the one that is live, and deletes the others without asking whether they are protected.
func (s *State) Live() []*Resource {
	return slices.DeleteFunc(slices.Clone(s.Resources), func(r *Resource) bool { return r.Delete })
}

// Deployed reads the live resources of a stack, of which there must be some.
func Deployed(document []byte) ([]*Resource, error) {
	s, err := ReadState(document)
	if err != nil {
		return nil, err
	}
	live := s.Live()
	if len(live) == 0 {
		return nil, ErrEmpty
	}
	return live, nil
}

// Find returns the live resource with a URN, or nil.
func (s *State) Find(urn resource.URN) *Resource {
	if i := s.index(urn); i >= 0 {
		return s.Resources[i]
	}
	return nil
}

func (s *State) index(urn resource.URN) int {
	return slices.IndexFunc(s.Resources, func(r *Resource) bool { return r.URN == urn && !r.Delete })
}

// Complete puts the resource of an operation that was under way into the state, with the id that it has in the cloud. Its
// outputs are its inputs until a refresh. Where it was to replace another, it takes that one's place, and the other waits at
// the end to be deleted, as the engine itself has it. It reports false where the state holds it already.
func (s *State) Complete(o Operation, id string) bool {
	made := *o.Resource
	made.ID, made.Outputs = id, made.Inputs
	i := s.index(made.URN)
	if i < 0 {
		s.Resources = append(s.Resources, &made)
		return true
	}
	replaced := s.Resources[i]
	if replaced.ID == id {
		return false
	}
	s.Resources[i] = &made
	if !replaced.Gone {
		replaced.Delete = true
		s.Resources = append(s.Resources, replaced)
	}
	return true
}

// Unprotect lifts the protection of all resources, and says of how many.
func (s *State) Unprotect() int {
	protected := 0
	for _, r := range s.Resources {
		if r.Protect {
			r.Protect = false
			protected++
		}
	}
	return protected
}

// Export writes the document anew, with the resources and the operations that the state has now. Of a resource, what Complete
// and Unprotect change is written; everything else is as the document had it, whatever that is.
func (s *State) Export() ([]byte, error) {
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(s.document))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	deployment, _ := whole["deployment"].(map[string]any)
	if deployment == nil {
		return s.document, nil
	}
	resources, _ := deployment["resources"].([]any)
	begun, _ := deployment["pending_operations"].([]any)
	written := make([]any, len(s.Resources))
	for i, r := range s.Resources {
		if r.begun {
			operation, _ := begun[r.position].(map[string]any)
			written[i] = r.write(operation["resource"])
		} else {
			written[i] = r.write(resources[r.position])
		}
	}
	deployment["resources"] = written
	delete(deployment, "pending_operations")
	left := make([]any, len(s.Pending))
	for i, o := range s.Pending {
		left[i] = begun[o.Resource.position]
	}
	if len(left) > 0 {
		deployment["pending_operations"] = left
	}
	return json.Marshal(whole)
}

// write brings an entry of the document up to date.
func (r *Resource) write(entry any) any {
	fields, _ := entry.(map[string]any)
	for key, set := range map[string]bool{"protect": r.Protect, "delete": r.Delete} {
		if set {
			fields[key] = true
		} else {
			delete(fields, key)
		}
	}
	if r.begun { // what was never finished had no outputs
		fields["id"], fields["outputs"] = r.ID, fields["inputs"]
	}
	return fields
}
