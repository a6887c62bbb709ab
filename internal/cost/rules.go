package cost

import (
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

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
	catalog.ACMCertificate:                              {free: "an imported certificate costs nothing"},
	catalog.AutoScalingAttachment:                       {free: partOfLB},
	catalog.AutoScalingGroup:                            {price: (*pricing).group},
	catalog.CloudWatchDashboard:                         {price: each("cloudwatch.dashboard")},
	catalog.CloudWatchEventRule:                         {free: "rules of the default bus cost nothing"},
	catalog.CloudWatchEventTarget:                       {free: "targets of the default bus cost nothing"},
	catalog.CloudWatchLogGroup:                          {price: used("logs.ingested", "logs.stored")},
	catalog.CloudWatchMetricAlarm:                       {price: (*pricing).alarm},
	catalog.DLMLifecyclePolicy:                          {price: used("ebs.snapshot")},
	catalog.EBSVolume:                                   {price: (*pricing).volume},
	catalog.EC2DefaultSecurityGroup:                     {free: partOfVPC},
	catalog.EC2Eip:                                      {price: each("ipv4.hour")},
	catalog.EC2FlowLog:                                  {price: used("logs.ingested")},
	catalog.EC2Instance:                                 {price: (*pricing).instance},
	catalog.EC2InternetGateway:                          {price: used("transfer.internet")},
	catalog.EC2LaunchTemplate:                           {free: "what is launched from it is paid for"},
	catalog.EC2NatGateway:                               {price: each("nat.hour", "nat.gb", "transfer.zones")},
	catalog.EC2Route:                                    {free: partOfVPC},
	catalog.EC2RouteTable:                               {free: partOfVPC},
	catalog.EC2RouteTableAssociation:                    {free: partOfVPC},
	catalog.EC2SecurityGroup:                            {free: partOfVPC},
	catalog.EC2SecurityGroupRule:                        {free: partOfVPC},
	catalog.EC2Subnet:                                   {free: partOfVPC},
	catalog.EC2Vpc:                                      {free: "a VPC costs nothing itself"},
	catalog.EC2VpcEndpoint:                              {price: (*pricing).endpoint},
	catalog.EC2VpcIpv4CidrBlockAssociation:              {free: partOfVPC},
	catalog.ECRLifecyclePolicy:                          {free: "a setting of a repository"},
	catalog.ECRPullThroughCacheRule:                     {price: used("ecr.storage")},
	catalog.ECRRepository:                               {price: used("ecr.storage")},
	catalog.EKSAccessEntry:                              {free: "a part of the cluster, which is paid for"},
	catalog.EKSAccessPolicyAssociation:                  {free: "a part of the cluster, which is paid for"},
	catalog.EKSAddon:                                    {price: (*pricing).addon},
	catalog.EKSCluster:                                  {price: (*pricing).cluster},
	catalog.IAMInstanceProfile:                          {free: partOfIAM},
	catalog.IAMRole:                                     {free: partOfIAM},
	catalog.IAMRolePolicy:                               {free: partOfIAM},
	catalog.IAMRolePolicyAttachment:                     {free: partOfIAM},
	catalog.KMSKey:                                      {price: (*pricing).key},
	catalog.ELBListener:                                 {free: partOfLB},
	catalog.ELBLoadBalancer:                             {price: (*pricing).loadBalancer},
	catalog.ELBTargetGroup:                              {free: partOfLB},
	catalog.RDSInstance:                                 {price: (*pricing).database},
	catalog.RDSParameterGroup:                           {free: "a setting of the database"},
	catalog.RDSSubnetGroup:                              {free: "a setting of the database"},
	catalog.Route53ResolverEndpoint:                     {price: (*pricing).resolver},
	catalog.Route53ResolverRule:                         {free: "a part of the Resolver endpoint, which is paid for"},
	catalog.Route53ResolverRuleAssociation:              {free: "a part of the Resolver endpoint, which is paid for"},
	catalog.S3BucketLifecycleConfigurationV2:            {free: partOfBucket},
	catalog.S3BucketObjectv2:                            {price: used("s3.storage")},
	catalog.S3BucketOwnershipControls:                   {free: partOfBucket},
	catalog.S3BucketPolicy:                              {free: partOfBucket},
	catalog.S3BucketPublicAccessBlock:                   {free: partOfBucket},
	catalog.S3BucketServerSideEncryptionConfigurationV2: {free: partOfBucket},
	catalog.S3BucketV2:                                  {price: used("s3.storage")},
	catalog.S3BucketVersioningV2:                        {free: partOfBucket},
	catalog.SecretsManagerSecret:                        {price: each("secrets.secret", "secrets.calls")},
	catalog.SecretsManagerSecretVersion:                 {free: "a part of the secret, which is paid for"},
	catalog.SNSTopic:                                    {price: used("sns.messages")},
	catalog.SNSTopicPolicy:                              {free: "a setting of the topic"},
	catalog.SNSTopicSubscription:                        {free: "messages are paid for, not who gets them"},
	catalog.VPCSecurityGroupEgressRule:                  {free: partOfVPC},
	catalog.VPCSecurityGroupIngressRule:                 {free: partOfVPC},
	catalog.KubernetesJob:                               {free: onNodes},
	catalog.KubernetesConfigMap:                         {free: onNodes},
	catalog.KubernetesNamespace:                         {free: onNodes},
	catalog.KubernetesSecret:                            {free: onNodes},
	catalog.HelmRelease:                                 {price: (*pricing).release},
	catalog.AtlasAdvancedCluster:                        {price: (*pricing).atlasCluster},
	catalog.AtlasCloudBackupSchedule:                    {price: used("atlas.backup")},
	catalog.AtlasDatabaseUser:                           {free: "a part of the Atlas project, which costs nothing"},
	catalog.AtlasPrivateLinkEndpoint:                    {price: (*pricing).atlasEndpoint},
	catalog.AtlasPrivateLinkEndpointService:             {free: "joins two endpoints, which are paid for"},
	catalog.AtlasProject:                                {free: "an Atlas project costs nothing itself"},
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
