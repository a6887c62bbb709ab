package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// noteDefaults notes whether the bridge has named a resource.
func (t *Type) noteDefaults(given, news resource.PropertyMap) {
	if !t.Bridged {
		return
	}
	filled := []resource.PropertyValue{}
	if t.Name != nil {
		key := resource.PropertyKey(t.Name.Property)
		if _, named := given[key]; !named && news.HasValue(key) {
			filled = append(filled, resource.NewStringProperty(t.Name.Property))
		}
	}
	news[stackdoc.BridgeNotes] = resource.NewArrayProperty(filled)
}

// defaulted reports whether a bridge has filled in a property. Inputs that are older than its notes say otherwise.
func defaulted(inputs resource.PropertyMap, property string, otherwise bool) bool {
	notes, ok := inputs[stackdoc.BridgeNotes]
	if !ok || !notes.IsArray() {
		return otherwise
	}
	return slices.ContainsFunc(
		notes.ArrayValue(),
		func(v resource.PropertyValue) bool { return v.IsString() && v.StringValue() == property },
	)
}

// keepsName reports whether the program has named a resource that a bridge would name: a replacement would have the same name, so
// the bridge deletes the old one first, also where another name is given. The bridge for the plugin framework does not look.
// Source: pulumi-terraform-bridge pkg/tfbridge/schema.go, nameRequiresDeleteBeforeReplace; pkg/pf/tfbridge/provider_diff.go.
func (t *Type) keepsName(news resource.PropertyMap) bool {
	return t.Bridged && !t.Framework && t.Name != nil && news.HasValue(resource.PropertyKey(t.Name.Property)) &&
		!defaulted(news, t.Name.Property, true)
}

// withoutNotes are inputs without the bridge's notes, as the service knows them.
func withoutNotes(inputs resource.PropertyMap) resource.PropertyMap {
	if _, ok := inputs[stackdoc.BridgeNotes]; !ok {
		return inputs
	}
	inputs = inputs.Copy()
	delete(inputs, stackdoc.BridgeNotes)
	return inputs
}
