package registry_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/registry"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func args() *registry.Args {
	return &registry.Args{
		Registry:     config.Registry{PathPrefix: "bpa-dev", KeepImages: 30, PullThrough: []string{"public.ecr.aws"}},
		Repositories: []string{"sase-service", "kafka"},
		Account:      testkit.Account, Protect: true,
	}
}

func program(a *registry.Args, check func(*pulumi.Context, *registry.Registry)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		r, err := registry.New(ctx, "registry", a)
		if err == nil && check != nil {
			check(ctx, r)
		}
		return err
	}
}

func TestR04RepositoriesAreImmutableScannedAndEncrypted(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ecr/lifecyclePolicy:LifecyclePolicy registry-kafka",
			"aws:ecr/lifecyclePolicy:LifecyclePolicy registry-sase-service",
			"aws:ecr/pullThroughCacheRule:PullThroughCacheRule registry-public",
			"aws:ecr/repository:Repository registry-kafka",
			"aws:ecr/repository:Repository registry-sase-service",
			"aws:kms/key:Key registry-key",
			"bpa:registry:Registry registry",
		}, g.List())
		g.Owned(t, "bpa:registry:Registry")
		assert.Equal(t, []string{
			"aws:ecr/repository:Repository registry-kafka",
			"aws:ecr/repository:Repository registry-sase-service",
			"aws:kms/key:Key registry-key",
		}, g.Protected())
		for _, r := range g.OfType("aws:ecr/repository:Repository") {
			assert.Equal(t, "IMMUTABLE", r.Plain("imageTagMutability"))
			assert.Equal(t, map[string]any{"scanOnPush": true}, r.Plain("imageScanningConfiguration"))
			assert.Equal(t, false, r.Plain("forceDelete"), "a protected repository does not go with its images")
			encryption := r.Plain("encryptionConfigurations").([]any)[0].(map[string]any)
			assert.Equal(t, "KMS", encryption["encryptionType"])
			var rules struct {
				Rules []struct {
					Selection map[string]any `json:"selection"`
				} `json:"rules"`
			}
			text := g.Get(t, "aws:ecr/lifecyclePolicy:LifecyclePolicy", r.Name).Plain("policy").(string)
			require.NoError(t, json.Unmarshal([]byte(text), &rules))
			require.Len(t, rules.Rules, 2)
			assert.Equal(t, 30.0, rules.Rules[1].Selection["countNumber"])
		}
	})
}

func TestR14RepositoryNamesKeepThePathOfThePaper(t *testing.T) {
	testkit.Both(t, program(args(), func(_ *pulumi.Context, r *registry.Registry) {
		assert.Equal(t, "111122223333.dkr.ecr.us-west-2.amazonaws.com", r.URL)
		assert.Equal(t, r.URL+"/bpa-dev/public/docker/library/postgres:16", r.Public("public.ecr.aws/docker/library/postgres:16"))
		assert.Equal(t, "quay.io/a/b:1", r.Public("quay.io/a/b:1"), "what is not cached keeps its name")
	}), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, "bpa-dev/sase-service", g.Get(t, "aws:ecr/repository:Repository", "registry-sase-service").Plain("name"))
		rule := g.Get(t, "aws:ecr/pullThroughCacheRule:PullThroughCacheRule", "registry-public")
		assert.Equal(t, "bpa-dev/public", rule.Plain("ecrRepositoryPrefix"))
	})
}

func TestR15NodesMayPullFromTheseRepositoriesOnly(t *testing.T) {
	assert.Equal(t, map[string][2][]string{
		"Token": {{"ecr:GetAuthorizationToken"}, {"*"}},
		"Pull": {
			{"ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"},
			{
				"arn:aws:ecr:us-west-2:111122223333:registry-kafka", "arn:aws:ecr:us-west-2:111122223333:registry-sase-service",
				"arn:aws:ecr:us-west-2:111122223333:repository/bpa-dev/public/*",
			},
		},
		"Cache": {
			{"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}, {"arn:aws:ecr:us-west-2:111122223333:repository/bpa-dev/public/*"},
		},
	}, documentOf(t, args()))
	without := args()
	without.PullThrough = nil
	assert.NotContains(t, documentOf(t, without), "Cache")
}

// documentOf returns actions and resources of each statement of the pull policy.
func documentOf(t *testing.T, a *registry.Args) map[string][2][]string {
	t.Helper()
	var policy testkit.Captured
	_, err := testkit.Update(program(a, func(ctx *pulumi.Context, r *registry.Registry) { policy.Capture(ctx, r.PullPolicy) }))
	require.NoError(t, err)
	text, known := policy.Value()
	require.True(t, known)
	var document struct {
		Statement []struct {
			Sid              string
			Action, Resource []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.(string)), &document))
	statements := map[string][2][]string{}
	for _, s := range document.Statement {
		statements[s.Sid] = [2][]string{s.Action, s.Resource}
	}
	return statements
}

func TestBadImageNamesAreReportedAtOnce(t *testing.T) {
	a := args()
	a.Images, a.KeepImages, a.PullThrough = []string{"Kafka", "kong", "kong"}, 0, []string{"docker.io"}
	a.Repositories = []string{"kafka:1"}
	g, err := testkit.Update(program(a, nil))
	require.Error(t, err)
	for _, part := range []string{"images[0]", "images[2]", "Repositories[0]", "keepImages", "pullThrough[0]"} {
		assert.Contains(t, err.Error(), part)
	}
	assert.Empty(t, g.List())
}
