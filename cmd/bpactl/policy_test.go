package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolicyDeployerWritesAFileForEachDocument(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policies") // which is made
	out, err := bpactl(t, "policy", "deployer", "--stack", "dev", "--for", "preview", "--out", dir)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	assert.Equal(t, len(files), strings.Count(out, " characters of 6144\n"))
	for _, file := range files {
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		want, err := os.ReadFile(filepath.Join(project, "docs", "policies", filepath.Base(file)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), filepath.Base(file))
	}
}

func TestPolicyDeployerChecksItsFlags(t *testing.T) {
	_, err := bpactl(t, "policy", "deployer")
	require.EqualError(t, err, "give --file or --stack")
	_, err = bpactl(t, "policy", "deployer", "--stack", "dev", "--for", "destruction")
	require.EqualError(t, err, `policy deployer dev: --for: "destruction": must be one of [up preview destroy]`)
}
