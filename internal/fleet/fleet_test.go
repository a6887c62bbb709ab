package fleet_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/fleet"
)

// folder holds stack files like dev's, with a tier each.
func folder(t *testing.T, tiers map[string]string) string {
	t.Helper()
	text, err := os.ReadFile("../../Pulumi.dev.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	for stack, tier := range tiers {
		file := strings.Replace(string(text), "    region: us-west-2\n", "    region: us-west-2\n    tags: {tier: "+tier+"}\n", 1)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+stack+".yaml"), []byte(file), 0o600))
	}
	return dir
}

func stacksOf(members []fleet.Member) []string {
	names := []string{}
	for _, m := range members {
		names = append(names, m.Stack)
	}
	return names
}

func TestStacksAreSelectedByLabel(t *testing.T) {
	dir := folder(t, map[string]string{"a": "gold", "b": "silver", "c": "gold"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: bpa\n"), 0o600))
	for selector, want := range map[string][]string{
		"tier=gold": {"a", "c"}, "tier=silver": {"b"}, "environment=development": {"a", "b", "c"}, "region=eu-west-1": {},
		"account=111122223333": {"a", "b", "c"},
	} {
		selectors, err := fleet.Selectors([]string{selector})
		require.NoError(t, err)
		members, err := fleet.Find(dir, selectors)
		require.NoError(t, err)
		assert.Equal(t, want, stacksOf(members), selector)
	}
	_, err := fleet.Selectors([]string{"gold"})
	require.ErrorContains(t, err, `--select: "gold": must be KEY=VALUE`)
	_, err = fleet.Find(t.TempDir(), nil)
	require.ErrorContains(t, err, "no stack file Pulumi.<stack>.yaml here")
}

func TestAFileWithAMistakeIsNotPassedOver(t *testing.T) {
	dir := folder(t, map[string]string{"a": "gold"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.bad.yaml"), []byte("config:\n  bpa:bastian: {}\n"), 0o600))
	members, err := fleet.Find(dir, map[string]string{"tier": "gold"})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "bad"}, stacksOf(members))
	assert.Contains(t, members[1].Problem, "bastian: unknown key")
}

func members(names ...string) []fleet.Member {
	var list []fleet.Member
	for _, n := range names {
		list = append(list, fleet.Member{Stack: n})
	}
	return list
}

func TestNoMoreThanJobsAtATimeAndResultsInOrder(t *testing.T) {
	var now, most atomic.Int32
	hold := make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	work := func(_ context.Context, m fleet.Member) fleet.Result {
		n := now.Add(1)
		for highest := most.Load(); n > highest && !most.CompareAndSwap(highest, n); highest = most.Load() {
		}
		if n == 3 {
			release() // three are at work at once; more may not come before one ends
		}
		<-hold
		now.Add(-1)
		return fleet.Result{Stack: m.Stack}
	}
	done := 0
	results := fleet.Run(context.Background(), members("a", "b", "c", "d", "e", "f"), 3, work, func(fleet.Result) { done++ })
	assert.Equal(t, 6, done)
	assert.LessOrEqual(t, most.Load(), int32(3))
	var order string
	for _, r := range results {
		order += r.Stack
	}
	assert.Equal(t, "abcdef", order)
}

func TestAnInterruptedRunIsResumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal", "run.jsonl")
	journal, err := fleet.OpenJournal(path, false)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var worked []string
	work := func(j *fleet.Journal) fleet.Work {
		return func(_ context.Context, m fleet.Member) fleet.Result {
			if r, ok := j.Known(m.Stack, "same"); ok {
				return r
			}
			worked = append(worked, m.Stack)
			if m.Stack == "c" && ctx.Err() == nil {
				cancel()
			}
			return fleet.Result{Stack: m.Stack, Fingerprint: "same", Outcome: "good"}
		}
	}
	add := func(j *fleet.Journal) func(fleet.Result) {
		return func(r fleet.Result) { require.NoError(t, j.Add(r)) }
	}
	first := fleet.Run(ctx, members("a", "b", "c", "d"), 1, work(journal), add(journal))
	assert.Len(t, first, 2, "what was cut off is not found out")

	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = f.WriteString(`{"stack": "c", "finger`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	journal, err = fleet.OpenJournal(path, true)
	require.NoError(t, err)
	worked = nil
	second := fleet.Run(context.Background(), members("a", "b", "c", "d"), 1, work(journal), func(fleet.Result) {})
	assert.Len(t, second, 4)
	assert.Equal(t, []string{"c", "d"}, worked)
	assert.True(t, second[0].Resumed)
	_, known := journal.Known("a", "another program")
	assert.False(t, known)
	fresh, err := fleet.OpenJournal(path, false)
	require.NoError(t, err)
	_, known = fresh.Known("a", "same")
	assert.False(t, known, "without --resume everything is found anew")
}

func TestStacksToWhichTheSameHappensAreOneGroupTheGravestFirst(t *testing.T) {
	results := []fleet.Result{
		{Stack: "a", Outcome: "safe", Details: []string{"update x"}},
		{Stack: "b", Outcome: "safe", Details: []string{"update x"}},
		{Stack: "c", Outcome: "safe", Details: []string{"update y"}},
		{Stack: "d", Status: 2, Outcome: "needs approval"},
		{Stack: "e", Status: 1, Outcome: "fails"},
	}
	groups := fleet.Groups(results)
	require.Len(t, groups, 4)
	assert.Equal(t, []string{"e"}, groups[0].Stacks)
	assert.Equal(t, []string{"d"}, groups[1].Stacks)
	assert.Equal(t, []string{"a", "b"}, groups[2].Stacks)
	assert.Equal(t, 1, fleet.Status(results), "an error is worse than a missing approval")
	assert.Equal(t, 2, fleet.Status(results[:4]))
	assert.Equal(t, 0, fleet.Status(results[:3]))
}

func TestTheTableFitsATerminal(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, strings.Repeat("x", i%9+3))
	}
	var out bytes.Buffer
	fleet.Write(&out, []fleet.Group{
		{Outcome: "safe", Details: []string{"update x"}, Stacks: names, Counts: map[string]int{"update": 2, "create": 1}},
		{Outcome: "safe: nothing changes", Stacks: []string{"a"}, Counts: map[string]int{}},
		{Status: 1, Outcome: "fails", Stacks: []string{"b", "c"}},
	})
	assert.True(t, strings.HasPrefix(out.String(), `stacks   create   update  replace   delete  verdict
    60        1        2        -        -  good
     1        -        -        -        -  good
     2        -        -        -        -  fails

60 stacks: the same 1 creation, 2 updates: safe
    update x
`), out.String())
	assert.Contains(t, out.String(), "and 20 more")
	assert.Contains(t, out.String(), "\n1 stack: safe: nothing changes\n  stacks: a\n")
	assert.Contains(t, out.String(), "\n2 stacks: the same: fails\n")
	for line := range strings.Lines(out.String()) {
		assert.LessOrEqual(t, len(strings.TrimRight(line, "\n")), 80, line)
	}
}

func TestTheFingerprintFollowsContent(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o600))
	of := func(paths []string, texts ...string) string {
		var contents fleet.Contents
		f, err := contents.Fingerprint(paths, texts)
		require.NoError(t, err)
		return f
	}
	before := of([]string{dir}, "x")
	assert.Equal(t, before, of([]string{dir}, "x"))
	assert.NotEqual(t, before, of([]string{dir}, "y"))
	assert.NotEqual(t, of([]string{dir}), of([]string{dir, filepath.Join(dir, "missing")}))
	require.NoError(t, os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")))
	assert.NotEqual(t, before, of([]string{dir}, "x"))
}

func TestAFileThatStacksShareIsReadOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(file, []byte("1"), 0o600))
	var contents fleet.Contents
	first, err := contents.Of(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte("2"), 0o600))
	again, err := contents.Of(file)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	var anew fleet.Contents
	other, err := anew.Of(file)
	require.NoError(t, err)
	assert.NotEqual(t, first, other)
}
