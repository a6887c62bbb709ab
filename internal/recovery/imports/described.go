package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// stackTag is the tag that every resource of a stack carries, where it carries any.
const stackTag = "bpa:stack"

// Listing reads a listing: JSON documents, one behind the other, each of them what a command of the AWS CLI or kubectl prints,
// or a list of Found. What nothing here knows is left out, and counted. So is what the tag of another stack marks, where the
// listing of tags is about some stacks alone.
func Listing(listing []byte) (found []Found, unread int, err error) {
	decoder, stacks := json.NewDecoder(bytes.NewReader(listing)), map[string]bool{}
	for {
		var document json.RawMessage
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			own := ofStacks(found, stacks)
			return own, unread + len(found) - len(own), nil
		}
		if err != nil {
			return nil, 0, fmt.Errorf("imports: reading the listing: %w", err)
		}
		more, other, isTags, err := readDocument(document)
		if err != nil {
			return nil, 0, fmt.Errorf("imports: reading the listing: %w", err)
		}
		found, unread = append(found, more...), unread+other
		for _, f := range more {
			if stack := stackOf(f); isTags && stack != "" {
				stacks[stack] = true
			}
		}
	}
}

func stackOf(f Found) string {
	tags, _ := f.Inputs["tags"].(map[string]any)
	stack, _ := tags[stackTag].(string)
	return stack
}

// ofStacks leaves out what belongs to none of the stacks, where there are any.
func ofStacks(found []Found, stacks map[string]bool) []Found {
	if len(stacks) == 0 {
		return found
	}
	var own []Found
	for _, f := range found {
		if stack := stackOf(f); stack == "" || stacks[stack] {
			own = append(own, f)
		}
	}
	return own
}

func readDocument(document json.RawMessage) (found []Found, unread int, isTags bool, err error) {
	if bytes.HasPrefix(document, []byte("[")) {
		err := json.Unmarshal(document, &found)
		return found, 0, false, err
	}
	var lists map[string]any
	if err := json.Unmarshal(document, &lists); err != nil {
		return nil, 0, false, err
	}
	if _, ok := lists["ResourceTagMappingList"]; ok {
		found, unread, err = tagged(document)
		return found, unread, true, err
	}
	if items, ok := lists["items"].([]any); ok {
		return objects(items), 0, false, nil
	}
	for name, content := range lists {
		read, known := readers[name]
		if !known {
			continue
		}
		entries, _ := content.([]any)
		if single, ok := content.(map[string]any); ok {
			entries = []any{single}
		}
		for _, e := range entries {
			if entry, ok := e.(map[string]any); ok {
				found = append(found, read(entry, lists)...)
			}
		}
		return found, 0, false, nil
	}
	return nil, 1, false, nil
}

// readers read an entry of a list, by the list's name in the document.
var readers = map[string]func(entry, document map[string]any) []Found{
	// aws ec2 describe-security-groups
	"SecurityGroups": func(e, _ map[string]any) []Found {
		typ, f := groupType, described(e, "GroupId", "GroupName")
		if f.Name == "default" {
			typ = defaultGroupType
		}
		f.Type, f.Inputs["name"] = typ, f.Name
		return []Found{f}
	},
	// aws ec2 describe-security-group-rules
	"SecurityGroupRules": func(e, _ map[string]any) []Found {
		f := described(e, "SecurityGroupRuleId", "")
		f.Type = catalog.VPCSecurityGroupIngressRule
		if e["IsEgress"] == true {
			f.Type = catalog.VPCSecurityGroupEgressRule
		}
		f.Inputs["securityGroupId"] = e["GroupId"]
		f.Inputs["referencedSecurityGroupId"] = lookUp(e, "ReferencedGroupInfo.GroupId")
		if e["IpProtocol"] == "-1" { // EC2 says -1 for the ports of all protocols, and programs say nothing
			delete(f.Inputs, "fromPort")
			delete(f.Inputs, "toPort")
		}
		return []Found{f}
	},
	// aws ec2 describe-vpcs: further ranges are resources of their own.
	"Vpcs": func(e, _ map[string]any) []Found {
		var all []Found
		ranges, _ := e["CidrBlockAssociationSet"].([]any)
		for _, r := range ranges {
			if r, ok := r.(map[string]any); ok && r["CidrBlock"] != e["CidrBlock"] {
				f := described(r, "AssociationId", "")
				f.Type, f.Inputs["vpcId"] = catalog.EC2VpcIpv4CidrBlockAssociation, e["VpcId"]
				withTags(f.Inputs, e)
				all = append(all, f)
			}
		}
		return all
	},
	// aws iam get-account-authorization-details --filter Role
	"RoleDetailList": func(e, _ map[string]any) []Found {
		role := described(e, "RoleName", "RoleName")
		role.Type, role.Inputs = catalog.IAMRole, withTags(map[string]any{"name": role.Name}, e)
		all := []Found{role}
		policies, _ := e["RolePolicyList"].([]any)
		for _, p := range policies {
			if p, ok := p.(map[string]any); ok {
				name := fmt.Sprint(p["PolicyName"])
				all = append(all, Found{
					Type: catalog.IAMRolePolicy, ID: role.ID + ":" + name, Name: name,
					Inputs: withTags(map[string]any{"role": role.Name, "name": name}, e),
				})
			}
		}
		return all
	},
	// aws ec2 describe-launch-templates
	"LaunchTemplates": func(e, _ map[string]any) []Found {
		f := described(e, "LaunchTemplateId", "LaunchTemplateName")
		f.Type, f.Inputs = catalog.EC2LaunchTemplate, withTags(map[string]any{"name": f.Name}, e)
		return []Found{f}
	},
	// aws elbv2 describe-listeners
	"Listeners": func(e, _ map[string]any) []Found {
		f := described(e, "ListenerArn", "")
		f.Type, f.Inputs = catalog.ELBListener, map[string]any{"loadBalancerArn": e["LoadBalancerArn"], "port": e["Port"]}
		return []Found{f}
	},
	// aws autoscaling describe-auto-scaling-groups
	"AutoScalingGroups": func(e, _ map[string]any) []Found {
		f := described(e, "AutoScalingGroupName", "AutoScalingGroupName")
		f.Type, f.Inputs = catalog.AutoScalingGroup, map[string]any{"name": f.Name}
		return []Found{f}
	},
	// aws kms describe-key
	"KeyMetadata": func(e, _ map[string]any) []Found {
		f := described(e, "KeyId", "")
		f.Type, f.Inputs = catalog.KMSKey, map[string]any{"description": e["Description"]}
		return []Found{f}
	},
	// aws secretsmanager list-secret-version-ids
	"Versions": func(e, document map[string]any) []Found {
		stages, _ := e["VersionStages"].([]any)
		for _, stage := range stages {
			if stage == "AWSCURRENT" {
				return []Found{{
					Type: catalog.SecretsManagerSecretVersion, ID: fmt.Sprintf("%v|%v", document["ARN"], e["VersionId"]),
					Inputs: map[string]any{"secretId": document["ARN"]},
				}}
			}
		}
		return nil
	},
	// aws route53resolver list-resolver-rule-associations
	"ResolverRuleAssociations": func(e, _ map[string]any) []Found {
		f := described(e, "Id", "")
		f.Type = catalog.Route53ResolverRuleAssociation
		f.Inputs = map[string]any{"resolverRuleId": e["ResolverRuleId"], "vpcId": e["VPCId"]}
		return []Found{f}
	},
	// aws sns list-subscriptions-by-topic
	"Subscriptions": func(e, _ map[string]any) []Found {
		f := described(e, "SubscriptionArn", "")
		f.Type = catalog.SNSTopicSubscription
		f.Inputs = map[string]any{"topic": e["TopicArn"], "protocol": e["Protocol"], "endpoint": e["Endpoint"]}
		return []Found{f}
	},
}

// objects reads what `kubectl get --output json` prints.
func objects(items []any) (found []Found) {
	for _, item := range items {
		object, _ := item.(map[string]any)
		version := fmt.Sprint(object["apiVersion"])
		if version == "v1" {
			version = "core/v1"
		}
		f := Found{Type: fmt.Sprintf("kubernetes:%s:%v", version, object["kind"]), Inputs: map[string]any{}}
		f.Name, _ = lookUp(object, "metadata.name").(string)
		metadata := map[string]any{"name": f.Name, "namespace": lookUp(object, "metadata.namespace")}
		// Among the annotations is that of an object which the provider has named.
		if annotations := lookUp(object, "metadata.annotations"); annotations != nil {
			metadata["annotations"] = annotations
		}
		f.Inputs["metadata"] = metadata
		var ok bool
		if f.ID, ok = ID(f.Type, f.Inputs); ok {
			found = append(found, f)
		}
	}
	return found
}

// described takes an entry's plain values over by Pulumi's names: GroupId is groupId.
func described(entry map[string]any, id, name string) Found {
	f := Found{ID: fmt.Sprint(entry[id]), Inputs: map[string]any{}}
	if name != "" {
		f.Name = fmt.Sprint(entry[name])
	}
	for key, value := range entry {
		switch value.(type) {
		case string, float64, bool:
			f.Inputs[string(unicode.ToLower(rune(key[0])))+key[1:]] = value
		}
	}
	withTags(f.Inputs, entry)
	return f
}

// withTags adds an entry's tags, where it has any.
func withTags(inputs, entry map[string]any) map[string]any {
	list, _ := entry["Tags"].([]any)
	tags := map[string]any{}
	for _, t := range list {
		if t, ok := t.(map[string]any); ok {
			tags[fmt.Sprint(t["Key"])] = t["Value"]
		}
	}
	if len(tags) > 0 {
		inputs["tags"] = tags
	}
	return inputs
}
