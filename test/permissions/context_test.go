package permissions_test

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// situation is one action of an operation on a resource.
type situation struct {
	d      *deployment
	op     provider.Operation
	self   *provider.Resource
	near   []*provider.Resource
	grant  catalog.Grant
	action string
}

// openedBy is the tag of a session, whose value is the id of who has opened it.
const openedBy, caller = "ssm:resourceTag/aws:ssmmessages:session-id", "AROA0123456789EXAMPLE:bpactl-connect"

// context is all that IAM knows when the action touches a resource, or something that AWS keeps beside the stack (nil).
func (s situation) context(r *provider.Resource) map[string]string {
	context := map[string]string{"kms:GrantIsForAWSResource": "true", "iam:AWSServiceName": s.grant.Service}
	if policy, ok := s.op.Inputs["policyArn"].(string); ok {
		context["iam:PolicyARN"] = policy
	}
	for _, n := range s.near {
		if n.Type == catalog.EC2LaunchTemplate && n != s.self {
			context["ec2:LaunchTemplate"] = s.d.arnOf(n)
		}
	}
	_, name, _ := strings.Cut(s.action, ":")
	tagging := begins(name, "AddTags", "CreateTags", "CreateOrUpdateTags", "Tag", "PutBucketTagging", "PutObjectTagging")
	kept := name == "CreateSnapshot" // of a volume that goes
	making := s.op.Verb == provider.Create && (tagging || begins(name, "Create", "Allocate", "Run", "Import"))
	if making && s.self.Type != catalog.AutoScalingGroup || tagging || kept { // an Auto Scaling group tags instances by itself
		maps.Copy(context, tags("aws:RequestTag/", s.self))
	}
	if s.action == "ssm:TerminateSession" {
		context["aws:userid"], context[openedBy] = caller, caller
	}
	if s.self.Type == catalog.AutoScalingGroup {
		context["ec2:CreateAction"] = "RunInstances"
	}
	if s.self.Type == catalog.EBSVolume && s.op.Verb == provider.Delete {
		context["ec2:CreateAction"] = "CreateSnapshot"
	}
	if r == nil {
		return context
	}
	if service := trusted(r); service != "" {
		context["iam:PassedToService"] = service
	}
	if r != s.self || !making { // what is being made has no tags yet
		maps.Copy(context, tags("aws:ResourceTag/", r))
	}
	return context
}

func begins(name string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// untagged is the one type with an ARN that the provider cannot tag.
const untagged = catalog.EC2SecurityGroupRule

// tags returns a resource's tags as condition keys.
func tags(prefix string, r *provider.Resource) map[string]string {
	keys := map[string]string{}
	if r.Type == untagged {
		return keys
	}
	all, _ := r.Outputs["tagsAll"].(map[string]any)
	for key, value := range all {
		if text, ok := value.(string); ok {
			keys[prefix+key] = text
		}
	}
	return keys
}

// trusted returns the service that may assume a role, or "".
func trusted(r *provider.Resource) string {
	text, _ := r.Inputs["assumeRolePolicy"].(string)
	var policy struct {
		Statement []struct{ Principal struct{ Service []string } }
	}
	if json.Unmarshal([]byte(text), &policy) != nil {
		return ""
	}
	for _, s := range policy.Statement {
		for _, service := range s.Principal.Service {
			return service
		}
	}
	return ""
}
