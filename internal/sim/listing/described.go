package listing

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// described are the lists that services' own commands print, and how each type's resources are entries of it.
var described = []struct {
	types   []string
	entries func(c *clouds, r *provider.Resource) []any
}{
	{[]string{catalog.EC2SecurityGroup, catalog.EC2DefaultSecurityGroup}, (*clouds).group},
	{[]string{catalog.VPCSecurityGroupIngressRule, catalog.VPCSecurityGroupEgressRule}, (*clouds).rule},
	{[]string{catalog.EC2SecurityGroupRule}, (*clouds).classicRules},
	{[]string{catalog.EC2VpcIpv4CidrBlockAssociation}, (*clouds).cidr},
	{[]string{catalog.EC2RouteTableAssociation}, func(_ *clouds, r *provider.Resource) []any {
		return []any{object{"RouteTableId": r.Inputs["routeTableId"], "Associations": []any{object{
			"Main": false, "RouteTableAssociationId": r.ID, "RouteTableId": r.Inputs["routeTableId"], "SubnetId": r.Inputs["subnetId"],
			"AssociationState": object{"State": "associated"},
		}}}}
	}},
	{[]string{catalog.EC2LaunchTemplate}, func(_ *clouds, r *provider.Resource) []any {
		return []any{object{
			"LaunchTemplateId": r.ID, "LaunchTemplateName": r.Inputs["name"], "DefaultVersionNumber": 1, "LatestVersionNumber": 1,
			"Tags": tags(r),
		}}
	}},
	{[]string{catalog.AutoScalingGroup}, func(_ *clouds, r *provider.Resource) []any {
		return []any{object{"AutoScalingGroupName": r.ID, "AutoScalingGroupARN": r.Outputs["arn"], "Instances": []any{}}}
	}},
	{[]string{catalog.ELBListener}, func(_ *clouds, r *provider.Resource) []any {
		return []any{object{
			"ListenerArn": r.ID, "LoadBalancerArn": r.Inputs["loadBalancerArn"], "Port": r.Inputs["port"], "Protocol": r.Inputs["protocol"],
		}}
	}},
	{[]string{catalog.IAMRole}, (*clouds).role},
	{[]string{catalog.SNSTopicSubscription}, func(c *clouds, r *provider.Resource) []any {
		return []any{object{
			"SubscriptionArn": r.ID, "TopicArn": r.Inputs["topic"], "Protocol": r.Inputs["protocol"], "Endpoint": r.Inputs["endpoint"],
			"Owner": c.place["account"],
		}}
	}},
	{[]string{catalog.Route53ResolverRuleAssociation}, func(_ *clouds, r *provider.Resource) []any {
		return []any{object{
			"Id": r.ID, "ResolverRuleId": r.Inputs["resolverRuleId"], "VPCId": r.Inputs["vpcId"], "Status": "COMPLETE",
		}}
	}},
}

// classicRules are the rules of EC2 that one of the older type stands for: one a source.
func (c *clouds) classicRules(r *provider.Resource) []any {
	var rules []any
	entry := func(from string, source any) {
		one := *r
		one.ID = "sgr-" + fmt.Sprintf("%017x", crc32.ChecksumIEEE([]byte(r.ID+from+fmt.Sprint(source))))
		one.Inputs = object{
			"securityGroupId": r.Inputs["securityGroupId"], "ipProtocol": r.Inputs["protocol"], "fromPort": r.Inputs["fromPort"],
			"toPort": r.Inputs["toPort"], from: source,
		}
		if one.Type = catalog.VPCSecurityGroupIngressRule; r.Inputs["type"] == "egress" {
			one.Type = catalog.VPCSecurityGroupEgressRule
		}
		rules = append(rules, c.rule(&one)...)
	}
	for _, cidr := range property.Texts(r.Inputs, "cidrBlocks") {
		entry("cidrIpv4", cidr)
	}
	if source := property.Text(r.Inputs, "sourceSecurityGroupId"); source != "" {
		entry("referencedSecurityGroupId", source)
	}
	if property.True(r.Inputs, "self") {
		entry("referencedSecurityGroupId", r.Inputs["securityGroupId"])
	}
	return rules
}

func (c *clouds) group(r *provider.Resource) []any {
	name, description := r.Inputs["name"], r.Inputs["description"]
	if r.Type == catalog.EC2DefaultSecurityGroup {
		name, description = "default", "default VPC security group"
	}
	return []any{object{
		"GroupId": r.ID, "GroupName": name, "Description": description, "VpcId": r.Inputs["vpcId"], "OwnerId": c.place["account"],
		"IpPermissions": []any{}, "IpPermissionsEgress": []any{}, "Tags": tags(r),
	}}
}

func (c *clouds) rule(r *provider.Resource) []any {
	rule := object{
		"SecurityGroupRuleId": r.ID, "GroupId": r.Inputs["securityGroupId"], "GroupOwnerId": c.place["account"],
		"IsEgress": r.Type == catalog.VPCSecurityGroupEgressRule, "IpProtocol": r.Inputs["ipProtocol"], "FromPort": -1, "ToPort": -1,
		"Tags": tags(r),
	}
	for name, property := range map[string]string{
		"FromPort": "fromPort", "ToPort": "toPort", "CidrIpv4": "cidrIpv4", "Description": "description",
	} {
		if value, ok := r.Inputs[property]; ok {
			rule[name] = value
		}
	}
	if source, ok := r.Inputs["referencedSecurityGroupId"]; ok {
		rule["ReferencedGroupInfo"] = object{"GroupId": source, "UserId": c.place["account"]}
	}
	return []any{rule}
}

// cidr is a VPC with a further range beside its own.
func (c *clouds) cidr(r *provider.Resource) []any {
	own := "10.0.0.0/16" // of a VPC that exists outside the stack
	var vpcTags []any
	for _, vpc := range c.all(catalog.EC2Vpc) {
		if vpc.ID == r.Inputs["vpcId"] {
			own, vpcTags = property.Text(vpc.Inputs, "cidrBlock"), tags(vpc)
		}
	}
	association := func(id string, block any) object {
		return object{"AssociationId": id, "CidrBlock": block, "CidrBlockState": object{"State": "associated"}}
	}
	return []any{object{
		"VpcId": r.Inputs["vpcId"], "CidrBlock": own, "OwnerId": c.place["account"], "State": "available", "Tags": vpcTags,
		"CidrBlockAssociationSet": []any{
			association("vpc-cidr-assoc-"+strings.TrimPrefix(fmt.Sprint(r.Inputs["vpcId"]), "vpc-"), own),
			association(r.ID, r.Inputs["cidrBlock"]),
		},
	}}
}

// role is a role with its own policies.
func (c *clouds) role(r *provider.Resource) []any {
	policies := []any{}
	for _, p := range c.all(catalog.IAMRolePolicy) {
		if p.Inputs["role"] == r.ID {
			policies = append(policies, object{"PolicyName": p.Inputs["name"]})
		}
	}
	return []any{object{
		"RoleName": r.ID, "Arn": r.Outputs["arn"], "Path": "/", "RolePolicyList": policies, "AttachedManagedPolicies": []any{},
		"Tags": tags(r),
	}}
}
