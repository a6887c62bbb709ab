package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// AWS says where the stack lives.
type AWS struct {
	Region    string            `json:"region" required:"true" is:"region" doc:"AWS region, such as us-west-2."`
	AccountID string            `json:"accountId" required:"true" is:"account" doc:"The only account this stack may touch, 12 digits."`
	RoleARN   string            `json:"roleArn" optional:"true" is:"role" doc:"IAM role to assume for the deployment, by the kubeconfig too. Default: the caller's own credentials."`
	Tags      map[string]string `json:"tags" doc:"Tags on every resource, beside bpa:stack and bpa:managed-by. At most 8. Nodes and their disks carry them too."`
}

// What AWS lets a tag be. Most resources take 50, an object in S3 ten, of which two are the program's own: the provider puts its
// default tags on objects whatever the program says (pulumi-aws provider/tags.go applyTags). The characters are those that every
// service takes. Sources: S3 user guide, "Categorizing your objects using tags"; EC2 user guide, "Tag restrictions"; IAM user guide,
// "Tags for IAM resources", whose keys do not differ by case alone.
const (
	maxTags     = 8
	maxTagKey   = 128
	maxTagValue = 256
)

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

func (a AWS) check(p *problem.List) {
	p.Require(
		len(a.Tags) <= maxTags,
		"tags",
		len(a.Tags),
		"must be at most %d: an object in S3 takes ten, of which two are the program's",
		maxTags,
	)
	seen := map[string]string{"bpa:stack": "bpa:stack", "bpa:managed-by": "bpa:managed-by"}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		path, value, folded := "tags."+key, a.Tags[key], strings.ToLower(key)
		p.Require(key != "" && utf8.RuneCountInString(key) <= maxTagKey && !strings.HasPrefix(folded, "aws:"), path, value,
			"a key must have 1 to %d characters and not begin with aws:", maxTagKey)
		p.Require(utf8.RuneCountInString(value) <= maxTagValue, path, value, "a value must have at most %d characters", maxTagValue)
		p.Require(tagText.MatchString(key) && tagText.MatchString(value), path, value,
			"must be letters, digits, spaces and _ . : / = + - @ alone, as IAM takes no others")
		p.Require(seen[folded] == "", path, value, "must differ from %s by more than case, as IAM takes both for one", seen[folded])
		seen[folded] = key
	}
}

var _ = define(map[string]Format{
	"account": {Pattern: `^[0-9]{12}$`, Must: "must be 12 digits in quotes"},
	"region":  {Pattern: `^[a-z]{2}(?:-[a-z]+)+-[0-9]$`, Must: "must be an AWS region such as us-west-2"},
	"role": {
		Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$`,
		Must:    "must be the ARN of an IAM role",
	},
})
