package provider

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Create makes a resource, or in a preview says what is known of it beforehand.
func (p *provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	inputs, err := decode(req.GetProperties())
	if err != nil {
		return nil, err
	}
	r := p.request(ctx, urn, "", inputs)
	if req.GetPreview() {
		properties, err := encode(t.preview(r, inputs))
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	var outputs resource.PropertyMap
	op := &Operation{Verb: Create, Package: r.Package, Type: r.Type, URN: urn, Inputs: r.Inputs}
	err = p.server.operate(ctx, op, r, func() error {
		if err := p.admit(t, r); err != nil {
			return err
		}
		r.ID = t.newID(r)
		op.ID = r.ID
		if !t.Local && !t.Again && r.Store.get(r.Type, t.key(r.URN, r.ID)) != nil {
			return t.taken(r)
		}
		outputs = p.settle(t, r, inputs)
		return nil
	})
	if err != nil {
		return nil, err
	}
	properties, err := encode(outputs)
	return &pulumirpc.CreateResponse{Id: r.ID, Properties: properties}, err
}

// Update changes a resource in place.
func (p *provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	inputs, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	olds, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	r := p.request(ctx, urn, req.GetId(), inputs)
	r.Old = plainMap(olds)
	if req.GetPreview() {
		properties, err := encode(t.preview(r, inputs))
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	var outputs resource.PropertyMap
	op := &Operation{Verb: Update, Package: r.Package, Type: r.Type, ID: r.ID, URN: urn, Inputs: r.Inputs}
	err = p.server.operate(ctx, op, r, func() error {
		if err := p.admit(t, r); err != nil {
			return err
		}
		outputs = p.settle(t, r, inputs)
		return nil
	})
	if err != nil {
		return nil, err
	}
	properties, err := encode(outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// Read returns a resource as it is, or nothing where it does not exist.
func (p *provider) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	if t.NoImport != "" && importing(req) {
		return nil, errors.New(t.NoImport)
	}
	stored := p.server.store.get(string(urn.Type()), t.key(urn, req.GetId()))
	if t.ImportID != nil && importing(req) {
		stored = p.server.store.Find(string(urn.Type()), func(r *Resource) bool {
			id, ok := t.ImportID(r)
			return ok && id == req.GetId()
		})
	}
	if stored == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	inputs, err := encode(stored.inputs)
	if err != nil {
		return nil, err
	}
	properties, err := encode(stored.outputs)
	return &pulumirpc.ReadResponse{Id: stored.ID, Properties: properties, Inputs: inputs}, err
}

// importing reports whether a resource is read for an import: the engine knows nothing of it yet.
func importing(req *pulumirpc.ReadRequest) bool {
	return len(req.GetProperties().GetFields()) == 0 && len(req.GetInputs().GetFields()) == 0
}

// Delete removes a resource unless the service protects it or something still needs it.
func (p *provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	stored := p.server.store.get(string(urn.Type()), t.key(urn, req.GetId()))
	if stored == nil {
		return &emptypb.Empty{}, nil
	}
	if another, err := anotherOne(stored, req.GetProperties()); err != nil || another {
		return &emptypb.Empty{}, err
	}
	r := p.request(ctx, urn, req.GetId(), nil)
	r.Inputs, r.Old = stored.Inputs, stored.Outputs
	op := &Operation{Verb: Delete, Package: r.Package, Type: r.Type, ID: r.ID, URN: urn, Inputs: r.Inputs}
	err = p.server.operate(ctx, op, r, func() error {
		stored := r.Store.get(r.Type, stored.key)
		if stored == nil {
			return nil // somebody else was faster
		}
		if err := p.dismiss(t, r, stored); err != nil {
			return err
		}
		r.Store.Remove(stored)
		if t.Gone != nil {
			t.Gone(r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// anotherOne reports whether a local resource has taken the place of the one that is to be deleted: they share URN and id.
func anotherOne(stored *Resource, properties *structpb.Struct) (bool, error) {
	if !stored.Local {
		return false, nil
	}
	old, err := decode(properties)
	return !reflect.DeepEqual(plainMap(old), plainMap(stored.outputs)), err
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

// settle computes the outputs of a resource and stores it.
func (p *provider) settle(t *Type, r *Request, inputs resource.PropertyMap) resource.PropertyMap {
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
	r.Store.put(&Resource{
		Package: r.Package, Type: r.Type, Name: r.Name, ID: r.ID, URN: r.URN, Inputs: r.Inputs, Outputs: plainMap(outputs),
		key: t.key(r.URN, r.ID), inputs: inputs, outputs: outputs, Local: t.Local,
	})
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
