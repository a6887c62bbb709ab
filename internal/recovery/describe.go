package recovery

import (
	"fmt"
	"slices"
	"unicode"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
)

type object = map[string]any

// tagList is the list of the Resource Groups Tagging API, which knows a resource's ARN and tags alone.
const tagList = "ResourceTagMappingList"

// readers read an entry of a list, by the list's name in the document.
var readers = map[string]func(entry, document object) []Found{
	// aws resourcegroupstaggingapi get-resources
	tagList: func(e, _ object) []Found {
		named, known := catalog.ByARN(property.Text(e, "ResourceARN"))
		if !known {
			return nil
		}
		f := Found{Type: named.Type.Token, ID: named.ID, own: named.StateID, Name: named.Name, Inputs: named.Properties}
		f.Inputs["tags"] = tagsOf(e)
		return []Found{f}
	},
	// aws ec2 describe-security-groups
	"SecurityGroups": func(e, _ object) []Found {
		f := described(catalog.EC2SecurityGroup, e, "GroupId", "GroupName")
		if f.Name == "default" {
			f.Type = catalog.EC2DefaultSecurityGroup
		}
		f.Inputs["name"] = f.Name
		return []Found{f}
	},
	// aws ec2 describe-security-group-rules
	"SecurityGroupRules": func(e, _ object) []Found {
		f := described(catalog.VPCSecurityGroupIngressRule, e, "SecurityGroupRuleId", "")
		if e["IsEgress"] == true {
			f.Type = catalog.VPCSecurityGroupEgressRule
		}
		f.Inputs["securityGroupId"] = e["GroupId"]
		f.Inputs["referencedSecurityGroupId"] = property.Get(e, "ReferencedGroupInfo", "GroupId")
		for _, source := range []string{"cidrIpv4", "cidrIpv6", "prefixListId"} { // a rule has one source: it lacks the others
			if _, given := f.Inputs[source]; !given {
				f.Inputs[source] = nil
			}
		}
		if e["IpProtocol"] == "-1" { // EC2 says -1 for the ports of all protocols, and programs say nothing
			delete(f.Inputs, "fromPort")
			delete(f.Inputs, "toPort")
		}
		return []Found{f, classicRule(f)}
	},
	// aws ec2 describe-vpcs: further ranges are resources of their own.
	"Vpcs": func(e, _ object) []Found {
		var all []Found
		for _, r := range property.Objects(e, "CidrBlockAssociationSet") {
			if r["CidrBlock"] != e["CidrBlock"] {
				f := described(catalog.EC2VpcIpv4CidrBlockAssociation, r, "AssociationId", "")
				f.Inputs["vpcId"] = e["VpcId"]
				withTags(f.Inputs, e)
				all = append(all, f)
			}
		}
		return all
	},
	// aws ec2 describe-route-tables
	"RouteTables": func(e, _ object) []Found {
		var all []Found
		for _, a := range property.Objects(e, "Associations") {
			if a["SubnetId"] != nil { // else it is the VPC's main table
				f := described(catalog.EC2RouteTableAssociation, a, "RouteTableAssociationId", "")
				withTags(f.Inputs, e)
				all = append(all, f)
			}
		}
		return all
	},
	// aws iam get-account-authorization-details --filter Role
	"RoleDetailList": func(e, _ object) []Found {
		role := property.Text(e, "RoleName")
		all := one(catalog.IAMRole, role, withTags(object{"name": role}, e))
		for _, p := range property.Objects(e, "RolePolicyList") {
			name := property.Text(p, "PolicyName")
			all = append(all, one(catalog.IAMRolePolicy, role+":"+name, withTags(object{"role": role, "name": name}, e))...)
		}
		return all
	},
	// aws ec2 describe-launch-templates
	"LaunchTemplates": func(e, _ object) []Found {
		return one(catalog.EC2LaunchTemplate, e["LaunchTemplateId"], withTags(object{"name": e["LaunchTemplateName"]}, e))
	},
	// aws elbv2 describe-listeners
	"Listeners": func(e, _ object) []Found {
		return one(catalog.ELBListener, e["ListenerArn"], object{"loadBalancerArn": e["LoadBalancerArn"], "port": e["Port"]})
	},
	// aws autoscaling describe-auto-scaling-groups
	"AutoScalingGroups": func(e, _ object) []Found {
		return one(catalog.AutoScalingGroup, e["AutoScalingGroupName"], object{"name": e["AutoScalingGroupName"]})
	},
	// aws kms describe-key
	"KeyMetadata": func(e, _ object) []Found {
		return one(catalog.KMSKey, e["KeyId"], object{"description": e["Description"]})
	},
	// aws secretsmanager list-secret-version-ids
	"Versions": func(e, document object) []Found {
		if !slices.Contains(property.Texts(e, "VersionStages"), "AWSCURRENT") {
			return nil
		}
		id := fmt.Sprintf("%v|%v", document["ARN"], e["VersionId"])
		return one(catalog.SecretsManagerSecretVersion, id, object{"secretId": document["ARN"]})
	},
	// aws route53resolver list-resolver-rule-associations
	"ResolverRuleAssociations": func(e, _ object) []Found {
		return one(catalog.Route53ResolverRuleAssociation, e["Id"], object{"resolverRuleId": e["ResolverRuleId"], "vpcId": e["VPCId"]})
	},
	// aws sns list-subscriptions-by-topic
	"Subscriptions": func(e, _ object) []Found {
		inputs := object{"topic": e["TopicArn"], "protocol": e["Protocol"], "endpoint": e["Endpoint"]}
		return one(catalog.SNSTopicSubscription, e["SubscriptionArn"], inputs)
	},
	// atlas projects list, atlas clusters list and atlas alerts settings list
	"results": func(e, _ object) []Found {
		switch {
		case e["orgId"] != nil: // of the lists of Atlas, only that of projects has it
			return one(catalog.AtlasProject, e["id"], object{"name": e["name"], "orgId": e["orgId"]})
		case e["clusterType"] != nil:
			inputs := object{"name": e["name"], "projectId": e["groupId"], "clusterType": e["clusterType"]}
			return one(catalog.AtlasAdvancedCluster, e["id"], inputs)
		case e["eventTypeName"] != nil:
			inputs := object{
				"projectId": e["groupId"], "alertConfigurationId": e["id"], "eventType": e["eventTypeName"], "enabled": e["enabled"],
				"notifications": toldOf(e),
			}
			if metric := property.Object(e, "metricThreshold"); metric != nil {
				inputs["metricThresholdConfig"] = metric
			}
			return one(catalog.AtlasAlertConfiguration, e["id"], inputs)
		}
		return nil
	},
	// kubectl get
	"items": func(e, _ object) []Found {
		version := property.Text(e, "apiVersion")
		if version == "v1" {
			version = "core/v1"
		}
		// Among the annotations is that of an object which the provider has named.
		metadata := object{}
		for _, key := range []string{"name", "namespace", "annotations", "labels"} {
			if value := property.Get(e, "metadata", key); value != nil {
				metadata[key] = value
			}
		}
		name := property.Text(metadata, "name")
		f := Found{Type: fmt.Sprintf("kubernetes:%s:%v", version, e["kind"]), Name: name, Inputs: object{"metadata": metadata}}
		var known bool
		if f.ID, known = catalog.Of(f.Type).Identity.ImportID.Of(f.Inputs); !known {
			return nil
		}
		return []Found{f}
	},
}

// classicRule is a rule as the older of the two types that a rule may be of has it, with one source. Its id is made of those.
func classicRule(f Found) Found {
	in := object{
		"securityGroupId": f.Inputs["securityGroupId"], "type": "ingress", "protocol": f.Inputs["ipProtocol"],
		"cidrBlocks": nil, "sourceSecurityGroupId": nil,
	}
	for _, port := range []string{"fromPort", "toPort"} {
		if n, given := f.Inputs[port]; given {
			in[port] = n
		}
	}
	if f.Type == catalog.VPCSecurityGroupEgressRule {
		in["type"] = "egress"
	}
	if cidr := f.Inputs["cidrIpv4"]; cidr != nil {
		in["cidrBlocks"] = []any{cidr}
	}
	switch group := f.Inputs["referencedSecurityGroupId"]; group {
	case nil:
	case in["securityGroupId"]:
		in["self"] = true
	default:
		in["sourceSecurityGroupId"] = group
	}
	return Found{Type: catalog.EC2SecurityGroupRule, ID: f.ID, Inputs: in, part: true}
}

// privateLinks reads what `atlas privateEndpoints aws list` prints, which is a list and does not name the project.
func privateLinks(document any) (found []Found) {
	for _, e := range property.Objects(document) {
		if e["cloudProvider"] != nil {
			found = append(found, Found{
				Type: catalog.AtlasPrivateLinkEndpoint, ID: property.Text(e, "id"), part: true,
				Inputs: object{"privateLinkId": e["id"], "providerName": e["cloudProvider"], "region": e["regionName"]},
			})
			for _, endpoint := range property.Texts(e, "interfaceEndpoints") {
				found = append(found, Found{
					Type: catalog.AtlasPrivateLinkEndpointService, ID: property.Text(e, "id") + "/" + endpoint, part: true,
					Inputs: object{"privateLinkId": e["id"], "providerName": e["cloudProvider"], "endpointServiceId": endpoint},
				})
			}
		}
	}
	return found
}

// toldOf are the notifications of an alert of Atlas, of which those that the program makes say no more.
func toldOf(entry object) []any {
	var all []any
	for _, n := range property.Objects(entry, "notifications") {
		told := object{"delayMin": 0.0}
		keys := []string{"typeName", "delayMin", "intervalMin", "roles", "emailEnabled", "smsEnabled"}
		if n["emailAddress"] != nil {
			keys = []string{"typeName", "delayMin", "intervalMin", "emailAddress"}
		}
		for _, key := range keys {
			if value, given := n[key]; given {
				told[key] = value
			}
		}
		all = append(all, told)
	}
	return all
}

// one is a resource, and its name where the inputs have one.
func one(typ string, id any, inputs object) []Found {
	return []Found{{Type: typ, ID: fmt.Sprint(id), Name: property.Text(inputs, "name"), Inputs: inputs}}
}

// described takes an entry's plain values over by Pulumi's names: GroupId is groupId.
func described(typ string, entry object, id, name string) Found {
	f := Found{Type: typ, ID: property.Text(entry, id), Name: property.Text(entry, name), Inputs: object{}}
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
func withTags(inputs, entry object) object {
	if tags := tagsOf(entry); len(tags) > 0 {
		inputs["tags"] = tags
	}
	return inputs
}

func tagsOf(entry object) object {
	tags := object{}
	for _, tag := range property.Objects(entry, "Tags") {
		tags[property.Text(tag, "Key")] = tag["Value"]
	}
	return tags
}
