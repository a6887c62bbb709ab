// Package provider is the mechanism of the rehearsal's simulated clouds: provider servers that the real Pulumi engine
// attaches to, over one store of resources.
//
// What a cloud knows lies in tables of Type and Invoke, kept by the packages aws, kubernetes, atlas and random. This
// package knows no resource type by name. What no table knows is refused by name, never passed over.
package provider

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Package is one simulated provider.
type Package struct {
	// Name as the engine knows it, such as aws.
	Name string
	// Version reported to the engine.
	Version string
	// Types by token, Invokes by token.
	Types   map[string]*Type
	Invokes map[string]Invoke
	// InvokeArgs lists, by token, the arguments that an Invoke heeds. Every other one is refused by name.
	InvokeArgs map[string][]string
	// Schemas are the properties of the types.
	Schemas *Schemas
	// Settings are rules for the provider's settings, beside those of Schemas.
	Settings []Value
	// ReplacesProvider lists the provider settings whose change makes a provider another one.
	ReplacesProvider func(before, after map[string]any) []string
	// Refer returns the ids in inputs that must exist before a resource can be made or changed, with the error that
	// the service gives where one does not.
	Refer func(inputs map[string]any) []Reference
	// Adds is an input that the provider's own Check adds, or nil.
	Adds *Added
}

// Added is an input that no program gives: its name, and its value of the other inputs, which is null where there is none.
type Added struct {
	Key   resource.PropertyKey
	Value func(config Config, token string, inputs resource.PropertyMap) resource.PropertyValue
}

// Reference is an id that must exist.
type Reference struct {
	ID string
	// Err is what the service answers where nothing has the id.
	Err error
}

// Type is what a cloud knows about one resource type.
type Type struct {
	// ID makes the physical id of a new resource.
	ID func(*Request) string
	// ImportID is the id by which an import asks for a resource, where that is another than the resource's. NoImport is what
	// the provider answers where it cannot import the type.
	ImportID func(*Resource) (string, bool)
	NoImport string
	// Local: the resource exists in the state alone, as a generated password does. Many may have one id.
	Local bool
	// Outputs computes what the service adds to the inputs. It also runs on updates; Request.Old then holds the
	// outputs so far, and what Outputs does not return is kept.
	Outputs func(*Request) map[string]any
	// Computed names the outputs that are unknown before the resource exists. Nil: ask Outputs.
	Computed []string
	// Recomputed is an output that is unknown in the preview of an update which changes more than Except; "": none.
	Recomputed string
	Except     []string
	// Secrets names outputs that are secret whatever the inputs are.
	Secrets []string
	// Replaces names top-level properties whose change makes a new resource.
	Replaces []string
	// Plans name properties of which some changes make a new resource.
	Plans []catalog.Planned
	// AlsoReplaces names further such properties, which depend on the provider's settings or on the inputs.
	AlsoReplaces func(config Config, inputs map[string]any) []string
	// DeleteFirst: a replacement deletes the old resource before it makes the new one. DeletesFirst: it always does.
	DeleteFirst  func(before, after map[string]any) bool
	DeletesFirst bool
	// Framework: the provider implements the type on terraform-plugin-framework.
	Framework bool
	// Name fills a physical name where the program gives none.
	Name *AutoName
	// Required names inputs that must be there.
	Required []string
	// Check is a rule of the service, applied when a resource is made or changed.
	Check func(*Request) error
	// Values are the provider's rules for single inputs, Rules the service's for making and changing, Leaving those for
	// deleting the resource, Reading those for reading it.
	Values                  []Value
	Rules, Leaving, Reading []Rule
	// Acts runs after a creation, or after a change of what was there before, for what that does to nodes. It returns those that it
	// replaces, in their order.
	Acts func(r *Request, before *Resource) []string
	// Gone runs after a deletion, for what the service leaves behind.
	Gone func(*Request)
	// Again: making what exists already changes nothing, and is no error.
	Again bool
	// Taken is the service's code where the id of a new resource exists already.
	Taken string
	// Protected is the service's own deletion protection: an error where it is on.
	Protected func(*Request) error
	// Blocks says who keeps the resource from being deleted.
	Blocks *Block
	// Bridged: the provider updates nothing where it finds no difference, even where the last update has failed.
	Bridged bool
	// Final: one that is not ready never becomes it, and an update of it fails as it did.
	Final bool
	// ReplaceUnready reports whether the inputs ask for another in the place of one that is not ready.
	ReplaceUnready func(inputs map[string]any) bool
	// Undoes reports whether by its inputs the provider takes back what did not become ready.
	Undoes func(inputs map[string]any) bool
}

// Block refuses the deletion of a resource that others still refer to.
type Block struct {
	// By lists the `type.property` references that block it. Nil: every reference does. It is needed where the id is a
	// name, which other resources may share.
	By []string
	// Except lists `type.property` references that go away with the resource and so do not block it.
	Except []string
	// Err makes the service's error.
	Err func(r *Request, blocker *Resource) error
}

// AutoName describes how a provider names a resource that has no name.
type AutoName struct {
	// Property that holds the name, as a path: "name", or "metadata.name".
	Property string
	// Unless names properties that, where set, stand in for a name (bucketPrefix).
	Unless []string
	// Separator between logical name and random suffix, and the number of hexadecimal digits of the suffix.
	Separator string
	Digits    int
	// Max length of the name, 0 for none.
	Max int
	// Suffix after the random part (such as .fifo).
	Suffix string
	// Mark is the path of a property that becomes "true" where the provider has chosen the name.
	Mark []string
}

// Invoke answers a function call.
type Invoke func(*Request) (map[string]any, error)

// Config is a provider instance's configuration, decoded.
type Config map[string]any

// String returns a string setting, or the default.
func (c Config) String(key, otherwise string) string {
	if s, ok := c[key].(string); ok && s != "" {
		return s
	}
	return otherwise
}

// Request is one operation on a cloud, as a table sees it.
type Request struct {
	Package, Type, Name string
	URN                 resource.URN
	ID                  string
	// Inputs as plain data: secrets unwrapped, unknown values absent.
	Inputs map[string]any
	// Old holds the outputs before an update, nil on creation.
	Old map[string]any
	// Hidden is what the cloud knows of a resource that is deleted (Resource.Hidden).
	Hidden map[string]any
	Config Config
	// Store is what exists, for as long as the operation lasts: nobody else changes it meanwhile.
	Store *View
	// Outcome is how the operation ends.
	Outcome Outcome
	// Today is the rehearsal's day, WorkDir the folder that relative paths of the program start from, or "".
	Today   time.Time
	WorkDir string
	// Registry is HOST:PORT of a registry that holds what the stack's ECR would, or "": every image is there then.
	Registry string
	// Inside: the machine that runs the program reaches the private addresses of every VPC.
	Inside bool
}

// Str returns a string input, or "".
func (r *Request) Str(key string) string {
	s, _ := r.Inputs[key].(string)
	return s
}

// Kept returns an output of the resource before this update, or what the function makes on creation.
func (r *Request) Kept(key string, fresh func() any) any {
	if v, ok := r.Old[key]; ok && v != nil {
		return v
	}
	return fresh()
}
