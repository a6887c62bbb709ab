package cost

import "strings"

// rule says how a resource type is paid for.
type rule struct {
	// price adds lines, and names what is paid by use. Nil: the type is free.
	price func(*pricing, Resource)
	// free says why nothing is paid for it.
	free string
}

// Treatment says how a resource type is dealt with: "priced", or why it is free; and false where no rule knows it.
func Treatment(typ string) (string, bool) {
	r, ok := ruleOf(typ)
	if r.price != nil {
		return "priced", ok
	}
	return r.free, ok
}

// Types lists the types that have a rule of their own, sorted.
func Types() []string { return sortedKeys(rules) }

// local are the packages whose resources are nowhere but in Pulumi's state.
var local = map[string]string{
	"bpa": "a component: its parts are paid for", "eks": "a component: its parts are paid for",
	"pulumi": "a provider or the stack itself", "random": "a value in the state",
}

func ruleOf(typ string) (rule, bool) {
	pkg, _, _ := strings.Cut(typ, ":")
	if why, ok := local[pkg]; ok {
		return rule{free: why}, true
	}
	r, ok := rules[typ]
	return r, ok
}

// onNodes is where everything in Kubernetes runs. The reference chart asks for no cloud resources of its own.
const onNodes = "runs on the nodes, which are paid for"

const (
	partOfVPC    = "a part of the VPC, which costs nothing itself"
	partOfBucket = "a setting of a bucket"
	partOfIAM    = "IAM costs nothing"
	partOfLB     = "a part of the load balancer, which is paid for"
)

var rules = map[string]rule{
	"aws:acm/certificate:Certificate":                                      {free: "an imported certificate costs nothing"},
	"aws:autoscaling/attachment:Attachment":                                {free: partOfLB},
	"aws:autoscaling/group:Group":                                          {price: (*pricing).group},
	"aws:cloudwatch/dashboard:Dashboard":                                   {price: each("cloudwatch.dashboard")},
	"aws:cloudwatch/eventRule:EventRule":                                   {free: "rules of the default bus cost nothing"},
	"aws:cloudwatch/eventTarget:EventTarget":                               {free: "targets of the default bus cost nothing"},
	"aws:cloudwatch/logGroup:LogGroup":                                     {price: used("logs.ingested", "logs.stored")},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                               {price: (*pricing).alarm},
	"aws:dlm/lifecyclePolicy:LifecyclePolicy":                              {price: used("ebs.snapshot")},
	"aws:ebs/volume:Volume":                                                {price: (*pricing).volume},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":                    {free: partOfVPC},
	"aws:ec2/eip:Eip":                                                      {price: each("ipv4.hour")},
	"aws:ec2/flowLog:FlowLog":                                              {price: used("logs.ingested")},
	"aws:ec2/instance:Instance":                                            {price: (*pricing).instance},
	"aws:ec2/internetGateway:InternetGateway":                              {price: used("transfer.internet")},
	"aws:ec2/launchTemplate:LaunchTemplate":                                {free: "what is launched from it is paid for"},
	"aws:ec2/natGateway:NatGateway":                                        {price: each("nat.hour", "nat.gb", "transfer.zones")},
	"aws:ec2/route:Route":                                                  {free: partOfVPC},
	"aws:ec2/routeTable:RouteTable":                                        {free: partOfVPC},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":                  {free: partOfVPC},
	"aws:ec2/securityGroup:SecurityGroup":                                  {free: partOfVPC},
	"aws:ec2/securityGroupRule:SecurityGroupRule":                          {free: partOfVPC},
	"aws:ec2/subnet:Subnet":                                                {free: partOfVPC},
	"aws:ec2/vpc:Vpc":                                                      {free: "a VPC costs nothing itself"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                      {price: (*pricing).endpoint},
	"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation":      {free: partOfVPC},
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":                              {free: "a setting of a repository"},
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule":                    {price: used("ecr.storage")},
	"aws:ecr/repository:Repository":                                        {price: used("ecr.storage")},
	"aws:eks/accessEntry:AccessEntry":                                      {free: "a part of the cluster, which is paid for"},
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation":              {free: "a part of the cluster, which is paid for"},
	"aws:eks/addon:Addon":                                                  {price: (*pricing).addon},
	"aws:eks/cluster:Cluster":                                              {price: (*pricing).cluster},
	"aws:iam/instanceProfile:InstanceProfile":                              {free: partOfIAM},
	"aws:iam/role:Role":                                                    {free: partOfIAM},
	"aws:iam/rolePolicy:RolePolicy":                                        {free: partOfIAM},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":                    {free: partOfIAM},
	"aws:kms/key:Key":                                                      {price: (*pricing).key},
	"aws:lb/listener:Listener":                                             {free: partOfLB},
	"aws:lb/loadBalancer:LoadBalancer":                                     {price: (*pricing).loadBalancer},
	"aws:lb/targetGroup:TargetGroup":                                       {free: partOfLB},
	"aws:rds/instance:Instance":                                            {price: (*pricing).database},
	"aws:rds/parameterGroup:ParameterGroup":                                {free: "a setting of the database"},
	"aws:rds/subnetGroup:SubnetGroup":                                      {free: "a setting of the database"},
	"aws:route53/resolverEndpoint:ResolverEndpoint":                        {price: (*pricing).resolver},
	"aws:route53/resolverRule:ResolverRule":                                {free: "a part of the Resolver endpoint, which is paid for"},
	"aws:route53/resolverRuleAssociation:ResolverRuleAssociation":          {free: "a part of the Resolver endpoint, which is paid for"},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {free: partOfBucket},
	"aws:s3/bucketObjectv2:BucketObjectv2":                                 {price: used("s3.storage")},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {free: partOfBucket},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {free: partOfBucket},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {free: partOfBucket},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {free: partOfBucket},
	"aws:s3/bucketV2:BucketV2":                                                 {price: used("s3.storage")},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                             {free: partOfBucket},
	"aws:secretsmanager/secret:Secret":                                         {price: each("secrets.secret", "secrets.calls")},
	"aws:secretsmanager/secretVersion:SecretVersion":                           {free: "a part of the secret, which is paid for"},
	"aws:sns/topic:Topic":                                                      {price: used("sns.messages")},
	"aws:sns/topicPolicy:TopicPolicy":                                          {free: "a setting of the topic"},
	"aws:sns/topicSubscription:TopicSubscription":                              {free: "messages are paid for, not who gets them"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":                  {free: partOfVPC},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":                {free: partOfVPC},
	"kubernetes:batch/v1:Job":                                                  {free: onNodes},
	"kubernetes:core/v1:ConfigMap":                                             {free: onNodes},
	"kubernetes:core/v1:Namespace":                                             {free: onNodes},
	"kubernetes:core/v1:Secret":                                                {free: onNodes},
	"kubernetes:helm.sh/v3:Release":                                            {price: (*pricing).release},
	"mongodbatlas:index/advancedCluster:AdvancedCluster":                       {price: (*pricing).atlasCluster},
	"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule":               {price: used("atlas.backup")},
	"mongodbatlas:index/databaseUser:DatabaseUser":                             {free: "a part of the Atlas project, which costs nothing"},
	"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint":               {price: (*pricing).atlasEndpoint},
	"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService": {free: "joins two endpoints, which are paid for"},
	"mongodbatlas:index/project:Project":                                       {free: "an Atlas project costs nothing itself"},
}

// each pays for the resource itself, and names what is paid by use beside.
func each(key string, use ...string) func(*pricing, Resource) {
	return func(p *pricing, r Resource) {
		p.paid(r, key, 1)
		p.byUse(r, use...)
	}
}

// used names what is paid by use alone.
func used(keys ...string) func(*pricing, Resource) {
	return func(p *pricing, r Resource) { p.byUse(r, keys...) }
}
