package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// autoScaling are the groups of Auto Scaling.
var autoScaling = provider.Code{
	catalog.AutoScalingGroup: {
		Values: []provider.Value{{Property: "name", Min: 0, Max: 255, Source: tfAWS}},
		Rules: []provider.Rule{
			{Code: "ValidationError", Source: autoScalingAPI + "API_CreateAutoScalingGroup.html", Fails: sizes},
			{Code: "ValidationError", Source: "github.com/floci-io/floci/pull/1451", Fails: templateComplete},
			{Code: "ValidationError", Source: autoScalingAPI + "API_CreateAutoScalingGroup.html", OnCreate: true, Fails: nowhere},
		},
	},
	catalog.AutoScalingAttachment: {
		Rules: []provider.Rule{
			{
				Code: "ValidationError", Source: autoScalingAPI + "API_AttachLoadBalancerTargetGroups.html", OnCreate: true,
				Fails: scalingGroupExists,
			},
			{
				Code: "ValidationError", Source: issue("zalando-incubator/kube-ingress-aws-controller", 254), OnCreate: true,
				Fails: targetsUsable,
			},
		},
	},
}

const autoScalingAPI = "docs.aws.amazon.com/autoscaling/ec2/APIReference/"

func sizes(r *provider.Request) string {
	low, _ := r.Inputs["minSize"].(float64)
	high, _ := r.Inputs["maxSize"].(float64)
	desired, given := r.Inputs["desiredCapacity"].(float64)
	switch {
	case low > high:
		return fmt.Sprintf("Max bound, %v, must be greater than or equal to min bound, %v", high, low)
	case given && (desired < low || desired > high):
		return fmt.Sprintf("Desired capacity:%v must be between the specified min size:%v and max size:%v", desired, low, high)
	}
	return ""
}

// templateComplete: what the group launches needs an image.
func templateComplete(r *provider.Request) string {
	template := r.Store.Get(catalog.EC2LaunchTemplate, text(r.Inputs, "launchTemplate", "id"))
	if template == nil || text(template.Inputs, "imageId") != "" {
		return ""
	}
	return "You must use a valid fully-formed launch template. The request must contain the parameter ImageId"
}

func nowhere(r *provider.Request) string {
	if len(texts(r.Inputs["vpcZoneIdentifiers"]))+len(texts(r.Inputs["availabilityZones"])) == 0 {
		return "At least one Availability Zone or VPC Subnet is required."
	}
	return ""
}

// targetsUsable: a group registers instances, so its target group must exist and take them.
func targetsUsable(r *provider.Request) string {
	arn := r.Str("lbTargetGroupArn")
	targets := r.Store.Get(catalog.ELBTargetGroup, arn)
	byInstance := targets != nil && (text(targets.Inputs, "targetType") == "" || text(targets.Inputs, "targetType") == "instance")
	if arn == "" || byInstance || r.Store.External(arn) {
		return ""
	}
	return "Provided Target Groups may not be valid. Please ensure they exist and try again."
}

func scalingGroupExists(r *provider.Request) string {
	name := r.Str("autoscalingGroupName")
	if r.Store.Get(catalog.AutoScalingGroup, name) != nil || strings.HasPrefix(name, "eks-") {
		return ""
	}
	return fmt.Sprintf("AutoScalingGroup name not found - AutoScalingGroup '%s' not found", name)
}
