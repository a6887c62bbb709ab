package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func TestCoverageFitsATerminalAndNamesEverything(t *testing.T) {
	for _, args := range [][]string{{"rehearse", "coverage"}, {"rehearse", "coverage", "--sources"}} {
		var out bytes.Buffer
		root := newRootCommand()
		root.SetArgs(args)
		root.SetOut(&out)
		require.NoError(t, root.Execute())
		for _, line := range strings.Split(out.String(), "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), coverageWidth, line)
		}
		assert.Contains(t, out.String(), "  "+catalog.AtlasProject+"\n    create: created, id lost; atomic\n    update: atomic\n")
		for _, c := range rehearsal.Coverage() {
			assert.Contains(t, out.String(), c.Provider+" "+c.Version)
			for _, covered := range c.Types {
				assert.Contains(t, out.String(), clip(covered.Token, 47))
				assert.Positive(t, covered.Properties, covered.Token)
				for verb, failures := range covered.Failures {
					assert.NotEmpty(t, failures, "%s of %s", verb, covered.Token)
				}
			}
		}
	}
}

func TestEveryRuleHasASource(t *testing.T) {
	for _, c := range rehearsal.Coverage() {
		assert.NotEmpty(t, c.Source, c.Provider)
		for _, covered := range c.Types {
			assert.NotContains(t, covered.Sources, "", covered.Token)
		}
	}
}

func TestADateThatIsNoneIsRefused(t *testing.T) {
	_, err := rehearseFlags{date: "soon"}.options(nil)
	assert.ErrorContains(t, err, `--date: "soon": must be a date such as 2026-11-23`)
}
