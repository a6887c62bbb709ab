// Package cluster builds the EKS cluster (R01) with pods in the pod range (R13): the control plane, pod networking that is
// in place before any node, and, after the nodes, the add-ons that need one.
package cluster

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Zone is an availability zone with the subnet that its pods get their addresses from.
type Zone struct {
	Name        string
	PodSubnetID pulumi.StringInput
}

// Args are the arguments of New.
type Args struct {
	// Cluster is what the configuration says.
	config.Cluster
	Account account.Account
	// Name of the cluster, 1-100 characters.
	Name  string
	VpcID pulumi.StringInput
	// SubnetIDs are the private subnets, for the control plane's network interfaces.
	SubnetIDs pulumi.StringArray
	Zones     []Zone
	// NodeCIDR and PodCIDR may reach every port of nodes and pods (R25).
	NodeCIDR, PodCIDR string
	// RoleARN is the role that made the cluster, or "" for the caller's own credentials. The kubeconfig assumes it.
	RoleARN string
	// LogOptions take over a log group of the control plane that is there already.
	LogOptions []pulumi.ResourceOption
	// Protect refuses to delete cluster and key.
	Protect bool
}

// Cluster is the component.
type Cluster struct {
	pulumi.ResourceState

	// EKS is the component of pulumi-eks, which node groups ask for.
	EKS  *eks.Cluster
	Name string
	// Endpoint is the URL of the API, CertificateAuthority its base64-encoded certificate.
	Endpoint, CertificateAuthority                                          pulumi.StringOutput
	SecurityGroupID, NodeSecurityGroupID, PodSecurityGroupID, IngressRuleID pulumi.StringOutput
	// NodeRole is what nodes run as.
	NodeRole *iam.Role
	// Kubeconfig is the same on every laptop: it names no profile and no path. It is secret.
	Kubeconfig pulumi.StringOutput

	name string
	args *Args
	// access lets the deployer reach the API.
	access []pulumi.Resource
	// Ready is what a node and its pods need beside the control plane: the role's policies and the security rules. They exist
	// before the nodes and outlive them: a pod that is being deleted still asks the API, and the driver still detaches volumes.
	Ready []pulumi.Resource
}

// New builds the control plane.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	c := &Cluster{name: name, args: args, Name: args.Name}
	if err := ctx.RegisterComponentResource("bpa:cluster:Cluster", name, c, opts...); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	for _, step := range []struct {
		what  string
		build func(*pulumi.Context) error
	}{
		{"node role", c.newNodeRole}, {"pod security group", c.newPodSecurityGroup}, {"control plane", c.newControlPlane},
		{"security rules", c.newSecurityRules}, {"ways out of the nodes", c.newNodeEgress}, {"access to the API", c.newAccessRules},
		{"access entries", c.newAccessEntries},
	} {
		if err := step.build(ctx); err != nil {
			return nil, fmt.Errorf("cluster: %s: %w", step.what, err)
		}
	}
	c.describe()
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"name": pulumi.String(c.Name), "endpoint": c.Endpoint, "kubeconfig": c.Kubeconfig})
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Cluster)
	p.Require(a.Name != "" && len(a.Name) <= 100, "Name", a.Name, "must have 1-100 characters")
	p.Require(a.Version != "", "version", nil, "must be a Kubernetes minor version")
	p.Require(len(a.SubnetIDs) >= 2, "SubnetIDs", len(a.SubnetIDs), "must be in at least two zones")
	p.Require(len(a.Zones) == len(a.SubnetIDs), "Zones", len(a.Zones), "must be one for each of the %d subnets", len(a.SubnetIDs))
	for path, text := range map[string]string{"NodeCIDR": a.NodeCIDR, "PodCIDR": a.PodCIDR} {
		wrong := cidr.Wrong(text)
		p.Require(wrong == "", path, text, "%s", wrong)
	}
	for _, addon := range []string{"vpc-cni", "kube-proxy"} {
		p.Require(a.AddonVersions[addon] != "", "addonVersions."+addon, nil, "must be pinned")
	}
	return p.Err("cluster: ")
}

// newNodeRole makes the role of the nodes. What they may pull and read is attached where it is known.
func (c *Cluster) newNodeRole(ctx *pulumi.Context) (err error) {
	c.NodeRole, err = iam.NewRole(ctx, c.name+"-node", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("ec2.amazonaws.com"), Description: pulumi.String("Worker nodes of " + c.args.Name),
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	for _, managed := range nodePolicies {
		attached, err := iam.NewRolePolicyAttachment(ctx, c.name+"-node-"+managed, &iam.RolePolicyAttachmentArgs{
			Role: c.NodeRole.Name, PolicyArn: pulumi.String(c.args.Account.ManagedPolicy(managed)),
		}, pulumi.Parent(c))
		if err != nil {
			return err
		}
		c.Ready = append(c.Ready, attached)
	}
	return nil
}

// nodePolicies are AWS's own policies for nodes. The images of EKS itself, from aws-node to the pod identity agent, come from a
// registry of another account, and a pull from there needs the caller's own policy too: AmazonEC2ContainerRegistryPullOnly.
// Source: EKS user guide, "Amazon EKS node IAM role" and "View Amazon container image registries for Amazon EKS add-ons".
var nodePolicies = []string{
	"AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore",
}

// LogGroup is the name that EKS gives the log group of a cluster's control plane.
func LogGroup(cluster string) string { return "/aws/eks/" + cluster + "/cluster" }

// newControlPlane makes the key, the log group and the cluster. The log group comes first: EKS would make one itself,
// without retention. For the same reason it stays: EKS writes the last lines of a control plane after the cluster is gone, by
// its service-linked role, and would make the group anew (docs/facts.md §1).
func (c *Cluster) newControlPlane(ctx *pulumi.Context) error {
	key, err := kms.NewKey(ctx, c.name+"-key", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the secrets of " + c.args.Name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30),
	}, pulumi.Parent(c), pulumi.Protect(c.args.Protect))
	if err != nil {
		return err
	}
	logs, err := cloudwatch.NewLogGroup(ctx, c.name+"-logs", &cloudwatch.LogGroupArgs{
		Name: pulumi.String(LogGroup(c.args.Name)), RetentionInDays: pulumi.Int(c.args.LogRetentionDays),
	}, append([]pulumi.ResourceOption{pulumi.Parent(c), pulumi.RetainOnDelete(true)}, c.args.LogOptions...)...)
	if err != nil {
		return err
	}
	c.EKS, err = eks.NewCluster(ctx, c.name, c.clusterArgs(key), pulumi.Parent(c), pulumi.Protect(c.args.Protect),
		pulumi.DependsOn([]pulumi.Resource{logs}))
	if err != nil {
		return err
	}
	c.SecurityGroupID, c.NodeSecurityGroupID = c.EKS.ClusterSecurityGroupId, c.EKS.NodeSecurityGroupId
	c.IngressRuleID = c.EKS.ClusterIngressRuleId
	return nil
}

func (c *Cluster) clusterArgs(key *kms.Key) *eks.ClusterArgs {
	mode, skip, off := eks.AuthenticationModeApi, true, false
	args := &eks.ClusterArgs{
		Name: pulumi.String(c.args.Name), Version: pulumi.String(c.args.Version), VpcId: c.args.VpcID.ToStringOutput().ToStringPtrOutput(),
		PrivateSubnetIds: c.args.SubnetIDs, AuthenticationMode: &mode,
		EncryptionConfigKeyArn: key.Arn, EnabledClusterLogTypes: pulumi.ToStringArray(c.args.LogTypes),
		KubernetesServiceIpAddressRange: pulumi.String(c.args.ServiceCIDR),
		EndpointPrivateAccess:           pulumi.Bool(true), EndpointPublicAccess: pulumi.Bool(len(c.args.PublicAccessCIDRs) > 0),
		// In API mode a single instance role gets its access entry from pulumi-eks (docs/facts.md §8).
		InstanceRole: c.NodeRole, SkipDefaultNodeGroup: &skip,
		// CoreDNS before the first node is degraded for 20 minutes and fails; it is an add-on of our own, after the nodes.
		CorednsAddonOptions:   &eks.CoreDnsAddonOptionsArgs{Enabled: &off},
		KubeProxyAddonOptions: &eks.KubeProxyAddonOptionsArgs{Version: pulumi.String(c.args.AddonVersions["kube-proxy"])},
		VpcCniOptions:         c.podNetworking(),
	}
	if len(c.args.PublicAccessCIDRs) > 0 {
		args.PublicAccessCidrs = pulumi.ToStringArray(c.args.PublicAccessCIDRs)
	}
	return args
}
