package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// providers are the explicit providers of a stack. Default ones are disabled by the stack file, so that nothing is
// ever deployed into whatever account a shell happens to point at.
type providers struct {
	aws, parent *aws.Provider
	eks         *eks.Provider
	atlas       *mongodbatlas.Provider
	random      *random.Provider
	// kubernetes is that of the stack's own cluster, which is made with it.
	kubernetes *kubernetes.Provider
}

func newProviders(ctx *pulumi.Context, cfg *config.Config) (*providers, error) {
	p := &providers{}
	var err error
	if p.aws, err = newAWS(ctx, "aws", cfg, cfg.AWS.AccountID, cfg.AWS.RoleARN); err != nil {
		return nil, err
	}
	if parent := cfg.Atlas.ParentAccount; parent != nil {
		if p.parent, err = newAWS(ctx, "aws-parent", cfg, parent.AccountID, parent.RoleARN); err != nil {
			return nil, err
		}
	}
	if p.eks, err = eks.NewProvider(ctx, "eks", &eks.ProviderArgs{}); err != nil {
		return nil, fmt.Errorf("eks provider: %w", err)
	}
	args := &mongodbatlas.ProviderArgs{}
	if cfg.Atlas.PublicKey != "" {
		args.PublicKey = pulumi.StringPtr(cfg.Atlas.PublicKey)
	}
	if cfg.Atlas.PrivateKey.Set() {
		args.PrivateKey = cfg.Atlas.PrivateKey.Input().ToStringOutput().ToStringPtrOutput()
	}
	if p.atlas, err = mongodbatlas.NewProvider(ctx, "mongodbatlas", args); err != nil {
		return nil, fmt.Errorf("mongodbatlas provider: %w", err)
	}
	if p.random, err = random.NewProvider(ctx, "random", &random.ProviderArgs{}); err != nil {
		return nil, fmt.Errorf("random provider: %w", err)
	}
	return p, nil
}

// newAWS returns a provider that refuses every account but one, and tags all that it makes.
func newAWS(ctx *pulumi.Context, name string, cfg *config.Config, accountID, roleARN string) (*aws.Provider, error) {
	args := &aws.ProviderArgs{
		Region:            pulumi.StringPtr(cfg.AWS.Region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(accountID)},
		DefaultTags:       &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(cfg.StackTags())},
	}
	if roleARN != "" {
		args.AssumeRole = &aws.ProviderAssumeRoleArgs{
			RoleArn:     pulumi.StringPtr(roleARN),
			SessionName: pulumi.StringPtr("bpa-" + ctx.Stack()),
		}
	}
	provider, err := aws.NewProvider(ctx, name, args)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", name, err)
	}
	return provider, nil
}

// aws hands a component the providers of everything outside Kubernetes.
func (p *platform) aws() pulumi.ResourceOption {
	return pulumi.Providers(p.providers.aws, p.providers.eks, p.providers.atlas, p.providers.random)
}

// kubernetes hands a component the provider of this stack's own cluster.
func (p *platform) kubernetes() pulumi.ResourceOption {
	return pulumi.Providers(p.providers.kubernetes)
}

// everywhere hands a component the providers of both.
func (p *platform) everywhere() pulumi.ResourceOption {
	return pulumi.Providers(p.providers.aws, p.providers.kubernetes)
}
