package failures

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/failures.md anew")

const document = "../../../docs/failures.md"

func table(t *testing.T) []Failure {
	t.Helper()
	all, err := Table()
	require.NoError(t, err)
	return all
}

func TestEveryEntryFailsWhenAndAsItSays(t *testing.T) {
	for _, f := range table(t) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			err := newClouds(t).run(t, f)
			require.Error(t, err)
			assert.Contains(t, err.Error(), f.Code)
			if f.At == Preview {
				assert.ErrorIs(t, err, errPreview, "it fails before anything is made")
			} else {
				assert.NotErrorIs(t, err, errPreview, "it passes the preview")
			}
		})
	}
}

func TestTheTableIsLargeAndItsEntriesAreComplete(t *testing.T) {
	all := table(t)
	assert.GreaterOrEqual(t, len(all), 40)
	names := map[string]bool{}
	applied := 0
	for _, f := range all {
		assert.NotEmpty(t, f.Code, f.Name)
		assert.NotEmpty(t, f.Source, f.Name)
		assert.Contains(t, []Moment{Preview, Apply, Destroy}, f.At, f.Name)
		assert.Equal(t, f.At == Destroy, f.Delete != "", f.Name)
		assert.False(t, names[f.Name], "%s: is there twice", f.Name)
		names[f.Name] = true
		if f.At == Apply {
			applied++
		}
	}
	assert.GreaterOrEqual(t, applied, 40, "failures at apply")
}

func TestGoldenDocument(t *testing.T) {
	want := Document(table(t))
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
		return
	}
	got, err := os.ReadFile(document)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./internal/sim/failures -run Golden -update")
}

func TestTheReadmeShowsWhatRunsOnTheEngineAndWhatTeamsHaveMet(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	for _, kind := range []func(Failure) bool{OnTheEngine, Reported} {
		rows := Rows(table(t), kind)
		assert.True(t, strings.Contains(string(readme), rows), "the README holds these rows:\n%s", rows)
	}
	assert.GreaterOrEqual(t, strings.Count(Rows(table(t), Reported), "\n"), 40, "failures at apply")
}
