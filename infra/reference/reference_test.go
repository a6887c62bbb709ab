package reference_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/reference"
)

func TestTextIsSplitAtItsReferences(t *testing.T) {
	for text, want := range map[string][]reference.Part{
		"":                         nil,
		"plain $5 {x} $":           {{Text: "plain $5 {x} $"}},
		"${database.host}":         {{Name: "database.host"}},
		"a ${b.c}:${d} e":          {{Text: "a "}, {Name: "b.c"}, {Text: ":"}, {Name: "d"}, {Text: " e"}},
		"${tag.mesh/script-run_1}": {{Name: "tag.mesh/script-run_1"}},
		"$${literal} ${a}":         {{Text: "${literal} "}, {Name: "a"}},
		"$$${a}":                   {{Text: "$${a}"}},
		"{{ .Values.x }} $${a} $$": {{Text: "{{ .Values.x }} ${a} $$"}},
	} {
		got, err := reference.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestAMalformedReferenceIsRefusedWithoutItsText(t *testing.T) {
	for _, text := range []string{
		"hunter2${", "hunter2 ${a.b", "hunter2 ${}", "hunter2 ${a b}", "hunter2 ${.a}", "hunter2 ${a.}",
		"hunter2 ${a./b}", "hunter2 ${a.b-}",
	} {
		_, err := reference.Parse(text)
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "hunter2")
		assert.Contains(t, err.Error(), "$${", "the way out is named")
	}
}
