package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

// moved writes a stack file like dev's, whose first zone is another.
func moved(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "tools/go.mod"} {
		b, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	file := filepath.Join(dir, "Pulumi.dev.yaml")
	require.NoError(
		t,
		os.WriteFile(file, []byte(strings.Replace(string(text), "us-west-2a, us-west-2b", "us-west-2d, us-west-2b", 1)), 0o600),
	)
	return file
}

func TestReviewOfTwoStackFilesNeedsApproval(t *testing.T) {
	to, out := moved(t), filepath.Join(t.TempDir(), "review.json")
	text, err := bpactl(t, "review", "--from", "Pulumi.dev.yaml", "--to", to, "--json", out)
	var own status
	require.True(t, errors.As(err, &own), "%v", err)
	assert.Equal(t, needsApproval, own.code)
	assert.Contains(t, text, "**Needs approval: 2 losses of data,")
	assert.Contains(t, text, "`aws Volume` `nodes-node-1`: replaced because of `availabilityZone (us-west-2a to us-west-2d)`")

	b, err := os.ReadFile(out)
	require.NoError(t, err)
	var r review.Review
	require.NoError(t, json.Unmarshal(b, &r))
	approvals := "Move a zone\n\n"
	for _, urn := range r.Missing() {
		approvals += "bpa-approve: " + urn + "\n"
	}
	message := filepath.Join(t.TempDir(), "message")
	require.NoError(t, os.WriteFile(message, []byte(approvals), 0o600))
	text, err = bpactl(t, "review", "--from", "Pulumi.dev.yaml", "--to", to, "--message", message)
	require.NoError(t, err)
	assert.Contains(t, text, "approved)")
}

func TestReviewOfAFileAndOfMistakes(t *testing.T) {
	preview := filepath.Join(t.TempDir(), "preview.json")
	require.NoError(t, os.WriteFile(preview, []byte(`{"steps": [], "changeSummary": {}}`), 0o600))
	text, err := bpactl(t, "review", preview)
	require.NoError(t, err)
	assert.Contains(t, text, "**Safe: nothing changes**")
	for want, args := range map[string][]string{
		"give a FILE that `pulumi preview --json` wrote":   nil,
		"give either a FILE, or --from, --state and --to":  {preview, "--to", "Pulumi.dev.yaml"},
		"must be the output of `pulumi preview --json`":    {"Pulumi.dev.yaml"},
		"must be a date such as":                           {preview, "--date", "soon"},
		"--message: open none":                             {preview, "--message", "none"},
		"give either a FILE that `pulumi stack export` wr": {"--destroy"},
		"the state holds no resources":                     {preview, "--destroy"},
	} {
		_, err := bpactl(t, append([]string{"review"}, args...)...)
		require.ErrorContains(t, err, want)
		var own status
		assert.False(t, errors.As(err, &own), "an error is no missing approval")
	}
}

// Since that release the cluster's API is open to the VPC, which somebody has to know of.
func TestReviewOnTheStateOfARelease(t *testing.T) {
	args := []string{
		"review", "--state", "test/upgrades/testdata/0.1.0/dev.json.gz", "--passphrase", "rehearsal", "--to", "Pulumi.dev.yaml",
	}
	text, err := bpactl(t, args...)
	var own status
	require.True(t, errors.As(err, &own), "%v", err)
	assert.Equal(t, needsApproval, own.code)
	assert.Contains(t, text, "## Review of stack `dev`\n\n**Needs approval: 1 wider network, 7 wider permissions, ")
	assert.Contains(t, text, "`cluster-node-AmazonEC2ContainerRegistryPullOnly`: attaches ")
	assert.Contains(t, text, "`cluster-api-from-10.21.0.0/16`: opens tcp port 443 to 10.21.0.0/16\n")
	assert.Contains(t, text, "`nodes-health`: allows `autoscaling:setinstancehealth` ")
	assert.Contains(t, text, "`roll-rights`: allows `list` on `nodes`; allows `patch` on `nodes`; ", "the job that replaces nodes")
	for _, urn := range []string{
		"bpa:cluster:Cluster$" + catalog.VPCSecurityGroupIngressRule + "::cluster-api-from-10.21.0.0/16",
		"bpa:cluster:Cluster$" + catalog.IAMRolePolicyAttachment + "::cluster-node-AmazonEC2ContainerRegistryPullOnly",
		"bpa:nodes:Nodes$" + catalog.IAMRolePolicy + "::nodes-health",
		"bpa:nodes:Nodes$" + catalog.KMSKey + "::nodes-key",
		"bpa:nodes:Roll$" + catalog.IAMRole + "::roll-role",
		"bpa:nodes:Roll$" + catalog.IAMRolePolicy + "::roll-permissions",
		"bpa:nodes:Roll$" + catalog.KubernetesClusterRole + "::roll-rights",
		"bpa:nodes:Roll$" + catalog.KubernetesClusterRoleBinding + "::roll-rights",
	} {
		args = append(args, "--approve", "urn:pulumi:dev::bpa::"+urn)
	}
	_, err = bpactl(t, args...)
	require.NoError(t, err)
}

func TestReviewOfADestruction(t *testing.T) {
	text, err := bpactl(t, "review", "--destroy", "--to", "Pulumi.prod.yaml")
	require.NoError(t, err)
	for _, want := range []string{
		"**Refused: ", "deletionProtection: RDS refuses (bpa:database.deletionProtection)", "### What would be lost",
		"stays: a final snapshot, `bpa-prod-postgres-final-",
		"stays: nothing: Atlas deletes the cluster's snapshots with it", "| network | ",
	} {
		assert.Contains(t, text, want)
	}
	assert.Less(t, strings.Index(text, "| bpa |"), strings.Index(text, "| network |"))
	text, err = bpactl(t, "review", "--destroy", "--to", "Pulumi.dev.yaml")
	require.NoError(t, err)
	assert.Contains(t, text, "**Nothing refuses: all ")
}

func TestExplainFromTheCommandLine(t *testing.T) {
	text, err := bpactl(t, "explain", "R12", "--stack", "dev")
	require.NoError(t, err)
	assert.Contains(t, text, "AdvancedCluster atlas-cluster")
	_, err = bpactl(t, "explain", "R99")
	require.ErrorContains(t, err, "must be a requirement (R01 to R27, D01 to D07)")
}
