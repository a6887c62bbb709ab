package recovery

import (
	"context"
	"fmt"
	"slices"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Account is what recovering asks of the clouds.
type Account struct {
	// List lists what is in the clouds and may be one of what is sought.
	List func(ctx context.Context, sought []Planned) (Listing, error)
	// Helm reaches the releases of the stack's cluster, or is nil.
	Helm Helm
	// Plugins are providers' processes that still run, without an engine; or it is nil.
	Plugins func() ([]Process, error)
}

// Recover brings a stack whose engine was killed, or whose `up` failed half-way, to where `up` finishes the work: it releases
// the lock, takes over what was being made, ends what a dead plugin has left pending in Helm, and refreshes. A stack with which
// nothing is wrong is left as it is. The listing is asked for only if something was under way, and for what was being created.
func Recover(ctx context.Context, engine Engine, account Account) (Report, error) {
	if err := engine.Cancel(ctx); err != nil {
		return Report{}, fmt.Errorf("releasing the lock: %w", err)
	}
	exported, err := engine.Export(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("reading the state: %w", err)
	}
	s, err := stackdoc.ReadState(exported)
	if err != nil {
		return Report{}, err
	}
	var report Report
	if len(s.Pending) > 0 {
		if report, err = takeOver(ctx, engine, account, exported); err != nil {
			return report, err
		}
	}
	if err := report.endPending(ctx, account, s); err != nil {
		return report, err
	}
	for _, r := range s.Resources {
		if r.Incomplete {
			report.Others = append(report.Others, r.URN)
		}
	}
	if report.Empty() && len(s.Pending) == 0 {
		return report, nil
	}
	if err := engine.Refresh(ctx); err != nil {
		return report, fmt.Errorf("refreshing: %w", err)
	}
	return report, report.verify(ctx, engine)
}

// takeOver puts what was being made into the state.
func takeOver(ctx context.Context, engine Engine, account Account, exported []byte) (Report, error) {
	s, err := stackdoc.ReadState(exported)
	if err != nil {
		return Report{}, err
	}
	listing, err := account.List(ctx, begun(s))
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
	return report, nil
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
	r.Taken = slices.DeleteFunc(r.Taken, func(t Taken) bool {
		if s.Find(t.URN) != nil {
			return false
		}
		r.Missing = append(r.Missing, t.URN)
		return true
	})
	return nil
}
