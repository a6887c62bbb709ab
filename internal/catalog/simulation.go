package catalog

const (
	// AsRead says of a simulated id that it is the one by which the provider reads the resource: Identity.StateID.
	AsRead = "as read"
	// ByCode says of a simulated id that the code of its service makes it.
	ByCode = "by code"
)

// Simulation is what the simulated cloud knows of a type as plain data; a type that needs no more is simulated by this
// alone. What it computes, requires and refuses by code is in internal/sim, a file a service.
//
// A form is a text in which {property} stands for an input, {metadata.name} for one inside another, {id} for the
// resource's id, {region}, {account}, {partition} and {dnsSuffix} for those of the provider's AWS account, and {hex:17},
// {HEX:16}, {uuid} and {octet} for what no other resource of the run has.
type Simulation struct {
	// ID is the form of a new resource's id, AsRead or ByCode. "": the type is not simulated.
	ID string
	// Name is how the provider names a resource that the program does not.
	Name Naming
	// Outputs are what the service adds to the inputs, by property: a form, or a value. What holds digits of the
	// resource's own is made once and kept over updates.
	Outputs map[string]any
	// Secrets names outputs that are secret whatever the inputs are.
	Secrets []string
	// Recomputed is an output that the provider does not know in the preview of an update.
	Recomputed Recomputed
	// Required and Replaces name inputs that must be there, and those whose change makes a new resource, where no extract
	// of the provider's schema says so.
	Required, Replaces []string
	// Plans are the rules by which the provider makes a new resource of changes that its schema calls updates.
	Plans []Planned
	// Newer are inputs that the extract of the provider's schema does not know; what of them replaces is among Replaces.
	// Source: the SDK's documentation of each, and the provider's changelog.
	Newer []string
	// Taken is the service's code where the id of a new resource exists already. Again: that is no error, and changes
	// nothing.
	Taken string
	Again bool
	// DeletesFirst: a replacement always deletes the old resource before it makes the new one. Source: docs/facts.md §12.
	DeletesFirst bool
	// Framework: the provider implements the type on terraform-plugin-framework, whose bridge does not delete first because of a name.
	Framework bool
	// Local: the resource exists in the state alone. Many may have one id.
	Local bool
	// InUse is the service's answer to a deletion while others refer to the resource. By lists the `type.property`
	// references that count, where the id is a name that others may share; Except those that go away with it.
	InUse      Answer
	By, Except []string
	// Protected is the service's answer to a deletion that the first of the type's Refusals keeps it from.
	Protected Answer
}

// Answer is what a service answers where it refuses: its code, and the form of its message, in which {blocker.id},
// {blocker.type} and {blocker.property} are those of the resource that is in the way.
type Answer struct{ Code, Text string }

// Naming is the auto-naming of a type: the property that holds the name, its greatest length, 0 for none, and the
// properties that, where given, stand in for a name.
type Naming struct {
	Property string
	Max      int
	Unless   []string
}

// hasDependencies is EC2's answer, and that of services that answer alike.
func hasDependencies(code, what string) Answer {
	return Answer{code, "The " + what + " '{id}' has dependencies and cannot be deleted. ({blocker.type} {blocker.id})"}
}

// Recomputed is an output that is unknown in the preview of an update, unless nothing but the inputs of Except changes. What reads
// it shows an update too.
type Recomputed struct {
	Output string
	Except []string
	Source string
}

// Planned is a provider's own rule for one property: whether its change, from a value or nil to a value or nil, makes a new resource.
type Planned struct {
	Property string
	Replaces func(before, after any) bool
	Source   string
}

// removed: the property is given no more.
func removed(before, after any) bool { return before != nil && after == nil }

// Simulated reports whether the rehearsal simulates the type.
func (t *Type) Simulated() bool { return t.Simulation.ID != "" }
