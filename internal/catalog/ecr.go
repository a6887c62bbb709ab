package catalog

import "time"

// The types of ecr.
const (
	ECRLifecyclePolicy      = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	ECRPullThroughCacheRule = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
	ECRRepository           = "aws:ecr/repository:Repository"
	ECRRepositoryPolicy     = "aws:ecr/repositoryPolicy:RepositoryPolicy"
)

var ecrTypes = []Type{
	{
		Token: ECRLifecyclePolicy,
		Identity: Identity{
			ImportID: form("{repository}"),
			StateID:  form("{repository}"),
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Price:       Price{Free: "a setting of a repository"},
		Permissions: setting(onRepository, "ecr:GetLifecyclePolicy", "ecr:PutLifecyclePolicy", "ecr:DeleteLifecyclePolicy"),
		Simulation:  Simulation{ID: AsRead, Outputs: map[string]any{"registryId": "{account}"}, DeletesFirst: true},
		Failures:    idBeforeWait("ecr/lifecycle_policy.go resourceLifecyclePolicyCreate"),
		None:        none(quiet, closed, plain, instant),
	},
	{
		Token: ECRPullThroughCacheRule,
		Identity: Identity{
			ImportID: form("{ecrRepositoryPrefix}"),
			StateID:  form("{ecrRepositoryPrefix}"),
		},
		Loss: Loss{
			Downtime: "images that are not in the cache yet cannot be pulled in between",
		},
		Price: Price{Rule: paysUse("ecr.storage")},
		Permissions: Permissions{
			Create: []Grant{anything.allow("ecr:CreatePullThroughCacheRule"), links("pullthroughcache.ecr.amazonaws.com")},
			Read:   []Grant{anything.allow("ecr:DescribePullThroughCacheRules")},
			Update: []Grant{anything.allow("ecr:UpdatePullThroughCacheRule")},
			Delete: []Grant{anything.allow("ecr:DeletePullThroughCacheRule")},
		},
		Simulation: Simulation{
			ID:       AsRead,
			Outputs:  map[string]any{"registryId": "{account}"},
			Replaces: []string{"upstreamRepositoryPrefix"},
			Taken:    "PullThroughCacheRuleAlreadyExistsException",
		},
		Failures: idBeforeWait("ecr/pull_through_cache_rule.go resourcePullThroughCacheRuleCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: ECRRepository,
		Identity: Identity{
			ImportID: form("{name}"),
			StateID:  form("{name}"),
			ARN:      "arn:{partition}:ecr:{region}:{account}:repository/{name...}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every image in the repository",
			Downtime: "pods that start anew find no image until it is pushed again",
		},
		Guards: []Guard{
			{"forceDelete", on, "the repository is deleted with its images"},
			{"imageTagMutability", unlike("IMMUTABLE"), "a tag may be given to another image"},
			{"imageScanningConfiguration.scanOnPush", off, "images are no longer scanned"},
		},
		Refusals: []Refusal{
			{"forceDelete", notTrue, "ECR refuses while there are images in it (bpa:protect)"},
		},
		// 1-2 s
		Duration: Duration{Create: 1500 * time.Millisecond, Delete: 1500 * time.Millisecond, Source: Logs},
		Price:    Price{Rule: paysUse("ecr.storage")},
		Permissions: Permissions{
			Create: append([]Grant{onRepository.allow("ecr:CreateRepository", "ecr:TagResource")}, lendsKey...),
			Read:   []Grant{onRepository.allow("ecr:DescribeRepositories", "ecr:ListTagsForResource")},
			Update: []Grant{
				onRepository.allow(
					"ecr:PutImageScanningConfiguration", "ecr:PutImageTagMutability", "ecr:TagResource", "ecr:UntagResource",
				),
			},
			Delete: []Grant{onRepository.allow("ecr:DeleteRepository"), onKey.when(Own, "kms:RetireGrant")},
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 256, nil},
			Outputs: map[string]any{
				"arn": "arn:{partition}:ecr:{region}:{account}:repository/{id}", "registryId": "{account}",
				"repositoryUrl": "{account}.dkr.ecr.{region}.{dnsSuffix}/{id}",
			},
			Taken: "RepositoryAlreadyExistsException",
		},
		Failures: idBeforeWait("ecr/repository.go resourceRepositoryCreate"),
		None:     none(closed, plain, None{Effects: noEffect, Waits: noWait}),
	},
	{
		Token: ECRRepositoryPolicy,
		Identity: Identity{
			StateID: form("{repository}"),
		},
		Simulation: Simulation{ID: AsRead, Outputs: map[string]any{"registryId": "{account}"}},
	},
}
