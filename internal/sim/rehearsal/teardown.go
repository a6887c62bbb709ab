package rehearsal

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
)

// Teardown deploys and destroys as the program's owner would: `protect` and the services' own deletion protection stay
// in force, and refuse.
func Teardown(ctx context.Context, o Options) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error {
		if err := r.up(); err != nil {
			return err
		}
		r.heading("destroy, protection in force")
		watch := newWatch(&r.events)
		_, err := r.stack.Destroy(r.ctx, optdestroy.ProgressStreams(r.out), optdestroy.EventStreams(watch.channel))
		if err = watch.explain("destroy", err); err != nil {
			return err
		}
		r.result.Deleted = watch.run.Summary["delete"]
		return nil
	})
}
