package catalog

import "time"

// The types of iam.
const (
	IAMGroupPolicyAttachment = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
	IAMGroupPolicy           = "aws:iam/groupPolicy:GroupPolicy"
	IAMInstanceProfile       = "aws:iam/instanceProfile:InstanceProfile"
	IAMPolicy                = "aws:iam/policy:Policy"
	IAMPolicyAttachment      = "aws:iam/policyAttachment:PolicyAttachment"
	IAMRole                  = "aws:iam/role:Role"
	IAMRolePolicy            = "aws:iam/rolePolicy:RolePolicy"
	IAMRolePolicyAttachment  = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	IAMServerCertificate     = "aws:iam/serverCertificate:ServerCertificate"
	IAMUserPolicy            = "aws:iam/userPolicy:UserPolicy"
	IAMUserPolicyAttachment  = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
)

var iamTypes = []Type{
	{
		Token:  IAMGroupPolicyAttachment,
		Rights: attaches("group"),
	},
	{
		Token:  IAMGroupPolicy,
		Rights: Rights{Holder: "group"},
	},
	{
		Token: IAMInstanceProfile,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:iam::{account}:instance-profile{path}{name}",
		},
		Loss: Loss{
			Downtime: "instances that start in between have no role",
		},
		Rights: Rights{Verb: "lets instances act as", Given: func(in map[string]any) []Phrase {
			return each(in, "role", func(role any) Phrase { return phrase("%s", role) })
		}},
		Duration: Duration{Create: 8 * time.Second, Delete: short, Source: Plan},
		Price:    Price{Free: partOfIAM},
		Permissions: Permissions{
			Create: []Grant{
				onInstanceProfile.when(Made, "iam:CreateInstanceProfile", "iam:TagInstanceProfile"),
				onInstanceProfile.when(Own, "iam:AddRoleToInstanceProfile"),
				passes("ec2.amazonaws.com"),
			},
			Read: []Grant{onInstanceProfile.allow("iam:GetInstanceProfile", "iam:ListInstanceProfileTags")},
			Update: []Grant{
				onInstanceProfile.when(
					Own, "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
					"iam:UntagInstanceProfile",
				),
			},
			Delete: []Grant{onInstanceProfile.when(Own, "iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 128, []string{"namePrefix"}},
			Outputs: map[string]any{
				"arn": "arn:{partition}:iam::{account}:instance-profile/{id}", "createDate": "2026-01-01T00:00:00Z",
				"uniqueId": "AIPA{HEX:16}",
			},
			Taken: "EntityAlreadyExists", InUse: hasDependencies("DeleteConflict", "instance profile"),
			By: []string{EC2Instance + ".iamInstanceProfile"},
		},
		Failures: idBeforeWait("iam/instance_profile.go resourceInstanceProfileCreate"),
		None:     none(quiet, closed, None{Credential: noCredential, Runs: noVersion, Waits: noWait}),
	},
	{
		Token: IAMPolicy,
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
		},
	},
	{
		Token:  IAMPolicyAttachment,
		Rights: attaches("roles", "users", "groups"),
	},
	{
		Token: IAMRole,
		Identity: Identity{
			StateID: form("{name}"),
			ARN:     "arn:{partition}:iam::{account}:role{path}{name}",
			Listing: Listing{"aws iam get-account-authorization-details --filter Role", "RoleDetailList"},
		},
		Loss: Loss{
			Downtime: "what assumes the role is refused in between",
		},
		Rights: Rights{Verb: "attaches", Given: func(in map[string]any) []Phrase {
			return each(in, "managedPolicyArns", func(arn any) Phrase { return phrase("%s", arn) })
		}},
		Price: Price{Free: partOfIAM},
		Permissions: Permissions{
			Create: []Grant{onRole.when(Made, "iam:CreateRole", "iam:TagRole")},
			Read: []Grant{
				onRole.allow(
					"iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
					"iam:ListRoleTags",
				),
			},
			Update: []Grant{
				onRole.when(
					Own, "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
				),
			},
			Delete: []Grant{onRole.when(Own, "iam:DeleteRole")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 64, []string{"namePrefix"}},
			Outputs: map[string]any{
				"arn": "arn:{partition}:iam::{account}:role/{id}", "createDate": "2026-01-01T00:00:00Z",
				"uniqueId": "AROA{HEX:16}",
			},
			Taken: "EntityAlreadyExists", InUse: hasDependencies("DeleteConflict", "role"),
			By: []string{IAMRolePolicy + ".role", IAMRolePolicyAttachment + ".role", IAMInstanceProfile + ".role"},
		},
		Failures: []Failure{
			{Class: Atomic, Source: awsCode + "iam/role.go resourceRoleCreate: what follows and fails deletes the role"},
		},
		None: none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: IAMRolePolicy,
		Identity: Identity{
			StateID: form("{role}:{name}"),
			Listing: Listing{"aws iam get-account-authorization-details --filter Role", "RoleDetailList"},
		},
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
			Unfelt:   Deleted,
		},
		Rights: Rights{Holder: "role"},
		Price:  Price{Free: partOfIAM},
		Permissions: Permissions{
			Create: []Grant{onRole.when(Own, "iam:PutRolePolicy")},
			Read:   []Grant{onRole.allow("iam:GetRolePolicy")},
			Update: []Grant{onRole.when(Own, "iam:PutRolePolicy")},
			Delete: []Grant{onRole.when(Own, "iam:DeleteRolePolicy")},
		},
		Simulation: Simulation{ID: AsRead, Name: Naming{"name", 128, []string{"namePrefix"}}, Taken: "EntityAlreadyExists"},
		Failures:   idBeforeWait("iam/role_policy.go resourceRolePolicyPut"),
		None:       none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: IAMRolePolicyAttachment,
		Identity: Identity{
			ImportID: form("{role}/{policyArn}"),
			StateID:  form("{role}-{policyArn}"),
		},
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
			Unfelt:   Deleted,
		},
		Rights: attaches("role"),
		Waits: []Wait{
			{For: []string{IAMRolePolicy}, Why: "a role is never without the policy that denies a part of what this one allows"},
		},
		Price: Price{Free: partOfIAM},
		Permissions: Permissions{
			Create: []Grant{onRole.when(Attached, "iam:AttachRolePolicy")},
			Read:   []Grant{onRole.allow("iam:ListAttachedRolePolicies")},
			Delete: []Grant{onRole.when(Attached, "iam:DetachRolePolicy")},
		},
		Simulation: Simulation{ID: AsRead, DeletesFirst: true},
		Failures:   idBeforeWait("iam/role_policy_attachment.go resourceRolePolicyAttachmentCreate"),
		None:       none(quiet, closed, None{Duration: atOnce, Credential: noCredential, Runs: noVersion}),
	},
	{
		Token:      IAMServerCertificate,
		Credential: Credential{Certificate: certificate},
	},
	{
		Token:  IAMUserPolicy,
		Rights: Rights{Holder: "user"},
	},
	{
		Token:  IAMUserPolicyAttachment,
		Rights: attaches("user"),
	},
}
