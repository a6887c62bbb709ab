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
	// KeyARN is the key of the volumes that pods ask for; GivenKey is the same where somebody else keeps it, or "".
	KeyARN   pulumi.StringInput
	GivenKey string
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
	// The driver's first credentials come from the agent. Its role's policies outlive it: it deletes volumes until the end.
	driver, err := a.newAddon(ctx, "aws-ebs-csi-driver", append(attached, agent), identity)
	if err != nil {
		return nil, err
	}
	if err := a.newStorageClass(ctx, driver); err != nil {
		return nil, fmt.Errorf("addons: storage class: %w", err)
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
func (a *Addons) newDriverRole(ctx *pulumi.Context) (*iam.Role, []pulumi.Resource, error) {
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
	if err != nil || a.args.GivenKey == "" {
		return role, []pulumi.Resource{attached}, err
	}
	key, err := iam.NewRolePolicy(ctx, a.name+"-ebs-csi-key", &iam.RolePolicyArgs{
		Role: role.Name, Policy: policy.UseVolumeKey(a.args.GivenKey),
	}, pulumi.Parent(a))
	return role, []pulumi.Resource{attached, key}, err
}

// newStorageClass makes the class of a pod's volume that asks for none: encrypted with the nodes' key, and not with the
// account's default one, to which the driver may have no right. EKS's own class, gp2, is no default one since Kubernetes 1.30.
// Source: kubernetes-sigs/aws-ebs-csi-driver docs/parameters.md.
func (a *Addons) newStorageClass(ctx *pulumi.Context, driver pulumi.Resource) error {
	// Registered by its type alone: the SDK's package of it would be compiled for this one.
	return ctx.RegisterResource("kubernetes:storage.k8s.io/v1:StorageClass", a.name+"-gp3", pulumi.Map{
		"apiVersion": pulumi.String("storage.k8s.io/v1"),
		"kind":       pulumi.String("StorageClass"),
		"metadata": pulumi.Map{
			"name":        pulumi.String("bpa-gp3"),
			"annotations": pulumi.StringMap{"storageclass.kubernetes.io/is-default-class": pulumi.String("true")},
		},
		"provisioner":          pulumi.String("ebs.csi.aws.com"),
		"volumeBindingMode":    pulumi.String("WaitForFirstConsumer"),
		"allowVolumeExpansion": pulumi.Bool(true),
		"parameters": pulumi.StringMap{
			"type": pulumi.String("gp3"), "encrypted": pulumi.String("true"), "kmsKeyId": a.args.KeyARN,
		},
	}, &storageClass{}, pulumi.Parent(a), pulumi.DependsOn([]pulumi.Resource{driver}))
}

type storageClass struct{ pulumi.CustomResourceState }
