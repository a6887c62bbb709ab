package config

import (
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// AWS says where the stack lives.
type AWS struct {
	Region    string            `json:"region" required:"true" is:"region" doc:"AWS region, such as us-west-2."`
	AccountID string            `json:"accountId" required:"true" is:"account" doc:"The only account this stack may touch, 12 digits."`
	RoleARN   string            `json:"roleArn" optional:"true" is:"role" doc:"IAM role to assume for the deployment, by the kubeconfig too. Default: the caller's own credentials."`
	Tags      map[string]string `json:"tags" doc:"Tags on every resource, beside bpa:stack and bpa:managed-by. Nodes and their disks carry them too."`
}

func (a AWS) check(p *problem.List) {
	for key := range a.Tags {
		p.Require(!strings.HasPrefix(key, "aws:") && len(key) <= 128, "tags."+key, a.Tags[key],
			"a key must have at most 128 characters and not begin with aws:")
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
