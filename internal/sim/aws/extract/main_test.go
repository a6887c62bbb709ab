package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

func TestExtractReadsSourceByTheNamesOfTheSDK(t *testing.T) {
	s, err := parse("testdata")
	require.NoError(t, err)
	resource := s.resource(catalog.EKSAddon)
	require.NotNil(t, resource)
	sdk := &provider.Schemas{Objects: map[string]map[string]*provider.Property{"rule": {"ruleName": {Kind: "string"}}}}
	known := map[string]*provider.Property{
		"addonName": {Kind: "string"}, "addonVersion": {Kind: "string"}, "configurationRules": {Kind: "[]{rule}"},
		"podIdentityAssociations": {Kind: "[]any"}, "preserve": {Kind: "bool"}, "tags": {Kind: "map:string"},
	}
	got := typeOf(s.properties(resource.pkg, resource.schema), names{sdk, known})
	assert.Equal(t, sdkdoc.ExtractType{
		Properties: map[string]sdkdoc.ExtractProperty{
			"addonName":    {Type: "string", Required: true, ForceNew: true},
			"addonVersion": {Type: "string", Computed: true, ConflictsWith: []string{"preserve"}},
			"configurationRules": {
				Type: "set", MaxItems: 2,
				Block: map[string]sdkdoc.ExtractProperty{"ruleName": {Type: "string", Required: true, ForceNew: true}},
			},
			"preserve": {Type: "bool", Default: false},
			"tags":     {Type: "map"},
		},
		Unmatched: []string{"podIdentityAssociations"},
	}, got)
}

// The extract is what the command makes of the document that is kept.
func TestTheExtractIsThatOfTheDocument(t *testing.T) {
	kept, err := os.ReadFile("../extract.json")
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "extract.json")
	require.NoError(t, run("provider.json", "", "", "../schema.json", out))
	made, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, string(kept), string(made), "go run ./internal/sim/aws/extract")
}

func TestTypesThatTheSourceLacksAreLeftOut(t *testing.T) {
	out := filepath.Join(t.TempDir(), "extract.json")
	require.NoError(t, run("", "testdata", "0", "../schema.json", out))
	e, err := sdkdoc.ReadExtract(out)
	require.NoError(t, err)
	assert.Len(t, e.Types, 1)
	assert.Error(t, run("", "missing", "0", "../schema.json", out))
}
