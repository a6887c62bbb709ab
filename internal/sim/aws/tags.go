package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// tagRules are the rules for tags that every type has. Each service words them on its own; these are EC2's, S3's and IAM's words.
func tagRules(token string) []provider.Rule {
	rules := []provider.Rule{
		{Code: "TagLimitExceeded", Source: ec2Tags, Fails: tooManyTags},
		{Code: "InvalidParameterValue", Source: ec2Tags, Fails: reservedTag},
		{Code: "InvalidParameterValue", Source: ec2Tags, Fails: longTag},
	}
	switch {
	case token == catalog.S3BucketObjectv2:
		rules = append(rules, provider.Rule{
			Code: "BadRequest", Source: "docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html", Fails: tooManyOfObject,
		})
	case strings.HasPrefix(token, "aws:iam/"):
		rules = append(rules, provider.Rule{
			Code: "InvalidInput", Source: "docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html", Fails: alikeButForCase,
		})
	}
	return rules
}

const ec2Tags = "docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions"

func tooManyTags(r *provider.Request) string {
	if n := len(tagsAll(r)); n > 50 {
		return fmt.Sprintf("More than 50 tags specified: %d", n)
	}
	return ""
}

func tooManyOfObject(r *provider.Request) string {
	if len(tagsAll(r)) > 10 {
		return "Object tags cannot be greater than 10"
	}
	return ""
}

func reservedTag(r *provider.Request) string {
	for key := range tagsAll(r) {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return "Tag keys starting with 'aws:' are reserved for internal use"
		}
	}
	return ""
}

func longTag(r *provider.Request) string {
	for key, value := range tagsAll(r) {
		if text, _ := value.(string); len(key) > 128 || len(text) > 256 {
			return fmt.Sprintf("Tag %s is too long: a key has at most 128 characters, a value 256", key)
		}
	}
	return ""
}

func alikeButForCase(r *provider.Request) string {
	seen := map[string]bool{}
	for key := range tagsAll(r) {
		folded := strings.ToLower(key)
		if seen[folded] {
			return "Duplicate tag keys found. Please note that Tag keys are case insensitive."
		}
		seen[folded] = true
	}
	return ""
}
