package ingress

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/policy"
)

// newLogBucket makes the bucket of the access logs, and the policy that must be there before the load balancer is told
// to write. Its encryption is S3's own: load balancers cannot write with a key of ours.
func (i *Ingress) newLogBucket(ctx *pulumi.Context) (*s3.BucketV2, pulumi.Resource, error) {
	parent := pulumi.Parent(i)
	bucket, err := s3.NewBucketV2(ctx, i.name+"-logs", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(!i.args.Protect)}, parent,
		pulumi.Protect(i.args.Protect))
	if err != nil {
		return nil, nil, err
	}
	if _, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, i.name+"-logs", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}},
	}, parent); err != nil {
		return nil, nil, err
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, i.name+"-logs", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{&s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String("expire"), Status: pulumi.String("Enabled"),
			Filter:     &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(i.args.LogRetentionDays)},
		}},
	}, parent); err != nil {
		return nil, nil, err
	}
	closed, err := s3.NewBucketPublicAccessBlock(ctx, i.name+"-logs", &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.Bucket, BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	permitted, err := s3.NewBucketPolicy(ctx, i.name+"-logs", &s3.BucketPolicyArgs{
		Bucket: bucket.Bucket, Policy: i.logPolicy(bucket),
	}, parent, pulumi.DependsOn([]pulumi.Resource{closed}))
	return bucket, permitted, err
}

// logPolicy lets Elastic Load Balancing write the logs of this account, and refuses plain HTTP. The service principal
// works in every region; the account ids that older documents list per region are no longer needed.
func (i *Ingress) logPolicy(bucket *s3.BucketV2) pulumi.StringOutput {
	return policy.Document(
		policy.Statement{
			Sid:        "Write",
			Principals: policy.Principals{Services: []string{"logdelivery.elasticloadbalancing.amazonaws.com"}},
			Actions:    []string{"s3:PutObject"},
			Resources:  []pulumi.StringInput{pulumi.Sprintf("%s/AWSLogs/%s/*", bucket.Arn, i.args.Account.ID)},
		},
		policy.TLSOnly(bucket.Arn),
	)
}
