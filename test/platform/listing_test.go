package platform_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

type document = map[string]any

// ec2Kinds are what ARNs of EC2 call what Pulumi calls otherwise.
var ec2Kinds = map[string]string{
	catalog.EC2Vpc: "vpc", catalog.EC2Subnet: "subnet", catalog.EC2SecurityGroup: "security-group",
	catalog.EC2DefaultSecurityGroup: "security-group", catalog.EC2RouteTable: "route-table",
	catalog.EC2InternetGateway: "internet-gateway", catalog.EC2NatGateway: "natgateway",
	catalog.EC2Eip: "elastic-ip", catalog.EBSVolume: "volume", catalog.EC2VpcEndpoint: "vpc-endpoint",
	catalog.EC2LaunchTemplate: "launch-template", catalog.EC2Instance: "instance",
	catalog.EC2FlowLog: "vpc-flow-log",
}

// printed is what the commands of docs/recovery.md print of what the clouds hold: ARNs and tags, and what else each service's
// own command knows.
func printed(t *testing.T, s *rehearsal.Story) []byte {
	t.Helper()
	lists := map[string][]any{}
	var documents []any
	for _, r := range s.Clouds().List() {
		if arn := arnOf(r); arn != "" {
			var tags []any
			all, _ := r.Outputs["tagsAll"].(map[string]any)
			for key, value := range all {
				tags = append(tags, document{"Key": key, "Value": value})
			}
			lists["ResourceTagMappingList"] = append(lists["ResourceTagMappingList"], document{"ResourceARN": arn, "Tags": tags})
		}
		if describe := describers[r.Type]; describe != nil {
			list, entry := describe(r)
			lists[list] = append(lists[list], entry)
		}
		switch {
		case r.Type == catalog.KMSKey:
			documents = append(documents, document{"KeyMetadata": document{"KeyId": r.ID, "Description": r.Inputs["description"]}})
		case r.Type == catalog.SecretsManagerSecretVersion:
			arn, version, _ := strings.Cut(r.ID, "|")
			documents = append(documents, document{
				"ARN": arn, "Versions": []any{document{"VersionId": version, "VersionStages": []any{"AWSCURRENT"}}},
			})
		case r.Type == catalog.AtlasProject:
			documents = append(documents, []any{document{"type": r.Type, "id": r.ID, "name": r.Inputs["name"], "inputs": document{
				"name": r.Inputs["name"],
			}}})
		case r.Type == catalog.AtlasPrivateLinkEndpoint:
			documents = append(documents, []any{document{"type": r.Type, "name": "atlas-link", "id": fmt.Sprintf("%v-%v-AWS-US_WEST_2",
				r.Inputs["projectId"], r.Outputs["privateLinkId"])}})
		case r.Package == "kubernetes" && r.Inputs["metadata"] != nil:
			lists["items"] = append(lists["items"], document{
				"apiVersion": r.Outputs["apiVersion"], "kind": r.Outputs["kind"], "metadata": r.Inputs["metadata"],
			})
		}
	}
	for name, list := range lists {
		documents = append(documents, document{name: list})
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	for _, d := range documents {
		require.NoError(t, encoder.Encode(d))
	}
	return []byte(out.String())
}

// arnOf is the ARN of what `aws resourcegroupstaggingapi get-resources` lists: no roles, no Auto Scaling groups.
func arnOf(r *provider.Resource) string {
	if kind := ec2Kinds[r.Type]; kind != "" {
		return "arn:aws:ec2:us-west-2:111122223333:" + kind + "/" + r.ID
	}
	if r.Outputs["tagsAll"] == nil || r.Type == catalog.IAMRole ||
		r.Type == catalog.VPCSecurityGroupIngressRule {
		return ""
	}
	arn, _ := r.Outputs["arn"].(string)
	return arn
}

// describers are the entries of the lists that services' own commands print.
var describers = map[string]func(*provider.Resource) (list string, entry document){
	catalog.EC2SecurityGroup: func(r *provider.Resource) (string, document) {
		return "SecurityGroups", document{
			"GroupId": r.ID, "GroupName": r.Inputs["name"], "Description": r.Inputs["description"], "VpcId": r.Inputs["vpcId"],
		}
	},
	catalog.EC2DefaultSecurityGroup: func(r *provider.Resource) (string, document) {
		return "SecurityGroups", document{"GroupId": r.ID, "GroupName": "default", "VpcId": r.Inputs["vpcId"]}
	},
	catalog.VPCSecurityGroupIngressRule: func(r *provider.Resource) (string, document) {
		return "SecurityGroupRules", ruleOf(r, false)
	},
	catalog.VPCSecurityGroupEgressRule: func(r *provider.Resource) (string, document) {
		return "SecurityGroupRules", ruleOf(r, true)
	},
	catalog.EC2VpcIpv4CidrBlockAssociation: func(r *provider.Resource) (string, document) {
		return "Vpcs", document{"VpcId": r.Inputs["vpcId"], "CidrBlock": "the VPC's own", "CidrBlockAssociationSet": []any{
			document{"AssociationId": r.ID, "CidrBlock": r.Inputs["cidrBlock"]},
		}}
	},
	catalog.EC2LaunchTemplate: func(r *provider.Resource) (string, document) {
		return "LaunchTemplates", document{"LaunchTemplateId": r.ID, "LaunchTemplateName": r.Inputs["name"]}
	},
	catalog.AutoScalingGroup: func(r *provider.Resource) (string, document) {
		return "AutoScalingGroups", document{"AutoScalingGroupName": r.ID}
	},
	catalog.ELBListener: func(r *provider.Resource) (string, document) {
		return "Listeners", document{"ListenerArn": r.ID, "LoadBalancerArn": r.Inputs["loadBalancerArn"], "Port": r.Inputs["port"]}
	},
	catalog.IAMRole: func(r *provider.Resource) (string, document) {
		return "RoleDetailList", document{"RoleName": r.ID, "RolePolicyList": []any{}, "Tags": []any{
			document{"Key": "bpa:stack", "Value": "bpa-test"},
		}}
	},
	catalog.IAMRolePolicy: func(r *provider.Resource) (string, document) {
		return "RoleDetailList", document{"RoleName": r.Inputs["role"], "RolePolicyList": []any{document{"PolicyName": r.Inputs["name"]}}}
	},
	catalog.SNSTopicSubscription: func(r *provider.Resource) (string, document) {
		return "Subscriptions", document{
			"SubscriptionArn": r.ID, "TopicArn": r.Inputs["topic"], "Protocol": r.Inputs["protocol"], "Endpoint": r.Inputs["endpoint"],
		}
	},
	catalog.Route53ResolverRuleAssociation: func(r *provider.Resource) (string, document) {
		return "ResolverRuleAssociations", document{"Id": r.ID, "ResolverRuleId": r.Inputs["resolverRuleId"], "VPCId": r.Inputs["vpcId"]}
	},
}

func ruleOf(r *provider.Resource, egress bool) document {
	rule := document{
		"SecurityGroupRuleId": r.ID, "GroupId": r.Inputs["securityGroupId"], "IsEgress": egress, "IpProtocol": r.Inputs["ipProtocol"],
	}
	for name, property := range map[string]string{
		"FromPort": "fromPort", "ToPort": "toPort", "CidrIpv4": "cidrIpv4", "Description": "description",
	} {
		if value, ok := r.Inputs[property]; ok {
			rule[name] = value
		}
	}
	if source, ok := r.Inputs["referencedSecurityGroupId"]; ok {
		rule["ReferencedGroupInfo"] = document{"GroupId": source}
	}
	return rule
}
