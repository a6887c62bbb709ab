package catalog

// The types of vpc.
const (
	VPCSecurityGroupEgressRule  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	VPCSecurityGroupIngressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

// ruleSources: a rule whose source becomes one of another kind is made anew, as provider 6.13.0 planned.
var ruleSources = []Planned{
	{"cidrIpv4", removed, "planned so by provider 6.13.0"}, {"cidrIpv6", removed, "planned so by provider 6.13.0"},
	{"prefixListId", removed, "planned so by provider 6.13.0"}, {"referencedSecurityGroupId", removed, "planned so by provider 6.13.0"},
}

var vpcTypes = []Type{
	{
		Token: VPCSecurityGroupEgressRule,
		Identity: Identity{
			Listing: Listing{"aws ec2 describe-security-group-rules", "SecurityGroupRules"},
		},
		Loss: Loss{
			Downtime: "connections by the rule are refused in between",
			Unfelt:   Deleted,
		},
		Exposes: func(_ string, in map[string]any) []Opening {
			return ways(true, rule(in, in["securityGroupId"], "ipProtocol"))
		},
		Price:       Price{Free: partOfVPC},
		Permissions: rulePermissions,
		Simulation: Simulation{
			Plans: ruleSources,
			ID:    "sgr-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}",
			},
		},
		Failures: []Failure{
			{Class: CreatedIDLost, Source: awsCode + "ec2/vpc_security_group_ingress_rule.go Create: where its tags fail"},
			keepsState(awsCode + "ec2/vpc_security_group_ingress_rule.go Update"),
		},
		None: none(quiet, plain, instant),
	},
	{
		Token: VPCSecurityGroupIngressRule,
		Identity: Identity{
			Listing: Listing{"aws ec2 describe-security-group-rules", "SecurityGroupRules"},
		},
		Loss: Loss{
			Downtime: "connections by the rule are refused in between",
			Unfelt:   Deleted,
		},
		Exposes: func(_ string, in map[string]any) []Opening {
			return ways(false, rule(in, in["securityGroupId"], "ipProtocol"))
		},
		Price:       Price{Free: partOfVPC},
		Permissions: rulePermissions,
		Simulation: Simulation{
			Plans: ruleSources,
			ID:    "sgr-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}",
			},
		},
		Failures: []Failure{
			{Class: CreatedIDLost, Source: awsCode + "ec2/vpc_security_group_ingress_rule.go Create: where its tags fail"},
			keepsState(awsCode + "ec2/vpc_security_group_ingress_rule.go Update"),
		},
		None: none(quiet, plain, instant),
	},
}

var rulePermissions = Permissions{
	Create: authorizesRule,
	Read:   []Grant{readsRules},
	Update: []Grant{
		onSecurityGroup.when(Own, "ec2:ModifySecurityGroupRules"),
		onSecurityGroupRule.when(Own, "ec2:ModifySecurityGroupRules"),
	},
	Delete: []Grant{onSecurityGroup.when(Own, "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress")},
}
