// Package bastion builds the bastion host (R06): an instance without any inbound rule, reached through AWS Systems
// Manager Session Manager.
package bastion

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Args are the arguments of New.
type Args struct {
	// Bastion is what the configuration says.
	config.Bastion
	Account account.Account
	// VpcID and SubnetID, a private subnet, say where it stands.
	VpcID, SubnetID pulumi.StringInput
	// AMIID counts when the instance is made; later ones are ignored.
	AMIID pulumi.StringInput
	// NodeSecurityGroupID admits SSH from the bastion, where NodeSSH asks for it.
	NodeSecurityGroupID pulumi.StringInput
	// NodeCIDR is where the bastion may connect to.
	NodeCIDR string
	// After is what the instance needs to reach Systems Manager.
	After []pulumi.Resource
}

// Bastion is the component.
type Bastion struct {
	pulumi.ResourceState

	InstanceID pulumi.StringOutput `pulumi:"instanceId"`
	// SessionCommand opens a shell on the bastion.
	SessionCommand pulumi.StringOutput `pulumi:"sessionCommand"`

	name string
	args *Args
}

// New builds the bastion.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Bastion, error) {
	var p problem.List
	config.Validate(&p, args.Bastion)
	p.Require(args.VpcID != nil && args.SubnetID != nil, "SubnetID", nil, "must be a subnet of the VPC")
	p.Require(args.AMIID != nil, "AMIID", nil, "must be a machine image")
	if err := p.Err("bastion: "); err != nil {
		return nil, err
	}
	b := &Bastion{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:bastion:Bastion", name, b, opts...); err != nil {
		return nil, fmt.Errorf("bastion: %w", err)
	}
	group, err := b.newSecurityGroup(ctx)
	if err != nil {
		return nil, fmt.Errorf("bastion: security group: %w", err)
	}
	profile, err := b.newProfile(ctx)
	if err != nil {
		return nil, fmt.Errorf("bastion: role: %w", err)
	}
	if err := b.newInstance(ctx, group, profile); err != nil {
		return nil, fmt.Errorf("bastion: instance: %w", err)
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"instanceId": b.InstanceID, "sessionCommand": b.SessionCommand})
}

// newSecurityGroup lets nothing in. Out go HTTPS, to Systems Manager, and SSH to the nodes.
func (b *Bastion) newSecurityGroup(ctx *pulumi.Context) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, b.name+"-group", &ec2.SecurityGroupArgs{
		VpcId: b.args.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("Bastion: no inbound rule"),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	if _, err := vpc.NewSecurityGroupEgressRule(ctx, b.name+"-https", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
		CidrIpv4: pulumi.String("0.0.0.0/0"), Description: pulumi.String("HTTPS, for Systems Manager and the Kubernetes API"),
	}, pulumi.Parent(b)); err != nil {
		return nil, err
	}
	if !b.args.NodeSSH {
		return group, nil
	}
	if _, err := vpc.NewSecurityGroupEgressRule(ctx, b.name+"-ssh", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22), ToPort: pulumi.Int(22),
		CidrIpv4: pulumi.String(b.args.NodeCIDR), Description: pulumi.String("SSH to the nodes"),
	}, pulumi.Parent(b)); err != nil {
		return nil, err
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, b.name+"-node-ssh", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           b.args.NodeSecurityGroupID,
		ReferencedSecurityGroupId: group.ID(),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(22),
		ToPort:                    pulumi.Int(22),
		Description:               pulumi.String("SSH from the bastion"),
	}, pulumi.Parent(b))
	return group, err
}

func (b *Bastion) newProfile(ctx *pulumi.Context) (*iam.InstanceProfile, error) {
	role, err := iam.NewRole(ctx, b.name+"-role", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("ec2.amazonaws.com"), Description: pulumi.String("Lets the bastion register with Systems Manager"),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	if _, err := iam.NewRolePolicyAttachment(ctx, b.name+"-ssm", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(b.args.Account.ManagedPolicy("AmazonSSMManagedInstanceCore")),
	}, pulumi.Parent(b)); err != nil {
		return nil, err
	}
	return iam.NewInstanceProfile(ctx, b.name+"-profile", &iam.InstanceProfileArgs{Role: role.Name}, pulumi.Parent(b))
}

func (b *Bastion) newInstance(ctx *pulumi.Context, group *ec2.SecurityGroup, profile *iam.InstanceProfile) error {
	instance, err := ec2.NewInstance(ctx, b.name+"-instance", &ec2.InstanceArgs{
		Ami: b.args.AMIID.ToStringOutput().ToStringPtrOutput(), InstanceType: pulumi.String(b.args.InstanceType),
		SubnetId: b.args.SubnetID.ToStringOutput().ToStringPtrOutput(), VpcSecurityGroupIds: pulumi.StringArray{group.ID()},
		IamInstanceProfile: profile.Name, AssociatePublicIpAddress: pulumi.Bool(false),
		MetadataOptions: &ec2.InstanceMetadataOptionsArgs{
			HttpTokens: pulumi.String("required"), HttpEndpoint: pulumi.String("enabled"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		RootBlockDevice: &ec2.InstanceRootBlockDeviceArgs{Encrypted: pulumi.Bool(true), VolumeType: pulumi.String("gp3")},
		Tags:            pulumi.StringMap{"Name": pulumi.String(b.name)},
	}, pulumi.Parent(b), pulumi.IgnoreChanges([]string{"ami"}), pulumi.DependsOn(b.args.After))
	if err != nil {
		return err
	}
	b.InstanceID = instance.ID().ToStringOutput()
	b.SessionCommand = pulumi.Sprintf("aws ssm start-session --target %s --region %s", instance.ID(), b.args.Account.Region)
	return nil
}
