package aws

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// ec2 are instances, what they are launched from, and their volumes.
var ec2 = provider.Code{
	catalog.EC2LaunchTemplate: {
		Acts: keepVersion,
		Outputs: func(r *provider.Request) map[string]any {
			latest := 1.0
			if before, ok := r.Old["latestVersion"].(float64); ok {
				latest = before + 1
			}
			return map[string]any{"latestVersion": latest}
		},
		Values: []provider.Value{
			{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w()./-]{3,128}$`),
				Text: "must have 3 to 128 characters of letters, digits and ( ) . - / _"},
			oneOf("metadataOptions.httpTokens", "optional required"), oneOf("metadataOptions.httpEndpoint", "enabled disabled"),
			{Property: "metadataOptions.httpPutResponseHopLimit", Min: 1, Max: 64, Source: tfAWS},
			oneOf("blockDeviceMappings.[].ebs.volumeType", volumeTypes), oneOf("instanceInitiatedShutdownBehavior", "stop terminate"),
		},
		Rules: []provider.Rule{
			interfaceGroups("vpcSecurityGroupIds"),
			{Code: "InvalidUserData.Malformed", Source: issue("github-aws-runners/terraform-aws-github-runner", 3700), Fails: userData},
			{Code: "InvalidParameterCombination", Source: ec2Errors, Fails: templateGroups},
			{Code: "InvalidParameterValue", Source: issue("aws/karpenter-provider-aws", 3051), Fails: func(r *provider.Request) string {
				return profileExists(r, text(r.Inputs, "iamInstanceProfile")+text(r.Inputs, "iamInstanceProfile", "name"))
			}},
		},
	},
	catalog.EC2Instance: {
		Protected: terminationProtected,
		Values: []provider.Value{
			oneOf("metadataOptions.httpTokens", "optional required"), oneOf("rootBlockDevice.volumeType", volumeTypes),
		},
		Rules: []provider.Rule{
			interfaceGroups("vpcSecurityGroupIds"),
			{Code: "InvalidParameterValue", Source: issue("kubermatic/kubermatic", 144), OnCreate: true, Fails: instanceUserData},
			{Code: "InvalidParameterValue", Source: issue("nextflow-io/nextflow", 617), Fails: func(r *provider.Request) string {
				return profileExists(r, r.Str("iamInstanceProfile"))
			}},
			{
				Code: "Unsupported", Source: issue("ned1313/Getting-Started-Terraform", 44), OnCreate: true,
				Fails: func(r *provider.Request) string {
					return notOffered(r, r.Str("instanceType"), cmp.Or(r.Str("availabilityZone"), zoneOf(r, r.Str("subnetId"))))
				},
			},
			{
				Code: "Client.InternalError", OnCreate: true,
				Source: "repost.aws/knowledge-center/kms-iam-ec2-permission",
				Fails: func(r *provider.Request) string {
					return strangersKey(r, at(r.Inputs, "rootBlockDevice"), "Client error on launch")
				},
			},
		},
	},
	catalog.EBSVolume: {
		Gone:   lastSnapshots,
		Values: []provider.Value{oneOf("type", volumeTypes)},
		Rules: []provider.Rule{
			{Code: "InvalidParameterValue", Source: ec2Errors, OnCreate: true, Fails: zoneExists},
			{
				Code: "InvalidVolume.NotFound", Source: issue("hashicorp/terraform", 23651), OnCreate: true,
				Fails: func(r *provider.Request) string {
					return strangersKey(r, r.Inputs, fmt.Sprintf("The volume '%s' does not exist.", r.ID))
				},
			},
			{Code: "InvalidParameterValue", Source: "docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html",
				Fails: volumeShrinks},
		},
	},
	catalog.EC2VolumeAttachment: {
		Rules: []provider.Rule{
			{Code: "InvalidVolume.ZoneMismatch", Source: issue("kubernetes-sigs/aws-ebs-csi-driver", 52), OnCreate: true, Fails: otherZone},
			{Code: "VolumeInUse", Source: ec2Errors, OnCreate: true, Fails: volumeInUse},
		},
	},
}

const volumeTypes = "standard gp2 gp3 io1 io2 sc1 st1"

// lastSnapshots are what a volume leaves: that which the provider takes where finalSnapshot is on, tagged as the volume was, and
// those of a policy. Source: resourceEBSVolumeDelete in terraform-provider-aws internal/service/ec2/ebs_volume.go.
func lastSnapshots(r *provider.Request) {
	volume := &provider.Resource{Package: r.Package, Name: r.Name, ID: r.ID, Inputs: r.Inputs, Outputs: r.Old}
	if r.Inputs["finalSnapshot"] == true {
		leaveSnapshot(r, volume, tagsAll(r))
	}
	for _, policy := range r.Store.All(catalog.DLMLifecyclePolicy) {
		if snapshots(policy.Inputs, volume) {
			leaveSnapshot(r, volume, tagsAll(r))
		}
	}
}

// leaveSnapshot has the key of its volume.
func leaveSnapshot(r *provider.Request, volume *provider.Resource, tags map[string]any) {
	r.Store.Leave(&provider.Resource{
		Package: volume.Package, Type: catalog.EBSSnapshot, Name: volume.Name, ID: "snap-" + r.Hex(17),
		Inputs: map[string]any{"volumeId": volume.ID, "kmsKeyId": volume.Inputs["kmsKeyId"], "tags": tags},
	})
}

// defaultKey is the key that the account encrypts volumes with which name none, or "" where that is AWS's own.
func defaultKey(r *provider.Request) string {
	for _, account := range r.Store.All(catalog.EBSDefaultKmsKey) {
		return text(account.Inputs, "keyArn")
	}
	return ""
}

// strangersKey: a volume that names no key gets the account's default one, and where that is a customer's whose policy leaves it to
// IAM, the deployer has no right to it: the policies of docs/deployer.md name the stack's own keys alone. EC2 takes the request,
// and the volume, or the instance that it is the root of, goes by itself (github.com/runs-on/runs-on/issues/151).
func strangersKey(r *provider.Request, device any, answer string) string {
	volume, _ := device.(map[string]any)
	if list := objects(device); len(list) == 1 {
		volume = list[0]
	}
	usual := defaultKey(r)
	if usual == "" || text(volume, "kmsKeyId") != "" {
		return ""
	}
	key := r.Store.Find(catalog.KMSKey, func(k *provider.Resource) bool { return k.Outputs["arn"] == usual })
	if key == nil || admits(r, text(key.Inputs, "policy"), "") {
		return ""
	}
	return answer
}

// userDataLimit is in bytes, before base64 (docs/facts.md §4).
const userDataLimit = 16384

// terminationProtected is EC2's own protection of an instance.
func terminationProtected(r *provider.Request) error {
	if r.Inputs["disableApiTermination"] != true {
		return nil
	}
	return &provider.Failure{Code: "OperationNotPermitted", Message: fmt.Sprintf("The instance '%s' may not be terminated. "+
		"Modify its 'disableApiTermination' instance attribute and try again.", r.ID)}
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
	if name == "" || len(r.Store.All(catalog.IAMInstanceProfile)) == 0 || r.Store.Get(catalog.IAMInstanceProfile, name) != nil {
		return ""
	}
	if r.Store.Get(catalog.IAMRole, name) != nil {
		return fmt.Sprintf("Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", name)
	}
	return ""
}

// instanceZone is the zone that an instance runs in, "" where that is not known.
func instanceZone(r *provider.Request, id string) string {
	i := r.Store.Get(catalog.EC2Instance, id)
	if i == nil {
		return ""
	}
	if zone := text(i.Inputs, "availabilityZone"); zone != "" {
		return zone
	}
	return zoneOf(r, text(i.Inputs, "subnetId"))
}

func otherZone(r *provider.Request) string {
	volume := r.Store.Get(catalog.EBSVolume, r.Str("volumeId"))
	zone := instanceZone(r, r.Str("instanceId"))
	if volume == nil || zone == "" || text(volume.Inputs, "availabilityZone") == zone {
		return ""
	}
	return fmt.Sprintf("The volume '%s' is not in the same availability zone as instance '%s'", volume.ID, r.Str("instanceId"))
}

func volumeShrinks(r *provider.Request) string {
	before, known := r.Old["size"].(float64)
	after, given := r.Inputs["size"].(float64)
	if !known || !given || after >= before {
		return ""
	}
	return fmt.Sprintf("New size cannot be smaller than existing size %v", before)
}

func volumeInUse(r *provider.Request) string {
	if volume := r.Store.Get(catalog.EBSVolume, r.Str("volumeId")); volume != nil && volume.Inputs["multiAttachEnabled"] == true {
		return ""
	}
	for _, other := range r.Store.All(catalog.EC2VolumeAttachment) {
		if other.Inputs["volumeId"] == r.Inputs["volumeId"] {
			return fmt.Sprintf("%s is already attached to an instance", r.Str("volumeId"))
		}
		if other.Inputs["instanceId"] == r.Inputs["instanceId"] && other.Inputs["deviceName"] == r.Inputs["deviceName"] {
			return fmt.Sprintf("Attachment point %s is already in use", r.Str("deviceName"))
		}
	}
	return ""
}
