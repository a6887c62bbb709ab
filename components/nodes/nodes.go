// Package nodes builds the worker nodes of BPA (R15, R17-R19, R25): each a group of one, in one zone, with its label, and
// with /opt on a volume that outlives it.
package nodes

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/storage"
)

// Args are the arguments of New.
type Args struct {
	// Nodes is what the configuration says, with the zone of each item. A volume that is made from something else is replaced, or
	// where it is protected, the engine refuses.
	config.Nodes
	// Images are machine images, one an item. They are pinned, so that a node changes when the configuration says so.
	Images  []pulumi.StringInput
	Account account.Account
	// Cluster is the component itself: with its Core, previews hang for ever (docs/facts.md §11).
	Cluster     *eks.Cluster
	ClusterName string
	// SubnetIDs is the private subnet of each zone.
	SubnetIDs map[string]pulumi.StringInput
	// NodeSecurityGroupID and ClusterIngressRuleID are the cluster's, shared by all nodes.
	NodeSecurityGroupID, ClusterIngressRuleID pulumi.StringInput
	Role                                      *iam.Role
	// RolePolicies are policy documents by name, attached to Role: what nodes may pull and read (R15, R19).
	RolePolicies map[string]pulumi.StringInput
	// Nameservers and SearchDomains go into resolv.conf (R25), where given.
	Nameservers, SearchDomains []string
	NodeCIDR, PodCIDR          string
	// PackageBucket and PackagePointer say where a node finds the current package (R19).
	PackageBucket  pulumi.StringInput
	PackagePointer string
	// Tags go onto instances, their root volumes and network interfaces: a provider tags what it makes itself, and these are
	// made by Auto Scaling.
	Tags map[string]string
	// After is what a node needs to boot: routes, endpoints, the package.
	After []pulumi.Resource
	// Protect refuses to delete the volumes, and their key.
	Protect bool
	// KeepKey leaves the key in the account when the nodes go: snapshots stay that are encrypted with it.
	KeepKey bool
}

// Group is a node group of one.
type Group struct {
	Name                           string
	AutoScalingGroupName, VolumeID pulumi.StringOutput
	// templateVersion is the version of the launch template that the group's next instance is launched from.
	templateVersion pulumi.StringOutput
}

// Nodes is the component.
type Nodes struct {
	pulumi.ResourceState

	Groups []Group
	// SnapshotTag is a tag, key and value, that the volumes carry and nothing else does.
	SnapshotTag [2]string
	// Ready is what a workload waits for.
	Ready []pulumi.Resource
	// KeyARN is the key of the volumes.
	KeyARN pulumi.StringOutput

	name string
	args *Args
}

// New builds the nodes, in the order of their items.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Nodes, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	n := &Nodes{name: name, args: args, SnapshotTag: [2]string{"bpa:volume", args.ClusterName + "-opt"}}
	if err := ctx.RegisterComponentResource("bpa:nodes:Nodes", name, n, opts...); err != nil {
		return nil, fmt.Errorf("nodes: %w", err)
	}
	if err := n.newKey(ctx); err != nil {
		return nil, fmt.Errorf("nodes: key: %w", err)
	}
	volumes, err := n.newVolumes(ctx)
	if err != nil {
		return nil, fmt.Errorf("nodes: volume: %w", err)
	}
	profile, permissions, err := n.newProfile(ctx, volumes)
	if err != nil {
		return nil, fmt.Errorf("nodes: role: %w", err)
	}
	for i, node := range args.Items {
		if err := n.newGroup(ctx, node, args.Images[i], volumes[i], profile, permissions); err != nil {
			return nil, fmt.Errorf("nodes: %s: %w", node.Name, err)
		}
	}
	groups := pulumi.StringMap{}
	for _, g := range n.Groups {
		groups[g.Name] = g.AutoScalingGroupName
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{"groups": groups})
}

func (a *Args) validate() error {
	var p problem.List
	p.Require(a.Cluster != nil, "Cluster", nil, "must be the cluster")
	p.Require(a.Role != nil, "Role", nil, "must be the nodes' role")
	config.Validate(&p, a.Nodes)
	p.Require(len(a.Images) == len(a.Items), "Images", len(a.Images), "must be a machine image for each of %d nodes", len(a.Items))
	for i, node := range a.Items {
		path := fmt.Sprintf("items[%d].", i)
		p.Require(a.SubnetIDs[node.Zone] != nil, path+"zone", node.Zone, "must be a zone with a subnet")
		p.Require(node.InstanceType != "", path+"instanceType", nil, "must be an EC2 instance type")
		p.Require(node.VolumeGiB > 0, path+"volumeGiB", node.VolumeGiB, "must be positive")
	}
	return p.Err("nodes: ")
}

// lastSnapshot is how long the deletion of a volume may wait for its snapshot. The provider's ten minutes are too little for the
// first snapshot of 2 TiB, which copies every block that was written: hours. Source: terraform-provider-aws
// internal/service/ec2/ebs_volume.go resourceEBSVolumeDelete, which waits for the snapshot as long as for the deletion; EBS user
// guide, "Create Amazon EBS snapshots".
const lastSnapshot = "12h"

// newVolumes makes the volume of each node (R25). A volume belongs to no instance: replacing a node detaches and
// re-attaches it. The key counts when a volume is made: another key would replace it (docs/decisions/0020).
func (n *Nodes) newVolumes(ctx *pulumi.Context) ([]*ebs.Volume, error) {
	grows, err := storage.Volume.Grows(ctx, n.name+"-volume")
	if err != nil {
		return nil, err
	}
	var volumes []*ebs.Volume
	for _, node := range n.args.Items {
		args := &ebs.VolumeArgs{
			AvailabilityZone: pulumi.String(node.Zone),
			Size:             pulumi.Int(node.VolumeGiB),
			Type:             pulumi.String("gp3"),
			Encrypted:        pulumi.Bool(true),
			KmsKeyId:         n.KeyARN,
			FinalSnapshot:    pulumi.Bool(n.args.FinalSnapshot),
			Tags: pulumi.StringMap{
				"Name":           pulumi.String(n.args.ClusterName + "-" + node.Name + "-opt"),
				n.SnapshotTag[0]: pulumi.String(n.SnapshotTag[1]),
			},
		}
		if node.RestoreFrom != "" {
			args.SnapshotId = pulumi.String(node.RestoreFrom)
		}
		volume, err := ebs.NewVolume(ctx, n.name+"-"+node.Name, args, pulumi.Parent(n), pulumi.Protect(n.args.Protect),
			grows, pulumi.IgnoreChanges([]string{"kmsKeyId"}), pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: lastSnapshot}))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", node.Name, err)
		}
		volumes = append(volumes, volume)
	}
	return volumes, nil
}

// newProfile lets nodes attach their volumes, pull images and read the package. The policies are returned: a node that
// boots before they exist cannot boot.
func (n *Nodes) newProfile(ctx *pulumi.Context, volumes []*ebs.Volume) (*iam.InstanceProfile, []pulumi.Resource, error) {
	documents := map[string]pulumi.StringInput{"health": n.healthPolicy(), "volumes": n.volumePolicy(volumes)}
	if n.args.KMSKey != "" {
		documents["key"] = policy.UseVolumeKey(n.args.KMSKey)
	}
	for name, document := range n.args.RolePolicies {
		documents[name] = document
	}
	names := make([]string, 0, len(documents))
	for name := range documents {
		names = append(names, name)
	}
	sort.Strings(names)
	var permissions []pulumi.Resource
	for _, name := range names {
		attached, err := iam.NewRolePolicy(ctx, n.name+"-"+name, &iam.RolePolicyArgs{
			Role: n.args.Role.Name, Policy: documents[name],
		}, pulumi.Parent(n))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		permissions = append(permissions, attached)
	}
	profile, err := iam.NewInstanceProfile(ctx, n.name+"-profile", &iam.InstanceProfileArgs{Role: n.args.Role.Name}, pulumi.Parent(n))
	return profile, permissions, err
}

// volumePolicy: a node may attach the volumes of these nodes, to instances of this cluster.
func (n *Nodes) volumePolicy(volumes []*ebs.Volume) pulumi.StringOutput {
	var arns []pulumi.StringInput
	for _, v := range volumes {
		arns = append(arns, v.Arn)
	}
	cluster := map[string]map[string]pulumi.StringInput{"StringEquals": {
		"aws:ResourceTag/kubernetes.io/cluster/" + n.args.ClusterName: pulumi.String("owned"),
	}}
	return policy.Document(
		policy.Statement{Sid: "Look", Actions: []string{"ec2:DescribeVolumes"}, Resources: []pulumi.StringInput{pulumi.String("*")}},
		policy.Statement{Sid: "AttachVolume", Actions: []string{"ec2:AttachVolume"}, Resources: arns},
		policy.Statement{
			Sid: "AttachToNode", Actions: []string{"ec2:AttachVolume"}, Conditions: cluster,
			Resources: []pulumi.StringInput{pulumi.String(n.args.Account.ARN("ec2", "instance/*"))},
		},
	)
}

// healthPolicy: an instance that cannot be prepared tells Auto Scaling so, and is replaced. The groups do not exist yet, but
// they carry the cluster's tag. Source: Service Authorization Reference, Amazon EC2 Auto Scaling.
func (n *Nodes) healthPolicy() pulumi.StringOutput {
	return policy.Document(policy.Statement{
		Sid: "GiveUp", Actions: []string{"autoscaling:SetInstanceHealth"},
		Resources: []pulumi.StringInput{pulumi.String(n.args.Account.ARN("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"))},
		Conditions: map[string]map[string]pulumi.StringInput{"StringEquals": {
			"autoscaling:ResourceTag/kubernetes.io/cluster/" + n.args.ClusterName: pulumi.String("owned"),
		}},
	})
}

// newGroup makes a group of one (R17). A changed launch template replaces no instance: NewRoll does, one after the other.
func (n *Nodes) newGroup(
	ctx *pulumi.Context,
	node config.Node,
	image pulumi.StringInput,
	volume *ebs.Volume,
	profile *iam.InstanceProfile,
	permissions []pulumi.Resource,
) error {
	settings, err := nodeConfig(node.InstanceType, n.args.Nameservers, n.args.SearchDomains)
	if err != nil {
		return err
	}
	group, err := eks.NewNodeGroupV2(ctx, n.name+"-"+node.Name, &eks.NodeGroupV2Args{
		Cluster:                         n.args.Cluster,
		AmiId:                           image.ToStringOutput().ToStringPtrOutput(),
		OperatingSystem:                 eks.OperatingSystemAL2023,
		InstanceType:                    pulumi.String(node.InstanceType),
		Labels:                          pulumi.StringMap{"name": pulumi.String(node.Name)},
		NodeSubnetIds:                   pulumi.StringArray{n.args.SubnetIDs[node.Zone]},
		NodeSecurityGroupId:             n.args.NodeSecurityGroupID.ToStringOutput().ToStringPtrOutput(),
		ClusterIngressRuleId:            n.args.ClusterIngressRuleID.ToStringOutput().ToStringPtrOutput(),
		InstanceProfileName:             profile.Name,
		NodeAssociatePublicIpAddress:    pulumi.Bool(false),
		MinSize:                         pulumi.Int(1),
		MaxSize:                         pulumi.Int(1),
		DesiredCapacity:                 pulumi.Int(1),
		NodeRootVolumeSize:              pulumi.Int(n.args.RootGiB),
		NodeRootVolumeType:              pulumi.String("gp3"),
		NodeRootVolumeEncrypted:         pulumi.Bool(true),
		LaunchTemplateTagSpecifications: tagSpecifications(n.args.Tags),
		NodeadmExtraOptions: eks.NodeadmOptionsArray{
			eks.NodeadmOptionsArgs{ContentType: pulumi.String("application/node.eks.aws"), Content: pulumi.String(settings)},
			eks.NodeadmOptionsArgs{
				ContentType: pulumi.String(`text/x-shellscript; charset="us-ascii"`),
				Content:     n.bootScript(node, volume.ID().ToStringOutput()),
			},
		},
	}, pulumi.Parent(n), pulumi.Transforms([]pulumi.ResourceTransform{requireMetadataTokens, encryptRoot(n.KeyARN), withoutRefresh}),
		pulumi.DependsOn(append(append([]pulumi.Resource{}, n.args.After...), permissions...)))
	if err != nil {
		return err
	}
	n.Ready = append(n.Ready, group)
	n.Groups = append(n.Groups, Group{
		Name: node.Name, AutoScalingGroupName: group.AutoScalingGroup.Name(), VolumeID: volume.ID().ToStringOutput(),
		templateVersion: group.AutoScalingGroup.LaunchTemplate().Version().Elem(),
	})
	return nil
}
