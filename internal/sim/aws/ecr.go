package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// ecr are repositories and their rules.
var ecr = provider.Code{
	catalog.ECRRepository: {
		Values: []provider.Value{
			{Property: "name", Min: 2, Max: 256, Source: ecrAPI},
			{Property: "name", Source: "getmoto/moto moto/ecr/models.py", Pattern: repositoryName,
				Text: "must start with a letter and only contain lowercase letters, numbers, hyphens, underscores, periods and " +
					"forward slashes"},
			oneOf("imageTagMutability", "MUTABLE IMMUTABLE MUTABLE_WITH_EXCLUSION IMMUTABLE_WITH_EXCLUSION"),
			oneOf("encryptionConfigurations.[].encryptionType", "AES256 KMS KMS_DSSE"),
		},
	},
	catalog.ECRLifecyclePolicy: {
		Values: []provider.Value{jsonOf("policy")},
		Rules: []provider.Rule{
			repositoryExists, {Code: "InvalidParameterException", Source: ecrAPI, Fails: lifecycleProblem},
		},
	},
	catalog.ECRRepositoryPolicy: {
		Values: []provider.Value{jsonOf("policy")},
		Rules:  append([]provider.Rule{repositoryExists}, policyRules("policy", "InvalidParameterException")...),
	},
	catalog.ECRPullThroughCacheRule: {
		Values: []provider.Value{
			{Property: "ecrRepositoryPrefix", Min: 2, Max: 30, Source: tfAWS, Pattern: repositoryName,
				Text: "must only include alphanumeric, underscore, period, hyphen, or slash characters"},
		},
		Rules: []provider.Rule{{
			Code: "UnsupportedUpstreamRegistryException", Fails: upstreamKnown,
			Source: "docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html",
		}},
	},
}

var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

var repositoryExists = provider.Rule{
	Code:     "RepositoryNotFoundException",
	Source:   ecrAPI,
	OnCreate: true,
	Fails: func(r *provider.Request) string {
		if name := r.Str("repository"); r.Store.Get(catalog.ECRRepository, name) == nil {
			return fmt.Sprintf("The repository with name '%s' does not exist in the registry with id '%s'", name, account(r))
		}
		return ""
	},
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
