package provider

import (
	"context"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// provider is one instance of a package's provider, with settings of its own.
type provider struct {
	Base

	server *Server
	pkg    *Package
	config atomic.Pointer[Config]
}

func newProvider(s *Server, p *Package) *provider {
	made := &provider{Base: Base{Version: p.Version}, server: s, pkg: p}
	made.config.Store(&Config{})
	return made
}

// CheckConfig refuses settings that the provider does not have, or has in another form.
func (p *provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: req.News, Failures: checkSettings(p.pkg, req.URN.Name(), req.News)}, nil
}

// DiffConfig says whether a changed setting makes the provider another one, and so replaces all that it made.
func (p *provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	result := difference(req.OldInputs, req.NewInputs, nil)
	if p.pkg.ReplacesProvider != nil && result.Changes == plugin.DiffSome {
		for _, key := range p.pkg.ReplacesProvider(plainMap(req.OldInputs), plainMap(req.NewInputs)) {
			result.ReplaceKeys = append(result.ReplaceKeys, resource.PropertyKey(key))
		}
	}
	return result, nil
}

// Configure remembers the settings of the instance.
func (p *provider) Configure(_ context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	config := Config(decodeJSON(plainMap(req.Inputs)))
	p.config.Store(&config)
	return plugin.ConfigureResponse{}, nil
}

// Invoke answers a function call, or refuses it by name.
func (p *provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	token := string(req.Tok)
	f := p.pkg.Invokes[token]
	if f == nil {
		return plugin.InvokeResponse{}, status.Errorf(codes.Unimplemented,
			"rehearsal: %s: function %s is not simulated", p.pkg.Name, token)
	}
	r := p.request("", "", req.Args)
	r.Type = token
	if err := p.pkg.refuseArgs(token, r.Inputs); err != nil {
		return plugin.InvokeResponse{}, err
	}
	var answer map[string]any
	err := p.server.store.transact(func(v *View) (err error) {
		r.Store = v
		answer, err = f(r)
		return err
	})
	return plugin.InvokeResponse{Properties: resource.NewPropertyMapFromMap(answer)}, err
}

// typeOf finds what the cloud knows about a URN's type, or refuses the type by name.
func (p *provider) typeOf(urn resource.URN) (*Type, error) {
	t := p.pkg.Types[string(urn.Type())]
	if t == nil {
		return nil, status.Errorf(codes.Unimplemented, "rehearsal: %s: resource type %s is not simulated", p.pkg.Name, urn.Type())
	}
	return t, nil
}

// request is an operation as a table sees it. Its Store comes when the operation begins.
func (p *provider) request(urn resource.URN, id resource.ID, inputs resource.PropertyMap) *Request {
	r := &Request{
		Package: p.pkg.Name, URN: urn, ID: string(id), Inputs: plainMap(inputs), Config: *p.config.Load(),
		Today: p.server.Date(), WorkDir: p.server.WorkDir(), Inside: p.server.Inside(),
		Registry: p.server.Registry(),
	}
	if urn != "" {
		r.Type, r.Name = string(urn.Type()), urn.Name()
	}
	return r
}

// Check fills in the physical name and refuses what the provider refuses before it asks the service.
func (p *provider) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	news := req.News.Copy()
	if t.Name != nil {
		if err := t.Name.fill(req.URN, req.Olds, news, req.RandomSeed); err != nil {
			return plugin.CheckResponse{}, err
		}
	}
	t.noteDefaults(req.News, news)
	added := p.pkg.Adds
	if added != nil {
		delete(news, added.Key) // an import brings it along
	}
	failures := checkInputs(p.pkg.Schemas, string(req.URN.Type()), req.URN.Name(), t, news)
	if added != nil {
		if value := added.Value(*p.config.Load(), string(req.URN.Type()), news); !value.IsNull() {
			news[added.Key] = value
		}
	}
	return plugin.CheckResponse{Properties: news, Failures: failures}, nil
}

// Diff compares inputs with inputs.
func (p *provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	t, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	token := string(req.URN.Type())
	result := p.differ(token, withoutNotes(req.OldInputs), withoutNotes(req.NewInputs), req.OldOutputs)
	if t.ReplaceUnready != nil && t.ReplaceUnready(plainMap(req.NewInputs)) {
		if there := p.server.store.get(token, t.key(req.URN, string(req.ID))); there != nil && there.Unready {
			result.Changes = plugin.DiffSome
			result.ReplaceKeys = append(result.ReplaceKeys, "metadata")
		}
	}
	result.DeleteBeforeReplace = len(result.ReplaceKeys) > 0 && (t.DeletesFirst || t.keepsName(req.NewInputs) ||
		t.DeleteFirst != nil && t.DeleteFirst(plainMap(req.OldInputs), plainMap(req.NewInputs)))
	return result, nil
}

// differ compares inputs with inputs, as the provider of a type does, and where it computes what is not given, with the outputs.
func (p *provider) differ(token string, before, after, outputs resource.PropertyMap) plugin.DiffResult {
	t := p.pkg.Types[token]
	olds, news := p.pkg.Schemas.settled(token, before, after, outputs)
	replaces := append(p.pkg.Schemas.replacing(token, olds, news), t.Replaces...)
	if t.AlsoReplaces != nil {
		replaces = append(replaces, t.AlsoReplaces(*p.config.Load(), plainMap(after))...)
	}
	replaces = append(replaces, t.planned(plainMap(olds), plainMap(news))...)
	result := difference(olds, news, replaces)
	p.pkg.Schemas.nestedReplaces(token, olds, news, &result)
	return result
}
