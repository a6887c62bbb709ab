package pending

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/recovery/imports"
)

// Engine is what recovering asks of the engine, for one stack.
type Engine interface {
	// Cancel releases the lock of an update that no longer runs.
	Cancel(ctx context.Context) error
	// Export returns the state, secrets encrypted; Import takes such a one.
	Export(ctx context.Context) ([]byte, error)
	Import(ctx context.Context, state []byte) error
	// Refresh makes the state say what is in the clouds.
	Refresh(ctx context.Context) error
}

// Listing is what the clouds hold.
type Listing struct {
	Found []imports.Found
	// Whole says that nothing is missing in it, as in a rehearsal: what it lacks was not made. The listing of an account
	// lacks what bears no tags, and may be a moment late.
	Whole bool
}

// Recover brings a stack whose engine was killed to where `up` finishes the work: it releases the lock, takes over what was
// being made, and refreshes. A stack with which nothing is wrong is left as it is. The listing is asked for only if something
// was under way.
func Recover(ctx context.Context, engine Engine, list func(context.Context) (Listing, error)) (Report, error) {
	if err := engine.Cancel(ctx); err != nil {
		return Report{}, fmt.Errorf("releasing the lock: %w", err)
	}
	exported, err := engine.Export(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("reading the state: %w", err)
	}
	s, err := read(exported)
	if err != nil || len(s.pending) == 0 {
		return Report{}, err
	}
	listing, err := list(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("listing what is in the clouds: %w", err)
	}
	settled, report, err := Settle(exported, listing)
	if err != nil {
		return report, err
	}
	if err := engine.Import(ctx, settled); err != nil {
		return report, fmt.Errorf("writing the state: %w", err)
	}
	if err := engine.Refresh(ctx); err != nil {
		return report, fmt.Errorf("refreshing: %w", err)
	}
	return report, report.verify(ctx, engine)
}

// verify tells what was made from what a refresh has dropped.
func (r *Report) verify(ctx context.Context, engine Engine) error {
	exported, err := engine.Export(ctx)
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	s, err := read(exported)
	if err != nil {
		return err
	}
	there := map[resource.URN]bool{}
	for _, entry := range s.resources {
		fields, _ := entry.(map[string]any)
		there[urnOf(entry)] = there[urnOf(entry)] || fields["delete"] != true
	}
	var made []Taken
	for _, t := range r.Taken {
		if there[t.URN] {
			made = append(made, t)
		} else {
			r.Missing = append(r.Missing, t.URN)
		}
	}
	r.Taken = made
	return nil
}
