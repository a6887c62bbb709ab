package eks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	sdkprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

var nodeGroupInputs = []string{
	"cluster", "amiId", "instanceType", "nodeSubnetIds", "nodeSecurityGroupId", "clusterIngressRuleId", "instanceProfileName",
	"labels", "nodeadmExtraOptions", "minSize", "maxSize", "desiredCapacity", "minRefreshPercentage", "operatingSystem",
	"nodeRootVolumeSize", "nodeRootVolumeType", "nodeRootVolumeEncrypted", "nodeRootVolumeDeleteOnTermination",
	"nodeAssociatePublicIpAddress", "autoScalingGroupTags", "launchTemplateTagSpecifications",
}

// nodeGroupArgs are the simulated inputs of eks:index:NodeGroupV2.
type nodeGroupArgs struct {
	Cluster                         pulumi.Input            `pulumi:"cluster"`
	AmiID                           pulumi.StringInput      `pulumi:"amiId"`
	InstanceType                    pulumi.StringPtrInput   `pulumi:"instanceType"`
	NodeSubnetIDs                   pulumi.StringArrayInput `pulumi:"nodeSubnetIds"`
	NodeSecurityGroupID             pulumi.StringInput      `pulumi:"nodeSecurityGroupId"`
	ClusterIngressRuleID            pulumi.StringPtrInput   `pulumi:"clusterIngressRuleId"`
	InstanceProfileName             pulumi.StringPtrInput   `pulumi:"instanceProfileName"`
	Labels                          pulumi.StringMapInput   `pulumi:"labels"`
	NodeadmExtraOptions             pulumi.ArrayInput       `pulumi:"nodeadmExtraOptions"`
	MinSize                         pulumi.IntPtrInput      `pulumi:"minSize"`
	MaxSize                         pulumi.IntPtrInput      `pulumi:"maxSize"`
	DesiredCapacity                 pulumi.IntPtrInput      `pulumi:"desiredCapacity"`
	MinRefreshPercentage            pulumi.IntPtrInput      `pulumi:"minRefreshPercentage"`
	NodeRootVolumeSize              pulumi.IntPtrInput      `pulumi:"nodeRootVolumeSize"`
	NodeRootVolumeType              pulumi.StringPtrInput   `pulumi:"nodeRootVolumeType"`
	NodeRootVolumeEncrypted         pulumi.BoolPtrInput     `pulumi:"nodeRootVolumeEncrypted"`
	NodeRootVolumeDeleteOnTerminate pulumi.BoolPtrInput     `pulumi:"nodeRootVolumeDeleteOnTermination"`
	NodeAssociatePublicIPAddress    pulumi.BoolPtrInput     `pulumi:"nodeAssociatePublicIpAddress"`
	OperatingSystem                 pulumi.StringPtrInput   `pulumi:"operatingSystem"`
	AutoScalingGroupTags            pulumi.StringMapInput   `pulumi:"autoScalingGroupTags"`

	LaunchTemplateTagSpecifications ec2.LaunchTemplateTagSpecificationArrayInput `pulumi:"launchTemplateTagSpecifications"`
}

type nodeGroup struct {
	pulumi.ResourceState

	AutoScalingGroup    *autoscaling.Group  `pulumi:"autoScalingGroup"`
	NodeSecurityGroupID pulumi.StringOutput `pulumi:"nodeSecurityGroupId"`
}

// newNodeGroup makes the launch template, without metadata options, and the group. The security group and its rules are left
// out, as pulumi-eks leaves them out, where the cluster's own are given; nothing else is simulated.
func (p *server) newNodeGroup(ctx *pulumi.Context, name string, args *nodeGroupArgs, options pulumi.ResourceOption,
) (*sdkprovider.ConstructResult, error) {
	n := &nodeGroup{}
	if err := ctx.RegisterComponentResource(catalog.EKSNodeGroupV2Component, name, n, options); err != nil {
		return nil, err
	}
	if args.NodeSecurityGroupID == nil || args.ClusterIngressRuleID == nil {
		return nil, fmt.Errorf(
			"rehearsal: eks: NodeGroupV2 %s: only groups with nodeSecurityGroupId and clusterIngressRuleId are simulated",
			name,
		)
	}
	if args.AmiID == nil {
		return nil, fmt.Errorf("rehearsal: eks: NodeGroupV2 %s: only groups with amiId are simulated", name)
	}
	n.NodeSecurityGroupID = args.NodeSecurityGroupID.ToStringOutput()
	cluster := p.facts(args.Cluster)
	template, err := n.newLaunchTemplate(ctx, name, args, cluster)
	if err != nil {
		return nil, fmt.Errorf(catalog.EKSNodeGroupV2Component+" %s: %w", name, err)
	}
	if n.AutoScalingGroup, err = n.newGroup(ctx, name, args, cluster, template); err != nil {
		return nil, fmt.Errorf(catalog.EKSNodeGroupV2Component+" %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(n, pulumi.Map{
		"autoScalingGroup": n.AutoScalingGroup, "extraNodeSecurityGroups": nil, "nodeSecurityGroup": nil,
		"nodeSecurityGroupId": n.NodeSecurityGroupID,
	}); err != nil {
		return nil, err
	}
	return sdkprovider.NewConstructResult(n)
}

// facts are name, endpoint, certificate authority and service range of the cluster that a node group belongs to.
func (p *server) facts(cluster pulumi.Input) pulumi.StringArrayOutput {
	return pulumi.ToOutput(cluster).ApplyT(func(v any) (pulumi.StringArrayOutput, error) {
		component, ok := v.(pulumi.Resource)
		if !ok {
			return pulumi.StringArrayOutput{}, fmt.Errorf("cluster: %T: must be the eks.Cluster component itself (docs/facts.md §11)", v)
		}
		return component.URN().ApplyT(func(urn pulumi.URN) (pulumi.StringArrayOutput, error) {
			state := p.clusters.get(string(urn))
			if state == nil {
				return pulumi.StringArrayOutput{}, fmt.Errorf("cluster: %s: no such eks.Cluster in this run", urn)
			}
			return pulumi.StringArray{
				state.cluster.Name, state.cluster.Endpoint, state.cluster.CertificateAuthority.Data().Elem(), state.serviceRange,
			}.ToStringArrayOutput(), nil
		}).(pulumi.StringArrayOutput), nil
	}).(pulumi.StringArrayOutput)
}

func (n *nodeGroup) newLaunchTemplate(ctx *pulumi.Context, name string, args *nodeGroupArgs, cluster pulumi.StringArrayOutput,
) (*ec2.LaunchTemplate, error) {
	device := args.AmiID.ToStringOutput().ApplyT(func(id string) (string, error) {
		found, err := ec2.LookupAmi(ctx, &ec2.LookupAmiArgs{
			Owners: []string{"self", "amazon"}, Filters: []ec2.GetAmiFilter{{Name: "image-id", Values: []string{id}}},
		}, pulumi.Parent(n))
		if err != nil {
			return "", err
		}
		return found.BlockDeviceMappings[0].DeviceName, nil
	}).(pulumi.StringOutput)
	public := text(args.NodeAssociatePublicIPAddress)
	if public == nil {
		public = pulumi.String("true")
	}
	return ec2.NewLaunchTemplate(ctx, name+"-launchTemplate", &ec2.LaunchTemplateArgs{
		ImageId: args.AmiID.ToStringOutput().ToStringPtrOutput(), InstanceType: args.InstanceType,
		IamInstanceProfile: &ec2.LaunchTemplateIamInstanceProfileArgs{Name: args.InstanceProfileName},
		UserData:           userData(args, cluster).ToStringPtrOutput(),
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{&ec2.LaunchTemplateNetworkInterfaceArgs{
			AssociatePublicIpAddress: public,
			SecurityGroups:           pulumi.StringArray{args.NodeSecurityGroupID},
		}},
		TagSpecifications: args.LaunchTemplateTagSpecifications,
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{&ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: device.ToStringPtrOutput(),
			Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeSize: args.NodeRootVolumeSize, VolumeType: args.NodeRootVolumeType,
				Encrypted: text(args.NodeRootVolumeEncrypted), DeleteOnTermination: text(args.NodeRootVolumeDeleteOnTerminate),
			},
		}},
	}, pulumi.Parent(n))
}

// text is a boolean in words, as a launch template takes it, or nothing where none is given.
func text(b pulumi.BoolPtrInput) pulumi.StringPtrInput {
	if b == nil {
		return nil
	}
	return b.ToBoolPtrOutput().ApplyT(func(v *bool) *string {
		s := fmt.Sprint(v != nil && *v)
		return &s
	}).(pulumi.StringPtrOutput)
}

func (n *nodeGroup) newGroup(ctx *pulumi.Context, name string, args *nodeGroupArgs, cluster pulumi.StringArrayOutput,
	template *ec2.LaunchTemplate,
) (*autoscaling.Group, error) {
	tags := args.AutoScalingGroupTags
	if tags == nil {
		tags = pulumi.StringMap{}
	}
	rendered := pulumi.All(cluster, tags).ApplyT(func(v []any) []autoscaling.GroupTag {
		name, given := v[0].([]string)[0], v[1].(map[string]string)
		var list []autoscaling.GroupTag
		for _, k := range slices.Sorted(maps.Keys(given)) {
			list = append(list, autoscaling.GroupTag{Key: k, Value: given[k], PropagateAtLaunch: true})
		}
		return append(list, autoscaling.GroupTag{Key: "kubernetes.io/cluster/" + name, Value: "owned", PropagateAtLaunch: true},
			autoscaling.GroupTag{Key: "Name", Value: name + "-worker", PropagateAtLaunch: true})
	}).(autoscaling.GroupTagArrayOutput)
	version := template.LatestVersion.ApplyT(func(v int) *string { s := fmt.Sprint(v); return &s }).(pulumi.StringPtrOutput)
	return autoscaling.NewGroup(ctx, name, &autoscaling.GroupArgs{
		MinSize: args.MinSize.ToIntPtrOutput().Elem(), MaxSize: args.MaxSize.ToIntPtrOutput().Elem(), DesiredCapacity: args.DesiredCapacity,
		VpcZoneIdentifiers: args.NodeSubnetIDs, Tags: rendered,
		LaunchTemplate: &autoscaling.GroupLaunchTemplateArgs{Name: template.Name.ToStringPtrOutput(), Version: version},
		InstanceRefresh: &autoscaling.GroupInstanceRefreshArgs{
			Strategy:    pulumi.String("Rolling"),
			Preferences: &autoscaling.GroupInstanceRefreshPreferencesArgs{MinHealthyPercentage: args.MinRefreshPercentage},
		},
	}, pulumi.Parent(n))
}

// userData is the MIME document that pulumi-eks makes for Amazon Linux 2023: nodeadm's own part, then the extra ones.
func userData(args *nodeGroupArgs, cluster pulumi.StringArrayOutput) pulumi.StringOutput {
	extra, labels, system := args.NodeadmExtraOptions, args.Labels, args.OperatingSystem
	if system == nil {
		system = pulumi.String("AL2023")
	}
	if extra == nil {
		extra = pulumi.Array{}
	}
	if labels == nil {
		labels = pulumi.StringMap{}
	}
	return pulumi.All(cluster, extra, labels, system).ApplyT(func(v []any) (string, error) {
		name, _ := v[3].(string)
		if p, ok := v[3].(*string); ok && p != nil {
			name = *p
		}
		if name != "AL2023" {
			return "", fmt.Errorf("rehearsal: eks: %s: only the operating system AL2023 is simulated, not %s",
				catalog.EKSNodeGroupV2Component, name)
		}
		return renderUserData(v[0].([]string), v[1].([]any), v[2].(map[string]string))
	}).(pulumi.StringOutput)
}

// renderUserData is the MIME document that nodeadm reads: the cluster, then the labels, each in a NodeConfig of its own, then what
// the program adds. Source: pulumi-eks v3.9.1, nodejs/eks/nodes/userdata.ts, createNodeadmUserData.
func renderUserData(cluster []string, extra []any, labels map[string]string) (string, error) {
	const kind = "---\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n"
	var config strings.Builder
	config.WriteString(kind + "  cluster:\n")
	for i, key := range []string{"name", "apiServerEndpoint", "certificateAuthority", "cidr"} {
		fmt.Fprintf(&config, "    %s: %s\n", key, scalar(cluster[i], 6))
	}
	parts := []any{part(config.String())}
	if len(labels) > 0 {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(labels)) {
			pairs = append(pairs, k+"="+labels[k])
		}
		parts = append(parts, part(kind+"  kubelet:\n    flags:\n      - "+scalar("--node-labels="+strings.Join(pairs, ","), 8)+"\n"))
	}
	return mimeDocument(append(parts, extra...))
}

func part(content string) map[string]any {
	return map[string]any{"contentType": "application/node.eks.aws", "content": content}
}

// scalar is a string without a space as js-yaml 4 writes it at an indentation: folded where the line has no room for it, and quoted
// where it begins with a dash. Source: nodeca/js-yaml, lib/dumper.js, chooseScalarStyle.
func scalar(s string, indent int) string {
	switch {
	case len(s) > 80-indent:
		return ">-\n" + strings.Repeat(" ", indent) + s
	case strings.HasPrefix(s, "-"):
		return "'" + s + "'"
	}
	return s
}
