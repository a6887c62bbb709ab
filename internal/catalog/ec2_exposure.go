package catalog

import (
	"strings"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// rules reads the rules that stand in a security group itself, whose id is not among the inputs.
func rules(urn string, in map[string]any) []Opening {
	var found []Opening
	for _, way := range []string{"ingress", "egress"} {
		for _, r := range property.Objects(in, way) {
			found = append(found, ways(way == "egress", rule(r, urn, "protocol"))...)
		}
	}
	return found
}

// aclRules reads the rules of a network ACL that allow something. What a denial before them takes away is not looked at.
func aclRules(urn string, in map[string]any) []Opening {
	var found []Opening
	for _, way := range []string{"ingress", "egress"} {
		for _, r := range property.Objects(in, way) {
			if r["action"] == "allow" {
				found = append(found, ways(way == "egress", aclRule(r, urn))...)
			}
		}
	}
	return found
}

// aclRule reads a rule of a network ACL.
func aclRule(r map[string]any, acl any) Opening {
	return rule(map[string]any{
		"protocol": r["protocol"], "fromPort": r["fromPort"], "toPort": r["toPort"],
		"cidrBlocks": []any{r["cidrBlock"], r["ipv6CidrBlock"]},
	}, acl, "protocol")
}

// gatewayRoute reads a route to an internet gateway.
func gatewayRoute(urn string, in map[string]any) []Opening {
	if !strings.HasPrefix(property.Text(in, "gatewayId"), "igw-") && !stackdoc.IsUnknown(in["gatewayId"]) {
		return nil
	}
	found := opens(urn, "a way to and from the internet", 0, []any{in["destinationCidrBlock"], in["destinationIpv6CidrBlock"]})
	found[0].Harmless = stackdoc.IsUnknown(in["routeTableId"]) // a table of its own, and not one that subnets have already
	return found
}

// publicCards reads the network cards of a launch template.
func publicCards(urn string, in map[string]any) []Opening {
	for _, card := range property.Objects(in, "networkInterfaces") {
		if property.True(card, "associatePublicIpAddress") {
			return opens(urn, "public addresses of the instances", 0, everybody)
		}
	}
	return nil
}
