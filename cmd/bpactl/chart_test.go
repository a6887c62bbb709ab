package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChartCheckSaysWhatReachesWhatAndWhatIsWrong(t *testing.T) {
	out, err := bpactl(t, "chart", "check", "--stack", "dev", "--date", "2026-11-23")
	require.NoError(t, err)
	for _, want := range []string{
		"the reference chart: 30 objects; Helm stores ", " LOG_LEVEL the chart's own value ", "sase-service:4.0.3-522 ", " no problem",
		`${database.kong.password} -> Secret "bpa-environment", Deployment "camunda" and 11 more`,
	} {
		assert.Contains(t, strings.Join(strings.Fields(out), " "), want)
	}

	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "chart"), os.DirFS(filepath.Join(project, "components/bpa/assets/bpa-helm-chart"))))
	template := filepath.Join(dir, "chart/templates/workloads.yaml")
	text, err := os.ReadFile(template)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(template, []byte(strings.Replace(string(text), "  replicas: 1\n", "  replicas: one\n", 1)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "chart/old.key"), []byte("-----BEGIN PRIVATE KEY-----\n"), 0o600))
	stack, err := os.ReadFile(filepath.Join(project, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	file := filepath.Join(dir, "Pulumi.acme.yaml")
	require.NoError(t, os.WriteFile(file, append(stack, "  bpa:application: {chart: chart}\n"...), 0o600))
	out, err = bpactl(t, "chart", "check", "--file", file, "--date", "2026-11-23")
	require.ErrorIs(t, err, errReported)
	assert.Contains(t, out, "left out of the release\n  old.key: a private key that no template reads\n")
	assert.Contains(t, strings.Join(strings.Fields(out), " "),
		`templates/workloads.yaml:20: Deployment "camunda": spec.replicas: must be of type int32, and is a string`)
	out, err = bpactl(t, "chart", "check", "--file", file, "--date", "2026-11-23", "--json")
	require.ErrorIs(t, err, errReported)
	assert.Contains(t, out, `"file": "templates/workloads.yaml"`)
}
