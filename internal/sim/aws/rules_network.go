package aws

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	vpcType         = catalog.EC2Vpc
	subnetType      = catalog.EC2Subnet
	associationType = catalog.EC2VpcIpv4CidrBlockAssociation
	endpointType    = catalog.EC2VpcEndpoint
)

// networkRules are the rules of VPC.
func networkRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		vpcType: {{Code: "InvalidVpc.Range", Source: vpcGuide, OnCreate: true, Fails: vpcRange}},
		associationType: {
			{Code: "InvalidVpc.Range", Source: vpcGuide, OnCreate: true, Fails: secondaryRange},
			{Code: "CidrConflict", Source: vpcGuide, OnCreate: true, Fails: secondaryOverlap},
		},
		subnetType: {
			{Code: "InvalidParameterValue", Source: ec2Errors, OnCreate: true, Fails: zoneExists},
			{Code: "InvalidSubnet.Range", Source: issue("getmoto/moto", 3385), OnCreate: true, Fails: subnetInside},
			{
				Code: "InvalidSubnet.Conflict", Source: issue("hashicorp/terraform", 33470), OnCreate: true, Fails: subnetOverlap,
			},
		},
		endpointType: {
			{Code: "InvalidServiceName", Source: ec2Errors, OnCreate: true, Fails: serviceExists},
			{Code: "DuplicateSubnetsInSameZone", Source: issue("terraform-aws-modules/terraform-aws-vpc", 583), Fails: oneSubnetAZone},
			{Code: "InvalidParameter", Source: issue("terraform-aws-modules/terraform-aws-vpc", 462), Fails: serviceHasZones},
			{
				Code: "InvalidParameter", Source: issue("hashicorp/terraform-provider-aws", 17269), OnCreate: true,
				Fails: privateDNS,
			},
		},
		gatewayType: {
			{Code: "InvalidParameterValue", Source: issue("binlab/terraform-aws-vault-ha-raft", 54), OnCreate: true, Fails: gatewayTaken},
		},
		catalog.EC2NatGateway: {
			{Code: "Gateway.NotAttached", Source: issue("hashicorp/terraform-provider-aws", 709), OnCreate: true, Fails: noGateway},
		},
		catalog.EC2Route: {
			{Code: "RouteAlreadyExists", Source: ec2Errors, OnCreate: true, Fails: routeExists},
		},
	}
}

func vpcRange(r *provider.Request) string {
	prefix, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil || prefix.Bits() >= 16 && prefix.Bits() <= 28 {
		return ""
	}
	return fmt.Sprintf("The CIDR '%s' is invalid.", prefix)
}

// restricted are ranges that cannot be added to a VPC whose own range lies in the first.
// Source: VPC guide, "IPv4 CIDR block association restrictions" (docs/facts.md §4).
var restricted = []struct{ primary, secondary string }{
	{"10.0.0.0/8", "172.16.0.0/12"}, {"10.0.0.0/8", "192.168.0.0/16"}, {"10.0.0.0/8", "198.19.0.0/16"},
	{"172.16.0.0/12", "10.0.0.0/8"}, {"172.16.0.0/12", "192.168.0.0/16"}, {"172.16.0.0/12", "198.19.0.0/16"},
	{"192.168.0.0/16", "10.0.0.0/8"}, {"192.168.0.0/16", "172.16.0.0/12"}, {"192.168.0.0/16", "198.19.0.0/16"},
}

func secondaryRange(r *provider.Request) string {
	prefix, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	if prefix.Bits() < 16 || prefix.Bits() > 28 {
		return fmt.Sprintf("The CIDR '%s' is invalid.", prefix)
	}
	vpc := r.Store.Get(vpcType, r.Str("vpcId"))
	if vpc == nil {
		return ""
	}
	primary, err := netip.ParsePrefix(text(vpc.Inputs, "cidrBlock"))
	if err != nil {
		return ""
	}
	for _, rule := range restricted {
		if netip.MustParsePrefix(rule.primary).Overlaps(primary) && netip.MustParsePrefix(rule.secondary).Overlaps(prefix) {
			return fmt.Sprintf("The CIDR '%s' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, "+
				"or use a publicly-routable CIDR. For additional restrictions, see the VPC guide on adding IPv4 CIDR blocks.", prefix)
		}
	}
	return ""
}

func secondaryOverlap(r *provider.Request) string {
	prefix, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	for _, other := range ranges(r) {
		if other.Overlaps(prefix) {
			return fmt.Sprintf("The CIDR '%s' conflicts with another CIDR associated with this VPC (%s).", prefix, other)
		}
	}
	return ""
}

// ranges are the ranges of the VPC that a request names, none where the VPC lies outside the stack.
func ranges(r *provider.Request) []netip.Prefix {
	var list []netip.Prefix
	if vpc := r.Store.Get(vpcType, r.Str("vpcId")); vpc != nil {
		if p, err := netip.ParsePrefix(text(vpc.Inputs, "cidrBlock")); err == nil {
			list = append(list, p)
		}
	}
	for _, a := range r.Store.All(associationType) {
		if a.Inputs["vpcId"] == r.Inputs["vpcId"] {
			if p, err := netip.ParsePrefix(text(a.Inputs, "cidrBlock")); err == nil {
				list = append(list, p)
			}
		}
	}
	return list
}

func zoneExists(r *provider.Request) string {
	zone := r.Str("availabilityZone")
	letter, ok := strings.CutPrefix(zone, region(r))
	if zone == "" || ok && len(letter) == 1 && strings.Contains(zoneLetters(region(r)), letter) {
		return ""
	}
	var names []string
	for _, l := range zoneLetters(region(r)) {
		names = append(names, region(r)+string(l))
	}
	return fmt.Sprintf("Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following "+
		"availability zones: %s.", zone, strings.Join(names, ", "))
}

func subnetInside(r *provider.Request) string {
	prefix, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	blocks := ranges(r)
	if len(blocks) == 0 && r.Store.External(r.Str("vpcId")) {
		return ""
	}
	for _, block := range blocks {
		if block.Bits() <= prefix.Bits() && block.Contains(prefix.Addr()) && prefix.Bits() <= 28 {
			return ""
		}
	}
	return fmt.Sprintf("The CIDR '%s' is invalid.", prefix)
}

func subnetOverlap(r *provider.Request) string {
	prefix, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	for _, other := range r.Store.All(subnetType) {
		p, err := netip.ParsePrefix(text(other.Inputs, "cidrBlock"))
		if err == nil && other.Inputs["vpcId"] == r.Inputs["vpcId"] && p.Overlaps(prefix) {
			return fmt.Sprintf("The CIDR '%s' conflicts with another subnet", prefix)
		}
	}
	return ""
}

// endpointServices are AWS's own services with an endpoint, and the zone letters that some of them lack. Other
// accounts' services, Atlas's among them, are not in zone e: us-east-1's oldest, which newer services pass over.
var endpointServices = map[string]string{
	"s3":                   "",
	"dynamodb":             "",
	"ecr.api":              "",
	"ecr.dkr":              "",
	"sts":                  "",
	"ec2":                  "",
	"logs":                 "",
	"ssm":                  "",
	"ssmmessages":          "",
	"ec2messages":          "",
	"kms":                  "",
	"secretsmanager":       "",
	"elasticloadbalancing": "",
	"autoscaling":          "",
	"eks":                  "",
	"eks-auth":             "",
	"monitoring":           "",
	"rds":                  "",
	"email-smtp":           "d",
}

func serviceExists(r *provider.Request) string {
	name := r.Str("serviceName")
	short, own := strings.CutPrefix(name, "com.amazonaws."+region(r)+".")
	if _, known := endpointServices[short]; own && known || strings.HasPrefix(name, "com.amazonaws.vpce."+region(r)+".") {
		return ""
	}
	return fmt.Sprintf("The Vpc Endpoint Service '%s' does not exist", name)
}

func oneSubnetAZone(r *provider.Request) string {
	seen := map[string]bool{}
	for _, id := range texts(r.Inputs["subnetIds"]) {
		zone := zoneOf(r, id)
		if zone != "" && seen[zone] {
			return fmt.Sprintf("Found another VPC endpoint subnet in the availability zone of %s. VPC endpoint subnets should be in "+
				"different availability zones supported by the VPC endpoint service.", id)
		}
		seen[zone] = true
	}
	return ""
}

func serviceHasZones(r *provider.Request) string {
	short := strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."+region(r)+".")
	lacks, own := endpointServices[short]
	if !own {
		lacks = "e"
	}
	for _, id := range texts(r.Inputs["subnetIds"]) {
		zone := zoneOf(r, id)
		if zone != "" && lacks != "" && strings.ContainsAny(zone[len(zone)-1:], lacks) {
			return fmt.Sprintf(
				"The VPC endpoint service %s does not support the availability zone of the subnet: %s.",
				r.Str("serviceName"),
				id,
			)
		}
	}
	return ""
}

func privateDNS(r *provider.Request) string {
	if r.Inputs["privateDnsEnabled"] != true {
		return ""
	}
	if vpc := r.Store.Get(vpcType, r.Str("vpcId")); vpc != nil &&
		(vpc.Inputs["enableDnsHostnames"] != true || vpc.Inputs["enableDnsSupport"] == false) {
		return fmt.Sprintf(
			"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s",
			vpc.ID,
		)
	}
	for _, other := range r.Store.All(endpointType) {
		if other.Inputs["vpcId"] == r.Inputs["vpcId"] && other.Inputs["serviceName"] == r.Inputs["serviceName"] &&
			other.Inputs["privateDnsEnabled"] == true {
			return fmt.Sprintf("private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s",
				strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."), r.Str("vpcId"))
		}
	}
	return ""
}

func gatewayTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool { return o.Inputs["vpcId"] == r.Inputs["vpcId"] }
	if r.Str("vpcId") != "" && r.Store.Find(gatewayType, same) != nil {
		return fmt.Sprintf("Network %s already has an internet gateway attached", r.Str("vpcId"))
	}
	return ""
}

// noGateway: a public NAT gateway needs a way out. Of a VPC outside the stack nothing is known.
func noGateway(r *provider.Request) string {
	vpc := vpcOf(r, r.Str("subnetId"))
	attached := func(o *provider.Resource) bool { return o.Inputs["vpcId"] == vpc }
	if r.Str("connectivityType") == "private" || r.Store.Get(vpcType, vpc) == nil || r.Store.Find(gatewayType, attached) != nil {
		return ""
	}
	return fmt.Sprintf("Network %s has no Internet gateway attached", vpc)
}

func routeExists(r *provider.Request) string {
	for _, other := range r.Store.All(catalog.EC2Route) {
		if d := r.Str("destinationCidrBlock"); d != "" && other.Inputs["destinationCidrBlock"] == d &&
			other.Inputs["routeTableId"] == r.Inputs["routeTableId"] {
			return fmt.Sprintf("The route identified by %s already exists.", d)
		}
	}
	return ""
}
