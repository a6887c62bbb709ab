package provider

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
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

// diffResponse compares two sets of inputs. A change of one of the replaces properties makes a new resource.
func diffResponse(olds, news resource.PropertyMap, replaces []string) *pulumirpc.DiffResponse {
	diff := bareMap(olds).Diff(bareMap(news))
	if diff == nil || !diff.AnyChanges() {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	}
	response := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_SOME, HasDetailedDiff: true, DetailedDiff: map[string]*pulumirpc.PropertyDiff{},
	}
	immutable := map[resource.PropertyKey]bool{}
	for _, key := range replaces {
		immutable[resource.PropertyKey(key)] = true
	}
	for _, key := range diff.ChangedKeys() {
		response.Diffs = append(response.Diffs, string(key))
		if immutable[key] {
			response.Replaces = append(response.Replaces, string(key))
		}
	}
	for path, d := range plugin.NewDetailedDiffFromObjectDiff(diff, true) {
		parsed, err := resource.ParsePropertyPath(path)
		replace := err == nil && len(parsed) > 0 && immutable[resource.PropertyKey(keyOf(parsed[0]))]
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: diffKind(d.Kind, replace), InputDiff: true}
	}
	return response
}

func keyOf(v any) string {
	s, _ := v.(string)
	return s
}

func diffKind(kind plugin.DiffKind, replace bool) pulumirpc.PropertyDiff_Kind {
	switch kind {
	case plugin.DiffAdd, plugin.DiffAddReplace:
		if replace {
			return pulumirpc.PropertyDiff_ADD_REPLACE
		}
		return pulumirpc.PropertyDiff_ADD
	case plugin.DiffDelete, plugin.DiffDeleteReplace:
		if replace {
			return pulumirpc.PropertyDiff_DELETE_REPLACE
		}
		return pulumirpc.PropertyDiff_DELETE
	default:
		if replace {
			return pulumirpc.PropertyDiff_UPDATE_REPLACE
		}
		return pulumirpc.PropertyDiff_UPDATE
	}
}
