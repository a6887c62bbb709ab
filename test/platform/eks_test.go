package platform_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The simulated component registers what pulumi-eks 3.9.1 registers. The rows are what the real component, run under this program
// on Node, wrote into a state and the simulated one once did not; each is in its source too: nodejs/eks/cluster/cluster.ts,
// addons/cni-addon.ts, nodes/nodegroup.ts, nodes/userdata.ts, nodes/securitygroup.ts and servicerole.ts of tag v3.9.1.
func TestTheSimulatedComponentRegistersWhatPulumiEKSDoes(t *testing.T) {
	r := cycle(t, "dev")
	control := r.one(t, catalog.EKSCluster, "cluster-eksCluster")

	role := r.one(t, catalog.IAMRole, "cluster-eksRole-role")
	assert.Contains(t, role.Inputs["assumeRolePolicy"], `"Action":["sts:AssumeRole","sts:TagSession"]`)

	assert.NotContains(t, control.Inputs, "bootstrapSelfManagedAddons", "EKS installs its own aws-node, kube-proxy and CoreDNS")
	assert.Equal(t, true, property.Object(control.Inputs, "accessConfig")["bootstrapClusterCreatorAdminPermissions"])
	assert.Equal(t, "ipv4", property.Object(control.Inputs, "kubernetesNetworkConfig")["ipFamily"])
	assert.Equal(t, "cluster-eksCluster", property.Object(control.Inputs, "tags")["Name"])
	assert.Contains(t, names(control), "cluster-eksRole-4b490823", "attached before the cluster, detached after it")

	assert.Equal(t, "cluster-eksClusterSecurityGroup",
		property.Object(r.one(t, catalog.EC2SecurityGroup, "cluster-eksClusterSecurityGroup").Inputs, "tags")["Name"])
	nodes := r.one(t, catalog.EC2SecurityGroup, "cluster-nodeSecurityGroup")
	assert.Equal(t, "owned", property.Object(nodes.Inputs, "tags")["kubernetes.io/cluster/bpa-dev"])
	assert.Contains(t, names(nodes), "cluster-eksCluster")

	own := r.one(t, catalog.KubernetesProvider, "cluster-eks-k8s")
	assert.Equal(t, "4.19.0", own.Inputs["version"], "a second plugin beside the program's")
	assert.Contains(t, own.Inputs["kubeconfig"], `"args":["--region","us-west-2","eks","get-token","--cluster-name","bpa-dev",`)
	assert.Contains(t, own.Inputs["kubeconfig"], `"env":[{"name":"KUBERNETES_EXEC_INFO"`)

	cni := r.one(t, catalog.EKSAddon, "cluster-vpc-cni")
	var configuration struct {
		Env  map[string]string
		Init struct{ Env map[string]string }
	}
	require.NoError(t, json.Unmarshal([]byte(cni.Text("configurationValues")), &configuration))
	assert.Equal(t, []string{
		"AWS_VPC_ENI_MTU", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "AWS_VPC_K8S_CNI_EXTERNALSNAT", "AWS_VPC_K8S_CNI_LOGLEVEL",
		"AWS_VPC_K8S_CNI_LOG_FILE", "AWS_VPC_K8S_CNI_VETHPREFIX", "AWS_VPC_K8S_PLUGIN_LOG_FILE", "AWS_VPC_K8S_PLUGIN_LOG_LEVEL",
		"ENABLE_POD_ENI", "ENABLE_PREFIX_DELEGATION", "ENI_CONFIG_LABEL_DEF", "WARM_ENI_TARGET",
	}, slices.Sorted(maps.Keys(configuration.Env)))
	assert.Equal(t, map[string]string{"DISABLE_TCP_EARLY_DEMUX": "false"}, configuration.Init.Env)
	assert.Subset(t, names(cni), []string{"cluster-pods", "network-pod-us-west-2a", "network-pod-us-west-2b", "network-pod-us-west-2c"})
	component := r.one(t, catalog.EKSVpcCniAddonComponent, "cluster-vpc-cni")
	assert.Contains(t, names(component), "cluster-defaultNodeGroupInstanceRole")
	assert.Contains(t, component.Outputs, "addon")

	template := r.one(t, catalog.EC2LaunchTemplate, "nodes-node-1-launchTemplate")
	data, err := base64.StdEncoding.DecodeString(template.Text("userData"))
	require.NoError(t, err)
	assert.Contains(t, string(data), "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"BOUNDARY\"\n\n--BOUNDARY\n")
	assert.Contains(t, string(data), "spec:\n  kubelet:\n    flags:\n      - '--node-labels=name=node-1'\n")
	assert.NotContains(t, string(data), "\r")
	for _, device := range property.Objects(template.Inputs["blockDeviceMappings"]) {
		assert.NotContains(t, property.Object(device, "ebs"), "deleteOnTermination")
	}
	group := r.one(t, catalog.AutoScalingGroup, "nodes-node-1")
	assert.Equal(t, template.Text("name"), property.Text(group.Inputs, "launchTemplate", "name"))
	tags := property.Objects(group.Inputs["tags"])
	assert.Equal(t, "kubernetes.io/cluster/bpa-dev", tags[0]["key"])

	for token, outputs := range map[string]int{
		catalog.EKSClusterComponent: 18, catalog.EKSNodeGroupV2Component: 2, catalog.EKSServiceRoleComponent: 2,
	} {
		for _, e := range r.state {
			if string(e.URN.Type()) == token {
				assert.GreaterOrEqual(t, len(e.Outputs), outputs, "%s: %v", e.URN.Name(), slices.Sorted(maps.Keys(e.Outputs)))
			}
		}
	}
}

// names are the logical names of what a resource needs.
func names(r *stackdoc.Resource) (all []string) {
	for _, urn := range r.Dependencies {
		all = append(all, urn.Name())
	}
	return all
}
