package platform_test

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func TestACycleCreatesEverythingOnceAndLeavesNothing(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		r := cycle(t, stack)
		assert.Positive(t, r.Created)
		assert.Equal(t, r.Created, r.Deleted)
		assert.Equal(t, 0, r.SecondPreview)
	}
}

// protected are the types that production protects: those whose loss loses what customers keep, or what decrypts it.
var protected = []string{
	catalog.RDSInstance, catalog.AtlasAdvancedCluster, catalog.AtlasProject,
	catalog.EBSVolume, catalog.KMSKey, catalog.S3BucketV2, catalog.ECRRepository, catalog.EKSClusterComponent,
}

func TestStatefulResourcesAreProtectedInProductionOnly(t *testing.T) {
	for _, e := range cycle(t, "prod").state {
		if slices.Contains(protected, e.Type()) {
			assert.True(t, e.Protect, e.URN)
		}
	}
	for _, e := range cycle(t, "dev").state {
		assert.False(t, e.Protect, e.URN)
	}
}

func TestEveryProviderIsExplicit(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		for _, e := range cycle(t, stack).state {
			if e.Provider != "" {
				assert.NotEqual(t, "default", e.ProviderURN().Name(), e.URN)
				assert.NotContains(t, e.ProviderURN().Name(), "default_", e.URN)
			}
		}
	}
}

func TestTheAccountIsPinnedAndEverythingIsTagged(t *testing.T) {
	provider := cycle(t, "prod").one(t, catalog.AwsProvider, "aws")
	assert.Equal(t, []any{"111122223333"}, provider.Inputs["allowedAccountIds"])
	assert.Equal(t, map[string]any{"tags": map[string]any{"bpa:stack": "bpa-prod", "bpa:managed-by": "pulumi", "service": "bpa"}},
		provider.Inputs["defaultTags"])
	// A provider tags what it makes, and instances and their disks are made by Auto Scaling.
	for _, template := range cycle(t, "prod").find(catalog.EC2LaunchTemplate) {
		for _, made := range template.Inputs["tagSpecifications"].([]any) {
			assert.Equal(t, map[string]any{"bpa:stack": "bpa-prod", "bpa:managed-by": "pulumi", "service": "bpa"},
				made.(map[string]any)["tags"], template.URN)
		}
	}
}

func TestNoNodeAnswersVersionOneOfTheMetadataService(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		templates := cycle(t, stack).find(catalog.EC2LaunchTemplate)
		require.Len(t, templates, 4)
		for _, template := range templates {
			assert.Equal(t, map[string]any{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 2.0},
				template.Inputs["metadataOptions"], "%s: pulumi-eks sets none", template.URN)
		}
	}
}

// after reports whether one resource waits for the other, directly or through others.
func (r *run) after(from, to resource.URN) bool {
	byURN := map[resource.URN]*stackdoc.Resource{}
	for _, e := range r.state {
		byURN[e.URN] = e
	}
	seen := map[resource.URN]bool{}
	var visit func(resource.URN) bool
	visit = func(urn resource.URN) bool {
		if seen[urn] {
			return false
		}
		seen[urn] = true
		e := byURN[urn]
		if e == nil {
			return false
		}
		for _, d := range append(slices.Clone(e.Dependencies), e.ProviderURN()) {
			if d == to || visit(d) {
				return true
			}
		}
		return false
	}
	return visit(from)
}

func TestR10R20TheOrderOfTheWhitePaperHolds(t *testing.T) {
	r := cycle(t, "prod")
	release := r.one(t, catalog.HelmRelease, "bpa-release").URN
	job := r.one(t, catalog.KubernetesJob, "bootstrap-job").URN
	for _, before := range []*stackdoc.Resource{
		r.one(t, catalog.RDSInstance, "database-instance"), r.one(t, catalog.AtlasDatabaseUser, "atlas-user"),
		r.one(t, catalog.EKSNodeGroupV2Component, "nodes-node-4"), r.one(t, catalog.EKSAddon, "addons-coredns"),
		r.one(t, catalog.ECRRepository, "registry-sase-service"), r.one(t, catalog.KubernetesJob, "bootstrap-job"),
	} {
		assert.True(t, r.after(release, before.URN), "the release waits for %s", before.URN)
	}
	assert.True(
		t,
		r.after(job, r.one(t, catalog.RDSParameterGroup, "database-parameters").URN),
		"md5 before the first role (R09)",
	)
	assert.True(t, r.after(job, r.one(t, catalog.EKSAddon, "addons-coredns").URN), "the job resolves the database's name")
}

// A release that is being uninstalled still runs hooks and has volumes deleted: what it needs for that goes after it.
func TestWhatIsUsedOutlivesItsUser(t *testing.T) {
	r := cycle(t, "prod")
	release := r.one(t, catalog.HelmRelease, "bpa-release").URN
	for _, used := range []struct{ typ, name string }{
		{catalog.IAMRolePolicyAttachment, "cluster-node-AmazonEKSWorkerNodePolicy"},
		{catalog.IAMRolePolicyAttachment, "cluster-node-AmazonEKS_CNI_Policy"},
		{catalog.IAMRolePolicyAttachment, "cluster-node-AmazonEC2ContainerRegistryPullOnly"},
		{catalog.IAMRolePolicyAttachment, "addons-ebs-csi"}, {catalog.IAMRole, "addons-ebs-csi"},
		{catalog.VPCSecurityGroupEgressRule, "cluster-nodes-out-tcp"}, {catalog.VPCSecurityGroupEgressRule, "cluster-nodes-out-udp"},
		{catalog.VPCSecurityGroupEgressRule, "cluster-pods-out"}, {catalog.VPCSecurityGroupIngressRule, "cluster-api-from-pods"},
	} {
		assert.True(t, r.after(release, r.one(t, used.typ, used.name).URN), "a destroy takes %s %s beside the release", used.typ, used.name)
	}
}

func TestR13PodNetworkingIsInPlaceBeforeAnyNode(t *testing.T) {
	r := cycle(t, "prod")
	cni := r.one(t, catalog.EKSAddon, "cluster-vpc-cni")
	assert.Contains(t, cni.Inputs["configurationValues"], `"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG":"true"`)
	for _, group := range r.find(catalog.EKSNodeGroupV2Component) {
		assert.True(t, r.after(group.URN, cni.Parent) || r.after(group.URN, cni.URN) ||
			r.after(group.URN, r.one(t, catalog.EKSClusterComponent, "cluster").URN), group.URN)
	}
}

func TestR11EnvironmentHoldsTheDatabasesOutputs(t *testing.T) {
	r := cycle(t, "prod")
	var environment map[string]any
	passwords := map[string]string{}
	for _, made := range r.Resources {
		switch made.Type {
		case catalog.HelmRelease:
			environment = made.Inputs["values"].(map[string]any)["bpaEnvironment"].(map[string]any)
		case catalog.RandomPassword:
			passwords[made.URN.Name()] = made.Outputs["result"].(string)
		}
	}
	require.NotEmpty(t, environment)
	assert.Equal(t, map[string]any{
		"PG_ROOT_DATABASE": "admin", "PG_INITDB_ROOT_USERNAME": "admin", "PG_INITDB_ROOT_PASSWORD": passwords["database-admin"],
		"AUTH_DB_NAME": "kong", "AUTH_DB_USER": "kong", "AUTH_DB_PASSWORD": passwords["database-kong"],
		"WFE_DB_NAME": "process-engine", "WFE_DB_USER": "camunda", "WFE_DB_PASSWORD": passwords["database-camunda"],
		"PG_HOST": r.Outputs["databaseEndpoint"].Value, "PG_PORT": "5432",
	}, environment)
}

func TestR05R12TheConnectionStringIsRightOnTheFirstUp(t *testing.T) {
	r := cycle(t, "prod")
	assert.Contains(t, r.Outputs["atlasConnection"].Value, "mongodb+srv://")
	assert.Contains(t, r.Outputs["atlasConnection"].Value, "-pl-", "the private endpoint's, not the public one")
}
