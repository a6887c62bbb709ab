package permissions_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/engine"

	"github.com/bpa-on-aws/platform/internal/deployer"
	"github.com/bpa-on-aws/platform/internal/testkit/tooling"
)

// request is a call on one resource, and what IAM says.
type request struct {
	ARN        string   `json:"arn"`
	Type       string   `json:"type"`
	Allowed    bool     `json:"allowed"`
	Statements []string `json:"statements"`
}

// verdict is what the simulator says of a call: Missing are the resource types without which AWS knows no such call.
type verdict struct {
	Requests []request `json:"requests"`
	Missing  []string  `json:"missing"`
	Error    string    `json:"error"`
}

// simulator finds what tools/iam-simulate.sh installs.
func simulator(t *testing.T) string {
	t.Helper()
	tools, err := engine.Tools()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(tools, "iam-simulate-*", "complete"))
	require.NoError(t, err)
	if len(found) == 0 {
		tooling.Missing(t, "no simulator of IAM: tools/iam-simulate.sh installs it")
	}
	return filepath.Dir(found[len(found)-1])
}

// simulate judges calls by policies. Equal calls are judged once.
func simulate(t *testing.T, policies map[string][]deployer.Document, calls []call) []verdict {
	t.Helper()
	first := map[string]int{}
	var distinct []call
	order := make([]int, len(calls))
	for i, c := range calls {
		key, err := json.Marshal(c)
		require.NoError(t, err)
		if _, seen := first[string(key)]; !seen {
			first[string(key)] = len(distinct)
			distinct = append(distinct, c)
		}
		order[i] = first[string(key)]
	}
	in, err := json.Marshal(map[string]any{"policies": policies, "calls": distinct})
	require.NoError(t, err)
	var out, problem bytes.Buffer
	cmd := exec.Command("node", filepath.Join("testdata", "simulate.cjs"), simulator(t))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &problem
	require.NoError(t, cmd.Run(), problem.String())
	var verdicts []verdict
	require.NoError(t, json.Unmarshal(out.Bytes(), &verdicts))
	require.Len(t, verdicts, len(distinct))
	all := make([]verdict, len(calls))
	for i := range calls {
		all[i] = verdicts[order[i]]
	}
	return all
}
