// Package eks stands in for the pulumi-eks component provider: it registers the children that pulumi-eks 3.9.1
// registers, as seen in a run of the real one, and computes the same outputs.
package eks

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the pulumi-eks release that this package stands in for.
const version = "3.9.1"

// clusters are those of a run, by URN: what node groups ask their cluster for.
type clusters struct {
	mu    sync.Mutex
	known map[string]*clusterState
}

func (c *clusters) put(urn string, state *clusterState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[urn] = state
}

func (c *clusters) get(urn string) *clusterState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[urn]
}

// instance is one instance of the provider. It has no settings, and the simulation heeds none.
type instance struct {
	provider.Base
}

// CheckConfig implements plugin.Provider.
func (*instance) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	response := plugin.CheckConfigResponse{Properties: req.News}
	for name := range req.News {
		if !provider.EnginesOwn(string(name)) && !strings.HasPrefix(string(name), "__") {
			response.Failures = append(response.Failures, plugin.CheckFailure{Property: name, Reason: "Invalid or unknown key"})
		}
	}
	return response, nil
}

// DiffConfig implements plugin.Provider.
func (*instance) DiffConfig(context.Context, plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	return plugin.DiffConfigResponse{Changes: plugin.DiffNone}, nil
}

// server is the SDK's provider server, but for Construct: what builds components in Go, sdkprovider.Construct, takes the
// protocol's own request, and nothing in the SDK makes one of a plugin.ConstructRequest.
type server struct {
	pulumirpc.ResourceProviderServer

	instance *instance
	clusters *clusters
}

// NewProvider returns what makes the instances of the component provider. They share the clusters of a run.
func NewProvider() func() pulumirpc.ResourceProviderServer {
	shared := &clusters{known: map[string]*clusterState{}}
	return func() pulumirpc.ResourceProviderServer {
		i := &instance{Base: provider.Base{Version: version}}
		return &server{ResourceProviderServer: plugin.NewProviderServer(i), instance: i, clusters: shared}
	}
}

// Construct builds a component's children.
func (p *server) Construct(ctx context.Context, req *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	conn, err := grpc.NewClient(p.instance.Engine(), grpc.WithTransportCredentials(insecure.NewCredentials()))
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
		if options, ok := given["vpcCniOptions"]; ok {
			args.VpcCniOptions = whole(options)
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

// whole is an object with all that it depends on: where CopyTo copies an object into a map, it drops what its deeper values depend on.
func whole(object pulumi.Input) pulumi.MapOutput {
	return pulumi.ToOutput(object).ApplyT(func(v any) (map[string]any, error) {
		values, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("vpcCniOptions: %T: must be an object", v)
		}
		return values, nil
	}).(pulumi.MapOutput)
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
