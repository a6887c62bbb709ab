package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// securityGroups are security groups and the three types of their rules.
var securityGroups = provider.Code{
	catalog.EC2SecurityGroup: {
		Values: []provider.Value{
			{Property: "name", Pattern: regexp.MustCompile(`^sg-`), Not: true, Source: tfAWS, Text: "cannot begin with 'sg-'"},
			{Property: "name", Min: 0, Max: 255, Source: tfAWS},
			groupText,
		},
		Rules: []provider.Rule{
			{Code: "InvalidGroup.Duplicate", Source: ec2Errors, OnCreate: true, Fails: groupExists},
			{Code: "RulesPerSecurityGroupLimitExceeded", Source: issue("hashicorp/terraform-provider-aws", 30289), Fails: tooManyInline},
		},
	},
	catalog.EC2SecurityGroupRule: {
		Values: []provider.Value{
			groupText, oneOf("type", "ingress egress"), cidrOf("cidrBlocks.[]"),
			{Property: "fromPort", Min: -1, Max: 65535, Source: tfAWS},
		},
		Rules: groupRules,
	},
	catalog.VPCSecurityGroupIngressRule: {Values: []provider.Value{groupText, cidrOf("cidrIpv4")}, Rules: groupRules},
	catalog.VPCSecurityGroupEgressRule:  {Values: []provider.Value{groupText, cidrOf("cidrIpv4")}, Rules: groupRules},
}

// groupText is what the description of a group or a rule may hold.
var groupText = provider.Value{
	Property: "description", Min: 0, Max: 255, Source: tfAWS,
	Pattern: regexp.MustCompile(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;\{\}!$*-]*$`),
	Text:    "Character sets beyond ASCII letters, digits and _ .:/()#,@[]+=&;{}!$*- are not supported",
}

var groupRules = []provider.Rule{
	{Code: "InvalidPermission.Duplicate", Source: ec2Errors, OnCreate: true, Fails: ruleExists},
	{
		Code: "RulesPerSecurityGroupLimitExceeded", Source: issue("hashicorp/terraform-provider-aws", 30289), OnCreate: true,
		Fails: tooManyRules,
	},
	{Code: "InvalidParameterValue", Source: ec2Errors, OnCreate: true, Fails: portsInvalid},
}

// Quotas of VPC, per security group and direction, and per network interface (docs/facts.md §4).
const (
	rulesPerGroup      = 60
	groupsPerInterface = 5
)

func interfaceGroups(property string) provider.Rule {
	return provider.Rule{Code: "SecurityGroupsPerInterfaceLimitExceeded", Source: vpcQuotas, Fails: func(r *provider.Request) string {
		if n := len(texts(r.Inputs[property])); n > groupsPerInterface {
			return fmt.Sprintf("You have exceeded the maximum number of security groups per network interface allowed: %d of %d.",
				n, groupsPerInterface)
		}
		return ""
	}}
}

func sameNetwork(groups, subnets string) provider.Rule {
	return provider.Rule{Code: "InvalidGroup.NotFound", Source: ec2Errors, Fails: func(r *provider.Request) string {
		for _, subnet := range texts(r.Inputs[subnets]) {
			for _, group := range texts(r.Inputs[groups]) {
				if a, b := vpcOf(r, subnet), vpcOf(r, group); a != "" && b != "" && a != b {
					return fmt.Sprintf("The security group '%s' does not exist in VPC '%s'", group, a)
				}
			}
		}
		return ""
	}}
}

func groupExists(r *provider.Request) string {
	for _, other := range r.Store.All(catalog.EC2SecurityGroup) {
		if other.Inputs["name"] == r.Inputs["name"] && other.Inputs["vpcId"] == r.Inputs["vpcId"] {
			return fmt.Sprintf("The security group '%s' already exists for VPC '%s'", r.Str("name"), r.Str("vpcId"))
		}
	}
	return ""
}

// permission is one rule as EC2 counts it: a direction, a protocol, ports and one peer.
type permission struct{ group, direction, protocol, from, to, peer string }

// permissions are those of a resource of any of the three types of rules.
func permissions(typ string, inputs map[string]any) []permission {
	p := permission{
		group: text(inputs, "securityGroupId"), from: fmt.Sprint(inputs["fromPort"]), to: fmt.Sprint(inputs["toPort"]),
		protocol: strings.ToLower(text(inputs, "protocol") + text(inputs, "ipProtocol")), direction: text(inputs, "type"),
	}
	switch typ {
	case catalog.VPCSecurityGroupIngressRule:
		p.direction = "ingress"
	case catalog.VPCSecurityGroupEgressRule:
		p.direction = "egress"
	}
	if p.protocol == "-1" || p.protocol == "all" {
		p.protocol, p.from, p.to = "-1", "all", "all"
	}
	var peers []string
	for _, key := range []string{"cidrBlocks", "ipv6CidrBlocks", "prefixListIds"} {
		peers = append(peers, texts(inputs[key])...)
	}
	for _, key := range []string{"sourceSecurityGroupId", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} {
		if v := text(inputs, key); v != "" {
			peers = append(peers, v)
		}
	}
	if inputs["self"] == true {
		peers = append(peers, p.group)
	}
	var list []permission
	for _, peer := range peers {
		one := p
		one.peer = peer
		list = append(list, one)
	}
	return list
}

// granted are the permissions of a group that exist, in one direction.
func granted(r *provider.Request, group, direction string) map[permission]bool {
	all := map[permission]bool{}
	for _, typ := range []string{catalog.EC2SecurityGroupRule, catalog.VPCSecurityGroupIngressRule, catalog.VPCSecurityGroupEgressRule} {
		for _, other := range r.Store.All(typ) {
			for _, p := range permissions(typ, other.Inputs) {
				if p.group == group && p.direction == direction {
					all[p] = true
				}
			}
		}
	}
	return all
}

func ruleExists(r *provider.Request) string {
	for _, p := range permissions(r.Type, r.Inputs) {
		if granted(r, p.group, p.direction)[p] {
			return fmt.Sprintf("the specified rule \"peer: %s, %s, from port: %s, to port: %s, ALLOW\" already exists",
				p.peer, strings.ToUpper(p.protocol), p.from, p.to)
		}
	}
	return ""
}

func tooManyRules(r *provider.Request) string {
	list := permissions(r.Type, r.Inputs)
	if len(list) == 0 || len(granted(r, list[0].group, list[0].direction))+len(list) <= rulesPerGroup {
		return ""
	}
	return "The maximum number of rules per security group has been reached."
}

func tooManyInline(r *provider.Request) string {
	for _, direction := range []string{"ingress", "egress"} {
		n := 0
		for _, rule := range objects(r.Inputs[direction]) {
			rule["securityGroupId"], rule["type"] = "self", direction
			n += len(permissions(catalog.EC2SecurityGroupRule, rule))
			delete(rule, "securityGroupId")
			delete(rule, "type")
		}
		if n > rulesPerGroup {
			return "The maximum number of rules per security group has been reached."
		}
	}
	return ""
}

func portsInvalid(r *provider.Request) string {
	from, hasFrom := r.Inputs["fromPort"].(float64)
	to, hasTo := r.Inputs["toPort"].(float64)
	protocol := r.Str("protocol") + r.Str("ipProtocol")
	if (protocol == "tcp" || protocol == "udp") && hasFrom && hasTo && (to < from || from > 65535 || to > 65535) {
		return fmt.Sprintf("Invalid TCP/UDP port range (%v, %v)", from, to)
	}
	return ""
}
