package aws

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// interfaceType is a network interface that no program asked for: the pod network's, or a service's.
const interfaceType = catalog.EC2NetworkInterface

// objectType is an object that a service wrote into a bucket.
const objectType = catalog.S3Object

// leavingRules are what keeps a resource from being deleted beyond the references that its type's Blocks knows.
func leavingRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		associationType: {{Code: "InvalidCidrBlock.InUse", Source: ec2Errors, Fails: subnetsInRange}},
		gatewayType: {
			{Code: "DependencyViolation", Source: issue("dspace-group/dspace-reference-architecture-aws", 16), Fails: addressesMapped},
		},
		databaseType: {
			{
				Code: "InvalidParameterCombination", Source: "docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html",
				Fails: finalSnapshot,
			},
		},
	}
}

func subnetsInRange(r *provider.Request) string {
	block, err := netip.ParsePrefix(r.Str("cidrBlock"))
	if err != nil {
		return ""
	}
	for _, s := range r.Store.All(subnetType) {
		p, err := netip.ParsePrefix(text(s.Inputs, "cidrBlock"))
		if err == nil && s.Inputs["vpcId"] == r.Inputs["vpcId"] && block.Contains(p.Addr()) {
			return fmt.Sprintf("The vpc %s currently has a subnet within CIDR block %s", r.Str("vpcId"), block)
		}
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
	for _, b := range r.Store.All(balancerType) {
		subnets := texts(b.Inputs["subnets"])
		if b.Inputs["internal"] != true && len(subnets) > 0 && vpcOf(r, subnets[0]) == vpc {
			return fmt.Sprintf(mapped, vpc)
		}
	}
	return ""
}

func finalSnapshot(r *provider.Request) string {
	if r.Inputs["skipFinalSnapshot"] != true && r.Str("finalSnapshotIdentifier") == "" {
		return "FinalSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
	}
	return ""
}

// podInterfaces: where the VPC CNI goes while nodes still run, nobody is left to remove the interfaces of their pods
// (github.com/terraform-aws-modules/terraform-aws-eks/issues/2048). They hold on to subnet and security group.
func podInterfaces(r *provider.Request) {
	running := nodes(r, r.Str("clusterName"))
	if r.Str("addonName") != "vpc-cni" || r.Inputs["preserve"] == true || len(running) == 0 {
		return
	}
	left := map[string]any{"subnetId": "", "description": "aws-K8S-" + running[0].ID}
	if subnets := texts(running[0].Inputs["vpcZoneIdentifiers"]); len(subnets) > 0 {
		left["subnetId"] = subnets[0]
	}
	var values struct {
		EniConfig struct {
			Subnets map[string]struct {
				ID             string
				SecurityGroups []any
			}
		}
	}
	if json.Unmarshal([]byte(r.Str("configurationValues")), &values) == nil {
		var zones []string
		for zone := range values.EniConfig.Subnets {
			zones = append(zones, zone)
		}
		if slices.Sort(zones); len(zones) > 0 {
			first := values.EniConfig.Subnets[zones[0]]
			left["subnetId"], left["securityGroups"] = first.ID, first.SecurityGroups
		}
	}
	r.Store.Leave(
		&provider.Resource{Package: r.Package, Type: interfaceType, Name: "left by the VPC CNI", ID: "eni-" + hexID(r, 17), Inputs: left},
	)
}

// logTest: turning access logs on writes an object, so that the bucket is never empty again.
func logTest(r *provider.Request, bucket string) {
	key := "AWSLogs/" + account(r) + "/ELBAccessLogTestFile"
	if r.Store.Get(bucketType, bucket) != nil {
		r.Store.Leave(&provider.Resource{
			Package: r.Package, Type: objectType, Name: key, ID: bucket + "/" + key, Inputs: map[string]any{"bucket": bucket},
		})
	}
}

// notEmpty: S3 refuses to delete a bucket with objects, and forceDestroy makes the provider remove them first.
func notEmpty(r *provider.Request) error {
	if r.Inputs["forceDestroy"] == true {
		return nil
	}
	for _, o := range append(r.Store.All(objectType), r.Store.All(catalog.S3BucketObjectv2)...) {
		if o.Inputs["bucket"] == r.ID {
			return fmt.Errorf(
				"BucketNotEmpty: The bucket you tried to delete is not empty: %s holds %s",
				r.ID,
				strings.TrimPrefix(o.ID, r.ID+"/"),
			)
		}
	}
	return nil
}

// emptied removes a bucket's objects with it.
func emptied(r *provider.Request) {
	for _, o := range r.Store.All(objectType) {
		if o.Inputs["bucket"] == r.ID {
			r.Store.Remove(o)
		}
	}
}
