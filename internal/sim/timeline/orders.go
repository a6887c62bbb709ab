package timeline

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// order is a dependency that is true although no input carries it.
type order struct {
	// from waits for to. A type, or several separated by spaces.
	from, to string
	why      string
}

var orders = []order{
	{
		catalog.EC2Subnet,
		catalog.EC2VpcIpv4CidrBlockAssociation,
		"a subnet's range must be associated first",
	},
	{catalog.EC2Eip + " " + catalog.EC2NatGateway, catalog.EC2InternetGateway + " " + catalog.EC2Route,
		"a public address needs a gateway, and must go before it goes"},
	{catalog.EC2FlowLog, catalog.IAMRolePolicy, "without the right to write it fails"},
	{catalog.S3BucketObjectv2, catalog.S3BucketVersioningV2 + " " +
		catalog.S3BucketServerSideEncryptionConfigurationV2 + " " +
		catalog.S3BucketPublicAccessBlock, "what is stored before is not versioned, encrypted or private"},
	{catalog.S3BucketPolicy, catalog.S3BucketPublicAccessBlock, "the two are one setting to S3"},
	{catalog.ELBLoadBalancer, catalog.S3BucketPolicy, "it writes to the bucket at once, or is refused"},
	{catalog.ELBLoadBalancer, catalog.EC2InternetGateway,
		"one that faces the internet is refused in a VPC without a gateway"},
	{catalog.KubernetesProvider, catalog.EKSClusterComponent + " " + catalog.VPCSecurityGroupIngressRule,
		"the API must answer, let the deployer in, and know who asks"},
	{catalog.EC2Instance, catalog.EC2Route + " " + catalog.EC2RouteTableAssociation + " " + catalog.EC2NatGateway,
		"it registers with Systems Manager when it boots"},
	{catalog.EKSAddon, catalog.EKSNodeGroupV2Component + " " + catalog.EKSAddon, "an add-on with pods needs a node, its identity the agent"},
	{catalog.AtlasAdvancedCluster, catalog.AtlasPrivateLinkEndpointService,
		"connection strings are right on the first up only after the endpoint"},
	{catalog.KubernetesJob, catalog.RDSInstance + " " + catalog.EKSNodeGroupV2Component + " " + catalog.EKSAddon + " " +
		catalog.ECRPullThroughCacheRule, "it runs on a node, resolves a name, pulls an image"},
	{catalog.HelmRelease, catalog.KubernetesJob + " " + catalog.AtlasDatabaseUser + " " +
		catalog.AtlasAdvancedCluster + " " + catalog.EKSAddon + " " + catalog.EKSNodeGroupV2Component + " " + catalog.ECRRepository + " " +
		catalog.ECRPullThroughCacheRule + " " + catalog.KubernetesSecret,
		"BPA starts with its databases, images, nodes and secrets (R20)"},
	{catalog.KubernetesJob, catalog.HelmRelease, "nobody may log in any more as who is retired"},
	{catalog.HelmRelease, catalog.AtlasCloudBackupSnapshotRestoreJob,
		"BPA starts with the data that is restored"},
	{catalog.CloudWatchMetricAlarm, catalog.HelmRelease,
		"an alarm about what is not there yet rings, and so does one about what is being destroyed"},
	{catalog.EKSAddon, catalog.CloudWatchLogGroup + " " + catalog.IAMRolePolicyAttachment,
		"the agent would make the log group itself, without retention, and writes at once"},
	{catalog.DLMLifecyclePolicy, catalog.IAMRolePolicyAttachment,
		"a schedule that may do nothing fails"},
}

// trueDependencies returns the function that lists the dependencies of a resource that are true: an output of the other
// is an input here, or a known order demands it.
func trueDependencies(resources []Resource) func(Resource) []resource.URN {
	types := map[resource.URN]string{}
	for _, r := range resources {
		types[r.URN] = r.Type
	}
	return func(r Resource) []resource.URN {
		// The engine records no properties for a remote component, and within it its provider decides.
		if remote(r.Type) {
			return r.Dependencies
		}
		if strings.Contains(string(r.URN.QualifiedType()), "$eks:index:") && !strings.HasPrefix(r.Type, "eks:index:") {
			return r.Dependencies
		}
		var needed []resource.URN
		for _, list := range r.PropertyDependencies {
			needed = append(needed, list...)
		}
		for _, d := range r.Dependencies {
			if demanded(r.Type, types[d]) {
				needed = append(needed, d)
			}
		}
		slices.Sort(needed)
		return slices.Compact(needed)
	}
}

func demanded(from, to string) bool {
	return slices.ContainsFunc(orders, func(o order) bool {
		return slices.Contains(strings.Fields(o.from), from) && slices.Contains(strings.Fields(o.to), to)
	})
}
