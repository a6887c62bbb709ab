package catalog

// Failure is a way in which a resource fails half-way: what its provider does, as read in its code.
type Failure struct {
	Class FailureClass
	// Source is the repository, file and function that were read. "": one call makes the resource, as its service documents.
	Source string
}

// FailureClass says what is left where an operation fails, or ends too early.
type FailureClass string

// The classes of failures.
const (
	// Atomic: one call makes the resource, or what it made is undone. A creation that fails leaves nothing.
	Atomic FailureClass = "atomic"
	// IDBeforeWait: the id is kept before the provider waits or makes the next call. A creation that fails leaves the
	// resource in the state, with its errors.
	IDBeforeWait FailureClass = "id before wait"
	// CreatedIDLost: the id is kept after the wait or the next call. A creation that fails leaves the resource in the cloud,
	// and nothing in the state.
	CreatedIDLost FailureClass = "created, id lost"
	// CreatedNotReady: the resource is in the state with its errors, and is awaited again with the next update.
	CreatedNotReady FailureClass = "created, not ready"
	// ReturnsBeforeEffect: the operation succeeds before what it asked for has happened.
	ReturnsBeforeEffect FailureClass = "returns before effect"
	// StaleOutputs: outputs are those of the moment of creation, and lack what comes later.
	StaleOutputs FailureClass = "stale outputs"
	// DiesWithPlugin: the provider's own process does the work; where it is killed, the work stops with a mark that blocks
	// the next.
	DiesWithPlugin FailureClass = "dies with plugin"
)

// The code that was read: terraform-provider-aws 5, whose versions of 2023 to 2025 agree in these functions where no other is
// named, mongodbatlas 1.41.0 and pulumi-kubernetes 4.23.0.
const (
	awsCode        = "hashicorp/terraform-provider-aws internal/service/"
	atlasCode      = "mongodb/terraform-provider-mongodbatlas v1.41.0 internal/service/"
	kubernetesCode = "pulumi/pulumi-kubernetes v4.23.0 provider/pkg/"
)

// inOneCall is the failure of what one call makes.
var inOneCall = []Failure{{Class: Atomic}}

// idBeforeWait is that of a resource of AWS whose creation was read at a place.
func idBeforeWait(place string) []Failure { return []Failure{{IDBeforeWait, awsCode + place}} }
