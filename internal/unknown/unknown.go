// Package unknown knows what the engine writes for a value that is known only after `up`.
package unknown

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

var texts = []string{
	plugin.UnknownBoolValue, plugin.UnknownNumberValue, plugin.UnknownStringValue, plugin.UnknownArrayValue,
	plugin.UnknownAssetValue, plugin.UnknownArchiveValue, plugin.UnknownObjectValue,
}

// Is reports whether a value of the engine's JSON stands for one that is not known yet.
func Is(v any) bool {
	text, ok := v.(string)
	return ok && slices.Contains(texts, text)
}
