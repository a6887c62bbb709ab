package rehearsal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/eks"
	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/sim/kubernetes"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
)

// open starts the clouds and makes the stack, all of it below one temporary folder. The function that it returns undoes
// everything, and is never nil.
func (r *rehearsal) open() (clean func(), err error) {
	clean = func() {}
	forgetCredentials()
	command, err := engine.Find(r.ctx, r.ToolsModule, r.Out)
	if err != nil {
		return clean, err
	}
	dir, err := os.MkdirTemp("", "bpa-rehearsal-")
	if err != nil {
		return clean, fmt.Errorf("rehearsal: %w", err)
	}
	clean = func() { _ = os.RemoveAll(dir) }
	if r.clouds, err = NewClouds(); err != nil {
		return clean, err
	}
	clean = func() {
		r.clouds.Stop()
		_ = os.RemoveAll(dir)
	}
	r.clouds.SetDate(r.Date)
	r.clouds.SetInside(r.Inside)
	r.clouds.SetRegistry(r.Registry)
	r.clouds.Store().Declare(r.External...)
	if err := r.clouds.Restore(r.Existing); err != nil {
		return clean, err
	}
	if r.Speed > 0 {
		r.clouds.Use(takeTime(r.Speed))
	}
	if r.Faults != nil {
		r.Faults.Kill = killEngine
		r.clouds.Use(r.Faults.Middleware())
	}
	if r.Middleware != nil {
		r.clouds.Use(r.Middleware)
	}
	if r.KillAt > 0 {
		r.clouds.Use(killAt(int64(r.KillAt)))
	}
	return clean, r.openStack(command, dir)
}

// NewClouds starts the simulated clouds: aws, kubernetes, mongodbatlas, random and eks.
func NewClouds() (*provider.Server, error) {
	packages := []*provider.Package{aws.Package(), kubernetes.Package(), atlas.Package(), random.Package()}
	for _, p := range packages {
		teachImports(p)
	}
	clouds, err := provider.NewServer(packages...)
	if err != nil {
		return nil, err
	}
	if _, err := clouds.Handle("eks", eks.NewProvider()); err != nil {
		clouds.Stop()
		return nil, err
	}
	return clouds, nil
}

// teachImports tells the types of a package by which id they are imported, where the provider makes it of the properties.
func teachImports(p *provider.Package) {
	for typ, t := range p.Types {
		identity := catalog.Of(typ).Identity
		if identity.ImportID != nil {
			t.ImportID = func(r *provider.Resource) (string, bool) {
				properties := maps.Clone(r.Inputs)
				maps.Copy(properties, r.Outputs)
				properties["id"] = r.ID
				return identity.ImportID(properties)
			}
		}
		if identity.NoImport != "" {
			t.NoImport = typ + " doesn't support import"
		}
	}
}

func (r *rehearsal) openStack(command auto.PulumiCommand, dir string) error {
	work, home, state := filepath.Join(dir, "work"), filepath.Join(dir, "home"), filepath.Join(dir, "state")
	for _, d := range []string{work, home, state} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return fmt.Errorf("rehearsal: %w", err)
		}
	}
	// A file where the engine would have its folder of logs: it then keeps none. They go with the rehearsal, and to write
	// every property of every call into them is a fifth of the engine's CPU time.
	if err := os.WriteFile(filepath.Join(home, "logs"), nil, 0o600); err != nil {
		return fmt.Errorf("rehearsal: %w", err)
	}
	r.clouds.SetWorkDir(work)
	r.state = state
	var err error
	if r.secrets, err = copyStackFile(r.StackFile, filepath.Join(work, "Pulumi."+r.Stack+".yaml"), nil); err != nil {
		return err
	}
	project, err := workspace.LoadProject(r.Project)
	if err != nil {
		return fmt.Errorf("rehearsal: %s: %w", r.Project, err)
	}
	// The program is inline, so nothing is compiled and no `main` is looked for.
	project.Runtime = workspace.NewProjectRuntimeInfo("go", nil)
	r.environ = r.environment(state)
	command = &thrifty{PulumiCommand: command, outputs: r.ReadOutputs}
	r.stack, err = auto.NewStackInlineSource(r.ctx, r.Stack, string(project.Name), r.Program(work),
		auto.WorkDir(work), auto.PulumiHome(home), auto.Pulumi(command), auto.Project(*project),
		auto.SecretsProvider("passphrase"), auto.EnvVars(r.environ))
	if err != nil {
		return fmt.Errorf("rehearsal: making stack %s: %w", r.Stack, err)
	}
	return r.setSecrets()
}

// setSecrets puts the stand-ins for encrypted values into the stack's configuration.
func (r *rehearsal) setSecrets() error {
	if len(r.secrets) == 0 {
		return nil
	}
	return r.stack.SetAllConfigWithOptions(r.ctx, r.secrets, &auto.ConfigOptions{Path: true})
}

// export returns the state as `pulumi stack export` writes it, secrets encrypted. The Automation API's own Export would
// decrypt them.
func (r *rehearsal) export() ([]byte, error) {
	out, err := r.command("stack", "export", "--stack", r.Stack)
	return []byte(out), err
}

// importState makes a document of `pulumi stack export` the state.
func (r *rehearsal) importState(document []byte) error {
	_, err := r.pipe(r.ctx, document, "stack", "import", "--stack", r.Stack)
	return err
}

// command runs the engine with any arguments, in the stack's folder, and returns what it prints.
func (r *rehearsal) command(args ...string) (string, error) {
	out, err := r.pipe(r.ctx, nil, args...)
	return string(out), err
}

// pipe is command with an input.
func (r *rehearsal) pipe(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	workspace := r.stack.Workspace()
	env := []string{"PULUMI_HOME=" + workspace.PulumiHome()}
	for name, value := range r.environ {
		env = append(env, name+"="+value)
	}
	var in io.Reader
	if stdin != nil {
		in = bytes.NewReader(stdin)
	}
	out, problem, _, err := workspace.PulumiCommand().Run(ctx, workspace.WorkDir(), in, nil, nil, env, args...)
	if err != nil {
		return []byte(out), fmt.Errorf("rehearsal: pulumi %s: %w: %s", args[0], err, problem)
	}
	return []byte(out), nil
}

// environment points the engine at a backend of its own and at the simulated clouds.
func (r *rehearsal) environment(state string) map[string]string {
	var attach []string
	for name, port := range r.clouds.Ports() {
		attach = append(attach, fmt.Sprintf("%s:%d", name, port))
	}
	passphrase := r.Passphrase
	if passphrase == "" {
		passphrase = randomHex()
	}
	return map[string]string{
		"PULUMI_SKIP_CHECKPOINTS":  strconv.FormatBool(r.skipCheckpoints()),
		"PULUMI_BACKEND_URL":       "file://" + filepath.ToSlash(state),
		"PULUMI_CONFIG_PASSPHRASE": passphrase,
		"PULUMI_DEBUG_PROVIDERS":   strings.Join(attach, ","),
		"PULUMI_SKIP_UPDATE_CHECK": "true",
		// Else the engine fetches the real plugins of every provider in the state, though none of them will run.
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION":   "true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
	}
}

// skipCheckpoints reports whether the engine may write its state at the end alone, and not after every operation: more than
// half of its CPU time, for a file that only an engine that is killed leaves behind. One that fails writes its end, too.
func (r *rehearsal) skipCheckpoints() bool {
	return r.KillAt == 0 && (r.Faults == nil || !r.Faults.Kills())
}

// forgetCredentials removes from this process what could lead a rehearsal to a real account or backend. It is the
// last thing that should be needed, as every provider is simulated.
func forgetCredentials() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"PULUMI_", "AWS_", "MONGODB_ATLAS_", "MONGODB_", "KUBE"} {
			if strings.HasPrefix(name, prefix) {
				_ = os.Unsetenv(name)
			}
		}
	}
}

func randomHex() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // documented never to fail
	return hex.EncodeToString(b)
}
