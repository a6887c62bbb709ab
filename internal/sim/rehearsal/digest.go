package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/bpa-on-aws/platform/internal/chart"
)

// Base is what a change is made to: nothing (the zero value), what a program deploys, or the state that an earlier
// rehearsal of the same stack left, with Options.Passphrase of the change being that rehearsal's.
type Base struct {
	Program *Options
	State   []byte
}

// Digest previews a program on a base, as `pulumi preview --json --show-sames --show-replacement-steps` has it: Result.Digest
// is the engine's own JSON. It is there too where the preview fails.
func Digest(ctx context.Context, base Base, after Options) (*Result, error) {
	first := after
	if base.Program != nil {
		first = *base.Program
	}
	return run(ctx, first, func(r *rehearsal) error {
		switch {
		case base.State != nil:
			if err := r.takeOver(base.State); err != nil {
				return err
			}
		case base.Program != nil:
			if err := r.up(); err != nil {
				return err
			}
			if err := r.turnTo(after); err != nil {
				return err
			}
		}
		var err error
		r.result.Digest, err = r.previewJSON(after)
		return errors.Join(err, r.readCharts())
	})
}

// readCharts reads the charts that programs have written into the working directory, which ends with the rehearsal.
func (r *rehearsal) readCharts() error {
	work := r.stack.Workspace().WorkDir()
	folders, err := filepath.Glob(filepath.Join(work, ".bpa", "charts", "*"))
	if err != nil {
		return err
	}
	r.result.Charts = map[string]*chart.Chart{}
	for _, folder := range folders {
		path, err := filepath.Rel(work, folder)
		if err != nil {
			return err
		}
		if r.result.Charts["./"+filepath.ToSlash(path)], err = chart.Load(folder); err != nil {
			return fmt.Errorf("rehearsal: %s: %w", path, err)
		}
	}
	return nil
}

// turnTo lets the stack take another stack file's configuration.
func (r *rehearsal) turnTo(after Options) error {
	var err error
	file := filepath.Join(r.stack.Workspace().WorkDir(), "Pulumi."+r.Stack+".yaml")
	if r.secrets, err = copyStackFile(after.StackFile, file, r.secrets); err != nil {
		return err
	}
	r.clouds.Store().Declare(after.External...)
	r.clouds.SetInside(after.Inside)
	return r.setSecrets()
}

// previewJSON runs `pulumi preview --json` with the program in this process.
func (r *rehearsal) previewJSON(o Options) ([]byte, error) {
	r.heading("preview as JSON")
	host, err := newProgramHost(o.Program(r.stack.Workspace().WorkDir()))
	if err != nil {
		return nil, err
	}
	defer host.server.Stop()
	out, err := r.command(
		"preview",
		"--json",
		"--show-sames",
		"--show-replacement-steps",
		"--non-interactive",
		"--exec-kind",
		"auto.inline",
		"--client",
		host.address,
		"--stack",
		r.Stack,
	)
	return []byte(out), err
}

// programHost is a language host that runs one program in this process. The Automation API has the same, but cannot be
// asked for `--json`.
type programHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	program pulumi.RunFunc
	address string
	server  *grpc.Server
}

func newProgramHost(program pulumi.RunFunc) (*programHost, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	h := &programHost{program: program, address: listener.Addr().String(), server: grpc.NewServer()}
	pulumirpc.RegisterLanguageRuntimeServer(h.server, h)
	go func() { _ = h.server.Serve(listener) }() // ends with Stop
	return h, nil
}

// GetPluginInfo implements pulumirpc.LanguageRuntimeServer.
func (*programHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// GetRequiredPackages implements pulumirpc.LanguageRuntimeServer: every provider is attached already.
func (*programHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run implements pulumirpc.LanguageRuntimeServer.
func (h *programHost) Run(ctx context.Context, in *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := pulumi.RunInfo{
		MonitorAddr: in.GetMonitorAddress(), Config: in.GetConfig(), ConfigSecretKeys: in.GetConfigSecretKeys(),
		Project: in.GetProject(), Stack: in.GetStack(), Parallel: in.GetParallel(), DryRun: in.GetDryRun(),
		Organization: in.GetOrganization(), RootDirectory: in.GetInfo().GetRootDirectory(),
	}
	if len(in.GetArgs()) > 0 {
		info.EngineAddr = in.GetArgs()[0]
	}
	c, err := pulumi.NewContext(ctx, info)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if err := pulumi.RunWithContext(c, h.program); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}
