package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// project is the root of the project, found before a test changes its folder.
var project, _ = filepath.Abs("../..")

// bpactl runs the command in the project's folder and returns what it prints.
func bpactl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return bpactlIn(t, project, args...)
}

// bpactlIn runs the command in any folder.
func bpactlIn(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	t.Chdir(dir)
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	return out.String(), err
}

func TestConfigCheckSaysOKOrEveryProblem(t *testing.T) {
	out, err := bpactl(t, "config", "check", "--file", "Pulumi.dev.yaml", "--date", "2026-11-23")
	require.NoError(t, err)
	assert.Equal(t, "Pulumi.dev.yaml: ok\n", out)

	bad := filepath.Join(t.TempDir(), "Pulumi.bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("config:\n  bpa:name: X\n  bpa:bastian: {}\n"), 0o600))
	_, err = bpactl(t, "config", "check", "--file", bad)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "bastian: unknown key: did you mean bastion?")
	assert.Greater(t, strings.Count(err.Error(), "\n"), 3, "all problems at once")
}

func TestConfigCheckNeedsToKnowWhichFile(t *testing.T) {
	_, err := bpactl(t, "config", "check")
	require.EqualError(t, err, "give --file or --stack")
	_, err = bpactl(t, "config", "check", "--file", "values.yaml")
	require.EqualError(t, err, "values.yaml: the stack's name cannot be told from the file's; give --stack")
	_, err = bpactl(t, "config", "check", "--stack", "dev", "--date", "soon")
	require.EqualError(t, err, `--date: "soon": must be a date such as 2026-11-23`)
	_, err = bpactl(t, "config", "check", "--stack", "dev", "--date", "2030-01-01")
	require.ErrorContains(t, err, "cluster.version: \"1.35\": cannot be created since 2028-03-27")
}

func TestConfigShowIsYAMLThatFitsATerminal(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		out, err := bpactl(t, "config", "show", "--stack", stack)
		require.NoError(t, err)
		for _, line := range strings.Split(out, "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
		var shown map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(out), &shown))
		assert.Equal(t, "bpa-"+stack, shown["name"])

		// What is shown, written as a stack file, is the same configuration.
		sections := map[string]any{}
		for key, value := range shown {
			sections["bpa:"+key] = value
		}
		b, err := yaml.Marshal(map[string]any{"config": sections})
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "Pulumi."+stack+".yaml")
		require.NoError(t, os.WriteFile(file, b, 0o600))
		again, err := stackfile.LoadFile(file, stack)
		require.NoError(t, err)
		original, err := stackfile.LoadFile("Pulumi."+stack+".yaml", stack)
		require.NoError(t, err)
		assert.Equal(t, original.Config, again.Config)
	}
}

func TestConfigReferencesListsEveryNameOnALineOfATerminal(t *testing.T) {
	out, err := bpactl(t, "config", "references")
	require.NoError(t, err)
	for line := range strings.Lines(out) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSpace(line)), 80, line)
	}
	for _, r := range config.References() {
		assert.Regexp(t, regexp.QuoteMeta("${"+r.Name+"}")+" +"+regexp.QuoteMeta(r.Doc), out)
	}
	assert.Regexp(t, `\$\{database\.kong\.password\} +Password of that user, a secret`, out)
}

func TestConfigShowAsJSON(t *testing.T) {
	out, err := bpactl(t, "config", "show", "--stack", "dev", "--json")
	require.NoError(t, err)
	var settings []config.Setting
	require.NoError(t, json.Unmarshal([]byte(out), &settings))
	assert.Contains(t, settings, config.Setting{Path: "nodes.volumeGiB", Value: 200.0, Origin: "stack file"})
}

func TestRehearseUpExportsTheState(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	out, err := bpactl(t, "rehearse", "up", "--file", "Pulumi.dev.yaml", "--export", state)
	require.NoError(t, err, out)
	assert.Contains(t, out, "rehearsal dev: up (simulated clouds, nothing is deployed)")
	assert.Regexp(t, `\nrehearsal dev: up \d+ created\n$`, out)
	b, err := os.ReadFile(state)
	require.NoError(t, err)
	resources, err := stackdoc.Deployed(b)
	require.NoError(t, err)
	assert.Greater(t, len(resources), 200)
	info, err := os.Stat(state)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestRehearsalsOfABadFileStopBeforeTheEngine(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "Pulumi.bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("config:\n  bpa:profile: whitepaper\n"), 0o600))
	for _, verb := range []string{"preview", "up", "cycle"} {
		out, err := bpactl(t, "rehearse", verb, "--file", bad)
		require.ErrorContains(t, err, "rehearsal bad: failed: ")
		require.ErrorContains(t, err, `cluster.version: "1.27": cannot be created since 2025-07-24`)
		assert.Empty(t, out)
	}
	_, err := bpactl(t, "rehearse", "preview", "--export", "x.json")
	require.ErrorContains(t, err, "a preview makes no state")
}

func TestRehearseUpgradeTakesOverAState(t *testing.T) {
	state := "test/upgrades/testdata/0.1.0/dev.json.gz"
	out, err := bpactl(t, "rehearse", "upgrade", "--state", state, "--passphrase", "rehearsal")
	require.NoError(t, err, out)
	assert.Contains(t, out, "rehearsal of Pulumi.dev.yaml on "+state+": 0 replaced or deleted")
	_, err = bpactl(t, "rehearse", "upgrade", "--state", state, "--passphrase", "wrong")
	require.ErrorContains(t, err, "taking over the earlier state")
	require.ErrorContains(t, err, "incorrect passphrase")
	_, err = bpactl(t, "rehearse", "upgrade", "--state", "none.json", "--passphrase", "rehearsal")
	require.ErrorContains(t, err, "--state: open none.json")
}
