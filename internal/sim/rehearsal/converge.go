package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/listing"
)

// exported is what an exported state says of its resources.
type exported struct {
	Deployment struct {
		Resources []struct {
			URN      resource.URN `json:"urn"`
			ID       string       `json:"id"`
			Custom   bool         `json:"custom"`
			External bool         `json:"external"`
		} `json:"resources"`
		Pending []struct {
			Type     string `json:"type"`
			Resource struct {
				URN resource.URN `json:"urn"`
			} `json:"resource"`
		} `json:"pending_operations"`
	} `json:"deployment"`
}

func (r *rehearsal) readState() (exported, error) {
	var state exported
	b, err := r.export()
	if err != nil {
		return state, err
	}
	if err := json.Unmarshal(b, &state); err != nil {
		return state, fmt.Errorf("rehearsal: reading the state: %w", err)
	}
	return state, nil
}

// until repeats an operation that fails, as often as Options.Retry says, after what an operator would do in between.
func (r *rehearsal) until(phase string, operate func() error) error {
	for attempt := 0; ; attempt++ {
		err := operate()
		if err == nil {
			if attempt > 0 {
				fmt.Fprintf(r.out, "rehearsal %s: %s succeeded after %d failed attempts\n", r.Stack, phase, attempt)
			}
			return nil
		}
		if attempt == r.Retry || r.ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(r.out, "rehearsal %s: %v; trying again\n", r.Stack, err)
		r.result.Retries++
		if err := r.recover(); err != nil {
			return fmt.Errorf("%s: recovering: %w", phase, err)
		}
	}
}

// recover does what `bpactl recover` does for an operator whose engine was killed.
func (r *rehearsal) recover() error {
	if err := r.restoreCheckpoint(); err != nil {
		return err
	}
	var report recovery.Report
	err := r.withoutRuntime(func() (err error) {
		engine := recovery.CLI{Stack: r.Stack, Run: r.pipe, Progress: r.out}
		report, err = recovery.Recover(r.ctx, engine, r.listing)
		return err
	})
	fmt.Fprint(r.out, report.String())
	if err != nil {
		return err
	}
	r.result.Recovered = append(r.result.Recovered, report)
	return nil
}

// listing reads what the commands of docs/recovery.md print of the clouds, which have settled: else it is of a moment that has
// passed, and lacks something.
func (r *rehearsal) listing(context.Context, []recovery.Planned) (recovery.Listing, error) {
	r.clouds.Settle()
	printed, err := listing.Print(r.clouds.Store().List())
	if err != nil {
		return recovery.Listing{}, err
	}
	found, _, err := recovery.ReadListing(printed)
	return recovery.Listing{Found: found, Whole: true}, err
}

// restoreCheckpoint removes what a killed engine has half written beside a local state: the file of a checkpoint's
// attributes, which is not written at once as the checkpoint itself is. A state in S3 has no such file.
func (r *rehearsal) restoreCheckpoint() error {
	files, err := filepath.Glob(filepath.Join(r.state, ".pulumi", "stacks", "*", "*.attrs"))
	if err != nil {
		return err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err == nil && !json.Valid(b) {
			err = os.Remove(file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// consistent checks that state and clouds hold the same resources, each once.
func (r *rehearsal) consistent() error {
	state, err := r.readState()
	if err != nil {
		return err
	}
	var problems []error
	known := map[resource.URN]bool{}
	for _, s := range state.Deployment.Resources {
		if !s.Custom || s.External || strings.HasPrefix(string(s.URN.Type()), "pulumi:") {
			continue
		}
		known[s.URN] = true
		made := r.clouds.Store().ByURN(s.URN)
		switch {
		case len(made) == 0:
			problems = append(problems, fmt.Errorf("lost: %s is in the state and in no cloud", s.URN))
		case len(made) > 1:
			problems = append(problems, fmt.Errorf("duplicated: %s is %d times in the cloud", s.URN, len(made)))
		case made[0].ID != s.ID:
			problems = append(problems, fmt.Errorf("lost: %s is %s in the state and %s in the cloud", s.URN, s.ID, made[0].ID))
		}
	}
	for _, made := range r.clouds.Store().List() {
		// What the services make themselves, such as logs, has no URN.
		if made.URN != "" && !known[made.URN] {
			problems = append(problems, fmt.Errorf("orphaned: %s %s is in the cloud and not in the state", made.Type, made.ID))
		}
	}
	for _, p := range state.Deployment.Pending {
		problems = append(problems, fmt.Errorf("unfinished: %s is still %s", p.Resource.URN, p.Type))
	}
	return errors.Join(problems...)
}
