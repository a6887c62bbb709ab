package observability

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/policy"
)

// agentSettings: metrics with enhanced observability, the only ones that tell whether a node is ready, and neither traces nor
// the logs of containers: BPA keeps its own (docs/decisions/0015).
var agentSettings = map[string]any{
	"agent": map[string]any{"config": map[string]any{"logs": map[string]any{"metrics_collected": map[string]any{
		"kubernetes": map[string]any{"enhanced_container_insights": true},
	}}}},
	"containerLogs": map[string]any{"enabled": false},
}

// LogGroup is the name that Container Insights gives the log group of a cluster's metrics.
func LogGroup(cluster string) string { return "/aws/containerinsights/" + cluster + "/performance" }

// newAgent installs Container Insights as EKS's own add-on. The log group comes first: the agent would make one itself,
// without retention.
func (o *Observability) newAgent(ctx *pulumi.Context) error {
	logs, err := cloudwatch.NewLogGroup(ctx, o.name+"-performance", &cloudwatch.LogGroupArgs{
		Name: pulumi.String(LogGroup(o.args.ClusterName)), RetentionInDays: pulumi.Int(o.args.LogRetentionDays),
	}, append([]pulumi.ResourceOption{pulumi.Parent(o)}, o.args.LogOptions...)...)
	if err != nil {
		return fmt.Errorf("log group: %w", err)
	}
	role, err := iam.NewRole(ctx, o.name+"-agent", &iam.RoleArgs{
		Description: pulumi.String("CloudWatch agent of " + o.args.ClusterName),
		AssumeRolePolicy: policy.Document(policy.Statement{
			Actions:    []string{"sts:AssumeRole", "sts:TagSession"},
			Principals: policy.Principals{Services: []string{"pods.eks.amazonaws.com"}},
			Conditions: map[string]map[string]pulumi.StringInput{"StringEquals": {"aws:SourceAccount": pulumi.String(o.args.Account.ID)}},
		}),
	}, pulumi.Parent(o))
	if err != nil {
		return fmt.Errorf("role: %w", err)
	}
	// The pods of an add-on end after it: what they then write must not make the group again, for as long as they may write at
	// all. Where a group exists, the agent needs no such right (opentelemetry-collector-contrib,
	// internal/aws/cwlogs/cwlog_client.go, CreateStream).
	denied, err := iam.NewRolePolicy(ctx, o.name+"-agent", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: policy.Document(policy.Statement{
			Effect: "Deny", Actions: []string{"logs:CreateLogGroup"}, Resources: []pulumi.StringInput{pulumi.Sprintf("%s*", logs.Arn)},
		}),
	}, pulumi.Parent(o))
	if err != nil {
		return fmt.Errorf("role: %w", err)
	}
	allowed, err := iam.NewRolePolicyAttachment(ctx, o.name+"-agent", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String(o.args.Account.ManagedPolicy("CloudWatchAgentServerPolicy")),
	}, pulumi.Parent(o), pulumi.DependsOn([]pulumi.Resource{denied}))
	if err != nil {
		return fmt.Errorf("role: %w", err)
	}
	settings, err := json.Marshal(agentSettings)
	if err != nil {
		return err
	}
	o.agent, err = eks.NewAddon(ctx, o.name+"-agent", &eks.AddonArgs{
		ClusterName: pulumi.String(o.args.ClusterName), AddonName: pulumi.String("amazon-cloudwatch-observability"),
		AddonVersion: pulumi.String(o.args.AgentVersion), ConfigurationValues: pulumi.String(settings),
		ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
		PodIdentityAssociations: eks.AddonPodIdentityAssociationArray{&eks.AddonPodIdentityAssociationArgs{
			RoleArn: role.Arn, ServiceAccount: pulumi.String("cloudwatch-agent"),
		}},
	}, pulumi.Parent(o), pulumi.DependsOn(append([]pulumi.Resource{logs, allowed}, o.args.AgentAfter...)))
	return err
}
