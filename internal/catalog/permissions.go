package catalog

import "slices"

// Permissions are what the deployer needs for a resource of a type. Sources: the handler permissions of the CloudFormation
// registry's schemas, the Service Authorization Reference for what an action can be limited to, and the calls of
// terraform-provider-aws 5.
type Permissions struct {
	Create, Read, Update, Delete []Grant
}

// Known reports whether it is written down what a type needs.
func (p Permissions) Known() bool {
	return len(p.Create)+len(p.Read)+len(p.Update)+len(p.Delete) > 0
}

// Grant allows actions on something, under a condition.
type Grant struct {
	// Actions of IAM, such as ec2:CreateVpc.
	Actions []string
	// On is what the actions are limited to. The zero value is everything, for actions that cannot be limited.
	On Target
	// If is the condition, or "".
	If Condition
	// Service is the service principal that PassedTo and Linked take.
	Service string
}

// Condition names a condition of a grant. The blocks that they become in a policy are in internal/deployer.
type Condition string

// The conditions.
const (
	// Made: the request tags the new resource as this stack's.
	Made Condition = "made"
	// Own: the resource is tagged as this stack's.
	Own Condition = "own"
	// Unclaimed: the resource is no stack's yet, and the request makes it this one's.
	Unclaimed Condition = "unclaimed"
	// Creating: the stack's tag comes with the resource, in one of the calls that the policy allows to make one.
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
	// Opened: the session is one that the caller has opened. Systems Manager tags it so: Systems Manager user guide, "Additional
	// sample IAM policies for Session Manager", example 4.
	Opened Condition = "opened"
	// Attached: the managed policies that the stack attaches.
	Attached Condition = "attached"
)

// allow grants actions on a target.
func (t Target) allow(actions ...string) Grant { return Grant{Actions: actions, On: t} }

// when grants actions on a target under a condition.
func (t Target) when(c Condition, actions ...string) Grant {
	return Grant{Actions: actions, On: t, If: c}
}

// passes grants that the stack's roles are given to a service, each to the one that it trusts.
func passes(service string) Grant {
	return Grant{Actions: []string{"iam:PassRole"}, On: onRole, If: PassedTo, Service: service}
}

// links grants that the service-linked role of a service is made.
func links(service string) Grant {
	return Grant{Actions: []string{"iam:CreateServiceLinkedRole"}, On: onLinkedRole, If: Linked, Service: service}
}

// setting is what something needs that is read, put and removed on a target by one action each.
func setting(t Target, get, put, remove string) Permissions {
	return Permissions{
		Create: []Grant{t.allow(put)}, Read: []Grant{t.allow(get)}, Update: []Grant{t.allow(put)}, Delete: []Grant{t.allow(remove)},
	}
}

// Lookups are what every run asks, whatever the stack holds: stacks/prepare.go. sts:GetCallerIdentity needs no permission.
var Lookups = Permissions{
	Read: []Grant{
		anything.allow(
			"ec2:DescribeAvailabilityZones", "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeRegions", "ec2:DescribeSubnets",
			"eks:ListClusters", "logs:DescribeLogGroups", "rds:DescribeOrderableDBInstanceOptions",
		),
		onDeployer.allow("iam:GetRole"),
		onPublicParameter.allow("ssm:GetParameter"),
	},
}

// Tagging is for the tags of EC2: they come with the resource, or are put on what is the stack's already.
var Tagging = Permissions{
	Create: []Grant{onEc2.when(Creating, "ec2:CreateTags")},
	Update: []Grant{onEc2.when(Own, "ec2:CreateTags", "ec2:DeleteTags")},
}

// What a stack is restored from. These are no types of resources.
const (
	OriginRDSSnapshot = "origin:rds-snapshot"
	OriginRDSInstance = "origin:rds-instance"
	OriginEBSSnapshot = "origin:ebs-snapshot"
	// OriginVolumeKey is a key that somebody else keeps, for the volumes of the nodes.
	OriginVolumeKey = "origin:volume-key"
)

// Origins are what a stack is restored from: not of the stack, but its creation reads it.
var Origins = map[string]Permissions{
	OriginRDSSnapshot: {
		Create: restores("rds:RestoreDBInstanceFromDBSnapshot", onRdsSnapshot),
		Read:   []Grant{onRdsSnapshot.allow("rds:DescribeDBSnapshots")},
	},
	OriginRDSInstance: {
		Create: restores("rds:RestoreDBInstanceToPointInTime", onRdsSource),
		Read:   []Grant{onRdsSource.allow("rds:DescribeDBInstances")},
	},
	OriginEBSSnapshot: {Create: []Grant{onEbsSnapshot.allow("ec2:CreateVolume")}},
	// Source: EBS user guide, "Requirements for Amazon EBS encryption". The last snapshot of a volume needs it as well.
	OriginVolumeKey: {
		Create: []Grant{onVolumeKey.allow(volumeKey...)}, Delete: []Grant{onVolumeKey.allow(volumeKey...)},
	},
}

var volumeKey = []string{
	"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo",
}

func restores(action string, from Target) []Grant {
	return slices.Concat([]Grant{from.allow(action), onDatabase.allow(action)}, onDatabaseSettings(action))
}
