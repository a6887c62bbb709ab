package provider

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// provider serves one package to the engine.
type provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	server *Server
	pkg    *Package
	// configs by connection: every provider instance of the engine has a connection of its own.
	configs sync.Map
}

func newProvider(s *Server, p *Package) *provider { return &provider{server: s, pkg: p} }

var marshal = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

func decode(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, marshal)
}

func encode(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, marshal)
}

// connection tells provider instances apart.
func connection(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr.String()
	}
	return ""
}

func (p *provider) config(ctx context.Context) Config {
	if c, ok := p.configs.Load(connection(ctx)); ok {
		return c.(Config)
	}
	return Config{}
}

// Handshake implements the provider protocol.
func (p *provider) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// Attach implements the provider protocol for a provider that already runs.
func (p *provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo implements the provider protocol.
func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: p.pkg.Version}, nil
}

// GetSchema implements the provider protocol: Go programs need no schema at run time.
func (p *provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: "{}"}, nil
}

// Cancel implements the provider protocol.
func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// CheckConfig refuses settings that the provider does not have, or has in another form.
func (p *provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{
		Inputs: req.GetNews(), Failures: checkSettings(p.pkg, resource.URN(req.GetUrn()).Name(), news),
	}, nil
}

// DiffConfig says whether a changed setting makes the provider another one, and so replaces all that it made.
func (p *provider) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := decode(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	response := diffResponse(olds, news, nil)
	if p.pkg.ReplacesProvider != nil && response.Changes == pulumirpc.DiffResponse_DIFF_SOME {
		response.Replaces = p.pkg.ReplacesProvider(plainMap(olds), plainMap(news))
	}
	return response, nil
}

// Configure remembers the settings of a provider instance.
func (p *provider) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	args, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	p.configs.Store(connection(ctx), Config(decodeJSON(plainMap(args))))
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true,
	}, nil
}

// Invoke answers a function call, or refuses it by name.
func (p *provider) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f := p.pkg.Invokes[req.GetTok()]
	if f == nil {
		return nil, status.Errorf(codes.Unimplemented, "rehearsal: %s: function %s is not simulated", p.pkg.Name, req.GetTok())
	}
	args, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	given := plainMap(args)
	if err := p.pkg.refuseArgs(req.GetTok(), given); err != nil {
		return nil, err
	}
	r := &Request{
		Package: p.pkg.Name, Type: req.GetTok(), Inputs: given, Config: p.config(ctx),
		Today: p.server.Date(), WorkDir: p.server.WorkDir(),
	}
	var answer map[string]any
	err = p.server.store.transact(func(v *View) error {
		r.Store = v
		answer, err = f(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	out, err := encode(resource.NewPropertyMapFromMap(answer))
	return &pulumirpc.InvokeResponse{Return: out}, err
}

// typeOf finds what the cloud knows about a URN's type, or refuses the type by name.
func (p *provider) typeOf(urn resource.URN) (*Type, error) {
	t := p.pkg.Types[string(urn.Type())]
	if t == nil {
		return nil, status.Errorf(codes.Unimplemented, "rehearsal: %s: resource type %s is not simulated", p.pkg.Name, urn.Type())
	}
	return t, nil
}

func (p *provider) request(ctx context.Context, urn resource.URN, id string, inputs resource.PropertyMap) *Request {
	return &Request{
		Package: p.pkg.Name, Type: string(urn.Type()), Name: urn.Name(), URN: urn, ID: id, Inputs: plainMap(inputs),
		Config: p.config(ctx), Today: p.server.Date(), WorkDir: p.server.WorkDir(),
	}
}

// Check fills in the physical name and refuses what the provider refuses before it asks the service.
func (p *provider) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	olds, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	if t.Name != nil {
		if err := t.Name.fill(urn, olds, news, req.GetRandomSeed()); err != nil {
			return nil, err
		}
	}
	response := &pulumirpc.CheckResponse{}
	response.Failures = checkInputs(p.pkg.Schemas, string(urn.Type()), urn.Name(), t, news)
	response.Inputs, err = encode(news)
	return response, err
}

// Diff compares inputs with inputs.
func (p *provider) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	urn := resource.URN(req.GetUrn())
	t, err := p.typeOf(urn)
	if err != nil {
		return nil, err
	}
	olds, err := decode(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	token := string(urn.Type())
	replaces := append(p.pkg.Schemas.replaces(token), t.Replaces...)
	if t.AlsoReplaces != nil {
		replaces = append(replaces, t.AlsoReplaces(p.config(ctx), plainMap(news))...)
	}
	olds, settled := p.pkg.Schemas.settled(token, olds, news)
	response := diffResponse(olds, settled, replaces)
	p.pkg.Schemas.nestedReplaces(token, response)
	response.DeleteBeforeReplace = len(response.Replaces) > 0 && t.DeleteFirst != nil && t.DeleteFirst(plainMap(olds), plainMap(news))
	return response, nil
}
