// Package bastion builds the bastion host (R06): an instance without any inbound rule, reached through AWS Systems
// Manager Session Manager.
package bastion

import (
	"fmt"
	"slices"

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
	// KeyARN is the key of the root volume. It counts when the instance is made, as the image does: another key would replace it.
	KeyARN pulumi.StringInput
	// NodeSecurityGroupID admits SSH from the bastion, where NodeSSH asks for it.
	NodeSecurityGroupID pulumi.StringInput
	// ClusterSecurityGroupID admits HTTPS from the bastion to the private Kubernetes API.
	ClusterSecurityGroupID pulumi.StringInput
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
	// Way is what a session to the Kubernetes API leads through: the instance, what it registers with, and the rules on its way.
	Way []pulumi.Resource

	name string
	args *Args
	// registers is what the instance needs to register with Systems Manager.
	registers []pulumi.Resource
}

// New builds the bastion.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Bastion, error) {
	var p problem.List
	config.Validate(&p, args.Bastion)
	p.Require(args.VpcID != nil && args.SubnetID != nil, "SubnetID", nil, "must be a subnet of the VPC")
	p.Require(args.ClusterSecurityGroupID != nil, "ClusterSecurityGroupID", nil, "must be a security group of the cluster")
	p.Require(args.AMIID != nil, "AMIID", nil, "must be a machine image")
	p.Require(args.KeyARN != nil, "KeyARN", nil, "must be a key for EBS volumes")
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

// newSecurityGroup lets nothing in. Out go HTTPS, to Systems Manager and the Kubernetes API, and SSH to the nodes.
func (b *Bastion) newSecurityGroup(ctx *pulumi.Context) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, b.name+"-group", &ec2.SecurityGroupArgs{
		VpcId: b.args.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("Bastion: no inbound rule"),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	out, err := b.lets(ctx, group, "https", 443, "0.0.0.0/0", "HTTPS, for Systems Manager and the Kubernetes API")
	if err != nil {
		return nil, err
	}
	b.registers = append(b.registers, out)
	in, err := b.admits(ctx, group, "api", b.args.ClusterSecurityGroupID, 443, "Bastion to the Kubernetes API")
	if err != nil {
		return nil, err
	}
	b.Way = append(b.Way, in)
	if !b.args.NodeSSH {
		return group, nil
	}
	if _, err := b.lets(ctx, group, "ssh", 22, b.args.NodeCIDR, "SSH to the nodes"); err != nil {
		return nil, err
	}
	_, err = b.admits(ctx, group, "node-ssh", b.args.NodeSecurityGroupID, 22, "SSH from the bastion")
	return group, err
}

// lets makes a rule that lets the bastion out to a range.
func (b *Bastion) lets(ctx *pulumi.Context, group *ec2.SecurityGroup, role string, port int, cidr, what string,
) (*vpc.SecurityGroupEgressRule, error) {
	return vpc.NewSecurityGroupEgressRule(ctx, b.name+"-"+role, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(port), ToPort: pulumi.Int(port),
		CidrIpv4: pulumi.String(cidr), Description: pulumi.String(what),
	}, pulumi.Parent(b))
}

// admits makes a rule that lets the bastion into what has another security group.
func (b *Bastion) admits(ctx *pulumi.Context, group *ec2.SecurityGroup, role string, to pulumi.StringInput, port int, what string,
) (*vpc.SecurityGroupIngressRule, error) {
	return vpc.NewSecurityGroupIngressRule(ctx, b.name+"-"+role, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: to, ReferencedSecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"),
		FromPort: pulumi.Int(port), ToPort: pulumi.Int(port), Description: pulumi.String(what),
	}, pulumi.Parent(b))
}

func (b *Bastion) newProfile(ctx *pulumi.Context) (*iam.InstanceProfile, error) {
	role, err := iam.NewRole(ctx, b.name+"-role", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("ec2.amazonaws.com"), Description: pulumi.String("Lets the bastion register with Systems Manager"),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	attached, err := iam.NewRolePolicyAttachment(ctx, b.name+"-ssm", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(b.args.Account.ManagedPolicy("AmazonSSMManagedInstanceCore")),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, err
	}
	b.registers = append(b.registers, attached)
	return iam.NewInstanceProfile(ctx, b.name+"-profile", &iam.InstanceProfileArgs{Role: role.Name}, pulumi.Parent(b))
}

// newInstance makes the instance after all that its agent needs to register: one that cannot sleeps for five minutes before it
// tries again, and longer each time (docs/facts.md §8). Its root volume has the key of the nodes' volumes: the account's default one
// may be a customer's to which the deployer has no right, and then the instance goes as soon as it is launched.
func (b *Bastion) newInstance(ctx *pulumi.Context, group *ec2.SecurityGroup, profile *iam.InstanceProfile) error {
	instance, err := ec2.NewInstance(ctx, b.name+"-instance", &ec2.InstanceArgs{
		Ami: b.args.AMIID.ToStringOutput().ToStringPtrOutput(), InstanceType: pulumi.String(b.args.InstanceType),
		SubnetId: b.args.SubnetID.ToStringOutput().ToStringPtrOutput(), VpcSecurityGroupIds: pulumi.StringArray{group.ID()},
		IamInstanceProfile: profile.Name, AssociatePublicIpAddress: pulumi.Bool(false),
		MetadataOptions: &ec2.InstanceMetadataOptionsArgs{
			HttpTokens: pulumi.String("required"), HttpEndpoint: pulumi.String("enabled"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		RootBlockDevice: &ec2.InstanceRootBlockDeviceArgs{
			Encrypted: pulumi.Bool(true), VolumeType: pulumi.String("gp3"), KmsKeyId: b.args.KeyARN.ToStringOutput().ToStringPtrOutput(),
		},
		Tags: pulumi.StringMap{"Name": pulumi.String(b.name)},
	}, pulumi.Parent(b), pulumi.IgnoreChanges([]string{"ami", "rootBlockDevice.kmsKeyId"}),
		pulumi.DependsOn(slices.Concat(b.args.After, b.registers)))
	if err != nil {
		return err
	}
	b.Way = append(b.Way, instance)
	b.InstanceID = instance.ID().ToStringOutput()
	b.SessionCommand = pulumi.Sprintf("aws ssm start-session --target %s --region %s", instance.ID(), b.args.Account.Region)
	return nil
}
