// Package stackdoc reads the documents in which Pulumi says what a stack is and what happens to it: the state that `pulumi
// stack export` writes, the preview of `pulumi preview --json`, and the events of a log or a running engine. Whoever reads
// one of them gets the same resources, and in them the same values for what is secret and for what is not known yet.
package stackdoc

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Resource is a resource as a document has it: in a state, or before or after a step. Events leave out the dependencies.
type Resource struct {
	URN, Parent resource.URN
	// ID is empty for components, and for what does not exist yet.
	ID string
	// Custom resources are a provider's; the others are components, and External are those that are only read.
	Custom, External bool
	// Protect and RetainOnDelete are options of the program.
	Protect, RetainOnDelete bool
	// Delete says that a replacement has taken its place already, and that only its own deletion is left to do.
	Delete bool
	// Gone says that it is deleted, and that only its replacement is left to make.
	Gone bool
	// Taint says that somebody has asked for a replacement by `pulumi state taint`.
	Taint bool
	// Incomplete says that its last operation failed half-way, and that the engine keeps it with the error.
	Incomplete bool
	// Provider is the reference to the provider, URN::id, or empty.
	Provider string
	// Dependencies are what the engine waited for. PropertyDependencies are those of them whose outputs are inputs here.
	Dependencies         []resource.URN
	PropertyDependencies map[string][]resource.URN
	// Inputs and Outputs are plain data, but for a Secret and an Unknown.
	Inputs, Outputs map[string]any

	// position is where the state has it, and begun says that this is among the operations that were under way.
	position int
	begun    bool
}

// Type is its token, such as aws:ec2/vpc:Vpc.
func (r *Resource) Type() string { return string(r.URN.Type()) }

// Name is its logical name.
func (r *Resource) Name() string { return r.URN.Name() }

// Internal reports whether it is the engine's own affair, a provider or the stack itself, and in no cloud.
func (r *Resource) Internal() bool { return strings.HasPrefix(r.Type(), "pulumi:") }

// ProviderURN is the URN of its explicit provider, or empty.
func (r *Resource) ProviderURN() resource.URN {
	if strings.Count(r.Provider, "::") > 3 { // else it has no id
		return resource.URN(r.Provider[:strings.LastIndex(r.Provider, "::")])
	}
	return resource.URN(r.Provider)
}

// Component is the name of the outermost component that it belongs to, or "stack".
func (r *Resource) Component() string { return Component(r.URN) }

// Component is the name of the outermost component that a resource belongs to, or "stack".
func Component(urn resource.URN) string {
	for typ := range strings.SplitSeq(string(urn.QualifiedType()), "$") {
		if parts := strings.Split(typ, ":"); len(parts) == 3 && parts[0] == "bpa" {
			return strings.ToLower(parts[2])
		}
	}
	return "stack"
}

// Property returns an input, or where the program left it to the service, the output.
func (r *Resource) Property(key string) any {
	if v, ok := r.Inputs[key]; ok && v != nil {
		return v
	}
	return r.Outputs[key]
}

// Text returns a property that is a known text, or "".
func (r *Resource) Text(key string) string {
	text, _ := r.Property(key).(string)
	return text
}

// of converts what the engine writes. Where a document is masked, a secret is a text of its own.
func of(r *apitype.ResourceV3, masked bool) *Resource {
	if r == nil {
		return nil
	}
	dependencies := make(map[string][]resource.URN, len(r.PropertyDependencies))
	for key, urns := range r.PropertyDependencies {
		dependencies[string(key)] = urns
	}
	return &Resource{
		URN: r.URN, Parent: r.Parent, ID: string(r.ID), Custom: r.Custom, External: r.External, Protect: r.Protect,
		RetainOnDelete: r.RetainOnDelete, Delete: r.Delete, Gone: r.PendingReplacement, Taint: r.Taint, Provider: r.Provider,
		Incomplete:   len(r.InitErrors) > 0,
		Dependencies: r.Dependencies, PropertyDependencies: dependencies,
		Inputs: properties(r.Inputs, masked), Outputs: properties(r.Outputs, masked),
	}
}
