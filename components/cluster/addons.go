package cluster

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// AddonsArgs are the arguments of NewAddons.
type AddonsArgs struct {
	Account     account.Account
	ClusterName pulumi.StringInput
	// Versions pins coredns, aws-ebs-csi-driver and eks-pod-identity-agent.
	Versions map[string]string
	// NodesReady are the nodes: an add-on with pods is degraded, and fails after 20 minutes, where there is none.
	NodesReady []pulumi.Resource
}

// Addons are the add-ons that need a node.
type Addons struct {
	pulumi.ResourceState

	// Ready is what a workload waits for.
	Ready []pulumi.Resource

	name string
	args *AddonsArgs
}

// NewAddons installs CoreDNS, the pod identity agent and the EBS CSI driver after the nodes.
func NewAddons(ctx *pulumi.Context, name string, args *AddonsArgs, opts ...pulumi.ResourceOption) (*Addons, error) {
	var p problem.List
	for _, addon := range []string{"coredns", "aws-ebs-csi-driver", "eks-pod-identity-agent"} {
		p.Require(args.Versions[addon] != "", "Versions."+addon, nil, "must be pinned")
	}
	p.Require(len(args.NodesReady) > 0, "NodesReady", nil, "must be the nodes")
	if err := p.Err("addons: "); err != nil {
		return nil, err
	}
	a := &Addons{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:cluster:Addons", name, a, opts...); err != nil {
		return nil, fmt.Errorf("addons: %w", err)
	}
	if _, err := a.newAddon(ctx, "coredns", args.NodesReady, nil); err != nil {
		return nil, err
	}
	agent, err := a.newAddon(ctx, "eks-pod-identity-agent", args.NodesReady, nil)
	if err != nil {
		return nil, err
	}
	role, attached, err := a.newDriverRole(ctx)
	if err != nil {
		return nil, fmt.Errorf("addons: role of the EBS CSI driver: %w", err)
	}
	identity := eks.AddonPodIdentityAssociationArray{&eks.AddonPodIdentityAssociationArgs{
		RoleArn: role.Arn, ServiceAccount: pulumi.String("ebs-csi-controller-sa"),
	}}
	// The driver's first credentials come from the agent. Its role's policy outlives it: it deletes volumes until the end.
	if _, err := a.newAddon(ctx, "aws-ebs-csi-driver", []pulumi.Resource{agent, attached}, identity); err != nil {
		return nil, err
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{})
}

func (a *Addons) newAddon(
	ctx *pulumi.Context,
	addon string,
	after []pulumi.Resource,
	identity eks.AddonPodIdentityAssociationArray,
) (*eks.Addon, error) {
	args := &eks.AddonArgs{
		ClusterName: a.args.ClusterName, AddonName: pulumi.String(addon), AddonVersion: pulumi.String(a.args.Versions[addon]),
		ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
	}
	if identity != nil {
		args.PodIdentityAssociations = identity
	}
	made, err := eks.NewAddon(ctx, a.name+"-"+addon, args, pulumi.Parent(a), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("addons: %s: %w", addon, err)
	}
	a.Ready = append(a.Ready, made)
	return made, nil
}

// newDriverRole makes the role that pod identity hands to the EBS CSI controller.
func (a *Addons) newDriverRole(ctx *pulumi.Context) (*iam.Role, pulumi.Resource, error) {
	role, err := iam.NewRole(ctx, a.name+"-ebs-csi", &iam.RoleArgs{
		Description: pulumi.String("EBS CSI driver"),
		AssumeRolePolicy: policy.Document(policy.Statement{
			Actions:    []string{"sts:AssumeRole", "sts:TagSession"},
			Principals: policy.Principals{Services: []string{"pods.eks.amazonaws.com"}},
		}),
	}, pulumi.Parent(a))
	if err != nil {
		return nil, nil, err
	}
	attached, err := iam.NewRolePolicyAttachment(ctx, a.name+"-ebs-csi", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(a.args.Account.ManagedPolicy("service-role/AmazonEBSCSIDriverPolicy")),
	}, pulumi.Parent(a))
	return role, attached, err
}
