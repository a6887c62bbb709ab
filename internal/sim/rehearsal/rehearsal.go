// Package rehearsal runs a Pulumi program on the real Pulumi engine against simulated clouds on this machine: no
// account, no network, nothing left behind.
//
// It never pretends: what it prints says "rehearsal", and what the clouds do not simulate is refused by name.
package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/faults"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Options says what to rehearse.
type Options struct {
	// Project is the path of Pulumi.yaml, StackFile of Pulumi.<stack>.yaml, ToolsModule of the go.mod that pins the engine.
	Project, StackFile, ToolsModule string
	// Stack names the stack.
	Stack string
	// Program returns the program; workDir is the folder that the engine runs in.
	Program func(workDir string) pulumi.RunFunc
	// Speed lets every operation take its time, that many times faster than on the clouds. 0: none.
	Speed float64
	// Faults make operations fail, or is nil. Retry is how often a failed `up` or destroy is run again.
	Faults *faults.Plan
	Retry  int
	// ContinueOnError lets the engine go on with what does not depend on a failure.
	ContinueOnError bool
	// KillAt kills the engine at that operation on the clouds, counted from 1, as a laptop that runs out of power does. 0:
	// never. What the engine had asked for goes on. Retry says how often it is run again after.
	KillAt int
	// Middleware surrounds every operation on the clouds, or is nil.
	Middleware provider.Middleware
	// External are ids that exist outside the stack, such as an existing VPC's.
	External []string
	// Inside: this machine reaches the private addresses of the stack's VPC, by a route that the program does not make.
	Inside bool
	// Registry is HOST:PORT of a registry in the place of the stack's ECR: what pods pull must be in it. Empty: all images are there.
	Registry string
	// Existing are resources that exist outside the stack with all their properties, to be read or imported.
	Existing []apitype.ResourceV3
	// Date is the rehearsal's today, which decides on versions. Zero: today.
	Date time.Time
	// Passphrase encrypts the secrets of the state. Empty: one that is forgotten with the rehearsal.
	Passphrase string
	// ReadOutputs reads the stack's outputs after `up`, which takes two calls of the engine more.
	ReadOutputs bool
	// Out gets the engine's own progress and the rehearsal's headings.
	Out io.Writer
}

// Result is what a rehearsal saw.
type Result struct {
	// Created and Deleted count the resources of `up` and destroy, SecondPreview the changes of the preview after `up`.
	Created, SecondPreview, Deleted int
	// Retries is how often a failed operation was run again.
	Retries int
	// Recovered says what became of the operations that were under way when an engine was killed, a report a recovery.
	Recovered []recovery.Report
	// State is the stack after `up`, as `pulumi stack export` has it.
	State []byte
	// Elapsed is how long `up` took on the clouds' clock, where Speed is given.
	Elapsed time.Duration
	// Outputs are the stack's outputs, with the values of secret ones, where Options.ReadOutputs asks for them.
	Outputs auto.OutputMap
	// Changes are what a preview would do; see Change.
	Changes []stackdoc.Step
	// Digest is a preview as `pulumi preview --json` prints it; see Digest. Charts are those of its releases, by their paths.
	Digest []byte
	Charts map[string]*chart.Chart
	// Operations are what a change did, in order; see Apply.
	Operations []Operation
	// Text is everything that the engine printed.
	Text string
	// Events are the engine's events of all operations, a line of JSON each, as `--json` and the event log have them.
	Events []byte
	// Resources are what existed in the clouds after `up`. They hold secrets in clear text.
	Resources []*provider.Resource
}

// Preview previews a first deployment.
func Preview(ctx context.Context, o Options) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error { return r.preview("preview") })
}

// Up previews and deploys.
func Up(ctx context.Context, o Options) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error { return r.deploy() })
}

// Cycle previews, deploys, previews again, which must show no change, and destroys, which must leave nothing.
func Cycle(ctx context.Context, o Options) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error {
		for _, phase := range []func() error{
			func() error { return r.preview("preview") }, r.deploy, r.secondPreview, r.destroy, r.nothingLeft,
		} {
			if err := phase(); err != nil {
				return err
			}
		}
		return nil
	})
}

// rehearsal is one run.
type rehearsal struct {
	Options
	ctx    context.Context
	stack  auto.Stack
	clouds *provider.Server
	result *Result
	// secrets are the stand-ins for encrypted values, by configuration path.
	secrets auto.ConfigMap
	// state is the folder of the backend.
	state string
	// environ is the environment of every call of the engine.
	environ map[string]string
	text    *bytes.Buffer
	events  bytes.Buffer
	out     io.Writer
}

func run(ctx context.Context, o Options, phases func(*rehearsal) error) (*Result, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	text := &bytes.Buffer{}
	r := &rehearsal{Options: o, ctx: ctx, result: &Result{}, text: text, out: io.MultiWriter(o.Out, text)}
	clean, err := r.open()
	defer clean()
	if err == nil {
		err = phases(r)
	}
	if err == nil {
		err = r.unmet()
	}
	r.result.Text, r.result.Events = text.String(), r.events.Bytes()
	return r.result, err
}

// unmet says what has not been met of what was to fail: a fault whose operation was never asked for proves nothing.
func (r *rehearsal) unmet() error {
	if r.Faults == nil {
		return nil
	}
	for _, operation := range r.Faults.Unseen() {
		fmt.Fprintf(r.out, "rehearsal %s: it succeeded, had no effect, and nothing has told so: %s\n", r.Stack, operation)
	}
	for _, f := range r.Faults.Unused() {
		return fmt.Errorf("--fail '%s %s': the rehearsal has asked for no such operation", f.Type, f.Verb)
	}
	return nil
}

func (r *rehearsal) heading(phase string) {
	fmt.Fprintf(r.out, "\nrehearsal %s: %s (simulated clouds, nothing is deployed)\n", r.Stack, phase)
}

func (r *rehearsal) preview(phase string) error {
	r.heading(phase)
	watch := newWatch(&r.events)
	_, err := r.stack.Preview(r.ctx, optpreview.ProgressStreams(r.out), optpreview.EventStreams(watch.channel))
	return watch.explain(phase, err)
}

// deploy runs `up` until it succeeds, and then checks that nothing was orphaned, duplicated or lost on the way.
func (r *rehearsal) deploy() error {
	if err := r.until("up", r.up); err != nil {
		return err
	}
	if err := r.consistent(); err != nil {
		return fmt.Errorf("up: %w", err)
	}
	return nil
}

func (r *rehearsal) up() error { return r.upWith() }

func (r *rehearsal) upWith(options ...optup.Option) error {
	r.heading("up")
	r.clouds.Store().Rest()
	watch := newWatch(&r.events)
	begin := time.Now()
	options = append(options, optup.ProgressStreams(r.out), optup.EventStreams(watch.channel), optup.SuppressOutputs())
	if r.ContinueOnError {
		options = append(options, optup.ContinueOnError())
	}
	up, err := r.stack.Up(r.ctx, options...)
	if err = watch.explain("up", err); err != nil {
		return err
	}
	r.result.Elapsed = time.Duration(float64(time.Since(begin)) * r.Speed)
	r.result.Outputs = up.Outputs
	r.result.Resources = r.clouds.Store().List()
	if r.result.State, err = r.export(); err != nil {
		return err
	}
	r.result.Created, err = r.count()
	return err
}

// count returns how many resources the state holds, without the engine's own provider.
func (r *rehearsal) count() (int, error) {
	state, err := r.readState()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, s := range state.Resources {
		if s.Type() != "pulumi:providers:pulumi" {
			n++
		}
	}
	return n, nil
}

func (r *rehearsal) secondPreview() error {
	r.heading("second preview, which must show no change")
	watch := newWatch(&r.events)
	_, err := r.stack.Preview(r.ctx, optpreview.ProgressStreams(r.out), optpreview.EventStreams(watch.channel))
	if err = watch.explain("second preview", err); err != nil {
		return err
	}
	for kind, n := range watch.run.Summary {
		if kind != "same" && kind != "read" {
			r.result.SecondPreview += n
		}
	}
	if r.result.SecondPreview > 0 {
		first := watch.changes()[0]
		return fmt.Errorf("second preview: %d changes, none were expected; the first: %s %s %v", r.result.SecondPreview,
			first.Op, first.URN, first.Diffs)
	}
	return nil
}

// destroy removes the stack. Protection is the program's; lifting it to clean up is the rehearsal's affair alone.
func (r *rehearsal) destroy() error {
	r.heading("destroy, protection lifted")
	if err := r.unprotect(); err != nil {
		return err
	}
	r.clouds.LiftProtection()
	kept, err := r.retained()
	if err != nil {
		return err
	}
	err = r.until("destroy", func() error {
		watch := newWatch(&r.events)
		options := []optdestroy.Option{optdestroy.ProgressStreams(r.out), optdestroy.EventStreams(watch.channel)}
		if r.ContinueOnError {
			options = append(options, optdestroy.ContinueOnError())
		}
		_, err := r.stack.Destroy(r.ctx, options...)
		return watch.explain("destroy", err)
	})
	if err != nil {
		return err
	}
	r.disown(kept)
	left, err := r.count()
	r.result.Deleted = r.result.Created - left
	return err
}

// unprotect clears `protect` in the rehearsal's own state.
func (r *rehearsal) unprotect() error {
	state, err := stackdoc.ReadState(r.result.State)
	if err != nil {
		return fmt.Errorf("rehearsal: %w", err)
	}
	if state.Unprotect() == 0 {
		return nil
	}
	document, err := state.Export()
	if err != nil {
		return fmt.Errorf("rehearsal: %w", err)
	}
	return r.importState(document)
}

// retained lists what a destroy takes from the state and leaves in the clouds, by ids of a type.
func (r *rehearsal) retained() (kept []*stackdoc.Resource, err error) {
	state, err := r.readState()
	if err != nil {
		return nil, err
	}
	for _, s := range state.Resources {
		if s.RetainOnDelete && s.Custom && !s.External {
			kept = append(kept, s)
		}
	}
	return kept, nil
}

// disown makes what a destroy has left to the clouds nobody's: an `up` that follows makes its own.
func (r *rehearsal) disown(kept []*stackdoc.Resource) {
	for _, s := range kept {
		r.clouds.Store().Disown(s.Type(), s.ID)
	}
}

// nothingLeft checks that neither the state nor a cloud holds anything but what the services keep.
func (r *rehearsal) nothingLeft() error {
	var problems []error
	for _, resource := range r.clouds.Store().List() {
		if resource.URN == "" && catalog.Of(resource.Type).Loss.Stays != "" {
			continue // README.md, "Destroy", says so
		}
		problems = append(problems, fmt.Errorf("destroy left %s %s in the cloud", resource.Type, resource.ID))
	}
	state, err := r.readState()
	if err != nil {
		return err
	}
	for _, resource := range state.Resources {
		problems = append(problems, fmt.Errorf("destroy left %s in the state", resource.URN))
	}
	return errors.Join(problems...)
}
