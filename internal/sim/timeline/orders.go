package timeline

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// order is a dependency that is true although no input carries it.
type order struct {
	// from waits for to. A type, or several separated by spaces.
	from, to string
	why      string
}

var orders = []order{
	{
		"aws:ec2/subnet:Subnet",
		"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
		"a subnet's range must be associated first",
	},
	{"aws:ec2/eip:Eip aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway aws:ec2/route:Route",
		"a public address needs a gateway, and must go before it goes"},
	{"aws:ec2/flowLog:FlowLog", "aws:iam/rolePolicy:RolePolicy", "without the right to write it fails"},
	{"aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketVersioningV2:BucketVersioningV2 " +
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 " +
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "what is stored before is not versioned, encrypted or private"},
	{"aws:s3/bucketPolicy:BucketPolicy", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "the two are one setting to S3"},
	{"aws:lb/loadBalancer:LoadBalancer", "aws:s3/bucketPolicy:BucketPolicy", "it writes to the bucket at once, or is refused"},
	{"aws:lb/loadBalancer:LoadBalancer", "aws:ec2/internetGateway:InternetGateway",
		"one that faces the internet is refused in a VPC without a gateway"},
	{"pulumi:providers:kubernetes", "eks:index:Cluster aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"the API must answer, let the deployer in, and know who asks"},
	{"aws:ec2/instance:Instance", "aws:ec2/route:Route aws:ec2/routeTableAssociation:RouteTableAssociation aws:ec2/natGateway:NatGateway",
		"it registers with Systems Manager when it boots"},
	{"aws:eks/addon:Addon", "eks:index:NodeGroupV2 aws:eks/addon:Addon", "an add-on with pods needs a node, its identity the agent"},
	{"mongodbatlas:index/advancedCluster:AdvancedCluster", "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService",
		"connection strings are right on the first up only after the endpoint"},
	{"kubernetes:batch/v1:Job", "aws:rds/instance:Instance eks:index:NodeGroupV2 aws:eks/addon:Addon " +
		"aws:ecr/pullThroughCacheRule:PullThroughCacheRule", "it runs on a node, resolves a name, pulls an image"},
	{"kubernetes:helm.sh/v3:Release", "kubernetes:batch/v1:Job mongodbatlas:index/databaseUser:DatabaseUser " +
		"mongodbatlas:index/advancedCluster:AdvancedCluster aws:eks/addon:Addon eks:index:NodeGroupV2 aws:ecr/repository:Repository " +
		"aws:ecr/pullThroughCacheRule:PullThroughCacheRule kubernetes:core/v1:Secret",
		"BPA starts with its databases, images, nodes and secrets (R20)"},
	{"kubernetes:batch/v1:Job", "kubernetes:helm.sh/v3:Release", "nobody may log in any more as who is retired"},
	{"kubernetes:helm.sh/v3:Release", "mongodbatlas:index/cloudBackupSnapshotRestoreJob:CloudBackupSnapshotRestoreJob",
		"BPA starts with the data that is restored"},
	{"aws:cloudwatch/metricAlarm:MetricAlarm", "kubernetes:helm.sh/v3:Release",
		"an alarm about what is not there yet rings, and so does one about what is being destroyed"},
	{"aws:eks/addon:Addon", "aws:cloudwatch/logGroup:LogGroup aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		"the agent would make the log group itself, without retention, and writes at once"},
	{"aws:dlm/lifecyclePolicy:LifecyclePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
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
