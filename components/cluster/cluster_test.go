package cluster_test

import (
	"encoding/json"
	"errors"
	"testing"

	awseks "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/cluster"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func args() *cluster.Args {
	a := &cluster.Args{
		Account: testkit.Account, Name: "bpa-test", VpcID: pulumi.String("vpc-1"), NodeCIDR: "10.20.0.0/16", PodCIDR: "100.64.0.0/16",
		Protect: true,
		Cluster: config.Cluster{
			Version: "1.35", ServiceCIDR: "172.20.0.0/16", LogTypes: []string{"audit"}, LogRetentionDays: 90,
			AddonVersions: map[string]string{"vpc-cni": "v1.21.1-eksbuild.3", "kube-proxy": "v1.35.0-eksbuild.2"},
			AccessEntries: []config.AccessEntry{
				{Name: "operators", PrincipalARN: "arn:aws:iam::111122223333:role/operators", Policy: "clusterAdmin"},
				{PrincipalARN: "arn:aws:iam::111122223333:role/team/readers", Policy: "view", Namespaces: []string{"bpa-ns"}},
			},
		},
	}
	for _, zone := range []string{"a", "b", "c"} {
		a.SubnetIDs = append(a.SubnetIDs, pulumi.String("subnet-"+zone))
		a.Zones = append(a.Zones, cluster.Zone{Name: "us-west-2" + zone, PodSubnetID: pulumi.String("subnet-pod-" + zone)})
	}
	return a
}

// remote gives the component of pulumi-eks the outputs that its provider would: among them a reference to a cluster that
// the program registers as `control-plane`.
func remote() []testkit.Option {
	text := resource.NewStringProperty
	return []testkit.Option{
		testkit.WithOutputs("aws:eks/cluster:Cluster", func(string, resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{
				"endpoint":             text("https://api.example"),
				"certificateAuthority": resource.NewObjectProperty(resource.PropertyMap{"data": text("Q0E=")}),
			}
		}),
		testkit.WithOutputs("eks:index:Cluster", func(string, resource.PropertyMap) resource.PropertyMap {
			return resource.PropertyMap{
				"clusterSecurityGroupId": text(
					"sg-cluster",
				),
				"nodeSecurityGroupId":  text("sg-nodes"),
				"clusterIngressRuleId": text("sgr-1"),
				"eksCluster": resource.MakeCustomResourceReference(
					"urn:pulumi:test::bpa::aws:eks/cluster:Cluster::control-plane", "control-plane-id", ""),
			}
		}),
	}
}

func program(a *cluster.Args, kubeconfig *testkit.Captured) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		way, err := awseks.NewCluster(ctx, "control-plane", &awseks.ClusterArgs{
			RoleArn: pulumi.String("role"), VpcConfig: &awseks.ClusterVpcConfigArgs{SubnetIds: pulumi.StringArray{}},
		})
		if err != nil {
			return err
		}
		c, err := cluster.New(ctx, "cluster", a)
		if err != nil {
			return err
		}
		if kubeconfig != nil {
			kubeconfig.Capture(ctx, c.Kubeconfig)
		}
		_, err = c.NewProvider(ctx, []pulumi.Resource{way})
		return err
	}
}

const eksCluster = "eks:index:Cluster"

func TestR01TheControlPlaneIsPrivateEncryptedAndLogged(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:cloudwatch/logGroup:LogGroup cluster-logs",
			"aws:ec2/securityGroup:SecurityGroup cluster-pods",
			"aws:eks/accessEntry:AccessEntry cluster-entry-111122223333:role/operators",
			"aws:eks/accessEntry:AccessEntry cluster-entry-111122223333:role/team/readers",
			"aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-entry-111122223333:role/operators-clusterAdmin",
			"aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-entry-111122223333:role/team/readers-view",
			"aws:eks/cluster:Cluster control-plane",
			"aws:iam/role:Role cluster-node",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-node-AmazonEC2ContainerRegistryPullOnly",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-node-AmazonEKSWorkerNodePolicy",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-node-AmazonEKS_CNI_Policy",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-node-AmazonSSMManagedInstanceCore",
			"aws:kms/key:Key cluster-key",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule cluster-nodes-out-icmp",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule cluster-nodes-out-tcp",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule cluster-nodes-out-udp",
			"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule cluster-pods-out",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-api-from-pods",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-nodes-dns-from-pods",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-nodes-from-nodes",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-nodes-from-pods",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-pods-from-nodes",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cluster-pods-from-pods",
			"bpa:cluster:Cluster cluster",
			"eks:index:Cluster cluster",
			"pulumi:providers:kubernetes cluster-kubernetes",
		}, g.List())
		assert.Equal(t, []string{"aws:kms/key:Key cluster-key", "eks:index:Cluster cluster"}, g.Protected())

		eks := g.Get(t, eksCluster, "cluster")
		assert.Equal(t, true, eks.Plain("endpointPrivateAccess"))
		assert.Equal(t, false, eks.Plain("endpointPublicAccess"))
		assert.Equal(t, []any{"subnet-a", "subnet-b", "subnet-c"}, eks.Plain("privateSubnetIds"), "three zones")
		assert.Equal(t, "API", eks.Plain("authenticationMode"), "access entries, never aws-auth")
		assert.Equal(t, []any{"audit"}, eks.Plain("enabledClusterLogTypes"))
		assert.Equal(t, true, eks.Plain("skipDefaultNodeGroup"))
		assert.True(t, g.DependsOn(eks, "aws:cloudwatch/logGroup:LogGroup", "cluster-logs"), "or EKS makes one without retention")
		assert.Equal(t, "/aws/eks/bpa-test/cluster", g.Get(t, "aws:cloudwatch/logGroup:LogGroup", "cluster-logs").Plain("name"))
		key := g.Get(t, "aws:kms/key:Key", "cluster-key")
		assert.Equal(t, true, key.Plain("enableKeyRotation"))
		assert.Contains(t, eks.Dependencies, key.URN, "secrets are encrypted with the key")
	}, remote()...)
}

func TestR01ThePublicEndpointIsOpenForListedRangesOnly(t *testing.T) {
	a := args()
	a.PublicAccessCIDRs = []string{"203.0.113.0/24"}
	testkit.Both(t, program(a, nil), func(t *testing.T, g *testkit.Graph) {
		eks := g.Get(t, eksCluster, "cluster")
		assert.Equal(t, true, eks.Plain("endpointPublicAccess"))
		assert.Equal(t, []any{"203.0.113.0/24"}, eks.Plain("publicAccessCidrs"))
		assert.Equal(t, true, eks.Plain("endpointPrivateAccess"))
	}, remote()...)
}

func TestR01ListedRangesReachThePrivateEndpointBeforeAnythingIsDeployedIntoTheCluster(t *testing.T) {
	a := args()
	a.PrivateAccessCIDRs = []string{"10.20.0.0/16", "10.8.0.0/16"}
	testkit.Both(t, program(a, nil), func(t *testing.T, g *testkit.Graph) {
		provider := g.Get(t, "pulumi:providers:kubernetes", "cluster-kubernetes")
		for _, cidr := range a.PrivateAccessCIDRs {
			rule := g.Get(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cluster-api-from-"+cidr)
			assert.Equal(t, []any{"tcp", 443.0, 443.0, cidr},
				[]any{rule.Plain("ipProtocol"), rule.Plain("fromPort"), rule.Plain("toPort"), rule.Plain("cidrIpv4")})
			assert.Contains(t, provider.Dependencies, rule.URN)
		}
	}, remote()...)
	g, err := testkit.Update(program(a, nil), remote()...)
	require.NoError(t, err)
	rule := g.Get(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cluster-api-from-10.8.0.0/16")
	assert.Equal(t, "sg-cluster", rule.Plain("securityGroupId"))
}

func TestTheKubeconfigAssumesTheRoleThatMadeTheCluster(t *testing.T) {
	a := args()
	a.RoleARN = "arn:aws:iam::111122223333:role/deployer"
	var kubeconfig testkit.Captured
	_, err := testkit.Update(program(a, &kubeconfig), remote()...)
	require.NoError(t, err)
	text, known := kubeconfig.Value()
	require.True(t, known)
	assert.Contains(t, text, `"--role-arn","arn:aws:iam::111122223333:role/deployer"`, "EKS knows no other principal at first")
}

func TestR01AccessEntriesCarryTheirPolicyAndScope(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		const entry, association = "aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
		readers := g.Get(t, entry, "cluster-entry-111122223333:role/team/readers")
		assert.Equal(t, "arn:aws:iam::111122223333:role/team/readers", readers.Plain("principalArn"))
		view := g.Get(t, association, "cluster-entry-111122223333:role/team/readers-view")
		assert.Equal(t, map[string]any{"type": "namespace", "namespaces": []any{"bpa-ns"}}, view.Plain("accessScope"))
		admin := g.Get(t, association, "cluster-entry-111122223333:role/operators-clusterAdmin")
		assert.Equal(t, "arn:aws:iam::111122223333:role/operators", admin.Plain("principalArn"))
		assert.Equal(t, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", admin.Plain("policyArn"))
		assert.Equal(t, map[string]any{"type": "cluster"}, admin.Plain("accessScope"))
		provider := g.Get(t, "pulumi:providers:kubernetes", "cluster-kubernetes")
		assert.Contains(t, provider.Dependencies, view.URN, "the deployer may be one of those who are let in")
	}, remote()...)
}

func TestR13PodsGetTheirAddressesFromThePodRange(t *testing.T) {
	g, err := testkit.Update(program(args(), nil), remote()...)
	require.NoError(t, err)
	cni := g.Get(t, eksCluster, "cluster").Plain("vpcCniOptions").(map[string]any)
	assert.Equal(t, true, cni["cniCustomNetworkCfg"], "customNetworkConfig has no effect (docs/facts.md §5)")
	assert.NotContains(t, cni, "customNetworkConfig")
	assert.Equal(t, "topology.kubernetes.io/zone", cni["eniConfigLabelDef"])
	assert.Equal(t, "v1.21.1-eksbuild.3", cni["addonVersion"])
	eni := cni["configurationValues"].(map[string]any)["eniConfig"].(map[string]any)
	assert.Equal(t, true, eni["create"])
	assert.Equal(t, "us-west-2", eni["region"])
	subnets := eni["subnets"].(map[string]any)
	require.Len(t, subnets, 3)
	assert.Equal(t, map[string]any{"id": "subnet-pod-b", "securityGroups": []any{"cluster-pods-id"}}, subnets["us-west-2b"])
	coredns := g.Get(t, eksCluster, "cluster").Plain("corednsAddonOptions").(map[string]any)
	assert.Equal(t, false, coredns["enabled"], "before the first node it would fail after 20 minutes (docs/facts.md §8)")
}

func TestR25NodesAdmitNodesAndPodsInsteadOfEveryone(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		for name, want := range map[string][4]any{
			"cluster-nodes-from-nodes": {"tcp", 0.0, 65535.0, "10.20.0.0/16"},
			"cluster-nodes-from-pods":  {"tcp", 0.0, 65535.0, "100.64.0.0/16"},
			"cluster-pods-from-nodes":  {"-1", nil, nil, "10.20.0.0/16"}, "cluster-pods-from-pods": {"-1", nil, nil, "100.64.0.0/16"},
			"cluster-nodes-dns-from-pods": {"udp", 53.0, 53.0, "100.64.0.0/16"}, "cluster-api-from-pods": {"tcp", 443.0, 443.0, nil},
		} {
			rule := g.Get(t, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name)
			assert.Equal(
				t,
				want,
				[4]any{rule.Plain("ipProtocol"), rule.Plain("fromPort"), rule.Plain("toPort"), rule.Plain("cidrIpv4")},
				name,
			)
		}
		out := g.Get(t, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "cluster-pods-out")
		assert.Equal(t, "0.0.0.0/0", out.Plain("cidrIpv4"), "outbound all, as the paper asks")
	}, remote()...)
}

func TestTheKubeconfigIsTheSameForEveryoneAndSecret(t *testing.T) {
	var kubeconfig testkit.Captured
	g, err := testkit.Update(program(args(), &kubeconfig), remote()...)
	require.NoError(t, err)
	text, known := kubeconfig.Value()
	require.True(t, known)
	for _, personal := range []string{"AWS_PROFILE", "profile", "/home", "--role"} {
		assert.NotContains(t, text, personal)
	}
	var parsed struct {
		Clusters []struct{ Cluster map[string]string }
		Users    []struct {
			User struct{ Exec struct{ Args []string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.(string)), &parsed))
	assert.Equal(t, map[string]string{"server": "https://api.example", "certificate-authority-data": "Q0E="}, parsed.Clusters[0].Cluster)
	assert.Equal(t, []string{"eks", "get-token", "--cluster-name", "bpa-test", "--region", "us-west-2", "--output", "json"},
		parsed.Users[0].User.Exec.Args)
	provider := g.Get(t, "pulumi:providers:kubernetes", "cluster-kubernetes")
	assert.True(t, provider.Secret("kubeconfig"))
}

// The proxy of `bpactl connect` listens at the same address on every machine.
func TestTheKubeconfigLeadsThroughTheBastion(t *testing.T) {
	var kubeconfig testkit.Captured
	a := args()
	a.Access = config.BastionAccess
	_, err := testkit.Update(program(a, &kubeconfig), remote()...)
	require.NoError(t, err)
	text, _ := kubeconfig.Value()
	assert.Contains(t, text, `"proxy-url":"http://127.0.0.1:18443"`)
}

func TestTheKubernetesProviderIsTheSameClusterWhileItsKubeconfigIsUnknown(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		provider := g.Get(t, "pulumi:providers:kubernetes", "cluster-kubernetes")
		assert.Equal(t, "arn:aws:eks:us-west-2:111122223333:cluster/bpa-test", provider.Plain("clusterIdentifier"))
		assert.True(t, g.DependsOn(provider, eksCluster, "cluster"))
		assert.True(t, g.DependsOn(provider, "aws:eks/cluster:Cluster", "control-plane"), "one that finds no way fails for good")
		assert.Equal(t, true, provider.Plain("enableSecretMutable"), "a new certificate must not delete the old secret (R24)")
	}, remote()...)
}

func TestR15TheNodeRoleStartsWithWhatEKSNeeds(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		trust := g.Get(t, "aws:iam/role:Role", "cluster-node").Policy(t, "assumeRolePolicy")["0"]
		assert.Equal(t, map[string]any{"Service": []any{"ec2.amazonaws.com"}}, trust["Principal"])
		var attached []any
		for _, a := range g.OfType("aws:iam/rolePolicyAttachment:RolePolicyAttachment") {
			attached = append(attached, a.Plain("policyArn"))
		}
		assert.Contains(t, attached, "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
			"the images of EKS itself come from another account, whose registry asks for the caller's own policy")
	}, remote()...)
}

func TestBadClusterArgumentsAreReportedAtOnce(t *testing.T) {
	a := args()
	a.Name, a.Version, a.Zones, a.PodCIDR, a.AddonVersions = "", "", nil, "100", nil
	a.AccessEntries[0].Policy, a.PrivateAccessCIDRs = "root", []string{"10.8"}
	g, err := testkit.Update(program(a, nil))
	for _, part := range []string{
		"Name: (not set): must have 1-100 characters", "version: (not set)", "Zones: 0: must be one for each of the 3 subnets",
		`PodCIDR: "100": must be an IPv4 CIDR`, `accessEntries[0].policy: "root": must be one of admin, clusterAdmin, edit, view`,
		"addonVersions.vpc-cni", "addonVersions.kube-proxy", `privateAccessCidrs[0]: "10.8": must be an IPv4 CIDR`,
	} {
		require.ErrorContains(t, err, "cluster: "+part)
	}
	assert.Equal(t, []string{"aws:eks/cluster:Cluster control-plane"}, g.List())
}

func addons(a *cluster.AddonsArgs) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		node, err := awseks.NewNodeGroup(ctx, "node", &awseks.NodeGroupArgs{
			ClusterName: pulumi.String("c"), NodeRoleArn: pulumi.String("r"), SubnetIds: pulumi.StringArray{},
			ScalingConfig: &awseks.NodeGroupScalingConfigArgs{
				DesiredSize: pulumi.Int(1), MaxSize: pulumi.Int(1), MinSize: pulumi.Int(1),
			},
		})
		if err != nil {
			return err
		}
		a.NodesReady = append(a.NodesReady, node)
		_, err = cluster.NewAddons(ctx, "addons", a)
		return err
	}
}

func TestR01AddonsWithPodsComeAfterTheNodes(t *testing.T) {
	versions := map[string]string{"coredns": "v1", "aws-ebs-csi-driver": "v2", "eks-pod-identity-agent": "v3"}
	testkit.Both(t, func(ctx *pulumi.Context) error {
		return addons(&cluster.AddonsArgs{Account: testkit.Account, ClusterName: pulumi.String("bpa"), Versions: versions,
			KeyARN: pulumi.String("key")})(ctx)
	}, func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:eks/addon:Addon addons-aws-ebs-csi-driver",
			"aws:eks/addon:Addon addons-coredns",
			"aws:eks/addon:Addon addons-eks-pod-identity-agent",
			"aws:eks/nodeGroup:NodeGroup node",
			"aws:iam/role:Role addons-ebs-csi",
			"aws:iam/rolePolicyAttachment:RolePolicyAttachment addons-ebs-csi",
			"bpa:cluster:Addons addons",
			"kubernetes:storage.k8s.io/v1:StorageClass addons-gp3",
		}, g.List())
		assert.Equal(t, map[string]any{"type": "gp3", "encrypted": "true", "kmsKeyId": "key"},
			g.Get(t, "kubernetes:storage.k8s.io/v1:StorageClass", "addons-gp3").Plain("parameters"))
		for _, addon := range g.OfType("aws:eks/addon:Addon") {
			assert.True(t, g.DependsOn(addon, "aws:eks/nodeGroup:NodeGroup", "node"), addon.Name)
			assert.Equal(t, versions[addon.Plain("addonName").(string)], addon.Plain("addonVersion"))
		}
		driver := g.Get(t, "aws:eks/addon:Addon", "addons-aws-ebs-csi-driver")
		assert.True(t, g.DependsOn(driver, "aws:eks/addon:Addon", "addons-eks-pod-identity-agent"))
		assert.True(t, g.DependsOn(driver, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "addons-ebs-csi"),
			"the driver deletes volumes until it goes, and needs its policy for that")
		trust := g.Get(t, "aws:iam/role:Role", "addons-ebs-csi").Policy(t, "assumeRolePolicy")["0"]
		assert.Equal(t, map[string]any{"Service": []any{"pods.eks.amazonaws.com"}}, trust["Principal"])
		assert.Equal(t, []any{"sts:AssumeRole", "sts:TagSession"}, trust["Action"])
	})
}

func TestAddonsMustBePinned(t *testing.T) {
	_, err := testkit.Update(addons(&cluster.AddonsArgs{Account: testkit.Account, ClusterName: pulumi.String("bpa")}))
	require.Error(t, err)
	assert.Contains(t, errors.Unwrap(err).Error(), "addons: Versions.coredns: (not set): must be pinned")
}
