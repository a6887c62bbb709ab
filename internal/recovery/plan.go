// Package recovery brings back what a state has lost, and is what `bpactl import` and `bpactl recover` do.
//
// Where the state itself is lost, Import finds for each resource that a preview would create the one that is in the cloud
// already, and fills in the import file that `pulumi preview --import-file` has begun. Where an engine was killed, Recover
// finds what it was creating, of which the state never heard the id.
//
// What is in the clouds is a listing: what commands of the AWS CLI, the Atlas CLI and kubectl print. A resource is taken for
// one of the program's only where nothing else could be meant: what is not sure is left open, and in an import becomes sure in
// a later pass, when what it refers to is in the state and so known.
package recovery

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Planned is a resource that a preview would create.
type Planned struct {
	URN    resource.URN
	Custom bool
	// Inputs are plain data. What is not known yet, and what is secret, is left out.
	Inputs map[string]any
	// Open says that an input is not known yet.
	Open bool
	// doubtful says that the resource may be there or not, whatever its id is made of.
	doubtful bool
	// names are those of all inputs, known or not, provider is the explicit provider, or "", and parent the component.
	names            []string
	provider, parent resource.URN
}

// Plan is what a preview would create.
type Plan struct {
	Resources []Planned
	// Empty says that the state holds nothing at all, not even the stack.
	Empty bool
	// madeUp are the physical names that the preview made up.
	madeUp []string
}

// ReadPlan collects what a preview would create, until the channel is closed. The plan is complete when done is closed.
func ReadPlan(channel <-chan events.EngineEvent) (plan *Plan, done <-chan struct{}) {
	ended := make(chan struct{})
	plan = &Plan{}
	go func() {
		defer close(ended)
		var preview stackdoc.Run
		for event := range channel {
			preview.Add(&event.EngineEvent)
		}
		for _, step := range preview.Steps {
			if step.Op == string(apitype.OpCreate) && step.New != nil {
				plan.add(step.New)
			}
		}
		for i := range plan.Resources {
			p := &plan.Resources[i]
			inputs, open := plan.withoutMadeUp(p.Inputs)
			p.Inputs, _ = inputs.(map[string]any)
			p.Open = p.Open || open
		}
	}()
	return plan, ended
}

// add takes in one resource. Default providers are the engine's own affair, and in no import file.
func (p *Plan) add(r *stackdoc.Resource) {
	switch {
	case r.URN.Type() == resource.RootStackType:
		p.Empty = true
	case isProvider(r.URN) && strings.HasPrefix(r.Name(), "default"):
	default:
		planned := plannedOf(r)
		p.madeUp = append(p.madeUp, forgetGenerated(planned.Inputs, r.URN)...)
		p.Resources = append(p.Resources, planned)
	}
}

// plannedOf is a resource with those of its inputs that are known, the physical name among them.
func plannedOf(r *stackdoc.Resource) Planned {
	inputs, open := known(r.Inputs)
	m, _ := inputs.(map[string]any)
	return Planned{
		URN: r.URN, Custom: r.Custom, provider: r.ProviderURN(), parent: r.Parent, Inputs: m, Open: open,
		names: slices.Collect(maps.Keys(r.Inputs)),
	}
}

// known returns a value without what is unknown or secret, and whether anything was unknown.
func known(value any) (any, bool) {
	switch v := value.(type) {
	case stackdoc.Unknown:
		return nil, true
	case stackdoc.Secret:
		return nil, false
	case map[string]any:
		// A file and the like are objects with a signature.
		if _, special := v[resource.SigKey]; special {
			return nil, false
		}
		return knownObject(v)
	case []any:
		out := []any{}
		for _, inner := range v {
			k, open := known(inner)
			if open || k == nil {
				// The rest of a list is of no use without its order.
				return nil, open
			}
			out = append(out, k)
		}
		return out, false
	}
	return value, false
}

func knownObject(value map[string]any) (any, bool) {
	open, out := false, map[string]any{}
	for key, inner := range value {
		k, unclear := known(inner)
		open = open || unclear
		if k != nil && !strings.HasPrefix(key, "__") {
			out[key] = k
		}
	}
	return out, open
}

// generated is what providers add to the logical name of a resource that the program gives no name.
var generated = regexp.MustCompile(`^-[0-9a-f]{7,8}$`)

// isGenerated reports whether a physical name is one that a provider made of a logical one.
func isGenerated(name, logical string) bool {
	suffix, ok := strings.CutPrefix(name, logical)
	return ok && generated.MatchString(suffix)
}

// nameProperties are those that a provider fills where the program gives no name. Elsewhere, the name of another resource may
// look like one that was made of the same logical name: that of a bucket, in its settings.
var nameProperties = []string{"name", "identifier"}

// namedBy are those of a resource.
func namedBy(urn resource.URN) []string {
	if urn.Type() == catalog.S3BucketV2 {
		return []string{"bucket"}
	}
	return nameProperties
}

// forgetGenerated removes the physical names that a preview makes up, and returns them: the cloud's end otherwise.
func forgetGenerated(inputs map[string]any, urn resource.URN) (madeUp []string) {
	properties, at := namedBy(urn), inputs
	if metadata, ok := inputs["metadata"].(map[string]any); ok {
		at = metadata
	}
	for _, property := range properties {
		if name, ok := at[property].(string); ok && isGenerated(name, urn.Name()) {
			delete(at, property)
			madeUp = append(madeUp, name)
		}
	}
	return madeUp
}

// withoutMadeUp returns a value without the texts that hold a name which the preview made up for another resource, and
// whether there were any: they become known with that resource.
func (p *Plan) withoutMadeUp(value any) (any, bool) {
	switch v := value.(type) {
	case string:
		if slices.ContainsFunc(p.madeUp, func(name string) bool { return strings.Contains(v, name) }) {
			return nil, true
		}
	case map[string]any:
		open, out := false, map[string]any{}
		for key, inner := range v {
			k, unclear := p.withoutMadeUp(inner)
			open = open || unclear
			if !unclear || k != nil {
				out[key] = k
			}
		}
		return out, open
	case []any:
		for _, inner := range v {
			if _, unclear := p.withoutMadeUp(inner); unclear {
				return nil, true
			}
		}
	}
	return value, false
}

// local reports whether a resource exists in the state alone, so that no cloud can have it.
func (p Planned) local() bool { return strings.HasPrefix(string(p.URN.Type()), "random:") }

func isProvider(urn resource.URN) bool {
	return strings.HasPrefix(string(urn.Type()), "pulumi:providers:")
}
