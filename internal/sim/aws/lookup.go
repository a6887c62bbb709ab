package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// Documents that several rules come from.
const (
	vpcGuide   = "docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
	vpcQuotas  = "docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
	ec2Errors  = "docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
	elbErrors  = "docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"
	rdsAPI     = "docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
	rdsStorage = "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html"
	rdsLimits  = "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html"
	eksAPI     = "docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html"
	eksLT      = "docs.aws.amazon.com/eks/latest/userguide/launch-templates.html"
	iamErrors  = "docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
	ecrAPI     = "docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"
	tfAWS      = "terraform-provider-aws 5.45, the resource's own validation"
)

// issue names a public GitHub issue or pull request.
func issue(repository string, number int) string {
	return fmt.Sprintf("github.com/%s/issues/%d", repository, number)
}

// text finds a text at a path, or "".
func text(m map[string]any, path ...string) string {
	s, _ := at(m, path...).(string)
	return s
}

// at finds a value at a path, or nil. A list of one is what it holds.
func at(m map[string]any, path ...string) any {
	var v any = m
	for _, step := range path {
		if list, ok := v.([]any); ok && len(list) == 1 {
			v = list[0]
		}
		inner, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = inner[step]
	}
	return v
}

// texts are the texts of a list.
func texts(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// objects are the objects of a list.
func objects(v any) []map[string]any {
	var out []map[string]any
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// zoneOf is the zone of a subnet, "" where the subnet lies outside the stack.
func zoneOf(r *provider.Request, subnet string) string {
	if s := r.Store.Get(catalog.EC2Subnet, subnet); s != nil {
		return text(s.Outputs, "availabilityZone")
	}
	return ""
}

// zonesOf are the zones of subnets, and whether all of them are known.
func zonesOf(r *provider.Request, subnets []string) (zones []string, known bool) {
	for _, id := range subnets {
		zone := zoneOf(r, id)
		if zone == "" {
			return nil, false
		}
		zones = append(zones, zone)
	}
	slices.Sort(zones)
	return zones, true
}

// vpcOf is the VPC of a subnet or security group, "" where that lies outside the stack.
func vpcOf(r *provider.Request, id string) string {
	for _, typ := range []string{catalog.EC2Subnet, catalog.EC2SecurityGroup} {
		if s := r.Store.Get(typ, id); s != nil {
			return text(s.Inputs, "vpcId")
		}
	}
	return ""
}

func distinct(list []string) int {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return len(slices.Compact(sorted))
}

// numbers returns 16 and 14 for 16.14.
func numbers(version string) (major, minor int, ok bool) {
	before, after, found := strings.Cut(version, ".")
	major, errMajor := strconv.Atoi(before)
	minor, errMinor := strconv.Atoi(after)
	return major, minor, found && errMajor == nil && errMinor == nil
}
