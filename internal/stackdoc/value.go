package stackdoc

import (
	"encoding/json"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Unknown is a value that is known only after `up`: of a type, where the engine says so. It is comparable.
type Unknown string

// The types of what is not known yet. The engine's previews and events have texts alone, whatever the type: they say
// UnknownText of everything. Providers are told the type.
const (
	UnknownText    Unknown = "text"
	UnknownNumber  Unknown = "number"
	UnknownBool    Unknown = "bool"
	UnknownList    Unknown = "list"
	UnknownObject  Unknown = "object"
	UnknownAsset   Unknown = "asset"
	UnknownArchive Unknown = "archive"
)

var unknowns = map[string]Unknown{
	plugin.UnknownStringValue: UnknownText, plugin.UnknownNumberValue: UnknownNumber, plugin.UnknownBoolValue: UnknownBool,
	plugin.UnknownArrayValue: UnknownList, plugin.UnknownObjectValue: UnknownObject, plugin.UnknownAssetValue: UnknownAsset,
	plugin.UnknownArchiveValue: UnknownArchive,
}

// String is what a person reads in place of the value.
func (Unknown) String() string { return "(known after up)" }

// MarshalText writes what a person reads.
func (u Unknown) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// IsUnknown reports whether a value is not known yet.
func IsUnknown(v any) bool {
	_, unknown := v.(Unknown)
	return unknown
}

// Masked is what stands in a text where a secret would be.
const Masked = "[secret]"

// Secret is a value that is one. Whatever prints or encodes it shows that it is, and not what it is. It is comparable.
type Secret struct {
	// plaintext is JSON, or empty where the document does not let it be read.
	plaintext string
}

// IsSecret reports whether a value is one.
func IsSecret(v any) bool {
	_, secret := v.(Secret)
	return secret
}

// Value returns the value, or false where the document does not let it be read: masked, or encrypted.
func (s Secret) Value() (any, bool) {
	var v any
	if err := json.Unmarshal([]byte(s.plaintext), &v); err != nil {
		return nil, false
	}
	return value(v, false), true
}

// String hides the value.
func (Secret) String() string { return Masked }

// GoString hides the value.
func (Secret) GoString() string { return Masked }

// MarshalText hides the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(Masked), nil }

// Cleartext is a secret text as the engine takes it in a document whose secrets are not encrypted.
func Cleartext(text string) apitype.SecretV1 {
	b, _ := json.Marshal(text) // a text always encodes
	return apitype.SecretV1{Sig: resource.SecretSig, Plaintext: string(b)}
}

// Contains reports whether a value is or holds one that matches.
func Contains(v any, match func(any) bool) bool {
	if match(v) {
		return true
	}
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return Contains(e, match) })
	case map[string]any:
		for _, e := range v {
			if Contains(e, match) {
				return true
			}
		}
	}
	return false
}

// properties copies properties as values; those that are absent stay so.
func properties(m map[string]any, masked bool) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for key, v := range m {
		if key != BridgeNotes {
			out[key] = value(v, masked)
		}
	}
	return out
}

// BridgeNotes is the key under which a bridge to Terraform notes, among the inputs, which of them it has filled in. It is no input.
// Source: pulumi-terraform-bridge pkg/tfbridge/schema.go, applyDefaults.
const BridgeNotes = "__defaults"

// value copies a value of a document, and tells what is unknown and what is secret in it.
func value(v any, masked bool) any {
	switch v := v.(type) {
	case string:
		if unknown, ok := unknowns[v]; ok {
			return unknown
		}
		if masked && v == Masked {
			return Secret{}
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = value(e, masked)
		}
		return out
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			plaintext, _ := v["plaintext"].(string)
			return Secret{plaintext}
		}
		return properties(v, masked)
	}
	return v
}
