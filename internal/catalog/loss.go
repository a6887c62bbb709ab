package catalog

import (
	"fmt"
	"time"

	"github.com/bpa-on-aws/platform/internal/property"
)

// Loss is what the replacement or deletion of a resource means.
type Loss struct {
	// Stateful: it holds what cannot be made again.
	Stateful bool
	// Lost says what is gone, Downtime what users feel until the replacement works. Empty: nothing.
	Lost, Downtime string
	// Kept, where it is not nil, says what a deletion leaves behind, or nothing.
	Kept func(inputs map[string]any) Phrase
	// Stays is the command that removes what a service makes by itself or keeps, and a destroy leaves. Empty: nothing of the type
	// is left.
	Stays string
	// Again: its replacement is another run of something that may run any number of times.
	Again bool
	// Unfelt says when nobody feels it.
	Unfelt Unfelt
}

// Unfelt says when nobody feels that a resource goes.
type Unfelt int

const (
	// Never is the default: somebody may feel it.
	Never Unfelt = iota
	// Always says that what it did is done, or its replacement does it again before anything asks for it.
	Always
	// CreatedFirst says that it is missed only while there is none, so not where the new one is created first.
	CreatedFirst
	// Deleted says that its deletion takes a way or a right from somebody, as is meant.
	Deleted
)

// Effect is what a change in place means. Sources: AWS's RDS user guide, "Settings for DB instances"; EKS user guide, "Update
// existing cluster to new Kubernetes version"; Atlas, "Modify a Cluster"; AWS's "Modify an EBS volume".
type Effect struct {
	// Property is the input that changes.
	Property string
	// Downtime is what users feel; Note is what is good to know where they feel nothing.
	Downtime, Note string
	// Typical is how long the change takes.
	Typical time.Duration
	// When, where it is not nil, tells by the inputs when it is felt, in words that end Downtime.
	When func(inputs map[string]any) string
}

// Guard is a property that keeps data or access safe, and what it means where it is lost.
type Guard struct {
	// Property is the input, or "" where the resource as a whole is a guard of another one, and is lost when it is deleted.
	Property string
	// Lost reports whether the guard is weaker after than before.
	Lost func(from, to any) bool
	Text string
}

// Refusal is a property that lets a service refuse a deletion.
type Refusal struct {
	Property string
	Refuses  func(v any) bool
	// Text names the property, who refuses, and the key of the stack file that decides on it.
	Text string
}

// KeptBy says what keeps a resource from being deleted, and the key of the stack file that decides on it.
func KeptBy(token string, protect bool, inputs map[string]any) []string {
	var by []string
	if protect {
		by = append(by, "protect: Pulumi refuses (bpa:protect)")
	}
	for _, refusal := range Of(token).Refusals {
		if v, _ := property.At(inputs, refusal.Property); refusal.Refuses(v) {
			by = append(by, refusal.Text)
		}
	}
	return by
}

func isTrue(v any) bool  { return v == true }
func notTrue(v any) bool { return v != true }

func off(from, to any) bool { return from == true && to != true }
func on(from, to any) bool  { return from != true && to == true }

// unlike is the loss of a certain value.
func unlike(guarded any) func(from, to any) bool {
	return func(from, to any) bool { return from == guarded && to != guarded }
}

func fewer(from, to any) bool {
	x, _ := from.([]any)
	y, _ := to.([]any)
	return len(y) < len(x)
}

func less(from, to any) bool {
	x, ok1 := from.(float64)
	y, ok2 := to.(float64)
	return ok1 && ok2 && y < x
}

const nodeRolls = "each node is drained, replaced and waited for, one after the other: what runs on it alone is down for some minutes"

// recoverable says for how long a deleted resource can be brought back: the days in an input, or else 30.
func recoverable(what, key string) func(map[string]any) Phrase {
	return func(in map[string]any) Phrase {
		days, told := property.Number(in, key)
		switch {
		case !told:
			days = 30
		case days == 0:
			return Phrase{}
		}
		return phrase(fmt.Sprintf("the %s can be brought back for %.0f days", what, days))
	}
}

// Properties are the dotted paths of all properties that the entry of a type names: in effects, guards and refusals.
func (t *Type) Properties() (names []string) {
	for _, e := range t.Effects {
		names = append(names, e.Property)
	}
	for _, g := range t.Guards {
		names = append(names, g.Property)
	}
	for _, r := range t.Refusals {
		names = append(names, r.Property)
	}
	return names
}
