package catalog

import (
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of autoscaling.
const (
	AutoScalingAttachment = "aws:autoscaling/attachment:Attachment"
	AutoScalingGroup      = "aws:autoscaling/group:Group"
)

var autoscalingTypes = []Type{
	{
		Token: AutoScalingAttachment,
		Identity: Identity{
			StateID:  form("{autoscalingGroupName}/{lbTargetGroupArn}"),
			NoImport: "the provider cannot import it; up attaches the group once more, which changes nothing",
		},
		Loss: Loss{
			Downtime: "its node gets no requests in between",
		},
		Price: Price{Free: partOfLB},
		Permissions: Permissions{
			Create: []Grant{onAutoScalingGroup.allow("autoscaling:AttachLoadBalancerTargetGroups")},
			Read:   []Grant{anything.allow("autoscaling:DescribeAutoScalingGroups")},
			Delete: []Grant{onAutoScalingGroup.allow("autoscaling:DetachLoadBalancerTargetGroups")},
		},
		Simulation: Simulation{
			ID: AsRead,
			// docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html: "This operation is additive".
			Again: true,
		},
		Failures: idBeforeWait("autoscaling/attachment.go resourceAttachmentCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: AutoScalingGroup,
		Identity: Identity{
			StateID: form("{name}"),
			Listing: Listing{"aws autoscaling describe-auto-scaling-groups", "AutoScalingGroups"},
		},
		Loss: Loss{
			Downtime: "its node is away until the new one has joined",
		},
		// as a node group: 1.5-3.7, 4.2 min
		Duration: Duration{Create: 156 * time.Second, Delete: 252 * time.Second, Source: Logs},
		Price:    Price{Rule: priceGroup},
		Permissions: Permissions{
			Create: slices.Concat([]Grant{groupSettings, links("autoscaling.amazonaws.com")}, launches),
			Read: []Grant{
				anything.allow(
					"autoscaling:DescribeAutoScalingGroups",
					"autoscaling:DescribeScalingActivities",
					"autoscaling:DescribeTags",
					"ec2:DescribeLaunchTemplates",
					"ec2:DescribeLaunchTemplateVersions",
					"elasticloadbalancing:DescribeTargetHealth",
				),
			},
			Update: slices.Concat([]Grant{groupSettings}, launches),
			Delete: []Grant{onAutoScalingGroup.allow("autoscaling:DeleteAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 255, []string{"namePrefix"}},
			Outputs: map[string]any{
				"arn": "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{id}",
			}, Taken: "AlreadyExists",
			InUse: hasDependencies("ResourceInUse", "Auto Scaling group"),
			By:    []string{AutoScalingAttachment + ".autoscalingGroupName"},
		},
		Failures: idBeforeWait("autoscaling/group.go resourceGroupCreate"),
		None:     none(quiet, closed, plain, None{Waits: noWait}),
	},
}

var groupSettings = onAutoScalingGroup.allow(
	"autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags",
	"autoscaling:UpdateAutoScalingGroup", "autoscaling:EnableMetricsCollection", "autoscaling:DisableMetricsCollection",
)

// launches is what Auto Scaling checks: that its caller may run, and tag, what the launch template says. The group's own tags
// it adds itself.
var launches = slices.Concat([]Grant{
	onLaunchTemplate.when(Own, "ec2:RunInstances"),
	onInstance.when(Templated, "ec2:RunInstances"),
	onInstance.when(Launching, "ec2:CreateTags"),
	onVolume.when(Launching, "ec2:CreateTags"),
}, instanceParts)

// priceGroup pays for the instances that a group keeps, and for their disks.
func priceGroup(p Pricing, r *stackdoc.Resource) {
	template := launchTemplate(p, r)
	if template == nil {
		p.Missing("its launch template is not among the resources: make the preview with --show-sames")
		return
	}
	size := r.Property("desiredCapacity")
	if size == nil {
		size = r.Property("minSize")
	}
	n, ok := count(p, "desiredCapacity", size)
	if !ok {
		return
	}
	priceMachine(p, template.Text("instanceType"), n)
	for _, m := range property.List(template.Property("blockDeviceMappings")) {
		priceDisk(p, property.Object(m, "ebs"), n)
	}
	faces := property.List(template.Property("networkInterfaces"))
	if len(faces) > 0 && property.True(faces[0], "associatePublicIpAddress") {
		p.Paid("ipv4.hour", n)
	}
}

// launchTemplate finds that of a group: by its id, or where that is not known before `up`, the only one beside it.
func launchTemplate(p Pricing, r *stackdoc.Resource) *stackdoc.Resource {
	id := property.Get(r.Property("launchTemplate"), "id")
	var beside []*stackdoc.Resource
	for _, s := range p.Siblings() {
		if s.Type() != EC2LaunchTemplate {
			continue
		}
		if s.ID != "" && s.ID == id {
			return s
		}
		beside = append(beside, s)
	}
	if len(beside) != 1 {
		return nil
	}
	return beside[0]
}
