package catalog

import "time"

// Source says where a duration comes from.
type Source string

// The sources of durations.
const (
	// Logs are public logs of `apply` and `up`, mid-range.
	Logs Source = "public logs"
	// Plan is what to reckon with where no log was found.
	Plan Source = "plan"
	// Default is for calls that return as soon as the object exists.
	Default Source = "default"
)

// Duration is how long operations on a resource take.
type Duration struct {
	Create, Delete time.Duration
	Source         Source
	// Depends, where it is not nil, tells it by the inputs.
	Depends func(d Duration, inputs map[string]any) Duration
}

// short is what a call takes that waits for nothing.
const short = 2 * time.Second

// Wait is a dependency that is true although no input carries it.
type Wait struct {
	// For lists the types that are waited for.
	For []string
	// Why it is true.
	Why string
}
