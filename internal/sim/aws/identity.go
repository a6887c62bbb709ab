package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// identityTypes are the types of IAM, KMS, Secrets Manager, Systems Manager and ACM.
func identityTypes() map[string]*provider.Type {
	return map[string]*provider.Type{
		catalog.IAMRole: {
			ID: property("name"), Name: named("name", 64, "namePrefix"),
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": globalARN(r, "role/"+r.ID), "createDate": "2026-01-01T00:00:00Z",
					"uniqueId": r.Kept("uniqueId", func() any { return "AROA" + strings.ToUpper(hexID(r, 16)) }),
				}
			},
			Blocks: inUseBy("DeleteConflict", "role", catalog.IAMRolePolicy+".role",
				catalog.IAMRolePolicyAttachment+".role", catalog.IAMInstanceProfile+".role"),
		},
		catalog.IAMRolePolicy: {
			ID: joined(":", "role", "name"), Name: named("name", 128, "namePrefix"),
		},
		catalog.IAMRolePolicyAttachment: {
			ID: func(r *provider.Request) string { return r.Str("role") + "-" + hexID(r, 16) },
		},
		catalog.IAMInstanceProfile: {
			ID: property("name"), Name: named("name", 128, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"arn": globalARN(r, "instance-profile/"+r.ID), "createDate": "2026-01-01T00:00:00Z",
					"uniqueId": r.Kept("uniqueId", func() any { return "AIPA" + strings.ToUpper(hexID(r, 16)) }),
				}
			},
			Blocks: inUseBy("DeleteConflict", "instance profile", catalog.EC2Instance+".iamInstanceProfile"),
		},
		catalog.KMSKey: {ID: uuid, Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"arn": arn(r, "kms", "key/"+r.ID), "keyId": r.ID}
		}},
		catalog.KMSAlias: {
			ID: property("name"), Name: named("name", 256, "namePrefix"), Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "kms", r.ID), "targetKeyArn": r.Str("targetKeyId")}
			},
		},
		catalog.SecretsManagerSecret: {
			ID: func(r *provider.Request) string {
				return arn(r, "secretsmanager", "secret:"+r.Str("name")+"-"+hexID(r, 6))
			},
			Name: named("name", 512, "namePrefix"), Outputs: func(r *provider.Request) map[string]any { return map[string]any{"arn": r.ID} },
		},
		catalog.SecretsManagerSecretVersion: {
			ID: func(r *provider.Request) string { return r.Str("secretId") + "|" + uuid(r) }, Secrets: []string{"secretString"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": r.Str("secretId"), "versionId": uuid(r), "versionStages": []any{"AWSCURRENT"}}
			},
		},
		catalog.SSMParameter: {
			ID: property("name"), Name: named("name", 2048), Secrets: []string{"value"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"arn": arn(r, "ssm", "parameter/"+strings.TrimPrefix(r.ID, "/")), "version": 1.0}
			},
		},
		catalog.ACMCertificate: {
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
