package testkit

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// monitor is the engine's side of a run. The SDK's own mock monitor cannot be used: it drops unknown values, and fails on
// a secret that is unknown, so with it no preview can be recorded.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer

	mocks *mocks

	mu        sync.Mutex
	resources map[string]resource.PropertyMap
}

// keep is how values travel: with secrets, unknown values and references.
var keep = plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true, KeepResources: true, KeepOutputValues: true}

// serve starts the monitor on loopback and returns its address.
func serve(m *mocks) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("testkit: %w", err)
	}
	mon := &monitor{mocks: m, resources: map[string]resource.PropertyMap{}}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(server, mon)
	pulumirpc.RegisterEngineServer(server, mon)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), server.Stop, nil
}

// connect points a run at the monitor.
func (m *mocks) connect(address string) pulumi.RunOption {
	return func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.Organization = Project, Stack, "organization"
		info.MonitorAddr, info.EngineAddr, info.DryRun = address, address, m.dryRun
		info.Config, info.ConfigSecretKeys, info.RootDirectory = m.config, m.secretKeys, m.dir
	}
}

// SupportsFeature implements pulumirpc.ResourceMonitorServer.
func (m *monitor) SupportsFeature(
	_ context.Context, in *pulumirpc.SupportsFeatureRequest,
) (*pulumirpc.SupportsFeatureResponse, error) {
	switch in.GetId() {
	case "secrets", "resourceReferences", "outputValues", "aliasSpecs", "transforms", "resourceHooks":
		return &pulumirpc.SupportsFeatureResponse{HasSupport: true}, nil
	}
	return &pulumirpc.SupportsFeatureResponse{}, nil
}

// RegisterResource implements pulumirpc.ResourceMonitorServer.
func (m *monitor) RegisterResource(
	_ context.Context, in *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.RegisterResourceResponse, error) {
	// A remote component's transforms are for its children, which its provider would make. Nothing here calls them.
	if len(in.GetTransforms()) > 0 && !in.GetRemote() {
		return nil, fmt.Errorf("testkit: %s: transforms are simulated for no resource but a remote component", in.GetName())
	}
	urn := urn(in.GetParent(), in.GetType(), in.GetName())
	if in.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: urn}, nil
	}
	inputs, err := plugin.UnmarshalProperties(in.GetObject(), keep)
	if err != nil {
		return nil, err
	}
	id, state, err := m.mocks.NewResource(pulumi.MockResourceArgs{
		TypeToken: in.GetType(), Name: in.GetName(), Inputs: inputs, Provider: in.GetProvider(), ID: in.GetImportId(),
		Custom: in.GetCustom(), RegisterRPC: in,
	})
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.resources[urn] = resource.PropertyMap{
		"urn": resource.NewProperty(urn), "id": resource.NewProperty(id), "state": resource.NewProperty(state),
	}
	m.mu.Unlock()
	object, err := plugin.MarshalProperties(state, keep)
	return &pulumirpc.RegisterResourceResponse{Urn: urn, Id: id, Object: object}, err
}

// RegisterResourceHook implements pulumirpc.ResourceMonitorServer. Nothing that is recorded has been there before: no hook is asked.
func (m *monitor) RegisterResourceHook(context.Context, *pulumirpc.RegisterResourceHookRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// RegisterResourceOutputs implements pulumirpc.ResourceMonitorServer.
func (m *monitor) RegisterResourceOutputs(context.Context, *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// patience is how long a resource is waited for that is asked for before it is registered: programs register in parallel.
const patience = 10 * time.Second

// registered returns a resource, or nil where nobody registers it.
func (m *monitor) registered(urn string) resource.PropertyMap {
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		known, ok := m.resources[urn]
		m.mu.Unlock()
		if ok {
			return known
		}
	}
	return nil
}

// Invoke implements pulumirpc.ResourceMonitorServer.
func (m *monitor) Invoke(_ context.Context, in *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	args, err := plugin.UnmarshalProperties(in.GetArgs(), keep)
	if err != nil {
		return nil, err
	}
	var result resource.PropertyMap
	if in.GetTok() == "pulumi:pulumi:getResource" {
		known := m.registered(args["urn"].StringValue())
		if known == nil {
			return nil, fmt.Errorf("testkit: no resource %s is registered", args["urn"].StringValue())
		}
		result = known
	} else if result, err = m.mocks.Call(pulumi.MockCallArgs{Token: in.GetTok(), Args: args, Provider: in.GetProvider()}); err != nil {
		return nil, err
	}
	object, err := plugin.MarshalProperties(result, keep)
	return &pulumirpc.ResourceInvokeResponse{Return: object}, err
}

// Log implements pulumirpc.EngineServer. What a program logs is no part of its graph.
func (m *monitor) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
