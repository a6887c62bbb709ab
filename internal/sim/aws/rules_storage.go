package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	bucketType       = catalog.S3BucketV2
	bucketPolicyType = catalog.S3BucketPolicy
	bucketBlockType  = catalog.S3BucketPublicAccessBlock
	repositoryType   = catalog.ECRRepository
)

const s3Policies = "docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"

var bucketPolicyRules = []provider.Rule{
	{Code: "MalformedPolicy", Source: issue("aws-samples/aws-serverless-appsync-app", 4), Fails: otherBucket},
	{Code: "MalformedPolicy", Source: s3Policies, Fails: func(r *provider.Request) string {
		return principalProblem(r.Str("policy"), "Invalid principal in policy")
	}},
	{Code: "MalformedPolicy", Source: s3Policies, Fails: actionElsewhere},
	{Code: "AccessDenied", Source: issue("torchbox/buckup", 18), Fails: publicPolicy},
}

// storageRules are the rules of S3 and ECR.
func storageRules() map[string][]provider.Rule {
	table := map[string][]provider.Rule{
		catalog.S3BucketObjectv2: {bucketExists},
		catalog.ECRLifecyclePolicy: {
			repositoryExists, {Code: "InvalidParameterException", Source: ecrAPI, Fails: lifecycleProblem},
		},
		catalog.ECRRepositoryPolicy: {repositoryExists},
		catalog.ECRPullThroughCacheRule: {
			{
				Code: "UnsupportedUpstreamRegistryException", Fails: upstreamKnown,
				Source: "docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html",
			},
		},
	}
	for _, setting := range bucketSettingTypes {
		table[setting] = append(table[setting], bucketExists)
	}
	return table
}

var bucketExists = provider.Rule{
	Code: "NoSuchBucket", Source: "docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", OnCreate: true,
	Fails: func(r *provider.Request) string {
		if r.Store.Get(bucketType, r.Str("bucket")) == nil && !r.Store.External(r.Str("bucket")) {
			return fmt.Sprintf("The specified bucket does not exist (%s)", r.Str("bucket"))
		}
		return ""
	},
}

var repositoryExists = provider.Rule{
	Code:     "RepositoryNotFoundException",
	Source:   ecrAPI,
	OnCreate: true,
	Fails: func(r *provider.Request) string {
		if name := r.Str("repository"); r.Store.Get(repositoryType, name) == nil {
			return fmt.Sprintf("The repository with name '%s' does not exist in the registry with id '%s'", name, account(r))
		}
		return ""
	},
}

func otherBucket(r *provider.Request) string {
	list, err := statements(r.Str("policy"))
	if err != nil {
		return ""
	}
	own := "arn:" + partition(region(r)) + ":s3:::" + r.Str("bucket")
	for _, s := range list {
		for _, resource := range words(s.Resource) {
			if resource != own && !strings.HasPrefix(resource, own+"/") {
				return "Policy has invalid resource"
			}
		}
	}
	return ""
}

// publicPolicy: block public access is on unless the stack turns it off.
func publicPolicy(r *provider.Request) string {
	block := r.Store.Get(bucketBlockType, r.Str("bucket"))
	if block != nil && block.Inputs["blockPublicPolicy"] != true {
		return ""
	}
	list, _ := statements(r.Str("policy"))
	for _, s := range list {
		if s.Effect == "Allow" && s.Condition == nil && slices.Contains(principals(s.Principal), "*") {
			return fmt.Sprintf("User: %s is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:%s:s3:::%s\" because public "+
				"policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
				globalARN(r, "user/rehearsal"), partition(region(r)), r.Str("bucket"))
		}
	}
	return ""
}

// logsPermitted reports whether a bucket's policy lets Elastic Load Balancing write access logs.
func logsPermitted(r *provider.Request, bucket string) bool {
	policy := r.Store.Get(bucketPolicyType, bucket)
	if policy == nil {
		return false
	}
	list, _ := statements(text(policy.Inputs, "policy"))
	for _, s := range list {
		writes := slices.ContainsFunc(words(s.Action), func(a string) bool { return a == "s3:PutObject" || a == "s3:*" || a == "s3:Put*" })
		for _, p := range principals(s.Principal) {
			// The service principal works in every region; the account ids of older regions end in :root (R08).
			if s.Effect == "Allow" && writes &&
				(p == "logdelivery.elasticloadbalancing.amazonaws.com" || strings.HasSuffix(p, ":root")) {
				return true
			}
		}
	}
	return false
}

func lifecycleProblem(r *provider.Request) string {
	var policy struct {
		Rules []struct {
			RulePriority int
			Selection    struct{ TagStatus string }
			Action       struct{ Type string }
		}
	}
	const form = "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: %s'"
	if err := json.Unmarshal([]byte(r.Str("policy")), &policy); err != nil || len(policy.Rules) == 0 {
		return fmt.Sprintf(form, "string is not valid JSON, or object has missing required properties ([\"rules\"])")
	}
	seen := map[int]bool{}
	for _, rule := range policy.Rules {
		switch {
		case seen[rule.RulePriority]:
			return fmt.Sprintf(form, "rulePriority must be unique")
		case !slices.Contains([]string{"tagged", "untagged", "any"}, rule.Selection.TagStatus):
			return fmt.Sprintf(form, "instance value (\""+rule.Selection.TagStatus+"\") not found in enum")
		case rule.Action.Type != "expire":
			return fmt.Sprintf(form, "instance value (\""+rule.Action.Type+"\") not found in enum (possible values: [\"expire\"])")
		}
		seen[rule.RulePriority] = true
	}
	return ""
}

// upstreams without credentials, and those that need them. Source: ECR user guide, pull through cache.
var (
	upstreams       = strings.Fields("public.ecr.aws registry.k8s.io quay.io")
	upstreamsClosed = strings.Fields("registry-1.docker.io ghcr.io registry.gitlab.com")
)

func upstreamKnown(r *provider.Request) string {
	url := r.Str("upstreamRegistryUrl")
	closed := slices.Contains(upstreamsClosed, url) || strings.HasSuffix(url, ".azurecr.io")
	switch {
	case slices.Contains(upstreams, url) || closed && r.Str("credentialArn") != "" || strings.Contains(url, ".dkr.ecr."):
		return ""
	case closed:
		return fmt.Sprintf("The upstream registry %s requires a credential ARN.", url)
	}
	return fmt.Sprintf("The specified upstream registry URL %s is not supported.", url)
}
