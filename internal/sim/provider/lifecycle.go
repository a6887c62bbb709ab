package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Create makes a resource, or in a preview says what is known of it beforehand.
func (p *provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	req.Properties = withoutNotes(req.Properties)
	r := p.request(req.URN, "", req.Properties)
	if req.Preview {
		return plugin.CreateResponse{Properties: t.preview(r, req.Properties)}, nil
	}
	var outputs resource.PropertyMap
	op := &Operation{Verb: Create, Package: r.Package, Type: r.Type, URN: r.URN, Inputs: r.Inputs}
	err = p.server.operate(ctx, op, r, func() error {
		r.Outcome = op.Outcome
		if err := p.admit(t, r); err != nil {
			return err
		}
		r.ID = t.newID(r)
		op.ID = r.ID
		if !t.Local && !t.Again && r.Store.get(r.Type, t.key(r.URN, r.ID)) != nil {
			return t.taken(r)
		}
		if !t.undoes(r) {
			outputs, op.Nodes = t.settle(r, req.Properties)
		}
		return nil
	})
	return plugin.CreateResponse{ID: resource.ID(r.ID), Properties: outputs}, answer(err, r.ID, outputs)
}

// Update changes a resource in place.
func (p *provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	req.OldInputs, req.NewInputs = withoutNotes(req.OldInputs), withoutNotes(req.NewInputs)
	r := p.request(req.URN, req.ID, req.NewInputs)
	r.Old = plainMap(req.OldOutputs)
	if req.Preview {
		outputs := t.preview(r, req.NewInputs)
		if t.recomputes(plainMap(req.OldInputs), r.Inputs) {
			outputs[resource.PropertyKey(t.Recomputed)] = resource.MakeComputed(resource.NewStringProperty(""))
		}
		return plugin.UpdateResponse{Properties: outputs}, nil
	}
	if t.Bridged && p.differ(r.Type, req.OldInputs, req.NewInputs, req.OldOutputs).Changes == plugin.DiffNone {
		return plugin.UpdateResponse{Properties: req.OldOutputs}, nil
	}
	// Where the update is refused, the state may get the inputs all the same; see Incomplete.
	outputs := req.OldOutputs.Copy()
	maps.Copy(outputs, req.NewInputs)
	op := &Operation{Verb: Update, Package: r.Package, Type: r.Type, ID: r.ID, URN: r.URN, Inputs: r.Inputs}
	err = p.server.operate(ctx, op, r, func() error {
		r.Outcome = op.Outcome
		if err := p.admit(t, r); err != nil {
			return err
		}
		if t.undoes(r) {
			return nil
		}
		before := r.Store.get(r.Type, t.key(r.URN, r.ID))
		if t.Final && before != nil && before.Unready {
			r.Outcome = Unready
			outputs, op.Nodes = t.settle(r, req.NewInputs)
			return &Incomplete{Err: fmt.Errorf("%s %s: it has failed, and does not become ready", r.Type, r.ID)}
		}
		outputs, op.Nodes = t.settle(r, req.NewInputs)
		return nil
	})
	return plugin.UpdateResponse{Properties: outputs}, answer(err, r.ID, outputs)
}

// undoes reports whether the provider takes back what the operation has made.
func (t *Type) undoes(r *Request) bool {
	return r.Outcome == Unready && t.Undoes != nil && t.Undoes(r.Inputs)
}

// Read returns a resource as it is, or nothing where it does not exist.
func (p *provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	// The engine knows nothing yet of what it imports.
	importing := len(req.State) == 0 && len(req.Inputs) == 0
	if t.NoImport != "" && importing {
		return plugin.ReadResponse{}, errors.New(t.NoImport)
	}
	r := p.request(req.URN, req.ID, req.Inputs)
	if err := p.server.store.transact(func(v *View) error {
		r.Store = v
		return apply(t.Reading, r)
	}); err != nil {
		return plugin.ReadResponse{}, err
	}
	typ, id := string(req.URN.Type()), string(req.ID)
	stored := p.server.store.get(typ, t.key(req.URN, id))
	if t.ImportID != nil && importing {
		stored = p.server.store.Find(typ, func(r *Resource) bool {
			importID, ok := t.ImportID(r)
			return ok && importID == id
		})
	}
	if stored == nil {
		return plugin.ReadResponse{}, nil
	}
	if importing && stored.URN == "" {
		p.server.store.own(stored, req.URN)
	}
	inputs := stored.inputs
	if t.Bridged {
		inputs = inputs.Copy()
		inputs[stackdoc.BridgeNotes] = resource.NewArrayProperty(nil)
		if notes, ok := req.Inputs[stackdoc.BridgeNotes]; ok {
			inputs[stackdoc.BridgeNotes] = notes
		}
	}
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: resource.ID(stored.ID), Inputs: inputs, Outputs: stored.outputs}}, nil
}

// Delete removes a resource unless the service protects it or something still needs it.
func (p *provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	stored := p.server.store.get(string(req.URN.Type()), t.key(req.URN, string(req.ID)))
	if stored == nil || anotherOne(stored, req.Outputs) {
		return plugin.DeleteResponse{}, nil
	}
	r := p.request(req.URN, req.ID, nil)
	r.Inputs, r.Old = stored.Inputs, stored.Outputs
	op := &Operation{Verb: Delete, Package: r.Package, Type: r.Type, ID: r.ID, URN: r.URN, Inputs: r.Inputs}
	return plugin.DeleteResponse{}, p.server.operate(ctx, op, r, func() error {
		stored := r.Store.get(r.Type, stored.key)
		if stored == nil || anotherOne(stored, req.Outputs) {
			return nil // somebody else was faster
		}
		if err := p.dismiss(t, r, stored); err != nil {
			return err
		}
		r.Hidden = stored.Hidden
		r.Store.Remove(stored)
		if t.Gone != nil {
			t.Gone(r)
		}
		return nil
	})
}

// anotherOne reports whether a local resource has taken the place of the one that is to be deleted: they share URN and id.
func anotherOne(stored *Resource, properties resource.PropertyMap) bool {
	return stored.Local && !reflect.DeepEqual(plainMap(properties), plainMap(stored.outputs))
}

// dismiss refuses a deletion that the service protects from, or that something blocks.
func (p *provider) dismiss(t *Type, r *Request, stored *Resource) error {
	if t.Protected != nil && !p.server.protectionLifted() {
		if err := t.Protected(r); err != nil {
			return err
		}
	}
	if t.Blocks != nil {
		if blocker := r.Store.blocker(stored, t.Blocks); blocker != nil {
			return t.Blocks.Err(r, blocker)
		}
	}
	return apply(t.Leaving, r)
}

// admit applies the service's rules.
func (p *provider) admit(t *Type, r *Request) error {
	if p.pkg.Refer != nil {
		for _, ref := range p.pkg.Refer(r.Inputs) {
			if !r.Store.Exists(ref.ID) {
				return ref.Err
			}
		}
	}
	if t.Check != nil {
		if err := t.Check(r); err != nil {
			return err
		}
	}
	return apply(t.Rules, r)
}

// settle computes the outputs of a resource, stores it, and lets it act, where what was asked for is there. Where the provider has
// read it too early, what it answers is not what there is.
func (t *Type) settle(r *Request, inputs resource.PropertyMap) (resource.PropertyMap, []string) {
	if r.Outcome == Stale {
		early := t.outputs(r, inputs)
		now := *r
		now.Outcome, now.Old = Done, plainMap(early)
		_, nodes := t.settle(&now, inputs)
		return early, nodes
	}
	outputs := t.outputs(r, inputs)
	made := &Resource{
		Package: r.Package, Type: r.Type, Name: r.Name, ID: r.ID, URN: r.URN, Inputs: r.Inputs, Outputs: plainMap(outputs),
		key: t.key(r.URN, r.ID), inputs: inputs, outputs: outputs, Local: t.Local, Unready: r.Outcome == Unready,
	}
	before := r.Store.get(r.Type, made.key)
	if before != nil {
		made.Hidden = before.Hidden
	}
	r.Store.put(made)
	if t.Acts == nil || r.Outcome != Done {
		return outputs, nil
	}
	return outputs, t.Acts(r, before)
}

// outputs are the inputs, and what the service adds to them.
func (t *Type) outputs(r *Request, inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	if t.Outputs != nil {
		for key, value := range t.Outputs(r) {
			k := resource.PropertyKey(key)
			v := resource.NewPropertyValue(value)
			if slices.Contains(t.Secrets, key) || inputs[k].ContainsSecrets() {
				v = resource.MakeSecret(v)
			}
			outputs[k] = v
		}
	}
	return outputs
}

// key tells the resources of a cloud apart.
func (t *Type) key(urn resource.URN, id string) string {
	if t.Local {
		return string(urn)
	}
	return storeKey(string(urn.Type()), id)
}

func (t *Type) newID(r *Request) string {
	if t.ID != nil {
		return t.ID(r)
	}
	return r.Name
}

// preview returns the inputs, and unknown for each output that the service computes. What is known from before an
// update stays known.
func (t *Type) preview(r *Request, inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	for _, key := range t.computed(r) {
		k := resource.PropertyKey(key)
		if _, given := inputs[k]; given {
			continue
		}
		if old, ok := r.Old[key]; ok {
			v := resource.NewPropertyValue(old)
			if slices.Contains(t.Secrets, key) {
				v = resource.MakeSecret(v)
			}
			outputs[k] = v
			continue
		}
		outputs[k] = resource.MakeComputed(resource.NewStringProperty(""))
	}
	return outputs
}

// recomputes reports whether an update leaves Recomputed unknown until it is done.
func (t *Type) recomputes(before, after map[string]any) bool {
	if t.Recomputed == "" {
		return false
	}
	changed := func(key string) bool {
		return !slices.Contains(t.Except, key) && !reflect.DeepEqual(before[key], after[key])
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(before)), changed) || slices.ContainsFunc(slices.Collect(maps.Keys(after)), changed)
}

// computed names the outputs of a type. Where the table does not list them, the table's own function tells, run on a
// scratch request.
func (t *Type) computed(r *Request) []string {
	if t.Computed != nil || t.Outputs == nil {
		return t.Computed
	}
	scratch := *r
	scratch.Store = newView()
	scratch.ID = t.newID(&scratch)
	var keys []string
	for key := range t.Outputs(&scratch) {
		keys = append(keys, key)
	}
	return keys
}
