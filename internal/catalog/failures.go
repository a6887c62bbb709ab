package catalog

import (
	"slices"
)

// Failure is a way in which an operation on a resource fails half-way: what its provider does, as read in its code.
type Failure struct {
	Class FailureClass
	// Source is the repository, file and function that were read.
	Source string
	// Verbs are the operations that it concerns: create, update and delete. Nil: those of its class.
	Verbs []string
}

// FailureClass says what is left where an operation fails, or ends too early.
type FailureClass string

// The classes of failures.
const (
	// Atomic: one call makes the resource, or what it made is undone. An operation that fails leaves everything as it was.
	Atomic FailureClass = "atomic"
	// IDBeforeWait: the id is kept before the provider waits or makes the next call. A creation that fails leaves the
	// resource in the state, with its errors, and an update that fails has been made.
	IDBeforeWait FailureClass = "id before wait"
	// CreatedIDLost: the id is kept after the wait or the next call. A creation that fails leaves the resource in the cloud,
	// and nothing in the state.
	CreatedIDLost FailureClass = "created, id lost"
	// CreatedNotReady: the resource is in the state with its errors, and is awaited again with the next update.
	CreatedNotReady FailureClass = "created, not ready"
	// RecordedNotMade: an update that the service refuses is in the state as if it had been made, so that no later one
	// repeats it.
	RecordedNotMade FailureClass = "recorded, not made"
	// ReturnsBeforeEffect: the operation succeeds before what it asked for has happened.
	ReturnsBeforeEffect FailureClass = "returns before effect"
	// StaleOutputs: outputs are those of the moment of creation, and lack what comes later.
	StaleOutputs FailureClass = "stale outputs"
	// DiesWithPlugin: the provider's own process does the work; where it is killed, the work stops with a mark that blocks
	// the next.
	DiesWithPlugin FailureClass = "dies with plugin"
)

// classVerbs are the operations that each class concerns, where an entry names none.
var classVerbs = map[FailureClass][]string{
	Atomic:              {"create", "update", "delete"},
	IDBeforeWait:        {"create", "update"},
	CreatedIDLost:       {"create"},
	CreatedNotReady:     {"create", "update"},
	RecordedNotMade:     {"update"},
	ReturnsBeforeEffect: {"create", "update"},
	StaleOutputs:        {"create"},
	DiesWithPlugin:      {"create", "update"},
}

// The code that was read: terraform-provider-aws 5, whose versions of 2023 to 2025 agree in these functions where no other is
// named, mongodbatlas 1.41.0 and pulumi-kubernetes 4.23.0.
const (
	awsCode        = "hashicorp/terraform-provider-aws internal/service/"
	atlasCode      = "mongodb/terraform-provider-mongodbatlas v1.41.0 internal/service/"
	kubernetesCode = "pulumi/pulumi-kubernetes v4.23.0 provider/pkg/"
)

// idBeforeWait is the failure of a resource of AWS whose creation was read at a place: it keeps the id after the call that
// makes the resource, and reads or waits after that.
func idBeforeWait(place string) []Failure {
	return []Failure{{Class: IDBeforeWait, Source: awsCode + place}}
}

// refused is how any operation fails that the service refuses before it does anything.
var refused = Failure{Class: Atomic, Source: "the service refuses the call, and nothing is done"}

// recorded is how an update fails that goes through the bridge to Terraform's SDK 2, which keeps what was planned, as the
// providers of AWS and Atlas never call Partial: the bridge passes it on with the error, and the engine writes it down. Terraform
// itself reads everything again before it plans; `pulumi up` does not.
var recorded = Failure{
	Class: RecordedNotMade,
	Source: "pulumi/pulumi-terraform-bridge pkg/tfbridge/provider.go Update; pulumi/pulumi-terraform-bridge issue 496; " +
		"pulumi/pulumi-aws issue 6062 (6.83.1)",
}

// keepsState is how an update fails where the provider's resource is written with Terraform's plugin framework: the state is
// that from before.
func keepsState(source string) Failure {
	return Failure{Class: Atomic, Source: source + ": the framework keeps the state from before", Verbs: []string{"update"}}
}

// FailuresOf are the ways in which an operation on the type fails, the provider's usual one first. Verb is create, update or
// delete.
func (t *Type) FailuresOf(verb string) []Failure {
	var all []Failure
	keeps := !t.Bridged() || slices.ContainsFunc(t.Failures, func(f Failure) bool { return f.Class == Atomic && f.Verbs != nil })
	if verb == "update" && !keeps {
		all = append(all, recorded)
	}
	for _, f := range t.Failures {
		verbs := f.Verbs
		if verbs == nil {
			verbs = classVerbs[f.Class]
		}
		if slices.Contains(verbs, verb) && (verb != "update" || f.Class != Atomic || keeps) {
			all = append(all, f)
		}
	}
	if len(all) == 0 || verb == "create" && !slices.ContainsFunc(all, func(f Failure) bool { return f.Class == Atomic }) {
		all = append(all, refused)
	}
	return all
}

// Bridged reports whether the type's provider is one of Terraform's behind the bridge. It updates nothing where it finds no
// difference, even where the last update has failed.
func (t *Type) Bridged() bool { return t.Package() == "aws" || t.Package() == "mongodbatlas" }

// FailsAs reports whether an operation on the type may fail so.
func (t *Type) FailsAs(verb string, class FailureClass) bool {
	return slices.ContainsFunc(t.FailuresOf(verb), func(f Failure) bool { return f.Class == class })
}
