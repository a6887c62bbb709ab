package catalog

import "time"

// The types of autoscaling.
const (
	AutoScalingAttachment = "aws:autoscaling/attachment:Attachment"
	AutoScalingGroup      = "aws:autoscaling/group:Group"
)

var autoscalingTypes = []Type{
	{
		Token: AutoScalingAttachment,
		Identity: Identity{
			StateID:  "{autoscalingGroupName}/{lbTargetGroupArn}",
			NoImport: "the provider cannot import it; up attaches the group once more, which changes nothing",
		},
		Loss: Loss{
			Downtime: "its node gets no requests in between",
		},
		Price: Price{Free: partOfLB},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"autoscaling:AttachLoadBalancerTargetGroups"}, On: OnAutoScalingGroup},
			},
			Read: []Grant{
				{Actions: []string{"autoscaling:DescribeAutoScalingGroups"}},
			},
			Delete: []Grant{
				{Actions: []string{"autoscaling:DetachLoadBalancerTargetGroups"}, On: OnAutoScalingGroup},
			},
		},
		Simulation: Simulation{
			ID: "{autoscalingGroupName}-{lbTargetGroupArn}",
			// docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html: "This operation is additive".
			Again: true,
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: AutoScalingGroup,
		Identity: Identity{
			StateID: "{name}",
		},
		Loss: Loss{
			Downtime: "its node is away until the new one has joined",
		},
		// as a node group: 1.5-3.7, 4.2 min
		Duration: Duration{Create: 156 * time.Second, Delete: 252 * time.Second, Source: Logs},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags", "autoscaling:UpdateAutoScalingGroup", "autoscaling:EnableMetricsCollection", "autoscaling:DisableMetricsCollection"}, On: OnAutoScalingGroup},
				{Actions: []string{"ec2:RunInstances"}, On: OnLaunchTemplate, If: Own},
				{Actions: []string{"ec2:RunInstances"}, On: OnInstance, If: Templated},
				{Actions: []string{"ec2:CreateTags"}, On: OnInstance, If: Launching},
				{Actions: []string{"ec2:CreateTags"}, On: OnVolume, If: Launching},
				{Actions: []string{"ec2:RunInstances"}, On: OnVolume},
				{Actions: []string{"ec2:RunInstances"}, On: OnNetworkInterface},
				{Actions: []string{"ec2:RunInstances"}, On: OnImage},
				{Actions: []string{"ec2:RunInstances"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:RunInstances"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "ec2.amazonaws.com"},
				{Actions: []string{"iam:CreateServiceLinkedRole"}, On: OnLinkedRole, If: Linked, Service: "autoscaling.amazonaws.com"},
			},
			Read: []Grant{
				{Actions: []string{"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeInstanceRefreshes", "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags", "ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions", "elasticloadbalancing:DescribeTargetHealth"}},
			},
			Update: []Grant{
				{Actions: []string{"autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags", "autoscaling:UpdateAutoScalingGroup", "autoscaling:EnableMetricsCollection", "autoscaling:DisableMetricsCollection"}, On: OnAutoScalingGroup},
				{Actions: []string{"autoscaling:CancelInstanceRefresh", "autoscaling:StartInstanceRefresh"}, On: OnAutoScalingGroup},
				{Actions: []string{"ec2:RunInstances"}, On: OnLaunchTemplate, If: Own},
				{Actions: []string{"ec2:RunInstances"}, On: OnInstance, If: Templated},
				{Actions: []string{"ec2:CreateTags"}, On: OnInstance, If: Launching},
				{Actions: []string{"ec2:CreateTags"}, On: OnVolume, If: Launching},
				{Actions: []string{"ec2:RunInstances"}, On: OnVolume},
				{Actions: []string{"ec2:RunInstances"}, On: OnNetworkInterface},
				{Actions: []string{"ec2:RunInstances"}, On: OnImage},
				{Actions: []string{"ec2:RunInstances"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:RunInstances"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "ec2.amazonaws.com"},
			},
			Delete: []Grant{
				{Actions: []string{"autoscaling:DeleteAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"}, On: OnAutoScalingGroup},
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, []string{"namePrefix"}},
			Outputs: map[string]any{
				"arn": "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{id}",
			},
			Newer: []string{"availabilityZoneDistribution", "capacityReservationSpecification"}, Taken: "AlreadyExists",
			InUse: hasDependencies("ResourceInUse", "Auto Scaling group"),
			By:    []string{AutoScalingAttachment + ".autoscalingGroupName"},
		},
		Failures: []Failure{
			{IDBeforeWait, awsCode + "autoscaling/group.go resourceGroupCreate"},
			{ReturnsBeforeEffect, awsCode + "autoscaling/group.go startInstanceRefresh"},
		},
		None: none(quiet, closed, plain, None{Waits: noWait}),
	},
}
