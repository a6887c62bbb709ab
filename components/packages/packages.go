// Package packages keeps the BPA package (R19): a private, versioned bucket, the package in it under the hash of its
// content, and a pointer to the current one that nodes follow.
package packages

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// pointer is the key of the object that names the current package. Nodes poll it, so that a new package reaches them
// without replacing them. Its content is one line: `<sha256> <key>`.
const pointer = "packages/current"

// Args are the arguments of New.
type Args struct {
	Account account.Account
	// Archive is the package, made by Pack.
	Archive *Archive
	// Protect refuses to delete the bucket; without it the bucket goes with what is in it.
	Protect bool
}

// Packages is the component.
type Packages struct {
	pulumi.ResourceState

	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// ReadPolicy is the IAM policy document of whoever fetches the package.
	ReadPolicy pulumi.StringOutput
	// Pointer is the key of the object that names the current package.
	Pointer string
	// Ready is what must exist before the package can be fetched.
	Ready []pulumi.Resource

	name string
	args *Args
}

// New builds the bucket and uploads the package.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Packages, error) {
	var problems problem.List
	problems.Require(
		args.Archive != nil && args.Archive.Path != "" && len(args.Archive.SHA256) == 64,
		"Archive",
		nil,
		"must come from Pack",
	)
	if err := problems.Err("packages: "); err != nil {
		return nil, err
	}
	p := &Packages{name: name, args: args, Pointer: pointer}
	if err := ctx.RegisterComponentResource("bpa:packages:Packages", name, p, opts...); err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	bucket, err := p.newBucket(ctx)
	if err != nil {
		return nil, fmt.Errorf("packages: bucket: %w", err)
	}
	if err := p.upload(ctx, bucket); err != nil {
		return nil, fmt.Errorf("packages: upload: %w", err)
	}
	p.ReadPolicy = policy.Document(policy.Statement{
		Sid: "Read", Actions: []string{"s3:GetObject"}, Resources: []pulumi.StringInput{pulumi.Sprintf("%s/packages/*", bucket.Arn)},
	})
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{"bucketName": p.BucketName})
}

// newBucket makes a bucket that is private, versioned and encrypted, and refuses plain HTTP. Its encryption is S3's own
// (AES256): the package is no secret, and a key of ours would have to be granted to every node.
func (p *Packages) newBucket(ctx *pulumi.Context) (*s3.BucketV2, error) {
	parent := pulumi.Parent(p)
	bucket, err := s3.NewBucketV2(ctx, p.name+"-bucket", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(!p.args.Protect)}, parent,
		pulumi.Protect(p.args.Protect))
	if err != nil {
		return nil, err
	}
	p.BucketName = bucket.Bucket
	versioning, err := s3.NewBucketVersioningV2(ctx, p.name+"-bucket", &s3.BucketVersioningV2Args{
		Bucket: bucket.Bucket, VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, parent)
	if err != nil {
		return nil, err
	}
	encryption, err := s3.NewBucketServerSideEncryptionConfigurationV2(
		ctx,
		p.name+"-bucket",
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: bucket.Bucket,
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm: pulumi.String("AES256"),
				},
			}},
		},
		parent,
	)
	if err != nil {
		return nil, err
	}
	closed, err := s3.NewBucketPublicAccessBlock(ctx, p.name+"-bucket", &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.Bucket, BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, parent)
	if err != nil {
		return nil, err
	}
	p.Ready = append(p.Ready, versioning, encryption, closed)
	return bucket, p.secure(ctx, bucket)
}

func (p *Packages) secure(ctx *pulumi.Context, bucket *s3.BucketV2) error {
	if _, err := s3.NewBucketOwnershipControls(ctx, p.name+"-bucket", &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.Bucket, Rule: &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, pulumi.Parent(p)); err != nil {
		return err
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, p.name+"-bucket", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{&s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String("old-versions"), Status: pulumi.String("Enabled"),
			Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			NoncurrentVersionExpiration: &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(90),
			},
		}},
	}, pulumi.Parent(p)); err != nil {
		return err
	}
	_, err := s3.NewBucketPolicy(ctx, p.name+"-bucket", &s3.BucketPolicyArgs{
		Bucket: bucket.Bucket,
		Policy: policy.Document(policy.TLSOnly(bucket.Arn)),
	}, pulumi.Parent(p))
	return err
}

// upload stores the package under its hash, then points to it: a node never reads a pointer to what is not there.
func (p *Packages) upload(ctx *pulumi.Context, bucket *s3.BucketV2) error {
	key := fmt.Sprintf("packages/%s.tar.gz", p.args.Archive.SHA256)
	object, err := s3.NewBucketObjectv2(ctx, p.name+"-archive", &s3.BucketObjectv2Args{
		Bucket: bucket.Bucket, Key: pulumi.String(key), Source: pulumi.NewFileAsset(p.args.Archive.Path),
		ContentType: pulumi.String("application/gzip"),
	}, pulumi.Parent(p), pulumi.DependsOn(p.Ready))
	if err != nil {
		return err
	}
	current, err := s3.NewBucketObjectv2(ctx, p.name+"-current", &s3.BucketObjectv2Args{
		Bucket: bucket.Bucket, Key: pulumi.String(pointer), ContentType: pulumi.String("text/plain"),
		Content: pulumi.Sprintf("%s %s\n", p.args.Archive.SHA256, object.Key),
	}, pulumi.Parent(p))
	p.Ready = append(p.Ready, object, current)
	return err
}
