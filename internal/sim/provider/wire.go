package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// wire is the SDK's provider server, but for differences, which that one cuts short: it does not say that they are detailed
// (HasDetailedDiff), so that the engine overlooks every detail; it makes a deletion that replaces a plain one; and it names
// paths where the engine is told the properties.
type wire struct {
	pulumirpc.ResourceProviderServer

	provider plugin.Provider
}

func newWire(p plugin.Provider) *wire {
	return &wire{ResourceProviderServer: plugin.NewProviderServer(p), provider: p}
}

// Diff implements the provider protocol.
func (w *wire) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news, err := inputsOf(req)
	if err != nil {
		return nil, err
	}
	outputs, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	result, err := w.provider.Diff(ctx, plugin.DiffRequest{
		URN: resource.URN(req.GetUrn()), ID: resource.ID(req.GetId()), OldInputs: olds, OldOutputs: outputs, NewInputs: news,
		AllowUnknowns: true,
	})
	return diffResponse(&result), err
}

// DiffConfig implements the provider protocol.
func (w *wire) DiffConfig(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news, err := inputsOf(req)
	if err != nil {
		return nil, err
	}
	result, err := w.provider.DiffConfig(ctx, plugin.DiffConfigRequest{
		URN: resource.URN(req.GetUrn()), OldInputs: olds, NewInputs: news, AllowUnknowns: true,
	})
	return diffResponse(&result), err
}

func inputsOf(req *pulumirpc.DiffRequest) (olds, news resource.PropertyMap, err error) {
	if olds, err = decode(req.GetOldInputs()); err != nil {
		return nil, nil, err
	}
	news, err = decode(req.GetNews())
	return olds, news, err
}

// decode reads properties as the SDK's provider server does.
func decode(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true})
}

func diffResponse(result *plugin.DiffResult) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, DeleteBeforeReplace: result.DeleteBeforeReplace,
		HasDetailedDiff: len(result.DetailedDiff) > 0, DetailedDiff: map[string]*pulumirpc.PropertyDiff{},
	}
	if result.Changes == plugin.DiffSome {
		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
	}
	for _, key := range result.ChangedKeys {
		response.Diffs = append(response.Diffs, string(key))
	}
	for _, key := range result.ReplaceKeys {
		response.Replaces = append(response.Replaces, string(key))
	}
	for path, d := range result.DetailedDiff {
		// The kinds of the plugin are numbered as those of the protocol.
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_Kind(d.Kind), InputDiff: d.InputDiff}
	}
	return response
}
