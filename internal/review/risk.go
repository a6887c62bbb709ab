package review

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
)

// risk is what the loss of a resource of a type means.
type risk struct {
	// stateful: it holds what cannot be made again.
	stateful bool
	// lost says what is gone, downtime what users feel until the replacement works. Empty: nothing.
	lost, downtime string
}

// harmless are types whose replacement or deletion nobody feels: what they did is done, or the replacement does it again
// before anything asks for it.
var harmless = map[string]bool{
	catalog.KubernetesJob: true, catalog.EC2LaunchTemplate: true,
	catalog.S3BucketObjectv2: true, catalog.ECRLifecyclePolicy: true,
	catalog.SecretsManagerSecretVersion: true, catalog.EC2FlowLog: true,
	catalog.CloudWatchMetricAlarm: true, catalog.CloudWatchDashboard: true,
	catalog.SSMAssociation: true, catalog.EC2Tag: true,
}

// missed are types that are needed while there is none: where the new one is made first, nobody feels their replacement.
var missed = map[string]bool{catalog.KubernetesSecret: true, catalog.KubernetesConfigMap: true}

// narrowing are types whose deletion takes a way or a right from somebody, as is meant.
var narrowing = map[string]bool{
	catalog.VPCSecurityGroupIngressRule: true, catalog.VPCSecurityGroupEgressRule: true,
	catalog.EC2SecurityGroupRule: true, catalog.EC2RouteTableAssociation: true,
	catalog.EC2Route: true, catalog.IAMRolePolicy: true, catalog.IAMRolePolicyAttachment: true,
	catalog.EKSAccessEntry: true, catalog.EKSAccessPolicyAssociation: true,
}

// risks by type. What is in neither table is taken for a loss that somebody must look at; a test holds the tables to the
// types that the stacks deploy.
var risks = map[string]risk{
	catalog.RDSInstance: {true, "every database on the instance, unless the final snapshot is restored by hand",
		"BPA is down until the new instance is restored"},
	catalog.AtlasAdvancedCluster: {true, "every MongoDB database and the cluster's snapshots",
		"BPA is down until the new cluster is restored"},
	catalog.AtlasProject: {true, "the Atlas project with every cluster, user and snapshot in it",
		"BPA is down until the new cluster is restored"},
	catalog.EBSVolume: {true, "what the volume holds: /opt of a node with BPA's data, unless a snapshot is restored by hand",
		"what runs on the node is down until its data is back"},
	catalog.KMSKey: {true, "the key, and with it everything that it encrypts", "what reads encrypted data fails when the key is gone"},
	catalog.KMSExternalKey: {true, "the key, and with it everything that it encrypts",
		"what reads encrypted data fails when the key is gone"},
	catalog.S3BucketV2: {true, "every object in the bucket", "what reads the bucket fails until it is filled again"},
	catalog.S3Bucket:   {true, "every object in the bucket", "what reads the bucket fails until it is filled again"},
	catalog.ECRRepository: {
		true,
		"every image in the repository",
		"pods that start anew find no image until it is pushed again",
	},
	catalog.EKSCluster: {
		true,
		"the cluster with every workload and Kubernetes object in it",
		"BPA is down until cluster, nodes and release are back",
	},
	catalog.EKSClusterComponent: {
		true,
		"the cluster with every workload and Kubernetes object in it",
		"BPA is down until cluster, nodes and release are back",
	},
	catalog.CloudWatchLogGroup: {true, "the logs in the group", ""},
	catalog.SecretsManagerSecret: {
		true,
		"the secret; its name stays taken for the recovery window",
		"what reads the secret by its ARN fails",
	},
	catalog.KubernetesPersistentVolumeClaim: {true, "what the volume holds, where its reclaim policy is Delete",
		"the pods that use it are down"},
	catalog.RDSCluster: {true, "every database of the cluster, unless the final snapshot is restored by hand",
		"what uses the databases is down until they are restored"},
	catalog.EFSFileSystem: {true, "every file in the file system", "what mounts it fails"},
	catalog.DynamoDBTable: {true, "every item in the table", "what uses the table fails"},
	catalog.BackupVault:   {true, "every backup in the vault", ""},
	catalog.EBSSnapshot:   {true, "the snapshot", ""},
	catalog.AtlasCluster: {
		true,
		"every MongoDB database and the cluster's snapshots",
		"BPA is down until the new cluster is restored",
	},
	catalog.AtlasEncryptionAtRest: {
		true,
		"the way to the key that the databases are encrypted by",
		"the clusters that use the key stop",
	},
	catalog.KubernetesPersistentVolume: {
		true,
		"what the volume holds, where its reclaim policy is Delete",
		"the pods that use it are down",
	},
	catalog.KubernetesNamespace: {
		true,
		"every object in the namespace",
		"what runs in the namespace is down until it is deployed again",
	},
	catalog.RandomPassword: {false, "the password; a new one takes its place", ""},

	catalog.EC2Vpc:    {false, "", "everything in the VPC is down: all of it must be replaced"},
	catalog.EC2Subnet: {false, "", "what has an address in the subnet must move first"},
	catalog.EC2NatGateway: {false, "the public addresses that others may have allowed",
		"no way out to the internet until the new gateway is up"},
	catalog.EC2Eip:                      {false, "a public address that others may have allowed", ""},
	catalog.EC2Route:                    {false, "", "no way along the route for some seconds"},
	catalog.EC2RouteTable:               {false, "", "no way along its routes for some seconds"},
	catalog.EC2InternetGateway:          {false, "", "no way in from or out to the internet until it is back"},
	catalog.EC2RouteTableAssociation:    {false, "", "the subnet uses the VPC's main routes for some seconds"},
	catalog.EC2VpcEndpoint:              {false, "", "no way to the service until the new endpoint is up"},
	catalog.EC2SecurityGroup:            {false, "", "connections through it are refused in between"},
	catalog.EC2SecurityGroupRule:        {false, "", "connections by the rule are refused in between"},
	catalog.VPCSecurityGroupIngressRule: {false, "", "connections by the rule are refused in between"},
	catalog.VPCSecurityGroupEgressRule:  {false, "", "connections by the rule are refused in between"},
	catalog.EC2Instance: {
		false,
		"what is on the instance's disk",
		"the instance is away until the new one runs",
	},
	catalog.ELBLoadBalancer: {false, "the load balancer's DNS name, which records outside the stack may hold",
		"the portal is down until the new name is in DNS"},
	catalog.ELBListener:                    {false, "", "the port answers nobody in between"},
	catalog.ELBTargetGroup:                 {false, "", "no target is healthy until the checks have passed"},
	catalog.AutoScalingGroup:               {false, "", "its node is away until the new one has joined"},
	catalog.AutoScalingAttachment:          {false, "", "its node gets no requests in between"},
	catalog.EC2VpcIpv4CidrBlockAssociation: {false, "", "what has an address in the range must move first"},
	catalog.EC2DefaultSecurityGroup:        {false, "", ""},
	catalog.ECRPullThroughCacheRule: {
		false,
		"",
		"images that are not in the cache yet cannot be pulled in between",
	},
	catalog.EKSAccessPolicyAssociation: {false, "", "its principal has no access to Kubernetes in between"},
	catalog.IAMInstanceProfile:         {false, "", "instances that start in between have no role"},
	catalog.Route53ResolverEndpoint: {false, "addresses that the on-premises network may have allowed",
		"names of the on-premises network are not found in between"},
	catalog.Route53ResolverRule: {
		false,
		"",
		"names of the on-premises network are not found in between",
	},
	catalog.Route53ResolverRuleAssociation: {
		false,
		"",
		"names of the on-premises network are not found in between",
	},
	catalog.S3BucketPolicy: {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	catalog.S3BucketLifecycleConfigurationV2:            {false, "", ""},
	catalog.S3BucketOwnershipControls:                   {false, "", ""},
	catalog.S3BucketVersioningV2:                        {false, "", ""},
	catalog.S3BucketPublicAccessBlock:                   {false, "", ""},
	catalog.S3BucketServerSideEncryptionConfigurationV2: {false, "", ""},
	catalog.DLMLifecyclePolicy: {
		false,
		"the schedule; snapshots that are there stay",
		"",
	},
	catalog.CloudWatchEventRule: {
		false,
		"",
		"nobody is told of what happens in between",
	},
	catalog.CloudWatchEventTarget: {
		false,
		"",
		"nobody is told of what happens in between",
	},
	catalog.SNSTopic: {
		false,
		"its subscriptions, which people have confirmed",
		"alarms reach nobody in between",
	},
	catalog.SNSTopicPolicy: {
		false,
		"",
		"alarms reach nobody in between",
	},
	catalog.SNSTopicSubscription: {
		false,
		"",
		"alarms do not reach the subscriber until the new subscription is confirmed",
	},
	catalog.EKSNodeGroup: {
		false,
		"",
		"its nodes are away until the new ones have joined",
	},
	catalog.EKSNodeGroupV2Component: {
		false,
		"",
		"its node is away until the new one has joined",
	},
	catalog.EKSAddon: {
		false,
		"",
		"what the add-on does for the cluster stops in between",
	},
	catalog.EKSAccessEntry: {
		false,
		"",
		"its principal has no access to Kubernetes in between",
	},
	catalog.IAMRole: {
		false,
		"",
		"what assumes the role is refused in between",
	},
	catalog.IAMRolePolicy: {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	catalog.IAMPolicy: {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	catalog.IAMRolePolicyAttachment: {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	catalog.ACMCertificate: {false, "", ""},
	catalog.RDSParameterGroup: {
		false,
		"",
		"the database restarts with the new group",
	},
	catalog.RDSSubnetGroup: {false, "", ""},
	catalog.AtlasPrivateLinkEndpoint: {false, "the connection string of the endpoint",
		"BPA has no way to MongoDB until the new endpoint is up and the release has rolled"},
	catalog.AtlasPrivateLinkEndpointService: {false, "the connection string of the endpoint",
		"BPA has no way to MongoDB until the new endpoint is up and the release has rolled"},
	catalog.AtlasDatabaseUser:        {false, "the login: who still uses it is refused", ""},
	catalog.AtlasCloudBackupSchedule: {false, "the schedule; snapshots that are there stay", ""},
	catalog.HelmRelease:              {false, "", "BPA is down until the release is installed again"},
	catalog.KubernetesSecret:         {false, "", "pods that start in between fail"},
	catalog.KubernetesConfigMap:      {false, "", "pods that start in between fail"},
}

// riskOf returns what the loss of a resource means.
func riskOf(typ string) risk {
	if r, ok := risks[typ]; ok {
		return r
	}
	return risk{lost: "", downtime: "not known for this type"}
}

// duration of a replacement or deletion on the clouds.
func duration(c *Change) time.Duration {
	d := timeline.For(c.Type(), true, c.after())
	switch c.Kind {
	case Replace:
		return d.Create + timeline.For(c.Type(), true, c.before()).Delete
	case Create:
		return d.Create
	}
	return d.Delete
}
