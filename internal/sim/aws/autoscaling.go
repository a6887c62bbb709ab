package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// autoScaling are the groups of Auto Scaling.
var autoScaling = provider.Code{
	catalog.AutoScalingGroup: {
		Acts:   launches,
		Values: []provider.Value{{Property: "name", Min: 0, Max: 255, Source: tfAWS}},
		Rules: []provider.Rule{
			{Code: "rehearsal", Source: issue("hashicorp/terraform-provider-aws", 42355), Fails: oneRefresh},
			{Code: "ValidationError", Source: autoScalingAPI + "API_CreateAutoScalingGroup.html", Fails: sizes},
			{Code: "ValidationError", Source: "github.com/floci-io/floci/pull/1451", Fails: templateComplete},
			{Code: "ValidationError", Source: autoScalingAPI + "API_CreateAutoScalingGroup.html", OnCreate: true, Fails: nowhere},
			{
				Code:   "Client.InvalidKMSKey.InvalidState",
				Source: "docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html", Fails: launchKey,
			},
			{
				Code:   "waiting for capacity satisfied",
				Source: issue("dspace-group/dspace-reference-architecture-aws", 100),
				Fails:  groupOffered,
			},
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
	template := templateOf(r, r.Inputs)
	if template == nil || text(template.Inputs, "imageId") != "" {
		return ""
	}
	return "You must use a valid fully-formed launch template. The request must contain the parameter ImageId"
}

// launchKey: Auto Scaling starts an instance only where the key of its volumes, or else the account's default one, admits it.
// AWS's own key does. What a key that lies outside of the stack says is not known.
func launchKey(r *provider.Request) string {
	template := templateOf(r, r.Inputs)
	if template == nil {
		return ""
	}
	usual := defaultKey(r)
	for _, mapping := range objects(template.Inputs["blockDeviceMappings"]) {
		arn := cmp.Or(text(mapping, "ebs", "kmsKeyId"), usual)
		key := r.Store.Find(catalog.KMSKey, func(k *provider.Resource) bool { return arn != "" && k.Outputs["arn"] == arn })
		if key != nil && !admits(r, text(key.Inputs, "policy"), iamdoc.AutoScaling(partition(region(r)), account(r))) {
			return "The KMS key provided is in an incorrect state. Launching EC2 instance failed."
		}
	}
	return ""
}

// admits reports whether a key's policy lets a role, or where it is "" whoever uses EBS, make a grant through EC2.
func admits(r *provider.Request, policy, role string) bool {
	list, _ := iamdoc.Parse(policy)
	return iamdoc.Judge(list, iamdoc.VolumeGrant(account(r), region(r), dnsSuffix(region(r)), role)) == iamdoc.Allowed
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

// keepVersion remembers what each version of a launch template boots, tags left aside: all that tells two instances apart.
func keepVersion(r *provider.Request, before *provider.Resource) []string {
	template := r.Store.Get(r.Type, r.ID)
	if before != nil {
		r.Store.Hide(template, versionOf(before.Outputs["latestVersion"]), boot(before.Inputs))
	}
	r.Store.Hide(template, versionOf(template.Outputs["latestVersion"]), boot(template.Inputs))
	return nil
}

func versionOf(v any) string {
	if n, ok := v.(float64); ok {
		return fmt.Sprintf("%.0f", n)
	}
	s, _ := v.(string)
	return s
}

func boot(inputs map[string]any) string {
	data := maps.Clone(inputs)
	for _, key := range strings.Fields("name namePrefix description defaultVersion updateDefaultVersion tags tagsAll tagSpecifications") {
		delete(data, key)
	}
	b, _ := json.Marshal(data) // plain data
	return string(b)
}

// launched is the hidden version of the launch template that a group's instance runs.
const launched = "launched"

// launches says which version a group's instance runs: that of its launch, until something replaces the instance. A group with an
// instance refresh begins one for every new version, and the provider waits for none. Source: terraform-provider-aws,
// internal/service/autoscaling/group.go, resourceGroupUpdate.
func launches(r *provider.Request, before *provider.Resource) []string {
	group, wanted := r.Store.Get(r.Type, r.ID), text(r.Inputs, "launchTemplate", "version")
	switch {
	case before == nil:
		r.Store.Hide(group, launched, wanted)
		r.Store.Hide(group, podsIn, podSubnet(r, group))
	case refreshes(r, before):
		r.Store.Hide(group, launched, wanted)
		r.Store.Hide(group, podsIn, podSubnet(r, group))
		r.Store.Begin(group.URN.Name())
		return []string{group.URN.Name()}
	default:
		r.Store.Hide(group, launched, runs(before))
	}
	return nil
}

// runs is the version that a group's instance was launched from. Of a group that was taken over, nothing else is known than what
// its state says.
func runs(group *provider.Resource) string {
	if version, known := group.Hidden[launched].(string); known {
		return version
	}
	return text(group.Inputs, "launchTemplate", "version")
}

func refreshes(r *provider.Request, before *provider.Resource) bool {
	return r.Inputs["instanceRefresh"] != nil && !reflect.DeepEqual(before.Inputs["launchTemplate"], r.Inputs["launchTemplate"])
}

// oneRefresh is the rehearsal's own refusal: AWS takes nodes away in as many groups as it is told to. BPA's kafkas and zookeepers
// carry the loss of one.
func oneRefresh(r *provider.Request) string {
	before, other := r.Store.Get(r.Type, r.ID), r.Store.UnderWay()
	if before == nil || other == "" || !refreshes(r, before) {
		return ""
	}
	return fmt.Sprintf("%s is replaced while %s still is: the provider starts an instance refresh and does not wait for it, and BPA "+
		"loses its quorum", before.URN.Name(), other)
}

// templateOf is the launch template that the inputs of a group name by id or by name, or nil.
func templateOf(r *provider.Request, group map[string]any) *provider.Resource {
	id, name := text(group, "launchTemplate", "id"), text(group, "launchTemplate", "name")
	return r.Store.Find(catalog.EC2LaunchTemplate, func(t *provider.Resource) bool {
		return t.ID == id || name != "" && text(t.Outputs, "name") == name
	})
}

// Roll does what components/nodes/assets/roll.sh does: it goes through groups, a node and its group a line, and replaces instances
// that boot another way than their groups say. It returns their nodes, in order.
func Roll(r *provider.Request, nodes string) (replaced []string) {
	for _, line := range strings.Split(nodes, "\n") {
		node, name, _ := strings.Cut(line, " ")
		group := r.Store.Get(catalog.AutoScalingGroup, name)
		if group == nil {
			continue
		}
		have, want := runs(group), text(group.Inputs, "launchTemplate", "version")
		template := templateOf(r, group.Inputs)
		if have == want || template == nil || template.Hidden[have] == template.Hidden[want] {
			continue
		}
		r.Store.Hide(group, launched, want)
		r.Store.Hide(group, podsIn, podSubnet(r, group))
		replaced = append(replaced, node)
	}
	return replaced
}
