package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// edited is the file that gets another line, and what the line is.
const edited, line = "components/bastion/bastion.go", "\n// Edited by bench.\nvar _ = %d\n"

// measurePreviews times `pulumi preview` of a stack that is up, as a user runs it: the engine is a process, and so is the
// program. The baseline is an empty program on the same engine and clouds.
func measurePreviews(ctx context.Context) ([]Figure, error) {
	b, err := newBed(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	if err := b.pulumi(ctx, "dev", "up", "--yes", "--skip-preview"); err != nil {
		return nil, err
	}
	unchanged, err := best(5, func() (cost, error) { return b.preview(ctx, "dev") })
	if err != nil {
		return nil, err
	}
	changed, err := best(3, func() (cost, error) {
		if err := b.edit(); err != nil {
			return cost{}, err
		}
		return b.preview(ctx, "dev")
	})
	if err != nil {
		return nil, err
	}
	b.host.use("bench/sdkonly", filepath.Join(b.dir, "empty"))
	if err := b.pulumi(ctx, "empty", "up", "--yes", "--skip-preview"); err != nil {
		return nil, err
	}
	empty, err := best(5, func() (cost, error) { return b.preview(ctx, "empty") })
	if err != nil {
		return nil, err
	}
	return []Figure{
		figure("preview of dev, nothing changed, against an empty program", "s", unchanged.wall, empty.wall, 1.5),
		figure("preview of dev, one line edited, against an empty program", "s", changed.wall, empty.wall, 4),
	}, nil
}

// bed is an engine with simulated clouds and a copy of the project to edit.
type bed struct {
	dir, source string
	command     string
	env         []string
	host        *host
	closers     []func()
}

func newBed(ctx context.Context) (*bed, error) {
	b := &bed{}
	var err error
	if b.dir, err = os.MkdirTemp("", "bpa-bench-"); err != nil {
		return nil, err
	}
	b.closers = append(b.closers, func() { _ = os.RemoveAll(b.dir) })
	if err := b.fill(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bed) close() {
	for i := len(b.closers) - 1; i >= 0; i-- {
		b.closers[i]()
	}
}

func (b *bed) fill(ctx context.Context) error {
	found, err := engine.Find(ctx, "tools/go.mod", os.Stderr)
	if err != nil {
		return err
	}
	if b.command, err = commandOf(found); err != nil {
		return err
	}
	b.source = filepath.Join(b.dir, "source")
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", b.source).CombinedOutput(); err != nil {
		return fmt.Errorf("copying the project: %w\n%s", err, out)
	}
	certificate, key, err := rehearsal.SelfSigned("bpa.dev.example.com")
	if err != nil {
		return err
	}
	certs := filepath.Join(b.source, "certs")
	if err := os.MkdirAll(certs, 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"certs/bap-cert.pem": certificate, "certs/bap-key.pem": key,
		"Pulumi.empty.yaml": "config: {bpa:aws: {}, bpa:ingress: {}, bpa:atlas: {}}\n",
	} {
		if err := os.WriteFile(filepath.Join(b.source, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	clouds, err := rehearsal.NewClouds()
	if err != nil {
		return err
	}
	b.closers = append(b.closers, clouds.Stop)
	clouds.SetWorkDir(b.source)
	var attach []string
	for name, port := range clouds.Ports() {
		attach = append(attach, fmt.Sprintf("%s:%d", name, port))
	}
	for _, dir := range []string{"state", "home"} {
		if err := os.Mkdir(filepath.Join(b.dir, dir), 0o700); err != nil {
			return err
		}
	}
	b.env = []string{
		"PULUMI_BACKEND_URL=file://" + filepath.Join(b.dir, "state"), "PULUMI_HOME=" + filepath.Join(b.dir, "home"),
		"PULUMI_CONFIG_PASSPHRASE=bench", "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_DEBUG_PROVIDERS=" + strings.Join(attach, ","),
	}
	return b.serve(ctx)
}

// serve starts the language host, builds the program once, and makes the stacks.
func (b *bed) serve(ctx context.Context) error {
	h, stop, err := newHost()
	if err != nil {
		return err
	}
	b.host = h
	b.closers = append(b.closers, stop)
	h.use(b.source, filepath.Join(b.dir, "program"))
	if err := h.build(ctx); err != nil {
		return err
	}
	for _, stack := range []string{"dev", "empty"} {
		if _, err := measure(ctx, b.source, b.env, b.command, "stack", "init", stack); err != nil {
			return err
		}
	}
	return nil
}

func (b *bed) pulumi(ctx context.Context, stack string, args ...string) error {
	_, err := b.operate(ctx, stack, args...)
	return err
}

func (b *bed) preview(ctx context.Context, stack string) (cost, error) {
	return b.operate(ctx, stack, "preview")
}

func (b *bed) operate(ctx context.Context, stack string, args ...string) (cost, error) {
	args = append(args, "--stack", stack, "--client="+b.host.address, "--exec-kind=auto.inline", "--non-interactive")
	return measure(ctx, b.source, b.env, b.command, args...)
}

// edit changes one line of a component to what no cache has seen.
func (b *bed) edit() error {
	original, err := os.ReadFile(edited)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.source, edited), append(original, []byte(fmt.Sprintf(line, time.Now().UnixNano()))...), 0o600)
}

// commandOf finds the engine's executable: the one on PATH, or that which was built.
func commandOf(found auto.PulumiCommand) (string, error) {
	if path, err := exec.LookPath("pulumi"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "bpa", "tools", "pulumi-"+found.Version().String(), "bin", "pulumi")
	_, err = os.Stat(path)
	return path, err
}
