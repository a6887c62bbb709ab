// Package registry builds the ECR repositories of the BPA images (R04, R14) and says what a node needs to pull from
// them (R15).
package registry

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/policy"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Args are the arguments of New.
type Args struct {
	// Registry is what the configuration says. Each name stands behind its prefix, as <repository_path> does in the paper (R14).
	config.Registry
	// Repositories are those of the release's images, without the prefix, each once.
	Repositories []string
	Account      account.Account
	// Protect refuses to delete the repositories and their key; without it they go with the images in them.
	Protect bool
}

// Registry is the component.
type Registry struct {
	pulumi.ResourceState

	// URL is the registry's host: <account>.dkr.ecr.<region>.amazonaws.com.
	URL string
	// RepositoryURLs by image.
	RepositoryURLs map[string]pulumi.StringOutput
	// PullPolicy is the IAM policy document of whoever pulls (R15).
	PullPolicy pulumi.StringOutput
	// Ready is what must exist before an image can be pulled.
	Ready []pulumi.Resource

	name string
	args *Args
}

// New builds a repository for each image, and the pull-through caches.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Registry, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	r := &Registry{name: name, args: args, RepositoryURLs: map[string]pulumi.StringOutput{}}
	r.URL = args.Account.RegistryHost()
	if err := ctx.RegisterComponentResource("bpa:registry:Registry", name, r, opts...); err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	arns, err := r.newRepositories(ctx)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	if err := r.newCaches(ctx); err != nil {
		return nil, fmt.Errorf("registry: pull-through cache: %w", err)
	}
	r.PullPolicy = r.pullPolicy(arns)
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"url": pulumi.String(r.URL)})
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Registry)
	for i, name := range a.Repositories {
		wrong := a.WrongName(name)
		p.Require(wrong == "", fmt.Sprintf("Repositories[%d]", i), name, "%s", wrong)
	}
	return p.Err("registry: ")
}

func (a *Args) cachePrefix(upstream string) string {
	prefix, _ := naming.CachePrefix(a.PathPrefix, upstream) // validate has checked that it is one
	return prefix
}

// Public returns the name under which a public image is pulled through the cache, such as
// <url>/<prefix>/public/docker/library/postgres:16 for public.ecr.aws/docker/library/postgres:16. An image of a
// registry that is not cached keeps its name.
func (r *Registry) Public(image string) string {
	host, name, _ := strings.Cut(image, "/")
	for _, upstream := range r.args.PullThrough {
		if upstream == host {
			return r.URL + "/" + r.args.cachePrefix(upstream) + "/" + name
		}
	}
	return image
}

func (r *Registry) newRepositories(ctx *pulumi.Context) ([]pulumi.StringInput, error) {
	key, err := kms.NewKey(ctx, r.name+"-key", &kms.KeyArgs{
		Description: pulumi.String("Encrypts the images of " + r.args.PathPrefix), EnableKeyRotation: pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30),
	}, pulumi.Parent(r), pulumi.Protect(r.args.Protect))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	rules, err := lifecycle(r.args.KeepImages)
	if err != nil {
		return nil, err
	}
	var arns []pulumi.StringInput
	for _, image := range slices.Sorted(slices.Values(r.args.Repositories)) {
		logical := r.name + "-" + strings.ReplaceAll(image, "/", "-")
		repository, err := ecr.NewRepository(ctx, logical, &ecr.RepositoryArgs{
			Name: pulumi.String(r.args.PathPrefix + "/" + image), ImageTagMutability: pulumi.String("IMMUTABLE"),
			ImageScanningConfiguration: &ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
			EncryptionConfigurations: ecr.RepositoryEncryptionConfigurationArray{&ecr.RepositoryEncryptionConfigurationArgs{
				EncryptionType: pulumi.String("KMS"), KmsKey: key.Arn,
			}},
			ForceDelete: pulumi.Bool(!r.args.Protect),
		}, pulumi.Parent(r), pulumi.Protect(r.args.Protect))
		if err != nil {
			return nil, fmt.Errorf("repository %s: %w", image, err)
		}
		if _, err := ecr.NewLifecyclePolicy(ctx, logical, &ecr.LifecyclePolicyArgs{
			Repository: repository.Name, Policy: pulumi.String(rules),
		}, pulumi.Parent(r)); err != nil {
			return nil, fmt.Errorf("lifecycle of %s: %w", image, err)
		}
		r.RepositoryURLs[image] = repository.RepositoryUrl
		r.Ready = append(r.Ready, repository)
		arns = append(arns, repository.Arn)
	}
	return arns, nil
}

// lifecycle drops what a failed push leaves behind after a week, and all but the newest images.
func lifecycle(keep int) (string, error) {
	rule := func(priority int, description string, selection map[string]any) map[string]any {
		return map[string]any{
			"rulePriority": priority, "description": description, "selection": selection, "action": map[string]any{"type": "expire"},
		}
	}
	b, err := json.Marshal(map[string]any{"rules": []any{
		rule(1, "untagged images go after 7 days", map[string]any{
			"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7,
		}),
		rule(2, fmt.Sprintf("the newest %d images stay", keep), map[string]any{
			"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep,
		}),
	}})
	return string(b), err
}

// newCaches lets nodes pull public images through ECR. The stack's prefix keeps two stacks of an account apart.
func (r *Registry) newCaches(ctx *pulumi.Context) error {
	for _, upstream := range r.args.PullThrough {
		prefix := r.args.cachePrefix(upstream)
		rule, err := ecr.NewPullThroughCacheRule(ctx, r.name+"-"+path.Base(prefix), &ecr.PullThroughCacheRuleArgs{
			EcrRepositoryPrefix: pulumi.String(prefix), UpstreamRegistryUrl: pulumi.String(upstream),
		}, pulumi.Parent(r))
		if err != nil {
			return fmt.Errorf("%s: %w", upstream, err)
		}
		r.Ready = append(r.Ready, rule)
	}
	return nil
}

// pullPolicy allows what the paper lists, on these repositories only, the token it leaves out (R15), and the first pull
// through the cache, which creates a repository.
func (r *Registry) pullPolicy(repositories []pulumi.StringInput) pulumi.StringOutput {
	var cached []pulumi.StringInput
	for _, upstream := range r.args.PullThrough {
		cached = append(cached, pulumi.String(r.args.Account.ARN("ecr", "repository/"+r.args.cachePrefix(upstream)+"/*")))
	}
	statements := []policy.Statement{
		{Sid: "Token", Actions: []string{"ecr:GetAuthorizationToken"}, Resources: []pulumi.StringInput{pulumi.String("*")}},
		{
			Sid: "Pull", Actions: []string{"ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"},
			Resources: append(append([]pulumi.StringInput{}, repositories...), cached...),
		},
	}
	if len(cached) > 0 {
		statements = append(statements, policy.Statement{
			Sid: "Cache", Actions: []string{"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}, Resources: cached,
		})
	}
	return policy.Document(statements...)
}
