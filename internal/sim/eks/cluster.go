package eks

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awseks "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
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
	c.Core = pulumi.Map{
		"cluster": c.EksCluster, "endpoint": c.EksCluster.Endpoint, "vpcId": c.EksCluster.VpcConfig.VpcId().Elem(),
		"provider": c.provider, "kubeconfig": c.Kubeconfig, "clusterSecurityGroup": c.ClusterSecurityGroup,
	}.ToMapOutput()
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

// makeControlPlane makes the service role, the cluster's security group, the control plane and its kubeconfig.
func (c *cluster) makeControlPlane(ctx *pulumi.Context, name string, args *clusterArgs) error {
	parent := pulumi.Parent(c)
	role, err := newServiceRole(ctx, name+"-eksRole", parent)
	if err != nil {
		return err
	}
	if c.ClusterSecurityGroup, err = newGroup(ctx, name+"-eksClusterSecurityGroup", "Managed by Pulumi", args.VpcID, parent); err != nil {
		return err
	}
	config := awseks.ClusterVpcConfigArgs{
		SubnetIds: subnets(args), SecurityGroupIds: pulumi.StringArray{c.ClusterSecurityGroup.ID()},
		EndpointPrivateAccess: args.EndpointPrivateAccess, EndpointPublicAccess: args.EndpointPublicAccess,
		PublicAccessCidrs: args.PublicAccessCidrs,
	}
	cluster := &awseks.ClusterArgs{
		Name: args.Name, Version: args.Version, RoleArn: role.Arn, VpcConfig: config, EnabledClusterLogTypes: args.EnabledClusterLogTypes,
		BootstrapSelfManagedAddons: pulumi.Bool(false),
		AccessConfig:               &awseks.ClusterAccessConfigArgs{AuthenticationMode: args.AuthenticationMode},
	}
	if args.KubernetesServiceIPAddressRange != nil {
		cluster.KubernetesNetworkConfig = &awseks.ClusterKubernetesNetworkConfigArgs{ServiceIpv4Cidr: args.KubernetesServiceIPAddressRange}
	}
	if args.EncryptionConfigKeyArn != nil {
		cluster.EncryptionConfig = &awseks.ClusterEncryptionConfigArgs{
			Provider:  &awseks.ClusterEncryptionConfigProviderArgs{KeyArn: args.EncryptionConfigKeyArn.ToStringPtrOutput().Elem()},
			Resources: pulumi.StringArray{pulumi.String("secrets")},
		}
	}
	if c.EksCluster, err = awseks.NewCluster(ctx, name+"-eksCluster", cluster, parent); err != nil {
		return err
	}
	c.KubeconfigJSON = kubeconfig(c.EksCluster)
	c.Kubeconfig = c.KubeconfigJSON.ApplyT(func(text string) (any, error) {
		var parsed any
		err := json.Unmarshal([]byte(text), &parsed)
		return parsed, err
	}).(pulumi.AnyOutput)
	c.provider, err = kubernetes.NewProvider(ctx, name+"-eks-k8s", &kubernetes.ProviderArgs{Kubeconfig: c.KubeconfigJSON}, parent)
	return err
}

func subnets(args *clusterArgs) pulumi.StringArrayInput {
	if args.SubnetIDs != nil {
		return args.SubnetIDs
	}
	if args.PublicSubnetIDs == nil {
		return args.PrivateSubnetIDs
	}
	return pulumi.All(args.PrivateSubnetIDs, args.PublicSubnetIDs).ApplyT(func(v []any) []string {
		private, _ := v[0].([]string)
		public, _ := v[1].([]string)
		return append(append([]string{}, private...), public...)
	}).(pulumi.StringArrayOutput)
}

// kubeconfig is the one that pulumi-eks writes where no credential options are given.
func kubeconfig(c *awseks.Cluster) pulumi.StringOutput {
	return pulumi.All(c.Name, c.Endpoint, c.CertificateAuthority.Data().Elem()).ApplyT(func(v []any) (string, error) {
		b, err := json.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "Config", "current-context": "aws",
			"clusters": []any{map[string]any{"name": "kubernetes", "cluster": map[string]any{
				"server": v[1], "certificate-authority-data": v[2],
			}}},
			"contexts": []any{map[string]any{"name": "aws", "context": map[string]any{"cluster": "kubernetes", "user": "aws"}}},
			"users": []any{map[string]any{"name": "aws", "user": map[string]any{"exec": map[string]any{
				"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws",
				"args": []any{"eks", "get-token", "--cluster-name", v[0], "--output", "json"},
			}}}},
		})
		return string(b), err
	}).(pulumi.StringOutput)
}
