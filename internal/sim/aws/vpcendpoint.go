package aws

import (
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// endpoints are the endpoints of a VPC.
var endpoints = provider.Code{
	catalog.EC2VpcEndpoint: {
		Outputs: endpointOutputs,
		Values: []provider.Value{
			oneOf("vpcEndpointType", "Gateway GatewayLoadBalancer Interface Resource ServiceNetwork"),
			oneOf("ipAddressType", "ipv4 dualstack ipv6"), jsonOf("policy"),
		},
		Rules: append([]provider.Rule{
			{Code: "InvalidServiceName", Source: ec2Errors, OnCreate: true, Fails: serviceExists},
			{Code: "DuplicateSubnetsInSameZone", Source: issue("terraform-aws-modules/terraform-aws-vpc", 583), Fails: oneSubnetAZone},
			{Code: "InvalidParameter", Source: issue("terraform-aws-modules/terraform-aws-vpc", 462), Fails: serviceHasZones},
			{Code: "InvalidParameter", Source: issue("hashicorp/terraform-provider-aws", 17269), OnCreate: true, Fails: privateDNS},
			interfaceGroups("securityGroupIds"), sameNetwork("securityGroupIds", "subnetIds"),
		}, policyRules("policy", "InvalidPolicyDocument")...),
	},
}

// endpointOutputs: AWS's own services accept at once, another account's service waits for its owner.
func endpointOutputs(r *provider.Request) map[string]any {
	state := "available"
	if !strings.HasPrefix(r.Str("serviceName"), "com.amazonaws."+region(r)+".") {
		state = "pendingAcceptance"
	}
	out := map[string]any{"state": state}
	if r.Str("vpcEndpointType") != "Interface" {
		out["prefixListId"] = r.Kept("prefixListId", func() any { return "pl-" + r.Hex(8) })
		return out
	}
	out["dnsEntries"] = []any{map[string]any{
		"dnsName":      r.ID + "." + strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."),
		"hostedZoneId": "Z1YSA3EXCYUU9Z",
	}}
	return out
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

// lackedBy are the letters of the zones that a service is not in.
func lackedBy(r *provider.Request) string {
	lacks, own := endpointServices[strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."+region(r)+".")]
	if !own {
		return "e"
	}
	return lacks
}

func getEndpointService(r *provider.Request) (map[string]any, error) {
	var zones []any
	for _, letter := range zoneLetters(region(r)) {
		if !strings.ContainsRune(lackedBy(r), letter) {
			zones = append(zones, region(r)+string(letter))
		}
	}
	return map[string]any{
		"id": r.Str("serviceName"), "serviceName": r.Str("serviceName"), "availabilityZones": zones, "serviceType": "Interface",
	}, nil
}

// getSubnet knows those of the stack. One outside it is in the zone that its id falls to, the same on every run.
func getSubnet(r *provider.Request) (map[string]any, error) {
	zone := zoneOf(r, r.Str("id"))
	if zone == "" {
		letters := strings.ReplaceAll(zoneLetters(region(r)), "e", "")
		zone = region(r) + string(letters[crc32.ChecksumIEEE([]byte(r.Str("id")))%uint32(len(letters))])
	}
	block := ""
	if subnet := r.Store.Get(catalog.EC2Subnet, r.Str("id")); subnet != nil {
		block = text(subnet.Inputs, "cidrBlock")
	}
	return map[string]any{"id": r.Str("id"), "availabilityZone": zone, "cidrBlock": block}, nil
}

func serviceHasZones(r *provider.Request) string {
	lacks := lackedBy(r)
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
	if vpc := r.Store.Get(catalog.EC2Vpc, r.Str("vpcId")); vpc != nil &&
		(vpc.Inputs["enableDnsHostnames"] != true || vpc.Inputs["enableDnsSupport"] == false) {
		return fmt.Sprintf(
			"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s",
			vpc.ID,
		)
	}
	for _, other := range r.Store.All(catalog.EC2VpcEndpoint) {
		if other.Inputs["vpcId"] == r.Inputs["vpcId"] && other.Inputs["serviceName"] == r.Inputs["serviceName"] &&
			other.Inputs["privateDnsEnabled"] == true {
			return fmt.Sprintf("private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s",
				strings.TrimPrefix(r.Str("serviceName"), "com.amazonaws."), r.Str("vpcId"))
		}
	}
	return ""
}
