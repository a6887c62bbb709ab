package catalog

import (
	"strings"

	"github.com/bpa-on-aws/platform/internal/property"
)

// The types of s3.
const (
	S3Bucket                                    = "aws:s3/bucket:Bucket"
	S3BucketACLV2                               = "aws:s3/bucketAclV2:BucketAclV2"
	S3BucketLifecycleConfigurationV2            = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	S3BucketObjectv2                            = "aws:s3/bucketObjectv2:BucketObjectv2"
	S3BucketOwnershipControls                   = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	S3BucketPolicy                              = "aws:s3/bucketPolicy:BucketPolicy"
	S3BucketPublicAccessBlock                   = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	S3BucketServerSideEncryptionConfigurationV2 = "aws:s3/bucketServerSideEncryptionConfigurationV2:" +
		"BucketServerSideEncryptionConfigurationV2"
	S3BucketV2           = "aws:s3/bucketV2:BucketV2"
	S3BucketVersioningV2 = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	S3Object             = "aws:s3/object:Object"
)

var s3Types = []Type{
	{
		Token: S3Bucket,
		Identity: Identity{
			StateID: form("{bucket}"),
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every object in the bucket",
			Downtime: "what reads the bucket fails until it is filled again",
		},
	},
	{
		Token: S3BucketACLV2,
		Identity: Identity{
			StateID: form("{bucket}"),
		},
		Exposes: cannedACL,
	},
	{
		Token: S3BucketLifecycleConfigurationV2,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
		Simulation:  Simulation{ID: AsRead, Newer: []string{"timeouts", "transitionDefaultMinimumObjectSize"}, Again: true},
		Failures: []Failure{
			{
				Class: CreatedIDLost,
				Source: awsCode + "s3/bucket_lifecycle_configuration.go Create: the state is set after waitLifecycleConfigEquals; " +
					"another creation puts the same",
			},
			keepsState(awsCode + "s3/bucket_lifecycle_configuration.go Update"),
		},
		None: none(quiet, closed, plain, instant, None{Loss: notMissed}),
	},
	{
		Token: S3BucketObjectv2,
		Identity: Identity{
			ImportID: form("{bucket}/{key}"),
			StateID:  form("{key}"),
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Waits: []Wait{
			{
				For: []string{S3BucketVersioningV2, S3BucketServerSideEncryptionConfigurationV2, S3BucketPublicAccessBlock},
				Why: "what is stored before is not versioned, encrypted or private",
			},
		},
		Price: Price{Rule: paysUse("s3.storage")},
		Permissions: Permissions{
			Create: []Grant{onObjects.allow("s3:PutObject", "s3:PutObjectTagging")},
			Read: []Grant{
				onObjects.allow("s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion"),
				onBucket.allow("s3:ListBucket"),
			},
			Update: []Grant{onObjects.allow("s3:PutObject", "s3:PutObjectTagging")},
			Delete: []Grant{onObjects.allow("s3:DeleteObject", "s3:DeleteObjectVersion"), onBucket.allow("s3:ListBucketVersions")},
		},
		Simulation: Simulation{ID: AsRead, Outputs: map[string]any{"arn": "arn:{partition}:s3:::{bucket}/{key}"}},
		Failures:   idBeforeWait("s3/object.go resourceObjectUpload"),
		None:       none(quiet, closed, plain, None{Duration: atOnce}),
	},
	{
		Token: S3BucketOwnershipControls,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
		Simulation:  Simulation{ID: AsRead, Replaces: []string{"bucket"}},
		Failures:    idBeforeWait("s3/bucket_ownership_controls.go resourceBucketOwnershipControlsCreate"),
		None:        none(quiet, closed, plain, instant, None{Loss: notMissed}),
	},
	{
		Token: S3BucketPolicy,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Loss: Loss{
			Downtime: "what needs the permissions is refused in between",
		},
		Waits: []Wait{
			{For: []string{S3BucketPublicAccessBlock}, Why: "the two are one setting to S3"},
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
		Simulation:  Simulation{ID: AsRead},
		Failures:    idBeforeWait("s3/bucket_policy.go resourceBucketPolicyPut"),
		None:        none(quiet, closed, plain, None{Exposes: byDocument, Rights: byDocument, Duration: atOnce}),
	},
	{
		Token: S3BucketPublicAccessBlock,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Guards: []Guard{
			{"blockPublicAcls", off, "the bucket may be opened to everybody by ACLs"},
			{"blockPublicPolicy", off, "the bucket may be opened to everybody by its policy"},
			{"ignorePublicAcls", off, "ACLs that open the bucket take force"},
			{"restrictPublicBuckets", off, "a policy that opens the bucket takes force"},
			{Text: "the bucket may be opened to everybody"},
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
		Simulation:  Simulation{ID: AsRead},
		Failures:    idBeforeWait("s3/bucket_public_access_block.go resourceBucketPublicAccessBlockCreate"),
		None:        none(closed, plain, instant, None{Loss: notMissed, Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: S3BucketServerSideEncryptionConfigurationV2,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Guards: []Guard{
			{Text: "new objects are no longer encrypted by a key of the stack"},
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
		Simulation:  Simulation{ID: AsRead},
		Failures: idBeforeWait(
			"s3/bucket_server_side_encryption_configuration.go resourceBucketServerSideEncryptionConfigurationCreate",
		),
		None: none(closed, plain, instant, None{Loss: notMissed, Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: S3BucketV2,
		Identity: Identity{
			StateID: form("{bucket}"),
			ARN:     "arn:{partition}:s3:::{bucket}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every object in the bucket",
			Downtime: "what reads the bucket fails until it is filled again",
		},
		Guards: []Guard{
			{"forceDestroy", on, "the bucket is deleted with all that is in it"},
		},
		Refusals: []Refusal{
			{"forceDestroy", notTrue, "S3 refuses while there are objects in it (bpa:protect)"},
		},
		Price:   Price{Rule: paysUse("s3.storage")},
		Exposes: cannedACL,
		Permissions: Permissions{
			Create: []Grant{onBucket.allow("s3:CreateBucket", "s3:PutBucketTagging")},
			Read: []Grant{
				onBucket.allow(
					"s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation",
					"s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy", "s3:GetBucketRequestPayment",
					"s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
					"s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket",
				),
			},
			Update: []Grant{onBucket.allow("s3:PutBucketTagging")},
			// forceDestroy empties it before. Source: terraform-provider-aws internal/service/s3/delete.go emptyBucket.
			Delete: []Grant{
				onBucket.allow("s3:DeleteBucket", "s3:ListBucketVersions"),
				onObjects.allow("s3:DeleteObject", "s3:DeleteObjectVersion"),
			},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"bucket", 63, []string{"bucketPrefix"}},
			Outputs: map[string]any{
				"arn": "arn:{partition}:s3:::{id}", "region": "{region}", "hostedZoneId": "Z3BJ6K6RIION7M",
				"bucketDomainName": "{id}.s3.amazonaws.com", "bucketRegionalDomainName": "{id}.s3.{region}.{dnsSuffix}",
			},
			Taken: "BucketAlreadyOwnedByYou",
		},
		Failures: idBeforeWait("s3/bucket.go resourceBucketCreate"),
		None:     none(plain, instant, None{Effects: noEffect}),
	},
	{
		Token: S3BucketVersioningV2,
		Identity: Identity{
			ImportID: form("{bucket}"),
			StateID:  form("{bucket}"),
		},
		Guards: []Guard{
			{"versioningConfiguration.status", unlike("Enabled"), "objects that are overwritten or deleted are gone for good"},
			{Text: "objects that are overwritten or deleted are gone for good"},
		},
		Price:       Price{Free: partOfBucket},
		Permissions: setting(onBucket, "s3:GetBucketVersioning", "s3:PutBucketVersioning", "s3:PutBucketVersioning"),
		Simulation:  Simulation{ID: AsRead},
		Failures:    idBeforeWait("s3/bucket_versioning.go resourceBucketVersioningCreate"),
		None:        none(closed, plain, instant, None{Loss: notMissed, Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: S3Object,
	},
}

// cannedACL reads whether a bucket's ACL lets others in.
func cannedACL(urn string, in map[string]any) []Opening {
	if acl := property.Text(in, "acl"); !strings.HasPrefix(acl, "public-") && acl != "authenticated-read" {
		return nil
	}
	return opens(urn, "the bucket", 443, everybody)
}
