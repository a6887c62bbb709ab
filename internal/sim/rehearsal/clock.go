package rehearsal

import (
	"context"
	"time"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
)

// takeTime lets operations on the clouds take their time, speed times faster.
func takeTime(speed float64) provider.Middleware {
	return func(ctx context.Context, op *provider.Operation, next func() error) error {
		d := timeline.For(op.Type, true, op.Inputs)
		takes := d.Create
		if op.Verb == provider.Delete {
			takes = d.Delete
		}
		timer := time.NewTimer(time.Duration(float64(takes) / speed))
		defer timer.Stop()
		select {
		case <-timer.C:
			return next()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
