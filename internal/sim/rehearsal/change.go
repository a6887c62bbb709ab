package rehearsal

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
)

// Change deploys one program or stack file, and previews another on what that made: Result.Changes is what would happen.
// Stack and project are those of the first; secrets that both hold under the same path keep their stand-ins.
func Change(ctx context.Context, before, after Options) (*Result, error) {
	return run(ctx, before, func(r *rehearsal) error {
		if err := r.up(); err != nil {
			return err
		}
		return r.previewChange(after)
	})
}

func (r *rehearsal) previewChange(after Options) error {
	r.heading("preview of the change")
	workspace := r.stack.Workspace()
	if err := r.turnTo(after); err != nil {
		return err
	}
	workspace.SetProgram(after.Program(workspace.WorkDir()))
	watch := newWatch(&r.events)
	_, err := r.stack.Preview(r.ctx, optpreview.Diff(), optpreview.ProgressStreams(r.out), optpreview.EventStreams(watch.channel))
	if err = watch.explain("preview of the change", err); err != nil {
		return err
	}
	r.result.Changes = watch.changes()
	return nil
}
