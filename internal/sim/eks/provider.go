// Package eks stands in for the pulumi-eks component provider: it registers the children that pulumi-eks 3.9.1
// registers, as seen in a run of the real one, and computes the same outputs.
package eks

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the pulumi-eks release that this package stands in for.
const version = "3.9.1"

type server struct {
	pulumirpc.UnimplementedResourceProviderServer

	mu     sync.Mutex
	engine string
	// clusters by URN: what node groups of the same run ask their cluster for.
	clusters map[string]*clusterState
}

// NewProvider returns the component provider.
func NewProvider() pulumirpc.ResourceProviderServer {
	return &server{clusters: map[string]*clusterState{}}
}

// Handshake implements the provider protocol.
func (p *server) Handshake(_ context.Context, req *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	p.setEngine(req.GetEngineAddress())
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// Attach implements the provider protocol.
func (p *server) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	p.setEngine(req.GetAddress())
	return &emptypb.Empty{}, nil
}

func (p *server) setEngine(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine = address
}

// GetPluginInfo implements the provider protocol.
func (p *server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// CheckConfig implements the provider protocol. The provider has no settings, and the simulation heeds none.
func (p *server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	response := &pulumirpc.CheckResponse{Inputs: req.GetNews()}
	for name := range req.GetNews().GetFields() {
		if !provider.EnginesOwn(name) && !strings.HasPrefix(name, "__") {
			response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: name, Reason: "Invalid or unknown key"})
		}
	}
	return response, nil
}

// DiffConfig implements the provider protocol.
func (p *server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

// Configure implements the provider protocol.
func (p *server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true, SupportsPreview: true}, nil
}

// Cancel implements the provider protocol.
func (p *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Construct builds a component's children.
func (p *server) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	p.mu.Lock()
	engine := p.engine
	p.mu.Unlock()
	conn, err := grpc.NewClient(engine, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return sdkprovider.Construct(ctx, req, conn, p.construct)
}

func (p *server) construct(ctx *pulumi.Context, typ, name string, inputs sdkprovider.ConstructInputs,
	options pulumi.ResourceOption,
) (*sdkprovider.ConstructResult, error) {
	given, err := inputs.Map()
	if err != nil {
		return nil, err
	}
	switch typ {
	case catalog.EKSClusterComponent:
		if err := refuseUnknown(typ, given, clusterInputs); err != nil {
			return nil, err
		}
		args := &clusterArgs{}
		if err := inputs.CopyTo(args); err != nil {
			return nil, fmt.Errorf("%s: %w", typ, err)
		}
		return p.newCluster(ctx, name, args, options)
	case catalog.EKSNodeGroupV2Component:
		if err := refuseUnknown(typ, given, nodeGroupInputs); err != nil {
			return nil, err
		}
		args := &nodeGroupArgs{}
		if err := inputs.CopyTo(args); err != nil {
			return nil, fmt.Errorf("%s: %w", typ, err)
		}
		return p.newNodeGroup(ctx, name, args, options)
	}
	return nil, status.Errorf(codes.Unimplemented, "rehearsal: eks: component %s is not simulated", typ)
}

// refuseUnknown names the inputs that the simulation would otherwise pass over.
func refuseUnknown(typ string, given pulumi.Map, known []string) error {
	simulated := map[string]bool{}
	for _, k := range known {
		simulated[k] = true
	}
	var unknown []string
	for k := range given {
		if !simulated[k] {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Strings(unknown)
	return status.Errorf(codes.Unimplemented, "rehearsal: eks: %s: not simulated: %s", typ, strings.Join(unknown, ", "))
}
