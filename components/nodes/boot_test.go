package nodes

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// defaultNodes are the paper's nodes, as a stack that says nothing about them has them.
var defaultNodes = []config.Node{
	{Name: "node-1", Directories: []string{"zookeeper1", "zookeeper4", "zookeeper5", "kafka1"}},
	{Name: "node-2", Directories: []string{"zookeeper1", "zookeeper2", "zookeeper4", "zookeeper5", "kafka1", "kafka2"}},
	{Name: "node-3", Directories: []string{"kafka3", "zookeeper3", "zookeeper4", "zookeeper5"}},
	{Name: "node-4", Directories: []string{"elk", "metrices", "metrices/prometheus", "metrices/grafana"}},
}

func renderDefault(node config.Node) string {
	return renderBoot(node, "us-west-2", 262144, "packages/current", "vol-0123456789abcdef0", "bpa-packages-0123456")
}

func TestR18BootScriptGolden(t *testing.T) {
	for _, node := range defaultNodes {
		t.Run(node.Name, func(t *testing.T) {
			script := renderDefault(node)
			golden := filepath.Join("testdata", "boot-"+node.Name+".sh")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(script), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "make golden writes it")
			assert.Equal(t, string(want), script)
			for _, command := range [][]string{{"bash", "-n"}, {"shellcheck"}} {
				if _, err := exec.LookPath(command[0]); err != nil {
					t.Logf("%s is not installed", command[0])
					continue
				}
				output, err := exec.Command(command[0], append(command[1:], golden)...).CombinedOutput()
				assert.NoError(t, err, string(output))
			}
		})
	}
}

// TestR25UserDataFits: what EC2 is given is one MIME message of three parts: EKS's own, the node's configuration, and the
// boot script.
func TestR25UserDataFits(t *testing.T) {
	// A cluster's name, endpoint and certificate authority (1.5 KB in base64), and the headers of three parts.
	const others = 3 << 10
	for _, node := range defaultNodes {
		config, err := nodeConfig("m6i.4xlarge", []string{"10.0.0.2", "10.0.0.3"}, []string{"corp.example.com"})
		require.NoError(t, err)
		assert.Less(t, len(renderDefault(node))+len(config)+others, MaxUserData, node.Name)
	}
}

func TestR25ResolversAreInTheNodesConfiguration(t *testing.T) {
	config, err := nodeConfig("m6i.4xlarge", []string{"10.0.0.2", "10.0.0.3"}, []string{"corp.example.com"})
	require.NoError(t, err)
	assert.YAMLEq(t, `
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance: {network: {nameservers: [10.0.0.2, 10.0.0.3], domains: [corp.example.com]}}
  kubelet: {config: {maxPods: 110, shutdownGracePeriod: 2m30s, shutdownGracePeriodCriticalPods: 30s}}
`, config)
	config, err = nodeConfig("m6i.8xlarge", nil, nil)
	require.NoError(t, err)
	assert.YAMLEq(t, `{apiVersion: node.eks.aws/v1alpha1, kind: NodeConfig, spec: {kubelet: {config: {maxPods: 250,
		shutdownGracePeriod: 2m30s, shutdownGracePeriodCriticalPods: 30s}}}}`, config)
}

func TestTheMetadataServiceWantsATokenAndReachesPods(t *testing.T) {
	given := &pulumi.ResourceTransformArgs{
		Type: "aws:ec2/launchTemplate:LaunchTemplate", Props: pulumi.Map{"imageId": pulumi.String("ami-1")},
		Opts: pulumi.ResourceOptions{Protect: true},
	}
	made := requireMetadataTokens(context.Background(), given)
	require.NotNil(t, made)
	assert.Equal(t, pulumi.Map{
		"imageId": pulumi.String("ami-1"),
		"metadataOptions": pulumi.Map{
			"httpEndpoint": pulumi.String("enabled"), "httpTokens": pulumi.String("required"), "httpPutResponseHopLimit": pulumi.Int(2),
		},
	}, made.Props)
	assert.Equal(t, given.Opts, made.Opts)
	given.Type = "aws:autoscaling/group:Group"
	assert.Nil(t, requireMetadataTokens(context.Background(), given), "nothing else is changed")
}

func TestR19AQuoteInAValueStaysAValue(t *testing.T) {
	script := renderBoot(config.Node{Name: "it's $(false)"}, "r", 1, "p", "v", "b")
	output, err := exec.Command("bash", "-c", script[:len(script)-len(bootBody)]+`printf %s "$NODE"`).CombinedOutput()
	require.NoError(t, err, string(output))
	assert.Equal(t, "it's $(false)", string(output))
}
