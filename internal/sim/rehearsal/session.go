package rehearsal

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/listing"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Session is a rehearsal of what happens after the first day, step by step: something is lost, or changed, and brought back.
// Each step is a command of an operator, or a failure in the clouds.
type Session struct {
	r *rehearsal

	mu   sync.Mutex
	done []Done
}

// Done is an operation that a cloud has carried out.
type Done struct {
	Verb provider.Verb
	URN  resource.URN
	ID   string
}

// String is the operation for people: "update aws:ebs/volume:Volume nodes-node-1".
func (d Done) String() string { return fmt.Sprintf("%s %s %s", d.Verb, d.URN.Type(), d.URN.Name()) }

// Run opens a stack and its clouds, and runs the steps.
func Run(ctx context.Context, o Options, steps func(*Session) error) (*Result, error) {
	return run(ctx, o, func(r *rehearsal) error {
		s := &Session{r: r}
		r.clouds.Use(s.remember)
		return steps(s)
	})
}

func (s *Session) remember(_ context.Context, op *provider.Operation, next func() error) error {
	err := next()
	if err == nil {
		s.mu.Lock()
		s.done = append(s.done, Done{Verb: op.Verb, URN: op.URN, ID: op.ID})
		s.mu.Unlock()
	}
	return err
}

// Done returns what the clouds have carried out since it was asked last, in the order in which it ended.
func (s *Session) Done() []Done {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := s.done
	s.done = nil
	return done
}

// Clouds is what exists.
func (s *Session) Clouds() *provider.Store { return s.r.clouds.Store() }

// Up runs `pulumi up`.
func (s *Session) Up() error { return s.r.up() }

// UpRefreshed runs `pulumi up --refresh`.
func (s *Session) UpRefreshed() error { return s.r.upWith(optup.Refresh()) }

// Destroy runs `pulumi destroy`: `protect` and the services' own deletion protection are in force, and refuse.
func (s *Session) Destroy() error {
	s.r.heading("destroy")
	kept, err := s.r.retained()
	if err != nil {
		return err
	}
	watch := newWatch(&s.r.events)
	_, err = s.r.stack.Destroy(s.r.ctx, optdestroy.ProgressStreams(s.r.out), optdestroy.EventStreams(watch.channel))
	if err = watch.explain("destroy", err); err != nil {
		return err
	}
	s.r.disown(kept)
	return nil
}

// Take gives the stack another stack file and program, as an engineer who edits the file does.
func (s *Session) Take(after Options) error {
	if err := s.r.turnTo(after); err != nil {
		return err
	}
	workspace := s.r.stack.Workspace()
	workspace.SetProgram(after.Program(workspace.WorkDir()))
	return nil
}

// Set puts a value into the stack file at a path such as database.restoreFrom, as an engineer does with an editor.
func (s *Session) Set(path string, value any) error {
	name := filepath.Join(s.r.stack.Workspace().WorkDir(), "Pulumi."+s.r.Stack+".yaml")
	file, err := readYAML(name)
	if err != nil {
		return err
	}
	at, keys := file, strings.Split("config.bpa:"+path, ".")
	for _, key := range keys[:len(keys)-1] {
		inner, ok := at[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[key] = inner
		}
		at = inner
	}
	at[keys[len(keys)-1]] = value
	out, err := yaml.Marshal(file)
	if err != nil {
		return err
	}
	return os.WriteFile(name, out, 0o600)
}

// Consistent returns an error unless state and clouds hold the same resources, each once.
func (s *Session) Consistent() error { return s.r.consistent() }

// Preview runs `pulumi preview` and returns what `up` would do.
func (s *Session) Preview() ([]stackdoc.Step, error) {
	s.r.heading("preview")
	watch := newWatch(&s.r.events)
	_, err := s.r.stack.Preview(s.r.ctx, optpreview.ProgressStreams(s.r.out), optpreview.EventStreams(watch.channel))
	if err = watch.explain("preview", err); err != nil {
		return nil, err
	}
	return watch.changes(), nil
}

// Refresh runs `pulumi refresh`: the state forgets what is in no cloud any more.
func (s *Session) Refresh() error {
	s.r.heading("refresh")
	_, err := s.r.stack.Refresh(s.r.ctx, optrefresh.ProgressStreams(s.r.out))
	return err
}

// Unprotect runs `pulumi state unprotect`.
func (s *Session) Unprotect(typ, name string) error {
	urn, err := s.urn(typ, name)
	if err == nil {
		_, err = s.r.command("state", "unprotect", "--yes", "--stack", s.r.Stack, string(urn))
	}
	return err
}

func (s *Session) urn(typ, name string) (resource.URN, error) {
	state, err := s.r.readState()
	if err != nil {
		return "", err
	}
	for _, e := range state.Live() {
		if e.Type() == typ && e.Name() == name {
			return e.URN, nil
		}
	}
	return "", fmt.Errorf("rehearsal: the state has no %s %s", typ, name)
}

// Lose removes a resource from its cloud behind the engine's back, as a zone that fails does.
func (s *Session) Lose(typ, name string) error {
	for _, r := range s.Clouds().All(typ) {
		if r.URN.Name() == name {
			s.Clouds().Remove(r)
			return nil
		}
	}
	return fmt.Errorf("rehearsal: no cloud has %s %s", typ, name)
}

// Change changes a resource in its cloud behind the engine's back, as the console does: the one of that name whose identifier
// it is.
func (s *Session) Change(typ, name, identifier string, inputs map[string]any) error {
	for _, r := range s.Clouds().All(typ) {
		if r.URN.Name() == name && r.Inputs["identifier"] == identifier {
			s.Clouds().Change(r, inputs)
			return nil
		}
	}
	return fmt.Errorf("rehearsal: no cloud has %s %s %s", typ, name, identifier)
}

// LoseState makes the state an empty one, as a bucket that is lost leaves it. What is in the clouds stays.
func (s *Session) LoseState() error {
	return s.r.importState([]byte(`{"version": 3, "deployment": {"manifest": {}, "resources": []}}`))
}

// WriteImport runs `bpactl import`: it writes the file for `pulumi import --file`. What the command prints goes to out.
func (s *Session) WriteImport(files recovery.ImportFiles, out io.Writer) (recovery.Summary, error) {
	s.r.heading("bpactl import")
	return recovery.Import(s.r.ctx, s.r.stack, files, out, s.r.out)
}

// Listing is what the commands of docs/recovery.md print of what the clouds hold.
func (s *Session) Listing() ([]byte, error) { return listing.Print(s.Clouds().List()) }

// Import runs `pulumi import --file`.
func (s *Session) Import(file string) error {
	s.r.heading("import")
	return s.r.importFile(s.r.ctx, file)
}

// withoutRuntime runs commands in a folder whose project has no runtime: they run no program, and the engine would ask for the
// language's plugin all the same.
func (r *rehearsal) withoutRuntime(run func() error) error {
	project := filepath.Join(r.stack.Workspace().WorkDir(), "Pulumi.yaml")
	whole, err := os.ReadFile(project)
	if err != nil {
		return err
	}
	defer func() { _ = os.WriteFile(project, whole, 0o600) }()
	settings, err := r.stack.Workspace().ProjectSettings(r.ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(project, []byte("name: "+string(settings.Name)+"\n"), 0o600); err != nil {
		return err
	}
	return run()
}
