package permissions_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/deployer"
)

// The policies of both stack files, as `bpactl policy deployer --out docs/policies` writes them: a reviewer sees what a
// change lets the deployer do. `make golden` refreshes the files.
func TestGoldenPolicies(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "policies")
	made := map[string]string{}
	for _, stack := range []string{"dev", "prod"} {
		d := rehearse(t, stack)
		for _, purpose := range deployer.Purposes() {
			documents, err := deployer.Documents(d.graph, purpose)
			require.NoError(t, err)
			for i, document := range documents {
				text, err := document.JSON()
				require.NoError(t, err)
				made[fmt.Sprintf("%s-%s-%d.json", stack, purpose, i+1)] = string(text)
			}
		}
	}
	if *update {
		write(t, dir, made)
	}
	kept := map[string]string{}
	for _, name := range listed(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		kept[name] = string(text)
	}
	const advice = "%s: if the change is meant, run `make golden`"
	assert.Equal(t, slices.Sorted(maps.Keys(kept)), slices.Sorted(maps.Keys(made)), advice, dir)
	for _, name := range slices.Sorted(maps.Keys(made)) {
		assert.Equal(t, kept[name], made[name], advice, name)
	}
}

// write replaces what is in a folder.
func write(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	for _, name := range listed(t, dir) {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	for name, text := range content {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)) //nolint:gosec // a policy is no secret
	}
}

func listed(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestD02PoliciesFitAManagedPolicyAndARole(t *testing.T) {
	for stack := range files {
		for name, documents := range rehearse(t, stack).policies(t) {
			assert.LessOrEqual(t, len(documents), deployer.MaxAttached, "%s %s", stack, name)
			seen := map[string]bool{}
			for i, document := range documents {
				assert.LessOrEqual(t, document.Size(), deployer.MaxSize, "%s %s-%d", stack, name, i+1)
				for _, s := range document.Statement {
					assert.False(t, seen[s.Sid], "%s: two statements %s", name, s.Sid)
					seen[s.Sid] = true
				}
			}
		}
	}
}

func TestD02NoActionIsAPatternAndNoRoleGoesToWhomeverAsks(t *testing.T) {
	for stack := range files {
		for name, documents := range rehearse(t, stack).policies(t) {
			for _, document := range documents {
				for _, s := range document.Statement {
					assert.Equal(t, "Allow", s.Effect)
					assert.True(t, slices.IsSorted(s.Action) && slices.IsSorted(s.Resource), "%s: %s is in one order", name, s.Sid)
					for _, action := range s.Action {
						assert.NotContains(t, action, "*", "%s: %s", name, s.Sid)
					}
					if slices.Contains(s.Action, "iam:PassRole") {
						assert.Len(t, s.Condition["StringEquals"]["iam:PassedToService"], 1, "%s: %s", name, s.Sid)
					}
					if slices.Contains(s.Action, "iam:AttachRolePolicy") {
						assert.NotEmpty(t, s.Condition["ArnEquals"]["iam:PolicyARN"], "%s: %s", name, s.Sid)
					}
				}
			}
		}
	}
}

// way are the actions of the bastion's way, by which a preview reads what is in the cluster. A session changes nothing in AWS.
var way = []string{"ssm:StartSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"}

func TestThePreviewChangesNothing(t *testing.T) {
	for stack := range files {
		for name, documents := range rehearse(t, stack).policies(t) {
			if !strings.HasSuffix(name, "-"+string(deployer.Preview)) {
				continue
			}
			for _, document := range documents {
				for _, s := range document.Statement {
					for _, action := range s.Action {
						_, verb, _ := strings.Cut(action, ":")
						assert.True(t, begins(verb, "Describe", "Get", "List") || slices.Contains(way, action), action)
					}
				}
			}
		}
	}
}
