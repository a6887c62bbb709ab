package review

import (
	"time"

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
	"kubernetes:batch/v1:Job": true, "aws:ec2/launchTemplate:LaunchTemplate": true,
	"aws:s3/bucketObjectv2:BucketObjectv2": true, "aws:ecr/lifecyclePolicy:LifecyclePolicy": true,
	"aws:secretsmanager/secretVersion:SecretVersion": true, "aws:ec2/flowLog:FlowLog": true,
	"aws:cloudwatch/metricAlarm:MetricAlarm": true, "aws:cloudwatch/dashboard:Dashboard": true,
	"aws:ssm/association:Association": true, "aws:ec2/tag:Tag": true,
}

// missed are types that are needed while there is none: where the new one is made first, nobody feels their replacement.
var missed = map[string]bool{"kubernetes:core/v1:Secret": true, "kubernetes:core/v1:ConfigMap": true}

// narrowing are types whose deletion takes a way or a right from somebody, as is meant.
var narrowing = map[string]bool{
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": true, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": true,
	"aws:ec2/securityGroupRule:SecurityGroupRule": true, "aws:ec2/routeTableAssociation:RouteTableAssociation": true,
	"aws:ec2/route:Route": true, "aws:iam/rolePolicy:RolePolicy": true, "aws:iam/rolePolicyAttachment:RolePolicyAttachment": true,
	"aws:eks/accessEntry:AccessEntry": true, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": true,
}

// risks by type. What is in neither table is taken for a loss that somebody must look at; a test holds the tables to the
// types that the stacks deploy.
var risks = map[string]risk{
	"aws:rds/instance:Instance": {true, "every database on the instance, unless the final snapshot is restored by hand",
		"BPA is down until the new instance is restored"},
	"mongodbatlas:index/advancedCluster:AdvancedCluster": {true, "every MongoDB database and the cluster's snapshots",
		"BPA is down until the new cluster is restored"},
	"mongodbatlas:index/project:Project": {true, "the Atlas project with every cluster, user and snapshot in it",
		"BPA is down until the new cluster is restored"},
	"aws:ebs/volume:Volume": {true, "what the volume holds: /opt of a node with BPA's data, unless a snapshot is restored by hand",
		"what runs on the node is down until its data is back"},
	"aws:kms/key:Key": {true, "the key, and with it everything that it encrypts", "what reads encrypted data fails when the key is gone"},
	"aws:kms/externalKey:ExternalKey": {true, "the key, and with it everything that it encrypts",
		"what reads encrypted data fails when the key is gone"},
	"aws:s3/bucketV2:BucketV2": {true, "every object in the bucket", "what reads the bucket fails until it is filled again"},
	"aws:s3/bucket:Bucket":     {true, "every object in the bucket", "what reads the bucket fails until it is filled again"},
	"aws:ecr/repository:Repository": {
		true,
		"every image in the repository",
		"pods that start anew find no image until it is pushed again",
	},
	"aws:eks/cluster:Cluster": {
		true,
		"the cluster with every workload and Kubernetes object in it",
		"BPA is down until cluster, nodes and release are back",
	},
	"eks:index:Cluster": {
		true,
		"the cluster with every workload and Kubernetes object in it",
		"BPA is down until cluster, nodes and release are back",
	},
	"aws:cloudwatch/logGroup:LogGroup": {true, "the logs in the group", ""},
	"aws:secretsmanager/secret:Secret": {
		true,
		"the secret; its name stays taken for the recovery window",
		"what reads the secret by its ARN fails",
	},
	"kubernetes:core/v1:PersistentVolumeClaim": {true, "what the volume holds, where its reclaim policy is Delete",
		"the pods that use it are down"},
	"aws:rds/cluster:Cluster": {true, "every database of the cluster, unless the final snapshot is restored by hand",
		"what uses the databases is down until they are restored"},
	"aws:efs/fileSystem:FileSystem": {true, "every file in the file system", "what mounts it fails"},
	"aws:dynamodb/table:Table":      {true, "every item in the table", "what uses the table fails"},
	"aws:backup/vault:Vault":        {true, "every backup in the vault", ""},
	"aws:ebs/snapshot:Snapshot":     {true, "the snapshot", ""},
	"mongodbatlas:index/cluster:Cluster": {
		true,
		"every MongoDB database and the cluster's snapshots",
		"BPA is down until the new cluster is restored",
	},
	"mongodbatlas:index/encryptionAtRest:EncryptionAtRest": {
		true,
		"the way to the key that the databases are encrypted by",
		"the clusters that use the key stop",
	},
	"kubernetes:core/v1:PersistentVolume": {
		true,
		"what the volume holds, where its reclaim policy is Delete",
		"the pods that use it are down",
	},
	"kubernetes:core/v1:Namespace": {
		true,
		"every object in the namespace",
		"what runs in the namespace is down until it is deployed again",
	},
	"random:index/randomPassword:RandomPassword": {false, "the password; a new one takes its place", ""},

	"aws:ec2/vpc:Vpc":       {false, "", "everything in the VPC is down: all of it must be replaced"},
	"aws:ec2/subnet:Subnet": {false, "", "what has an address in the subnet must move first"},
	"aws:ec2/natGateway:NatGateway": {false, "the public addresses that others may have allowed",
		"no way out to the internet until the new gateway is up"},
	"aws:ec2/eip:Eip":                                           {false, "a public address that others may have allowed", ""},
	"aws:ec2/route:Route":                                       {false, "", "no way along the route for some seconds"},
	"aws:ec2/routeTable:RouteTable":                             {false, "", "no way along its routes for some seconds"},
	"aws:ec2/internetGateway:InternetGateway":                   {false, "", "no way in from or out to the internet until it is back"},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":       {false, "", "the subnet uses the VPC's main routes for some seconds"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                           {false, "", "no way to the service until the new endpoint is up"},
	"aws:ec2/securityGroup:SecurityGroup":                       {false, "", "connections through it are refused in between"},
	"aws:ec2/securityGroupRule:SecurityGroupRule":               {false, "", "connections by the rule are refused in between"},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {false, "", "connections by the rule are refused in between"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {false, "", "connections by the rule are refused in between"},
	"aws:ec2/instance:Instance": {
		false,
		"what is on the instance's disk",
		"the instance is away until the new one runs",
	},
	"aws:lb/loadBalancer:LoadBalancer": {false, "the load balancer's DNS name, which records outside the stack may hold",
		"the portal is down until the new name is in DNS"},
	"aws:lb/listener:Listener":                                        {false, "", "the port answers nobody in between"},
	"aws:lb/targetGroup:TargetGroup":                                  {false, "", "no target is healthy until the checks have passed"},
	"aws:autoscaling/group:Group":                                     {false, "", "its node is away until the new one has joined"},
	"aws:autoscaling/attachment:Attachment":                           {false, "", "its node gets no requests in between"},
	"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {false, "", "what has an address in the range must move first"},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":               {false, "", ""},
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
		false,
		"",
		"images that are not in the cache yet cannot be pulled in between",
	},
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {false, "", "its principal has no access to Kubernetes in between"},
	"aws:iam/instanceProfile:InstanceProfile":                 {false, "", "instances that start in between have no role"},
	"aws:route53/resolverEndpoint:ResolverEndpoint": {false, "addresses that the on-premises network may have allowed",
		"names of the on-premises network are not found in between"},
	"aws:route53/resolverRule:ResolverRule": {
		false,
		"",
		"names of the on-premises network are not found in between",
	},
	"aws:route53/resolverRuleAssociation:ResolverRuleAssociation": {
		false,
		"",
		"names of the on-premises network are not found in between",
	},
	"aws:s3/bucketPolicy:BucketPolicy": {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {false, "", ""},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {false, "", ""},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               {false, "", ""},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     {false, "", ""},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {false, "", ""},
	"aws:dlm/lifecyclePolicy:LifecyclePolicy": {
		false,
		"the schedule; snapshots that are there stay",
		"",
	},
	"aws:cloudwatch/eventRule:EventRule": {
		false,
		"",
		"nobody is told of what happens in between",
	},
	"aws:cloudwatch/eventTarget:EventTarget": {
		false,
		"",
		"nobody is told of what happens in between",
	},
	"aws:sns/topic:Topic": {
		false,
		"its subscriptions, which people have confirmed",
		"alarms reach nobody in between",
	},
	"aws:sns/topicPolicy:TopicPolicy": {
		false,
		"",
		"alarms reach nobody in between",
	},
	"aws:sns/topicSubscription:TopicSubscription": {
		false,
		"",
		"alarms do not reach the subscriber until the new subscription is confirmed",
	},
	"aws:eks/nodeGroup:NodeGroup": {
		false,
		"",
		"its nodes are away until the new ones have joined",
	},
	"eks:index:NodeGroupV2": {
		false,
		"",
		"its node is away until the new one has joined",
	},
	"aws:eks/addon:Addon": {
		false,
		"",
		"what the add-on does for the cluster stops in between",
	},
	"aws:eks/accessEntry:AccessEntry": {
		false,
		"",
		"its principal has no access to Kubernetes in between",
	},
	"aws:iam/role:Role": {
		false,
		"",
		"what assumes the role is refused in between",
	},
	"aws:iam/rolePolicy:RolePolicy": {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	"aws:iam/policy:Policy": {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
		false,
		"",
		"what needs the permissions is refused in between",
	},
	"aws:acm/certificate:Certificate": {false, "", ""},
	"aws:rds/parameterGroup:ParameterGroup": {
		false,
		"",
		"the database restarts with the new group",
	},
	"aws:rds/subnetGroup:SubnetGroup": {false, "", ""},
	"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": {false, "the connection string of the endpoint",
		"BPA has no way to MongoDB until the new endpoint is up and the release has rolled"},
	"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService": {false, "the connection string of the endpoint",
		"BPA has no way to MongoDB until the new endpoint is up and the release has rolled"},
	"mongodbatlas:index/databaseUser:DatabaseUser":               {false, "the login: who still uses it is refused", ""},
	"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule": {false, "the schedule; snapshots that are there stay", ""},
	"kubernetes:helm.sh/v3:Release":                              {false, "", "BPA is down until the release is installed again"},
	"kubernetes:core/v1:Secret":                                  {false, "", "pods that start in between fail"},
	"kubernetes:core/v1:ConfigMap":                               {false, "", "pods that start in between fail"},
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
