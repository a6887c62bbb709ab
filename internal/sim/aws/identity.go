package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// identityTypes are the types of IAM, KMS, Secrets Manager, Systems Manager and ACM.
func identityTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		"aws:iam/role:Role": {
			ID: property("name"), Name: named("name", 64, "namePrefix"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": globalARN(r, "role/"+r.ID), "createDate": "2026-01-01T00:00:00Z",
					"uniqueId": r.Kept("uniqueId", func() any { return "AROA" + strings.ToUpper(hexID(r, 16)) }),
				}
			},
			Blocks: inUseBy("DeleteConflict", "role", "aws:iam/rolePolicy:RolePolicy.role",
				"aws:iam/rolePolicyAttachment:RolePolicyAttachment.role", "aws:iam/instanceProfile:InstanceProfile.role"),
		},
		"aws:iam/rolePolicy:RolePolicy": {
			ID: joined(":", "role", "name"), Name: named("name", 128, "namePrefix"),
		},
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
			ID: func(r *provider.Request) string { return r.Str("role") + "-" + hexID(r, 16) },
		},
		"aws:iam/instanceProfile:InstanceProfile": {
			ID: property("name"), Name: named("name", 128, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": globalARN(r, "instance-profile/"+r.ID), "createDate": "2026-01-01T00:00:00Z",
					"uniqueId": r.Kept("uniqueId", func() any { return "AIPA" + strings.ToUpper(hexID(r, 16)) }),
				}
			},
			Blocks: inUseBy("DeleteConflict", "instance profile", "aws:ec2/instance:Instance.iamInstanceProfile"),
		},
		"aws:kms/key:Key": {ID: uuid, Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"arn": arn(r, "kms", "key/"+r.ID), "keyId": r.ID}
		}},
		"aws:kms/alias:Alias": {
			ID: property("name"), Name: named("name", 256, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "kms", r.ID), "targetKeyArn": r.Str("targetKeyId")}
			},
		},
		"aws:secretsmanager/secret:Secret": {
			ID: func(r *provider.Request) string {
				return arn(r, "secretsmanager", "secret:"+r.Str("name")+"-"+hexID(r, 6))
			},
			Name: named("name", 512, "namePrefix"), Outputs: func(r *provider.Request) map[string]any { return map[string]any{"arn": r.ID} },
		},
		"aws:secretsmanager/secretVersion:SecretVersion": {
			ID: func(r *provider.Request) string { return r.Str("secretId") + "|" + uuid(r) }, Secrets: []string{"secretString"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": r.Str("secretId"), "versionId": uuid(r), "versionStages": []any{"AWSCURRENT"}}
			},
		},
		"aws:ssm/parameter:Parameter": {
			ID: property("name"), Name: named("name", 2048), Secrets: []string{"value"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ssm", "parameter/"+strings.TrimPrefix(r.ID, "/")), "version": 1.0}
			},
		},
		"aws:acm/certificate:Certificate": {
			ID: func(r *provider.Request) string { return arn(r, "acm", "certificate/"+uuid(r)) },
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": r.ID, "status": "ISSUED", "notAfter": "2027-01-01T00:00:00Z"}
			},
			Blocks: &provider.Block{Err: func(r *provider.Request, b *provider.Resource) error {
				return fmt.Errorf("ResourceInUseException: Certificate %s in account %s is in use by %s", r.ID, account(r), b.ID)
			}},
		},
	}
}
