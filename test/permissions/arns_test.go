package permissions_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/deployer"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// kinds are EC2's resource types by the form of an id, for what the provider computes no ARN of.
var kinds = map[string]string{
	"igw": "internet-gateway", "nat": "natgateway", "rtb": "route-table", "vol": "volume", "lt": "launch-template", "vpc": "vpc",
	"subnet": "subnet", "sg": "security-group",
}

// arnOf returns a resource's ARN, or "".
func (d *deployment) arnOf(r *provider.Resource) string {
	for _, key := range []string{"arn", "accessEntryArn", "associationArn", "dashboardArn"} {
		if arn, _ := r.Outputs[key].(string); strings.HasPrefix(arn, "arn:") {
			return arn
		}
	}
	if m := form.FindStringSubmatch(r.ID); m != nil && kinds[m[1]] != "" {
		return d.graph.Account.ARN("ec2", kinds[m[1]]+"/"+r.ID)
	}
	return ""
}

// form is that of EC2's ids.
var form = regexp.MustCompile(`^([a-z]+)-[0-9a-f]{17}$`)

// beside are the ARNs of what AWS makes or keeps beside a stack's resources, by the beginning of the action that touches
// it. %[1]s is the region, %[2]s the account, %[3]s the cluster, %[4]s the service of a linked role.
var beside = []struct{ action, arn string }{
	{"ec2:RunInstances", "arn:aws:ec2:%[1]s::image/ami-0123456789abcdef0"},
	{"ec2:RunInstances", "arn:aws:ec2:%[1]s:%[2]s:volume/vol-0123456789abcdef0"},
	{"ec2:RunInstances", "arn:aws:ec2:%[1]s:%[2]s:network-interface/eni-0123456789abcdef0"},
	{"ec2:CreateNetworkInterface", "arn:aws:ec2:%[1]s:%[2]s:network-interface/eni-0123456789abcdef0"},
	{"ec2:DeleteNetworkInterface", "arn:aws:ec2:%[1]s:%[2]s:network-interface/eni-0123456789abcdef0"},
	{"ec2:CreateSnapshot", "arn:aws:ec2:%[1]s::snapshot/snap-0123456789abcdef0"},
	{"route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"},
	{"ssm:GetParameter", "arn:aws:ssm:%[1]s::parameter/aws/service/ami-amazon-linux-latest/al2023"},
	{"ssm:StartSession", "arn:aws:ssm:%[1]s::document/AWS-StartPortForwardingSessionToRemoteHost"},
	{"ssm:TerminateSession", "arn:aws:ssm:%[1]s:%[2]s:session/bpactl-connect-0123456789abcdef0"},
	{"iam:GetRole", "arn:aws:iam::%[2]s:role/deployer"},
	{"iam:CreateServiceLinkedRole", "arn:aws:iam::%[2]s:role/aws-service-role/%[4]s/AWSServiceRole"},
	{"rds:CreateDBInstance", "arn:aws:rds:%[1]s:%[2]s:og:default:postgres-16"},
	{"rds:ModifyDBInstance", "arn:aws:rds:%[1]s:%[2]s:og:default:postgres-16"},
	{"rds:RestoreDBInstance", "arn:aws:rds:%[1]s:%[2]s:og:default:postgres-16"},
	{"eks:CreatePodIdentityAssociation", "arn:aws:eks:%[1]s:%[2]s:cluster/%[3]s"},
	{"eks:DeletePodIdentityAssociation", "arn:aws:eks:%[1]s:%[2]s:podidentityassociation/%[3]s/a-0123456789abcdefg"},
	{"eks:DescribePodIdentityAssociation", "arn:aws:eks:%[1]s:%[2]s:podidentityassociation/%[3]s/a-0123456789abcdefg"},
	{"eks:UpdatePodIdentityAssociation", "arn:aws:eks:%[1]s:%[2]s:podidentityassociation/%[3]s/a-0123456789abcdefg"},
}

// standIns returns what an action of an operation on a resource touches beside the stack's own resources.
func (d *deployment) standIns(self *provider.Resource, verb provider.Verb, grant catalog.Grant, action string) []string {
	account := d.graph.Account
	if d.account(d.arnOf(self)) != account.ID {
		account = d.parent.Account
	}
	var list []string
	for _, b := range beside {
		if strings.HasPrefix(action, b.action) && (b.action != "iam:GetRole" || action == b.action) {
			list = append(list, fill(b.arn, account.Region, account.ID, d.graph.Cluster, grant.Service))
		}
	}
	switch self.Type {
	case catalog.AutoScalingGroup:
		list = append(list, account.ARN("ec2", "instance/i-0123456789abcdef0"))
		if action == "ec2:CreateTags" {
			list = append(list, account.ARN("ec2", "volume/vol-0123456789abcdef0"))
		}
	case catalog.S3BucketV2:
		if strings.HasPrefix(action, "s3:DeleteObject") {
			list = append(list, fmt.Sprintf("arn:aws:s3:::%s/object", self.Outputs["bucket"]))
		}
	case catalog.EBSVolume:
		if verb == provider.Delete && action == "ec2:CreateTags" {
			list = append(list, fill("arn:aws:ec2:%[1]s::snapshot/snap-0123456789abcdef0", account.Region))
		}
	case catalog.RDSInstance:
		if verb == provider.Delete && (action == "rds:CreateDBSnapshot" || action == "rds:AddTagsToResource") {
			list = append(list, account.ARN("rds", fmt.Sprintf("snapshot:%s-final", self.Outputs["identifier"])))
		}
	}
	if !strings.Contains(action, "Restore") && action != "ec2:CreateVolume" && action != "rds:DescribeDBSnapshots" {
		return list
	}
	for _, origin := range deployer.Origins(self.Inputs) {
		switch origin.Type {
		case "origin:rds-snapshot":
			list = append(list, account.ARN("rds", "snapshot:"+origin.Name))
		case "origin:rds-instance":
			list = append(list, account.ARN("rds", "db:"+origin.Name))
		case "origin:ebs-snapshot":
			list = append(list, fmt.Sprintf("arn:aws:ec2:%s::snapshot/%s", account.Region, origin.Name))
		}
	}
	return list
}

// fill is Sprintf for a format that need not use every argument.
func fill(format string, args ...string) string {
	for i, a := range args {
		format = strings.ReplaceAll(format, fmt.Sprintf("%%[%d]s", i+1), a)
	}
	return format
}
