package provider

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// plainMap returns properties as plain data: secrets and outputs unwrapped, unknown values left out.
func plainMap(m resource.PropertyMap) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if p, known := plain(v); known {
			out[string(k)] = p
		}
	}
	return out
}

func plain(v resource.PropertyValue) (any, bool) {
	switch {
	case v.IsNull(), v.IsComputed():
		return nil, false
	case v.IsSecret():
		return plain(v.SecretValue().Element)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return nil, false
		}
		return plain(v.OutputValue().Element)
	case v.IsArray():
		list := []any{}
		for _, e := range v.ArrayValue() {
			p, _ := plain(e)
			list = append(list, p)
		}
		return list, true
	case v.IsObject():
		return plainMap(v.ObjectValue()), true
	case v.IsResourceReference():
		ref := v.ResourceReferenceValue()
		return plain(ref.ID)
	default:
		return v.V, true
	}
}

// decodeJSON undoes the engine's encoding of nested provider settings as JSON text.
func decodeJSON(m map[string]any) map[string]any {
	for key, value := range m {
		text, ok := value.(string)
		if !ok || len(text) == 0 || text[0] != '[' && text[0] != '{' {
			continue
		}
		var nested any
		if json.Unmarshal([]byte(text), &nested) == nil {
			m[key] = nested
		}
	}
	return m
}

// bare removes the wrappers that do not change a value: what was secret before and is not now is no difference.
func bare(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return bare(v.SecretValue().Element)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return resource.MakeComputed(resource.NewStringProperty(""))
		}
		return bare(v.OutputValue().Element)
	case v.IsArray():
		list := make([]resource.PropertyValue, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			list = append(list, bare(e))
		}
		return resource.NewArrayProperty(list)
	case v.IsObject():
		return resource.NewObjectProperty(bareMap(v.ObjectValue()))
	default:
		return v
	}
}

func bareMap(m resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		out[k] = bare(v)
	}
	return out
}
