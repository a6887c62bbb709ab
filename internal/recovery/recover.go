package recovery

import (
	"context"
	"fmt"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Recover brings a stack whose engine was killed to where `up` finishes the work: it releases the lock, takes over what was
// being made, and refreshes. A stack with which nothing is wrong is left as it is. The listing is asked for only if something
// was under way, and for what was being created.
func Recover(ctx context.Context, engine Engine, list func(context.Context, []Planned) (Listing, error)) (Report, error) {
	if err := engine.Cancel(ctx); err != nil {
		return Report{}, fmt.Errorf("releasing the lock: %w", err)
	}
	exported, err := engine.Export(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("reading the state: %w", err)
	}
	s, err := stackdoc.ReadState(exported)
	if err != nil || len(s.Pending) == 0 {
		return Report{}, err
	}
	listing, err := list(ctx, begun(s))
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
	s, err := stackdoc.ReadState(exported)
	if err != nil {
		return err
	}
	var made []Taken
	for _, t := range r.Taken {
		if s.Find(t.URN) != nil {
			made = append(made, t)
		} else {
			r.Missing = append(r.Missing, t.URN)
		}
	}
	r.Taken = made
	return nil
}
