package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host is what Pulumi's Go language host does with a buildTarget: `go build` into a file, which does nothing where the
// source is unchanged, and then run it. The real one is no Go module that could be built here.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	address string

	mu sync.Mutex
	// source is the folder of the program, target the file to build.
	source, target string
}

func newHost() (*host, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	h := &host{address: listener.Addr().String()}
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, h)
	go func() { _ = server.Serve(listener) }()
	return h, server.Stop, nil
}

// use makes the host run the program in a folder.
func (h *host) use(source, target string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.source, h.target = source, target
}

// build compiles the program as the language host does.
func (h *host) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", goBuild("-o", h.target, ".")...)
	cmd.Dir, cmd.Env = h.source, append(os.Environ(), "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return nil
}

// GetPluginInfo implements pulumirpc.LanguageRuntimeServer.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// GetRequiredPackages implements pulumirpc.LanguageRuntimeServer: every provider is attached already.
func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run implements pulumirpc.LanguageRuntimeServer.
func (h *host) Run(ctx context.Context, in *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.build(ctx); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	config, err := json.Marshal(in.GetConfig())
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(in.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	engine := ""
	if len(in.GetArgs()) > 0 {
		engine = in.GetArgs()[0]
	}
	cmd := exec.CommandContext(ctx, h.target)
	cmd.Dir = in.GetInfo().GetRootDirectory()
	cmd.Env = append(os.Environ(), "PULUMI_ORGANIZATION="+in.GetOrganization(), "PULUMI_PROJECT="+in.GetProject(),
		"PULUMI_ROOT_DIRECTORY="+cmd.Dir, "PULUMI_STACK="+in.GetStack(), "PULUMI_CONFIG="+string(config),
		"PULUMI_CONFIG_SECRET_KEYS="+string(secrets), "PULUMI_PARALLEL="+strconv.Itoa(int(in.GetParallel())),
		"PULUMI_DRY_RUN="+strconv.FormatBool(in.GetDryRun()), "PULUMI_MONITOR="+in.GetMonitorAddress(), "PULUMI_ENGINE="+engine)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("%v\n%s", err, out.String())}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}
