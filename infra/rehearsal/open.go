package rehearsal

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/bpa-on-aws/platform/infra/rehearsal/atlas"
	"github.com/bpa-on-aws/platform/infra/rehearsal/aws"
	"github.com/bpa-on-aws/platform/infra/rehearsal/cloud"
	"github.com/bpa-on-aws/platform/infra/rehearsal/eks"
	"github.com/bpa-on-aws/platform/infra/rehearsal/engine"
	"github.com/bpa-on-aws/platform/infra/rehearsal/kubernetes"
	"github.com/bpa-on-aws/platform/infra/rehearsal/random"
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
	if r.clouds, err = newClouds(); err != nil {
		return clean, err
	}
	clean = func() {
		r.clouds.Stop()
		_ = os.RemoveAll(dir)
	}
	r.clouds.SetDate(r.Date)
	r.clouds.Store().Declare(r.External...)
	return clean, r.openStack(command, dir)
}

func newClouds() (*cloud.Server, error) {
	clouds, err := cloud.NewServer(aws.Package(), kubernetes.Package(), atlas.Package(), random.Package())
	if err != nil {
		return nil, err
	}
	if _, err := clouds.Handle("eks", eks.NewProvider()); err != nil {
		clouds.Stop()
		return nil, err
	}
	return clouds, nil
}

func (r *rehearsal) openStack(command auto.PulumiCommand, dir string) error {
	work, home, state := filepath.Join(dir, "work"), filepath.Join(dir, "home"), filepath.Join(dir, "state")
	for _, d := range []string{work, home, state} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return fmt.Errorf("rehearsal: %w", err)
		}
	}
	r.clouds.SetWorkDir(work)
	secrets, err := copyStackFile(r.StackFile, filepath.Join(work, "Pulumi."+r.Stack+".yaml"))
	if err != nil {
		return err
	}
	project, err := workspace.LoadProject(r.Project)
	if err != nil {
		return fmt.Errorf("rehearsal: %s: %w", r.Project, err)
	}
	// The program is inline, so nothing is compiled and no `main` is looked for.
	project.Runtime = workspace.NewProjectRuntimeInfo("go", nil)
	r.environ = r.environment(state)
	r.stack, err = auto.UpsertStackInlineSource(r.ctx, r.Stack, string(project.Name), r.Program(work),
		auto.WorkDir(work), auto.PulumiHome(home), auto.Pulumi(command), auto.Project(*project),
		auto.SecretsProvider("passphrase"), auto.EnvVars(r.environ))
	if err != nil {
		return fmt.Errorf("rehearsal: making stack %s: %w", r.Stack, err)
	}
	if len(secrets) == 0 {
		return nil
	}
	return r.stack.SetAllConfigWithOptions(r.ctx, secrets, &auto.ConfigOptions{Path: true})
}

// export returns the state as `pulumi stack export` writes it, secrets encrypted. The Automation API's own Export would
// decrypt them.
func (r *rehearsal) export() ([]byte, error) {
	workspace := r.stack.Workspace()
	env := []string{"PULUMI_HOME=" + workspace.PulumiHome()}
	for name, value := range r.environ {
		env = append(env, name+"="+value)
	}
	out, problem, _, err := workspace.PulumiCommand().
		Run(r.ctx, workspace.WorkDir(), nil, nil, nil, env, "stack", "export", "--stack", r.Stack)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: exporting the state: %w: %s", err, problem)
	}
	return []byte(out), nil
}

// environment points the engine at a backend of its own and at the simulated clouds.
func (r *rehearsal) environment(state string) map[string]string {
	var attach []string
	for name, port := range r.clouds.Ports() {
		attach = append(attach, fmt.Sprintf("%s:%d", name, port))
	}
	return map[string]string{
		"PULUMI_BACKEND_URL":                            "file://" + filepath.ToSlash(state),
		"PULUMI_CONFIG_PASSPHRASE":                      randomHex(),
		"PULUMI_DEBUG_PROVIDERS":                        strings.Join(attach, ","),
		"PULUMI_SKIP_UPDATE_CHECK":                      "true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
	}
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
