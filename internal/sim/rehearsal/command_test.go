package rehearsal

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/blang/semver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted answers every call with how many there were.
type counted struct{ calls []string }

func (c *counted) Run(
	_ context.Context, _ string, _ io.Reader, _, _ []io.Writer, _ []string, args ...string,
) (string, string, int, error) {
	c.calls = append(c.calls, strings.Join(args, " "))
	return fmt.Sprintf("answer %d", len(c.calls)), "", 0, nil
}

func (c *counted) Version() semver.Version { return semver.Version{} }

func TestTheStateIsReadAgainAfterWhatMayHaveChangedIt(t *testing.T) {
	for between, again := range map[string]bool{
		"":                        false,
		"preview --stack dev":     false,
		"stack history --json":    false,
		"stack output --json":     false,
		"up --yes --stack dev":    true,
		"destroy --yes":           true,
		"refresh --yes":           true,
		"cancel --yes":            true,
		"stack import --file x":   true,
		"state unprotect --all":   true,
		"config set-all --secret": true,
	} {
		t.Run(between, func(t *testing.T) {
			engine := &counted{}
			command := &thrifty{PulumiCommand: engine}
			ask := func(call string) string {
				said, _, _, err := command.Run(t.Context(), "", nil, nil, nil, nil, strings.Fields(call)...)
				require.NoError(t, err)
				return said
			}
			first := ask("stack export --stack dev")
			if between != "" {
				ask(between)
			}
			second := ask("stack export --stack dev")
			assert.Equal(t, again, first != second)
			assert.Equal(t, second, ask("stack export --stack dev"))
			assert.NotEqual(t, second, ask("stack export --show-secrets --stack dev"), "secrets in clear text are another answer")
		})
	}
}

func TestOutputsAreReadWhereTheyAreAskedFor(t *testing.T) {
	for outputs, want := range map[bool]string{false: "{}", true: "answer 1"} {
		command := &thrifty{PulumiCommand: &counted{}, outputs: outputs}
		said, _, _, err := command.Run(t.Context(), "", nil, nil, nil, nil, "stack", "output", "--json")
		require.NoError(t, err)
		assert.Equal(t, want, said)
	}
}
