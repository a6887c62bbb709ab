package provider

import (
	"context"
	"sync/atomic"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Base is what every provider of the rehearsal answers alike, as one that runs before the engine does and is attached to it.
type Base struct {
	plugin.UnimplementedProvider

	// Version is reported to the engine.
	Version string
	engine  atomic.Value
}

// Handshake implements plugin.Provider.
func (b *Base) Handshake(_ context.Context, req plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	b.engine.Store(req.EngineAddress)
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// Attach implements plugin.GrpcProvider.
func (b *Base) Attach(address string) error {
	b.engine.Store(address)
	return nil
}

// Engine is the address of the engine that has attached the provider, or "".
func (b *Base) Engine() string {
	address, _ := b.engine.Load().(string)
	return address
}

// GetPluginInfo implements plugin.Provider.
func (b *Base) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	version, err := semver.Parse(b.Version)
	return plugin.PluginInfo{Version: &version}, err
}

// GetSchema implements plugin.Provider: Go programs need no schema at run time.
func (b *Base) GetSchema(context.Context, plugin.GetSchemaRequest) (plugin.GetSchemaResponse, error) {
	return plugin.GetSchemaResponse{Schema: []byte("{}")}, nil
}

// Configure implements plugin.Provider for one without settings.
func (b *Base) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

// SignalCancellation implements plugin.Provider.
func (b *Base) SignalCancellation(context.Context) error { return nil }

// Close implements plugin.Provider.
func (b *Base) Close() error { return nil }
