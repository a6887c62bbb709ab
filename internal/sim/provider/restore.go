package provider

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"
)

// restored is where serial numbers go on after a restore: far beyond those of any resource that was restored.
const restored = 1_000_000

// Restore makes everything exist that a state holds, as `pulumi stack export --show-secrets` writes it: what an earlier
// rehearsal deployed. Types that no package simulates are refused by name.
func (s *Server) Restore(resources []apitype.ResourceV3) error {
	if len(resources) == 0 {
		return nil
	}
	return s.store.transact(func(v *View) error {
		v.serial = max(v.serial, restored)
		for _, r := range resources {
			if err := s.restore(v, r); err != nil {
				return fmt.Errorf("rehearsal: restoring %s: %w", r.URN, err)
			}
		}
		return nil
	})
}

func (s *Server) restore(v *View, r apitype.ResourceV3) error {
	if !r.Custom || r.External || r.URN.Type().Package() == "pulumi" {
		return nil
	}
	p := s.packages[string(r.URN.Type().Package())]
	if p == nil || p.Types[string(r.Type)] == nil {
		return fmt.Errorf("resource type %s is not simulated", r.Type)
	}
	inputs, err := fromState(r.Inputs)
	if err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	inputs = withoutNotes(inputs)
	outputs, err := fromState(r.Outputs)
	if err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	t := p.Types[string(r.Type)]
	v.put(&Resource{
		Package: p.Name, Type: string(r.Type), Name: r.URN.Name(), ID: string(r.ID), URN: r.URN,
		Inputs: plainMap(inputs), Outputs: plainMap(outputs),
		key: t.key(r.URN, string(r.ID)), inputs: inputs, outputs: outputs, Local: t.Local,
	})
	return nil
}

// fromState reads the properties of a state. They are written as on the wire, but for secrets.
func fromState(properties map[string]any) (resource.PropertyMap, error) {
	wire, err := clearSecrets(properties)
	if err != nil {
		return nil, err
	}
	s, err := structpb.NewStruct(wire.(map[string]any))
	if err != nil {
		return nil, err
	}
	return decode(s)
}

// clearSecrets turns the secrets of a state, whose value is JSON text under `plaintext`, into those of the wire.
func clearSecrets(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = clearSecrets(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			text, ok := v["plaintext"].(string)
			if !ok {
				return nil, fmt.Errorf("a secret is still encrypted")
			}
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				return nil, fmt.Errorf("reading a secret: %w", err)
			}
			value, err := clearSecrets(value)
			return map[string]any{resource.SigKey: resource.SecretSig, "value": value}, err
		}
		out := make(map[string]any, len(v))
		for k, e := range v {
			var err error
			if out[k], err = clearSecrets(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}
