package aws

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	templateType   = catalog.EC2LaunchTemplate
	instanceType   = catalog.EC2Instance
	volumeType     = catalog.EBSVolume
	attachmentType = catalog.EC2VolumeAttachment
	scalingType    = catalog.AutoScalingGroup
	profileType    = catalog.IAMInstanceProfile
)

// userDataLimit is in bytes, before base64 (docs/facts.md §4).
const userDataLimit = 16384

// computeRules are the rules of EC2, EBS and Auto Scaling.
func computeRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		templateType: {
			{Code: "InvalidUserData.Malformed", Source: issue("github-aws-runners/terraform-aws-github-runner", 3700), Fails: userData},
			{Code: "InvalidParameterCombination", Source: ec2Errors, Fails: templateGroups},
			{Code: "InvalidParameterValue", Source: issue("aws/karpenter-provider-aws", 3051), Fails: func(r *provider.Request) string {
				return profileExists(r, text(r.Inputs, "iamInstanceProfile")+text(r.Inputs, "iamInstanceProfile", "name"))
			}},
		},
		instanceType: {
			{Code: "InvalidParameterValue", Source: issue("kubermatic/kubermatic", 144), OnCreate: true, Fails: instanceUserData},
			{Code: "InvalidParameterValue", Source: issue("nextflow-io/nextflow", 617), Fails: func(r *provider.Request) string {
				return profileExists(r, r.Str("iamInstanceProfile"))
			}},
		},
		volumeType: {{Code: "InvalidParameterValue", Source: ec2Errors, OnCreate: true, Fails: zoneExists}},
		attachmentType: {
			{Code: "InvalidVolume.ZoneMismatch", Source: issue("kubernetes-sigs/aws-ebs-csi-driver", 52), OnCreate: true, Fails: otherZone},
			{Code: "VolumeInUse", Source: ec2Errors, OnCreate: true, Fails: volumeInUse},
		},
		scalingType: {
			{
				Code:   "ValidationError",
				Source: "docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
				Fails:  sizes,
			},
			{Code: "ValidationError", Source: "github.com/floci-io/floci/pull/1451", Fails: templateComplete},
			{
				Code: "ValidationError", OnCreate: true, Fails: nowhere,
				Source: "docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
			},
		},
		catalog.AutoScalingAttachment: {
			{
				Code: "ValidationError", OnCreate: true,
				Source: "docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html",
				Fails:  scalingGroupExists,
			},
			{
				Code: "ValidationError", Source: issue("zalando-incubator/kube-ingress-aws-controller", 254), OnCreate: true,
				Fails: targetsUsable,
			},
		},
	}
}

func userData(r *provider.Request) string {
	raw, err := base64.StdEncoding.DecodeString(r.Str("userData"))
	switch {
	case err != nil:
		return "Invalid BASE64 encoding of user data."
	case len(raw) > userDataLimit:
		return fmt.Sprintf("User data is limited to %d bytes.", userDataLimit)
	}
	return ""
}

func instanceUserData(r *provider.Request) string {
	raw := []byte(r.Str("userData"))
	if encoded := r.Str("userDataBase64"); encoded != "" {
		raw, _ = base64.StdEncoding.DecodeString(encoded)
	}
	if len(raw) > userDataLimit {
		return fmt.Sprintf("User data is limited to %d bytes", userDataLimit)
	}
	return ""
}

func templateGroups(r *provider.Request) string {
	if len(texts(r.Inputs["vpcSecurityGroupIds"])) > 0 && len(objects(r.Inputs["networkInterfaces"])) > 0 {
		return "Network interfaces and an instance-level security groups may not be specified on the same request"
	}
	return ""
}

// profileExists: profiles outside the stack cannot be told from a mistake, so only a stack's own names are looked up.
func profileExists(r *provider.Request, name string) string {
	if name == "" || len(r.Store.All(profileType)) == 0 || r.Store.Get(profileType, name) != nil {
		return ""
	}
	if r.Store.Get(catalog.IAMRole, name) != nil {
		return fmt.Sprintf("Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", name)
	}
	return ""
}

// instanceZone is the zone that an instance runs in, "" where that is not known.
func instanceZone(r *provider.Request, id string) string {
	i := r.Store.Get(instanceType, id)
	if i == nil {
		return ""
	}
	if zone := text(i.Inputs, "availabilityZone"); zone != "" {
		return zone
	}
	return zoneOf(r, text(i.Inputs, "subnetId"))
}

func otherZone(r *provider.Request) string {
	volume := r.Store.Get(volumeType, r.Str("volumeId"))
	zone := instanceZone(r, r.Str("instanceId"))
	if volume == nil || zone == "" || text(volume.Inputs, "availabilityZone") == zone {
		return ""
	}
	return fmt.Sprintf("The volume '%s' is not in the same availability zone as instance '%s'", volume.ID, r.Str("instanceId"))
}

func volumeInUse(r *provider.Request) string {
	if volume := r.Store.Get(volumeType, r.Str("volumeId")); volume != nil && volume.Inputs["multiAttachEnabled"] == true {
		return ""
	}
	for _, other := range r.Store.All(attachmentType) {
		if other.Inputs["volumeId"] == r.Inputs["volumeId"] {
			return fmt.Sprintf("%s is already attached to an instance", r.Str("volumeId"))
		}
		if other.Inputs["instanceId"] == r.Inputs["instanceId"] && other.Inputs["deviceName"] == r.Inputs["deviceName"] {
			return fmt.Sprintf("Attachment point %s is already in use", r.Str("deviceName"))
		}
	}
	return ""
}

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
	template := r.Store.Get(templateType, text(r.Inputs, "launchTemplate", "id"))
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
	targets := r.Store.Get(targetsType, arn)
	byInstance := targets != nil && (text(targets.Inputs, "targetType") == "" || text(targets.Inputs, "targetType") == "instance")
	if arn == "" || byInstance || r.Store.External(arn) {
		return ""
	}
	return "Provided Target Groups may not be valid. Please ensure they exist and try again."
}

func scalingGroupExists(r *provider.Request) string {
	if r.Store.Get(scalingType, r.Str("autoscalingGroupName")) != nil || strings.HasPrefix(r.Str("autoscalingGroupName"), "eks-") {
		return ""
	}
	return fmt.Sprintf("AutoScalingGroup name not found - AutoScalingGroup '%s' not found", r.Str("autoscalingGroupName"))
}
