package eks

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awseks "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

var clusterInputs = []string{
	"name", "version", "vpcId", "privateSubnetIds", "publicSubnetIds", "subnetIds", "authenticationMode", "accessEntries",
	"encryptionConfigKeyArn", "endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs", "enabledClusterLogTypes",
	"kubernetesServiceIpAddressRange", "instanceRole", "skipDefaultNodeGroup", "vpcCniOptions", "kubeProxyAddonOptions",
	"corednsAddonOptions",
}

// clusterArgs are the simulated inputs of eks:index:Cluster.
type clusterArgs struct {
	Name                            pulumi.StringPtrInput   `pulumi:"name"`
	Version                         pulumi.StringPtrInput   `pulumi:"version"`
	VpcID                           pulumi.StringPtrInput   `pulumi:"vpcId"`
	PrivateSubnetIDs                pulumi.StringArrayInput `pulumi:"privateSubnetIds"`
	PublicSubnetIDs                 pulumi.StringArrayInput `pulumi:"publicSubnetIds"`
	SubnetIDs                       pulumi.StringArrayInput `pulumi:"subnetIds"`
	AuthenticationMode              pulumi.StringPtrInput   `pulumi:"authenticationMode"`
	AccessEntries                   map[string]accessEntry  `pulumi:"accessEntries"`
	EncryptionConfigKeyArn          pulumi.StringPtrInput   `pulumi:"encryptionConfigKeyArn"`
	EndpointPrivateAccess           pulumi.BoolPtrInput     `pulumi:"endpointPrivateAccess"`
	EndpointPublicAccess            pulumi.BoolPtrInput     `pulumi:"endpointPublicAccess"`
	PublicAccessCidrs               pulumi.StringArrayInput `pulumi:"publicAccessCidrs"`
	EnabledClusterLogTypes          pulumi.StringArrayInput `pulumi:"enabledClusterLogTypes"`
	KubernetesServiceIPAddressRange pulumi.StringPtrInput   `pulumi:"kubernetesServiceIpAddressRange"`
	VpcCniOptions                   pulumi.MapInput         `pulumi:"vpcCniOptions"`
	KubeProxyAddonOptions           pulumi.MapInput         `pulumi:"kubeProxyAddonOptions"`
	InstanceRole                    pulumi.Input            `pulumi:"instanceRole"`
	SkipDefaultNodeGroup            bool                    `pulumi:"skipDefaultNodeGroup"`
	CorednsAddonOptions             *corednsOptions         `pulumi:"corednsAddonOptions"`
}

// corednsOptions: given at all, the add-on is on unless it is turned off (docs/facts.md §8).
type corednsOptions struct {
	Enabled *bool                 `pulumi:"enabled"`
	Version pulumi.StringPtrInput `pulumi:"version"`
}

type accessEntry struct {
	PrincipalArn     pulumi.StringInput      `pulumi:"principalArn"`
	Type             pulumi.StringPtrInput   `pulumi:"type"`
	Username         pulumi.StringPtrInput   `pulumi:"username"`
	KubernetesGroups pulumi.StringArrayInput `pulumi:"kubernetesGroups"`
	AccessPolicies   map[string]accessPolicy `pulumi:"accessPolicies"`
}

type accessPolicy struct {
	PolicyArn   pulumi.StringInput `pulumi:"policyArn"`
	AccessScope scope              `pulumi:"accessScope"`
}

type scope struct {
	Type       pulumi.StringInput      `pulumi:"type"`
	Namespaces pulumi.StringArrayInput `pulumi:"namespaces"`
}

// clusterState is what a node group needs of its cluster.
type clusterState struct {
	cluster      *awseks.Cluster
	nodeGroup    *ec2.SecurityGroup
	serviceRange pulumi.StringOutput
}

// cluster is the component.
type cluster struct {
	pulumi.ResourceState

	EksCluster             *awseks.Cluster        `pulumi:"eksCluster"`
	Core                   pulumi.MapOutput       `pulumi:"core"`
	Kubeconfig             pulumi.AnyOutput       `pulumi:"kubeconfig"`
	KubeconfigJSON         pulumi.StringOutput    `pulumi:"kubeconfigJson"`
	ClusterSecurityGroup   *ec2.SecurityGroup     `pulumi:"clusterSecurityGroup"`
	ClusterSecurityGroupID pulumi.StringOutput    `pulumi:"clusterSecurityGroupId"`
	NodeSecurityGroup      *ec2.SecurityGroup     `pulumi:"nodeSecurityGroup"`
	NodeSecurityGroupID    pulumi.StringOutput    `pulumi:"nodeSecurityGroupId"`
	EksClusterIngressRule  *ec2.SecurityGroupRule `pulumi:"eksClusterIngressRule"`
	ClusterIngressRuleID   pulumi.StringOutput    `pulumi:"clusterIngressRuleId"`

	provider *kubernetes.Provider
	role     *iam.Role
	cni      pulumi.Resource
	entries  []pulumi.Resource
}

func (p *server) newCluster(ctx *pulumi.Context, name string, args *clusterArgs, options pulumi.ResourceOption,
) (*sdkprovider.ConstructResult, error) {
	c := &cluster{}
	if err := ctx.RegisterComponentResource(catalog.EKSClusterComponent, name, c, options); err != nil {
		return nil, err
	}
	if !args.SkipDefaultNodeGroup {
		return nil, fmt.Errorf(
			"rehearsal: eks: "+catalog.EKSClusterComponent+" %s: only clusters with skipDefaultNodeGroup are simulated",
			name,
		)
	}
	for _, step := range []func(*pulumi.Context, string, *clusterArgs) error{
		c.makeControlPlane, c.makeSecurityRules, c.makeAccess, c.makeAddons,
	} {
		if err := step(ctx, name, args); err != nil {
			return nil, fmt.Errorf(catalog.EKSClusterComponent+" %s: %w", name, err)
		}
	}
	if err := c.report(ctx, args); err != nil {
		return nil, fmt.Errorf(catalog.EKSClusterComponent+" %s: %w", name, err)
	}
	state := &clusterState{cluster: c.EksCluster, nodeGroup: c.NodeSecurityGroup}
	state.serviceRange = c.EksCluster.KubernetesNetworkConfig.ServiceIpv4Cidr().Elem()
	// Registering under the URN happens in an Apply: the URN is known only then, and node groups ask for it later.
	registered := c.URN().ApplyT(func(urn pulumi.URN) pulumi.URN {
		p.clusters.put(string(urn), state)
		return urn
	}).(pulumi.URNOutput)
	result, err := sdkprovider.NewConstructResult(c)
	if err != nil {
		return nil, err
	}
	result.URN = registered
	return result, nil
}

// report registers the component's outputs, all that pulumi-eks has. What it leaves undefined is null.
// Source: pulumi-eks v3.9.1, nodejs/eks/cluster/cluster.ts, createCore and createCluster.
func (c *cluster) report(ctx *pulumi.Context, args *clusterArgs) error {
	none, roles := pulumi.String(""), pulumi.Array{}
	if args.InstanceRole != nil {
		roles = append(roles, args.InstanceRole)
	}
	issuer := c.EksCluster.Identities.ApplyT(func(identities []awseks.ClusterIdentity) string {
		if len(identities) == 0 || len(identities[0].Oidcs) == 0 || identities[0].Oidcs[0].Issuer == nil {
			return ""
		}
		return *identities[0].Oidcs[0].Issuer
	}).(pulumi.StringOutput)
	c.Core = pulumi.Map{
		"vpcId":                args.VpcID,
		"subnetIds":            subnets(args),
		"publicSubnetIds":      args.PublicSubnetIDs,
		"privateSubnetIds":     args.PrivateSubnetIDs,
		"clusterSecurityGroup": c.ClusterSecurityGroup,
		"cluster":              c.EksCluster,
		"endpoint":             c.EksCluster.Endpoint,
		"nodeGroupOptions":     pulumi.Map{"nodeSecurityGroup": c.NodeSecurityGroup, "clusterIngressRule": c.EksClusterIngressRule},
		"kubeconfig":           c.Kubeconfig,
		"provider":             c.provider,
		"vpcCni":               pulumi.NewResourceOutput(c.cni),
		"instanceRoles":        roles,
		"storageClasses":       pulumi.Map{},
		"encryptionConfig":     c.EksCluster.EncryptionConfig,
		"clusterIamRole":       c.role,
		"autoModeNodeRoleName": none,
	}.ToMapOutput()
	return ctx.RegisterResourceOutputs(c, pulumi.Map{
		"clusterSecurityGroup":    c.ClusterSecurityGroup,
		"core":                    c.Core,
		"defaultNodeGroup":        nil,
		"eksCluster":              c.EksCluster,
		"eksClusterIngressRule":   c.EksClusterIngressRule,
		"instanceRoles":           roles,
		"kubeconfig":              c.Kubeconfig,
		"kubeconfigJson":          c.KubeconfigJSON,
		"nodeSecurityGroup":       c.NodeSecurityGroup,
		"clusterSecurityGroupId":  c.ClusterSecurityGroupID,
		"nodeSecurityGroupId":     c.NodeSecurityGroupID,
		"clusterIngressRuleId":    c.ClusterIngressRuleID,
		"defaultNodeGroupAsgName": none,
		"fargateProfileId":        none,
		"fargateProfileStatus":    none,
		"oidcProviderArn":         none,
		"oidcProviderUrl":         issuer,
		"oidcIssuer": issuer.ApplyT(
			func(url string) string { return strings.Replace(url, "https://", "", 1) },
		),
		"autoModeNodeRoleName": none,
	})
}

// makeControlPlane makes the service role, the cluster's security group, the control plane and its kubeconfig.
func (c *cluster) makeControlPlane(ctx *pulumi.Context, name string, args *clusterArgs) error {
	parent := pulumi.Parent(c)
	role, attached, err := newServiceRole(ctx, name+"-eksRole", parent)
	c.role = role
	if err != nil {
		return err
	}
	if c.ClusterSecurityGroup, err = newGroup(ctx, name+"-eksClusterSecurityGroup", args.VpcID,
		pulumi.StringMap{"Name": pulumi.String(name + "-eksClusterSecurityGroup")}, parent); err != nil {
		return err
	}
	config := awseks.ClusterVpcConfigArgs{
		SubnetIds: subnets(args), SecurityGroupIds: pulumi.StringArray{c.ClusterSecurityGroup.ID()},
		EndpointPrivateAccess: args.EndpointPrivateAccess, EndpointPublicAccess: args.EndpointPublicAccess,
		PublicAccessCidrs: args.PublicAccessCidrs,
	}
	cluster := &awseks.ClusterArgs{
		Name: args.Name, Version: args.Version, RoleArn: role.Arn, VpcConfig: config, EnabledClusterLogTypes: args.EnabledClusterLogTypes,
		AccessConfig: &awseks.ClusterAccessConfigArgs{
			AuthenticationMode: args.AuthenticationMode, BootstrapClusterCreatorAdminPermissions: pulumi.Bool(true),
		},
		Tags: pulumi.StringMap{"Name": pulumi.String(name + "-eksCluster")},
	}
	if args.KubernetesServiceIPAddressRange != nil {
		cluster.KubernetesNetworkConfig = &awseks.ClusterKubernetesNetworkConfigArgs{
			ServiceIpv4Cidr: args.KubernetesServiceIPAddressRange, IpFamily: pulumi.String("ipv4"),
		}
	}
	if args.EncryptionConfigKeyArn != nil {
		cluster.EncryptionConfig = &awseks.ClusterEncryptionConfigArgs{
			Provider:  &awseks.ClusterEncryptionConfigProviderArgs{KeyArn: args.EncryptionConfigKeyArn.ToStringPtrOutput().Elem()},
			Resources: pulumi.StringArray{pulumi.String("secrets")},
		}
	}
	if c.EksCluster, err = awseks.NewCluster(ctx, name+"-eksCluster", cluster, parent, pulumi.DependsOn([]pulumi.Resource{attached}),
		pulumi.IgnoreChanges([]string{"accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"}),
	); err != nil {
		return err
	}
	c.KubeconfigJSON = kubeconfig(c.EksCluster)
	c.Kubeconfig = c.KubeconfigJSON.ApplyT(func(text string) (any, error) {
		var parsed any
		err := json.Unmarshal([]byte(text), &parsed)
		return parsed, err
	}).(pulumi.AnyOutput)
	c.provider, err = kubernetes.NewProvider(ctx, name+"-eks-k8s", &kubernetes.ProviderArgs{Kubeconfig: c.KubeconfigJSON}, parent,
		pulumi.Version(kubernetesVersion))
	return err
}

func subnets(args *clusterArgs) pulumi.StringArrayInput {
	if args.SubnetIDs != nil {
		return args.SubnetIDs
	}
	if args.PublicSubnetIDs == nil {
		return args.PrivateSubnetIDs
	}
	return pulumi.All(args.PublicSubnetIDs, args.PrivateSubnetIDs).ApplyT(func(v []any) []string {
		public, _ := v[0].([]string)
		private, _ := v[1].([]string)
		return append(append([]string{}, public...), private...)
	}).(pulumi.StringArrayOutput)
}

// kubernetesVersion is the pulumi-kubernetes that pulumi-eks 3.9.1 is built with, and whose plugin its own provider asks for.
// Source: pulumi-eks v3.9.1, nodejs/eks/package.json.
const kubernetesVersion = "4.19.0"

// These are a kubeconfig, with its keys in the order in which pulumi-eks writes them.
type (
	kubeconfigFile struct {
		APIVersion     string              `json:"apiVersion"`
		Clusters       []kubeconfigCluster `json:"clusters"`
		Contexts       []kubeconfigContext `json:"contexts"`
		CurrentContext string              `json:"current-context"`
		Kind           string              `json:"kind"`
		Users          []kubeconfigUser    `json:"users"`
	}
	kubeconfigCluster struct {
		Cluster struct {
			Server string `json:"server"`
			CA     string `json:"certificate-authority-data"`
		} `json:"cluster"`
		Name string `json:"name"`
	}
	kubeconfigContext struct {
		Context struct {
			Cluster string `json:"cluster"`
			User    string `json:"user"`
		} `json:"context"`
		Name string `json:"name"`
	}
	kubeconfigUser struct {
		Name string `json:"name"`
		User struct {
			Exec kubeconfigExec `json:"exec"`
		} `json:"user"`
	}
	kubeconfigExec struct {
		APIVersion string              `json:"apiVersion"`
		Command    string              `json:"command"`
		Args       []string            `json:"args"`
		Env        []map[string]string `json:"env"`
	}
)

// kubeconfig is the one that pulumi-eks writes where no credential options are given.
// Source: pulumi-eks v3.9.1, nodejs/eks/cluster/cluster.ts, generateKubeconfig.
func kubeconfig(c *awseks.Cluster) pulumi.StringOutput {
	return pulumi.All(c.Name, c.Endpoint, c.CertificateAuthority.Data().Elem(), c.Arn).ApplyT(func(v []any) (string, error) {
		name, endpoint, ca, arn := v[0].(string), v[1].(string), v[2].(string), v[3].(string)
		parts := strings.Split(arn, ":")
		if len(parts) < 4 {
			return "", fmt.Errorf("%s: must be the ARN of a cluster", arn)
		}
		file := kubeconfigFile{APIVersion: "v1", CurrentContext: "aws", Kind: "Config"}
		cluster, login, user := kubeconfigCluster{Name: "kubernetes"}, kubeconfigContext{Name: "aws"}, kubeconfigUser{Name: "aws"}
		cluster.Cluster.Server, cluster.Cluster.CA = endpoint, ca
		login.Context.Cluster, login.Context.User = "kubernetes", "aws"
		user.User.Exec = kubeconfigExec{
			APIVersion: "client.authentication.k8s.io/v1beta1", Command: "aws",
			Args: []string{"--region", parts[3], "eks", "get-token", "--cluster-name", name, "--output", "json"},
			Env: []map[string]string{
				{"name": "KUBERNETES_EXEC_INFO", "value": `{"apiVersion": "client.authentication.k8s.io/v1beta1"}`},
			},
		}
		file.Clusters, file.Contexts = []kubeconfigCluster{cluster}, []kubeconfigContext{login}
		file.Users = []kubeconfigUser{user}
		b, err := json.Marshal(file)
		return string(b), err
	}).(pulumi.StringOutput)
}
