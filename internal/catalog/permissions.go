package catalog

// Permissions are what the deployer needs for a resource of a type. Sources: the handler permissions of the CloudFormation
// registry's schemas, the Service Authorization Reference for what an action can be limited to, and the calls of
// terraform-provider-aws 5.
type Permissions struct {
	Create, Read, Update, Delete []Grant
}

// Grant allows actions on something, under a condition.
type Grant struct {
	// Actions of IAM, such as ec2:CreateVpc.
	Actions []string
	// On is what the actions are limited to. The zero value is everything, for actions that cannot be limited.
	On Target
	// If is the condition.
	If Condition
	// Service is the service principal that PassedTo and Linked take.
	Service string
}

// Target is a form of ARNs. {partition}, {region} and {account} are the stack's, {cluster} the EKS cluster's name and {path} the
// path before its repositories. Source: AWS Service Authorization Reference, "Resource types defined by" each service.
type Target struct {
	Name, ARN string
	// NamesOf is the resource type whose physical names take the place of {name}, or "".
	NamesOf string
}

// Condition names a condition of a grant.
type Condition string

// The conditions.
const (
	// Made: the request tags the new resource as this stack's.
	Made Condition = "made"
	// Own: the resource is tagged as this stack's.
	Own Condition = "own"
	// Unclaimed: the resource is no stack's yet, and the request makes it this one's.
	Unclaimed Condition = "unclaimed"
	// Creating: the stack's tag comes with the resource, in one of the calls that the policy allows to create one.
	Creating Condition = "creating"
	// Launching: tags come with the instance, as the launch template has them.
	Launching Condition = "launching"
	// Templated: the instance comes out of a launch template, which must be the stack's own.
	Templated Condition = "templated"
	// Lends: a service of AWS gets the use of the stack's key, and nobody else.
	Lends Condition = "lends"
	// PassedTo: the role goes to the service that it trusts.
	PassedTo Condition = "passed-to"
	// Linked: the service-linked role of a service.
	Linked Condition = "linked"
	// Attached: the managed policies that the stack attaches.
	Attached Condition = "attached"
)

// Lookups are the permissions that every policy has, whatever the stack holds.
var Lookups = Permissions{
	Read: []Grant{
		{Actions: []string{"ec2:DescribeAvailabilityZones", "ec2:DescribeRegions"}},
		{Actions: []string{"ssm:GetParameter"}, On: OnPublicParameter},
	},
}

// Tagging are the permissions to tag what the stack creates.
var Tagging = Permissions{
	Create: []Grant{{Actions: []string{"ec2:CreateTags"}, On: OnEc2, If: Creating}},
	Update: []Grant{{Actions: []string{"ec2:CreateTags", "ec2:DeleteTags"}, On: OnEc2, If: Own}},
}

// Origins are what a stack is restored from: not of the stack, but its creation reads it.
var Origins = map[string]Permissions{
	"origin:rds-snapshot": {Create: restores("rds:RestoreDBInstanceFromDBSnapshot", OnRdsSnapshot)},
	"origin:rds-instance": {Create: restores("rds:RestoreDBInstanceToPointInTime", OnRdsSource)},
	"origin:ebs-snapshot": {Create: []Grant{{Actions: []string{"ec2:CreateVolume"}, On: OnEbsSnapshot}}},
}

func restores(action string, from Target) []Grant {
	var grants []Grant
	for _, target := range []Target{from, OnDatabase, OnParameterGroup, OnSubnetGroup, OnOptionGroup} {
		grants = append(grants, Grant{Actions: []string{action}, On: target})
	}
	return grants
}
