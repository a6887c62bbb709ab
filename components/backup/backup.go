// Package backup takes snapshots of the nodes' volumes on a schedule (R25). RDS and Atlas keep backups of their own.
package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dlm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Args are the arguments of New.
type Args struct {
	// Backup is what the configuration says.
	config.Backup
	Account     account.Account
	ClusterName string
	// VolumeTag is the tag that the volumes carry: key and value.
	VolumeTag [2]string
}

// Backup is the component.
type Backup struct {
	pulumi.ResourceState
}

// New builds the schedule. Data Lifecycle Manager runs it: the snapshots are incremental, carry their volume's tags, and
// outlive the stack.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Backup, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	b := &Backup{}
	if err := ctx.RegisterComponentResource("bpa:backup:Backup", name, b, opts...); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	role, err := iam.NewRole(ctx, name+"-role", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("dlm.amazonaws.com"), Description: pulumi.String("Snapshots of the volumes of " + args.ClusterName),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("backup: role: %w", err)
	}
	allowed, err := iam.NewRolePolicyAttachment(ctx, name+"-role", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(args.Account.ManagedPolicy("service-role/AWSDataLifecycleManagerServiceRole")),
	}, pulumi.Parent(b))
	if err != nil {
		return nil, fmt.Errorf("backup: role: %w", err)
	}
	if _, err := dlm.NewLifecyclePolicy(ctx, name+"-volumes", &dlm.LifecyclePolicyArgs{
		Description: pulumi.String("Volumes of the nodes of " + args.ClusterName), ExecutionRoleArn: role.Arn,
		PolicyDetails: &dlm.LifecyclePolicyPolicyDetailsArgs{
			ResourceTypes: pulumi.StringArray{pulumi.String("VOLUME")},
			TargetTags:    pulumi.StringMap{args.VolumeTag[0]: pulumi.String(args.VolumeTag[1])},
			Schedules:     args.schedules(),
		},
	}, pulumi.Parent(b), pulumi.DependsOn([]pulumi.Resource{allowed})); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

func (a *Args) schedules() dlm.LifecyclePolicyPolicyDetailsScheduleArray {
	return dlm.LifecyclePolicyPolicyDetailsScheduleArray{&dlm.LifecyclePolicyPolicyDetailsScheduleArgs{
		Name: pulumi.String(fmt.Sprintf("every %d hours", a.IntervalHours)), CopyTags: pulumi.Bool(true),
		CreateRule: &dlm.LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs{
			Interval: pulumi.Int(a.IntervalHours), IntervalUnit: pulumi.String("HOURS"), Times: pulumi.String(a.Time),
		},
		RetainRule: &dlm.LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs{Count: pulumi.Int(a.Keep)},
	}}
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Backup)
	p.Require(a.ClusterName != "", "ClusterName", nil, "must be the EKS cluster")
	p.Require(a.VolumeTag[0] != "" && a.VolumeTag[1] != "", "VolumeTag", a.VolumeTag[0], "must be the tag of the volumes")
	return p.Err("backup: ")
}
