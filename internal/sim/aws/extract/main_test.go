package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

func TestExtractReadsSourceByTheNamesOfTheSDK(t *testing.T) {
	s, err := parse("testdata")
	require.NoError(t, err)
	resource := s.resource(catalog.EKSAddon)
	require.NotNil(t, resource)
	names := []string{"addonName", "addonVersion", "configurationRules", "podIdentityAssociations", "preserve", "tags"}
	got := s.typeOf(resource, names)
	assert.Equal(t, sdkdoc.ExtractType{
		Properties: map[string]sdkdoc.ExtractProperty{
			"addonName":    {Type: "string", Required: true, ForceNew: true},
			"addonVersion": {Type: "string", Computed: true, ConflictsWith: []string{"preserve"}},
			"configurationRules": {
				Type: "set", MaxItems: 2, NestedRequired: []string{"ruleName"}, NestedForceNew: []string{"ruleName"},
			},
			"preserve": {Type: "bool", Default: false},
			"tags":     {Type: "map"},
		},
		Unmatched: []string{"podIdentityAssociations"},
	}, got)
}

func TestTheExtractIsWrittenAsItIsKept(t *testing.T) {
	kept, err := os.ReadFile("../extract.json")
	require.NoError(t, err)
	e, err := sdkdoc.ReadExtract("../extract.json")
	require.NoError(t, err)
	written, err := encode(e)
	require.NoError(t, err)
	assert.Equal(t, string(kept), string(written))
}

func TestTypesThatTheSourceLacksAreLeftOut(t *testing.T) {
	out := filepath.Join(t.TempDir(), "extract.json")
	require.NoError(t, run("testdata", "0", "../schema.json", out))
	e, err := sdkdoc.ReadExtract(out)
	require.NoError(t, err)
	assert.Len(t, e.Types, 1)
	assert.Error(t, run("missing", "0", "../schema.json", out))
}
