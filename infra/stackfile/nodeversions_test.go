package stackfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/stackfile"
)

func TestANodeHasTheVersionAndTheImageOfAllUnlessItHasItsOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`config:
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}
  bpa:nodes:
    version: "1.34"
    amiRelease: v20260901
    items: [{name: node-1, version: "1.35"}, {name: node-2}, {name: node-3, amiRelease: v20260915}]
`), 0o600))
	loaded, err := stackfile.LoadFile(file, "test", today)
	require.NoError(t, err)
	type node struct{ version, release, from string }
	var nodes []node
	for i, n := range loaded.Config.Nodes.Items {
		nodes = append(nodes, node{n.Version, n.AMIRelease, loaded.Origins[[]string{
			"nodes.items[0].amiRelease", "nodes.items[1].amiRelease", "nodes.items[2].amiRelease",
		}[i]]})
	}
	assert.Equal(t, []node{
		{"1.35", "v20260930", "pin of Kubernetes 1.35"}, {"1.34", "v20260901", "nodes.amiRelease"}, {"1.34", "v20260915", "stack file"},
	}, nodes)
}
