package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Upgrade takes over what an earlier program deployed, by the state that it left, and runs today's on it: it previews,
// deploys, previews again, which must show no change, and destroys, which must leave nothing. Result.Changes is what the
// first preview would do.
//
// The state is as Result.State of an earlier rehearsal of the same stack has it; Options.Passphrase is that rehearsal's.
func Upgrade(ctx context.Context, state []byte, o Options) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error {
		if err := r.takeOver(state); err != nil {
			return err
		}
		for _, phase := range []func() error{
			func() error { return r.previewChange(o) }, r.deploy, r.secondPreview, r.destroy, r.nothingLeft,
		} {
			if err := phase(); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeOver puts an earlier state into the stack, and what it holds into the clouds.
func (r *rehearsal) takeOver(state []byte) error {
	if err := r.importState(state); err != nil {
		return fmt.Errorf("rehearsal: taking over the earlier state: %w", err)
	}
	readable, err := r.command("stack", "export", "--show-secrets", "--stack", r.Stack)
	if err != nil {
		return err
	}
	var deployed struct {
		Deployment apitype.DeploymentV3 `json:"deployment"`
	}
	if err := json.Unmarshal([]byte(readable), &deployed); err != nil {
		return fmt.Errorf("rehearsal: reading the earlier state: %w", err)
	}
	return r.clouds.Restore(deployed.Deployment.Resources)
}
