package aws

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// vpc are the networks of EC2: VPCs, subnets, gateways and routes.
var vpc = provider.Code{
	catalog.EC2Vpc: {
		Values: []provider.Value{cidrOf("cidrBlock"), oneOf("instanceTenancy", "default dedicated")},
		Rules:  []provider.Rule{{Code: "InvalidVpc.Range", Source: vpcGuide, OnCreate: true, Fails: vpcRange}},
	},
	catalog.EC2VpcIpv4CidrBlockAssociation: {
		Values: []provider.Value{cidrOf("cidrBlock")},
		Rules: []provider.Rule{
			{Code: "InvalidVpc.Range", Source: vpcGuide, OnCreate: true, Fails: secondaryRange},
			{Code: "CidrConflict", Source: vpcGuide, OnCreate: true, Fails: secondaryOverlap},
		},
		Leaving: []provider.Rule{{Code: "InvalidCidrBlock.InUse", Source: ec2Errors, Fails: subnetsInRange}},
	},
	catalog.EC2Subnet: {
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"availabilityZone": subnetZone(r), "availabilityZoneId": zoneID(subnetZone(r))}
		},
		Values: []provider.Value{cidrOf("cidrBlock")},
		Rules: []provider.Rule{
			{Code: "InvalidParameterValue", Source: ec2Errors, OnCreate: true, Fails: zoneExists},
			{Code: "InvalidSubnet.Range", Source: issue("getmoto/moto", 3385), OnCreate: true, Fails: subnetInside},
			{Code: "InvalidSubnet.Conflict", Source: issue("hashicorp/terraform", 33470), OnCreate: true, Fails: subnetOverlap},
		},
		Leaving: []provider.Rule{
			{
				Code:   "DependencyViolation",
				Source: issue("hashicorp/terraform-provider-aws", 9495),
				Takes:  20 * time.Minute,
				Fails:  podsInSubnet,
			},
		},
	},
	catalog.EC2InternetGateway: {
		Rules: []provider.Rule{
			{Code: "InvalidParameterValue", Source: issue("binlab/terraform-aws-vault-ha-raft", 54), OnCreate: true, Fails: gatewayTaken},
		},
		Leaving: []provider.Rule{
			{Code: "DependencyViolation", Source: issue("dspace-group/dspace-reference-architecture-aws", 16), Fails: addressesMapped},
		},
	},
	catalog.EC2Eip: {Values: []provider.Value{oneOf("domain", "vpc standard")}},
	catalog.EC2NatGateway: {
		Values: []provider.Value{oneOf("connectivityType", "public private")},
		Rules: []provider.Rule{
			{Code: "Gateway.NotAttached", Source: issue("hashicorp/terraform-provider-aws", 709), OnCreate: true, Fails: noGateway},
		},
	},
	catalog.EC2Route: {
		Values: []provider.Value{cidrOf("destinationCidrBlock")},
		Rules:  []provider.Rule{{Code: "RouteAlreadyExists", Source: ec2Errors, OnCreate: true, Fails: routeExists}},
	},
	catalog.EC2FlowLog: {
		Values: []provider.Value{
			oneOf("trafficType", "ACCEPT REJECT ALL"), oneOf("logDestinationType", "cloud-watch-logs s3 kinesis-data-firehose"),
			{Property: "maxAggregationInterval", Min: 60, Max: 600, Source: tfAWS},
		},
	},
}

// subnetZone: AWS chooses where the program does not.
func subnetZone(r *provider.Request) string {
	if zone := r.Str("availabilityZone"); zone != "" {
		return zone
	}
	return region(r) + zoneLetters(region(r))[:1]
}

// shuffled are the zones of us-east-1, whose names mean others in each account: as most accounts see them, in which e is the old
// zone that newer services pass over. Source: github.com/eksctl-io/eksctl/issues/817.
var shuffled = map[string]string{"us-east-1c": "use1-az4", "us-east-1d": "use1-az6", "us-east-1e": "use1-az3", "us-east-1f": "use1-az5"}

// zoneID turns us-west-2a into usw2-az1.
func zoneID(zone string) string {
	if id := shuffled[zone]; id != "" {
		return id
	}
	if len(zone) < 3 {
		return ""
	}
	parts := strings.Split(zone[:len(zone)-1], "-")
	short := parts[0]
	for _, p := range parts[1:] {
		short += p[:1]
	}
	return fmt.Sprintf("%s-az%d", short, 1+int(zone[len(zone)-1]-'a'))
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
	vpc := r.Store.Get(catalog.EC2Vpc, r.Str("vpcId"))
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
	if vpc := r.Store.Get(catalog.EC2Vpc, r.Str("vpcId")); vpc != nil {
		if p, err := netip.ParsePrefix(text(vpc.Inputs, "cidrBlock")); err == nil {
			list = append(list, p)
		}
	}
	for _, a := range r.Store.All(catalog.EC2VpcIpv4CidrBlockAssociation) {
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
	for _, other := range r.Store.All(catalog.EC2Subnet) {
		p, err := netip.ParsePrefix(text(other.Inputs, "cidrBlock"))
		if err == nil && other.Inputs["vpcId"] == r.Inputs["vpcId"] && p.Overlaps(prefix) {
			return fmt.Sprintf("The CIDR '%s' conflicts with another subnet", prefix)
		}
	}
	return ""
}

func subnetsInRange(r *provider.Request) string {
	block, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	for _, s := range r.Store.All(catalog.EC2Subnet) {
		p, err := netip.ParsePrefix(text(s.Inputs, "cidrBlock"))
		if err == nil && s.Inputs["vpcId"] == r.Inputs["vpcId"] && block.Contains(p.Addr()) {
			return fmt.Sprintf("The vpc %s currently has a subnet within CIDR block %s", r.Str("vpcId"), block)
		}
	}
	return ""
}

func hasGateway(r *provider.Request, vpc string) bool {
	return r.Store.Find(catalog.EC2InternetGateway, func(o *provider.Resource) bool { return o.Inputs["vpcId"] == vpc }) != nil
}

func gatewayTaken(r *provider.Request) string {
	if r.Str("vpcId") != "" && hasGateway(r, r.Str("vpcId")) {
		return fmt.Sprintf("Network %s already has an internet gateway attached", r.Str("vpcId"))
	}
	return ""
}

func addressesMapped(r *provider.Request) string {
	const mapped = "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
	vpc := r.Str("vpcId")
	for _, g := range r.Store.All(catalog.EC2NatGateway) {
		if vpcOf(r, text(g.Inputs, "subnetId")) == vpc && g.Inputs["connectivityType"] != "private" {
			return fmt.Sprintf(mapped, vpc)
		}
	}
	for _, b := range r.Store.All(catalog.ELBLoadBalancer) {
		subnets := texts(b.Inputs["subnets"])
		if b.Inputs["internal"] != true && len(subnets) > 0 && vpcOf(r, subnets[0]) == vpc {
			return fmt.Sprintf(mapped, vpc)
		}
	}
	return ""
}

// noGateway: a public NAT gateway needs a way out. Of a VPC outside the stack nothing is known.
func noGateway(r *provider.Request) string {
	vpc := vpcOf(r, r.Str("subnetId"))
	if r.Str("connectivityType") == "private" || r.Store.Get(catalog.EC2Vpc, vpc) == nil || hasGateway(r, vpc) {
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
