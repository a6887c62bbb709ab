package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/iamdoc"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// s3 are buckets, what is set of them, and their objects.
var s3 = provider.Code{
	catalog.S3BucketV2: {
		Protected: notEmpty, Gone: emptied,
		Values: []provider.Value{
			{Property: "bucket", Min: 3, Max: 63, Source: s3Names},
			{Property: "bucket", Pattern: regexp.MustCompile(`^[0-9a-z][0-9a-z.-]*[0-9a-z]$`), Source: s3Names,
				Text: "only lowercase alphanumeric characters, hyphens and periods allowed, at both ends a letter or a digit"},
			{Property: "bucket", Pattern: regexp.MustCompile(`\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|-s3alias$`), Not: true, Source: s3Names,
				Text: "must not hold two periods in a row, look like an IP address, begin with xn-- or end in -s3alias"},
		},
	},
	catalog.S3BucketObjectv2: {
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"etag": r.Hex(32), "versionId": r.Hex(32)}
		},
		Rules: []provider.Rule{bucketExists},
	},
	catalog.S3BucketPolicy: {
		Rules: append(append([]provider.Rule{bucketExists}, policyRules("policy", "MalformedPolicy")...), bucketPolicyRules...),
	},
	catalog.S3BucketVersioningV2: {
		Values: []provider.Value{oneOf("versioningConfiguration.status", "Enabled Suspended Disabled")},
		Rules:  []provider.Rule{bucketExists},
	},
	catalog.S3BucketPublicAccessBlock: {Rules: []provider.Rule{bucketExists}},
	catalog.S3BucketOwnershipControls: {
		Values: []provider.Value{oneOf("rule.objectOwnership", "BucketOwnerPreferred ObjectWriter BucketOwnerEnforced")},
		Rules:  []provider.Rule{bucketExists},
	},
	catalog.S3BucketServerSideEncryptionConfigurationV2: {
		Values: []provider.Value{oneOf("rules.[].applyServerSideEncryptionByDefault.sseAlgorithm", "AES256 aws:kms aws:kms:dsse")},
		Rules:  []provider.Rule{bucketExists},
	},
	catalog.S3BucketLifecycleConfigurationV2: {
		Values: []provider.Value{oneOf("rules.[].status", "Enabled Disabled")},
		Rules:  []provider.Rule{bucketExists},
	},
}

const (
	s3Names    = "docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
	s3Policies = "docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"
)

var bucketPolicyRules = []provider.Rule{
	{Code: "MalformedPolicy", Source: issue("aws-samples/aws-serverless-appsync-app", 4), Fails: otherBucket},
	{Code: "MalformedPolicy", Source: s3Policies, Fails: func(r *provider.Request) string {
		return principalProblem(r.Str("policy"), "Invalid principal in policy")
	}},
	{Code: "MalformedPolicy", Source: s3Policies, Fails: actionElsewhere},
	{Code: "AccessDenied", Source: issue("torchbox/buckup", 18), Fails: publicPolicy},
}

var bucketExists = provider.Rule{
	Code: "NoSuchBucket", Source: "docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", OnCreate: true,
	Fails: func(r *provider.Request) string {
		if r.Store.Get(catalog.S3BucketV2, r.Str("bucket")) == nil && !r.Store.External(r.Str("bucket")) {
			return fmt.Sprintf("The specified bucket does not exist (%s)", r.Str("bucket"))
		}
		return ""
	},
}

func otherBucket(r *provider.Request) string {
	list, err := iamdoc.Parse(r.Str("policy"))
	if err != nil {
		return ""
	}
	own := "arn:" + partition(region(r)) + ":s3:::" + r.Str("bucket")
	for _, s := range list {
		for _, resource := range iamdoc.Words(s.Resource) {
			if resource != own && !strings.HasPrefix(resource, own+"/") {
				return "Policy has invalid resource"
			}
		}
	}
	return ""
}

// publicPolicy: block public access is on unless the stack turns it off.
func publicPolicy(r *provider.Request) string {
	block := r.Store.Get(catalog.S3BucketPublicAccessBlock, r.Str("bucket"))
	if block != nil && block.Inputs["blockPublicPolicy"] != true {
		return ""
	}
	list, _ := iamdoc.Parse(r.Str("policy"))
	for _, s := range list {
		if s.Effect == "Allow" && s.Condition == nil && slices.Contains(iamdoc.Principals(s.Principal), "*") {
			return fmt.Sprintf("User: %s is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:%s:s3:::%s\" because public "+
				"policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
				globalARN(r, "user/rehearsal"), partition(region(r)), r.Str("bucket"))
		}
	}
	return ""
}

// objectAction reports whether an action of S3 is about objects, and so about what is below a bucket.
func objectAction(action string) bool {
	return strings.Contains(action, "Object") && !strings.Contains(action, "Bucket") ||
		action == "s3:AbortMultipartUpload" || action == "s3:ListMultipartUploadParts"
}

// actionElsewhere: an action about objects needs a resource below the bucket, one about the bucket needs the bucket.
func actionElsewhere(r *provider.Request) string {
	list, err := iamdoc.Parse(r.Str("policy"))
	if err != nil {
		return ""
	}
	for _, s := range list {
		resources := iamdoc.Words(s.Resource)
		below := slices.ContainsFunc(resources, func(a string) bool { return strings.ContainsAny(a, "/*") })
		bucket := slices.ContainsFunc(resources, func(a string) bool { return !strings.Contains(a, "/") })
		for _, action := range iamdoc.Words(s.Action) {
			known := strings.HasPrefix(action, "s3:") && !strings.Contains(action, "*") && len(resources) > 0
			if known && (objectAction(action) && !below || !objectAction(action) && !bucket) {
				return "Action does not apply to any resource(s) in statement"
			}
		}
	}
	return ""
}

// logsPermitted reports whether a bucket's policy lets Elastic Load Balancing write access logs.
func logsPermitted(r *provider.Request, bucket string) bool {
	policy := r.Store.Get(catalog.S3BucketPolicy, bucket)
	if policy == nil {
		return false
	}
	list, _ := iamdoc.Parse(text(policy.Inputs, "policy"))
	for _, s := range list {
		writes := slices.ContainsFunc(
			iamdoc.Words(s.Action),
			func(a string) bool { return a == "s3:PutObject" || a == "s3:*" || a == "s3:Put*" },
		)
		for _, p := range iamdoc.Principals(s.Principal) {
			// The service principal works in every region; the account ids of older regions end in :root (R08).
			if s.Effect == "Allow" && writes &&
				(p == "logdelivery.elasticloadbalancing.amazonaws.com" || strings.HasSuffix(p, ":root")) {
				return true
			}
		}
	}
	return false
}

// logTest: turning access logs on writes an object, so that the bucket is never empty again.
func logTest(r *provider.Request, bucket string) {
	key := "AWSLogs/" + account(r) + "/ELBAccessLogTestFile"
	if r.Store.Get(catalog.S3BucketV2, bucket) != nil {
		r.Store.Leave(&provider.Resource{
			Package: r.Package, Type: catalog.S3Object, Name: key, ID: bucket + "/" + key, Inputs: map[string]any{"bucket": bucket},
		})
	}
}

// notEmpty: S3 refuses to delete a bucket with objects, and forceDestroy makes the provider remove them first.
func notEmpty(r *provider.Request) error {
	if r.Inputs["forceDestroy"] == true {
		return nil
	}
	for _, o := range append(r.Store.All(catalog.S3Object), r.Store.All(catalog.S3BucketObjectv2)...) {
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
	for _, o := range r.Store.All(catalog.S3Object) {
		if o.Inputs["bucket"] == r.ID {
			r.Store.Remove(o)
		}
	}
}
