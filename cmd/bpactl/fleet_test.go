package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fleetFolder is a project folder with stack files like dev's, each changed by its edit.
func fleetFolder(t *testing.T, edits map[string]*strings.Replacer) string {
	t.Helper()
	dir := filepath.Dir(moved(t)) // a project
	require.NoError(t, os.Remove(filepath.Join(dir, "Pulumi.dev.yaml")))
	text, err := os.ReadFile(filepath.Join(project, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	for stack, edit := range edits {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+stack+".yaml"), []byte(edit.Replace(string(text))), 0o600))
	}
	return dir
}

func TestFleetPreviewSumsUpWhatIsTheSame(t *testing.T) {
	same, bigger := strings.NewReplacer(), strings.NewReplacer("db.m5d.large", "db.m5d.xlarge")
	base := fleetFolder(t, map[string]*strings.Replacer{"a": same, "b": same, "c": same})
	dir := fleetFolder(t, map[string]*strings.Replacer{"a": bigger, "b": bigger, "c": same})
	out, err := bpactl(t, "fleet", "preview", "--dir", dir, "--base", base)
	require.NoError(t, err, out)
	assert.Contains(t, out, "2 stacks: the same 1 update: safe, but felt: 1 interruption\n"+
		"    update Instance database-instance: updated (instanceClass)\n  stacks: a, b\n")
	assert.Contains(t, out, "stacks   create   update  replace   delete  verdict\n     2        -        1        -        -  good\n")
	assert.Contains(t, out, "1 stack: safe: nothing changes\n  stacks: c\n")
	assert.Contains(t, out, "fleet preview: 3 stacks: 3 good, 0 need approval, 0 failed; 0 taken over")

	out, err = bpactl(t, "fleet", "preview", "--dir", dir, "--base", base, "--resume")
	require.NoError(t, err)
	assert.Contains(t, out, "3 taken over")
}

func TestFleetEndsWithTheWorst(t *testing.T) {
	same := strings.NewReplacer()
	base := fleetFolder(t, map[string]*strings.Replacer{"a": same, "b": same})
	dir := fleetFolder(t, map[string]*strings.Replacer{
		"a": strings.NewReplacer("us-west-2a, us-west-2b", "us-west-2d, us-west-2b"), "b": strings.NewReplacer("nodes:", "knots:"),
	})
	out, err := bpactl(t, "fleet", "preview", "--dir", dir, "--base", base)
	var own status
	require.True(t, errors.As(err, &own), "%v", err)
	assert.Equal(t, 1, own.code)
	assert.Contains(t, out, "the stack file has mistakes\n    knots: unknown key")
	assert.Contains(t, out, "needs approval: 2 losses of data")
	require.NoError(t, os.Remove(filepath.Join(dir, "Pulumi.b.yaml")))
	_, err = bpactl(t, "fleet", "preview", "--dir", dir, "--base", base)
	require.True(t, errors.As(err, &own), "%v", err)
	assert.Equal(t, needsApproval, own.code)
}

func TestFleetRehearse(t *testing.T) {
	same := strings.NewReplacer()
	dir := fleetFolder(t, map[string]*strings.Replacer{"a": same, "b": same})
	out, err := bpactl(t, "fleet", "rehearse", "--dir", dir)
	require.NoError(t, err, out)
	assert.Regexp(t, `2 stacks: the same: up \d+ created, second preview 0 changes, destroy \d+ deleted`, out)
	_, err = bpactl(t, "fleet", "rehearse", "--dir", dir, "--select", "tier=gold")
	require.ErrorContains(t, err, "no stack matches tier=gold")
	_, err = bpactl(t, "fleet", "preview", "--dir", dir, "--base", "no-such-commit")
	require.ErrorContains(t, err, "--base: no-such-commit: must be a folder, or a commit of git")
}
