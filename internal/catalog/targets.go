package catalog

// Target is what a permission is about: a form of ARNs. {partition}, {region} and {account} are the stack's, {cluster} is the
// EKS cluster's name and {path} the path before the stack's repositories. {name} stands for the physical name of each
// resource of the type NamesOf, its random digits as `?`.
//
// Source of the forms: AWS Service Authorization Reference, "Resource types defined by" each service.
type Target struct {
	// Name is the short name that the statement's Sid begins with.
	Name, ARN string
	// NamesOf is the resource type whose physical names take the place of {name}, or "".
	NamesOf string
}

// target is one whose ARNs hold no name of a resource.
func target(name, form string) Target { return Target{Name: name, ARN: "arn:{partition}:" + form} }

// named is one whose ARNs hold the names of the resources of a type.
func named(name, of, form string) Target {
	return Target{Name: name, ARN: "arn:{partition}:" + form, NamesOf: of}
}

// anything is the target of actions that IAM cannot limit to a resource.
var anything Target

var (
	onVpc               = target("vpc", "ec2:{region}:{account}:vpc/*")
	onSubnet            = target("subnet", "ec2:{region}:{account}:subnet/*")
	onInternetGateway   = target("internet-gateway", "ec2:{region}:{account}:internet-gateway/*")
	onElasticIP         = target("elastic-ip", "ec2:{region}:{account}:elastic-ip/*")
	onNatGateway        = target("natgateway", "ec2:{region}:{account}:natgateway/*")
	onRouteTable        = target("route-table", "ec2:{region}:{account}:route-table/*")
	onSecurityGroup     = target("security-group", "ec2:{region}:{account}:security-group/*")
	onSecurityGroupRule = target("security-group-rule", "ec2:{region}:{account}:security-group-rule/*")
	onVpcFlowLog        = target("vpc-flow-log", "ec2:{region}:{account}:vpc-flow-log/*")
	onVpcEndpoint       = target("vpc-endpoint", "ec2:{region}:{account}:vpc-endpoint/*")
	onLaunchTemplate    = target("launch-template", "ec2:{region}:{account}:launch-template/*")
	onInstance          = target("instance", "ec2:{region}:{account}:instance/*")
	onVolume            = target("volume", "ec2:{region}:{account}:volume/*")
	onSnapshot          = target("snapshot", "ec2:{region}::snapshot/*")
	onNetworkInterface  = target("network-interface", "ec2:{region}:{account}:network-interface/*")
	onImage             = target("image", "ec2:{region}::image/*")
	onEc2               = target("ec2", "ec2:{region}:{account}:*")
	onKey               = target("key", "kms:{region}:{account}:key/*")
	onCertificate       = target("certificate", "acm:{region}:{account}:certificate/*")
	onHostedZone        = target("hosted-zone", "route53:::hostedzone/*")
	onResolverEndpoint  = target("resolver-endpoint", "route53resolver:{region}:{account}:resolver-endpoint/*")
	onResolverRule      = target("resolver-rule", "route53resolver:{region}:{account}:resolver-rule/*")
	onPublicParameter   = target("public-parameter", "ssm:{region}::parameter/aws/service/*")
	onForwarding        = target("forwarding", "ssm:{region}::document/AWS-StartPortForwardingSessionToRemoteHost")
	onSession           = target("session", "ssm:{region}:{account}:session/*")
	onLinkedRole        = target("linked-role", "iam::{account}:role/aws-service-role/*")
	onDeployer          = target("deployer", "iam::{account}:role/*")
	onRole              = named("role", IAMRole, "iam::{account}:role/{name}")
	onInstanceProfile   = named("instance-profile", IAMInstanceProfile, "iam::{account}:instance-profile/{name}")
	onAutoScalingGroup  = named(
		"auto-scaling-group",
		AutoScalingGroup,
		"autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}",
	)
	onLogGroup       = named("log-group", CloudWatchLogGroup, "logs:{region}:{account}:log-group:{name}")
	onLogStreams     = named("log-streams", CloudWatchLogGroup, "logs:{region}:{account}:log-group:{name}:*")
	onRepository     = target("repository", "ecr:{region}:{account}:repository/{path}/*")
	onCluster        = target("cluster", "eks:{region}:{account}:cluster/{cluster}")
	onAddon          = target("addon", "eks:{region}:{account}:addon/{cluster}/*")
	onPodIdentity    = target("pod-identity", "eks:{region}:{account}:podidentityassociation/{cluster}/*")
	onAccessEntry    = target("access-entry", "eks:{region}:{account}:access-entry/{cluster}/*")
	onDatabase       = named("database", RDSInstance, "rds:{region}:{account}:db:{name}")
	onFinalSnapshot  = named("final-snapshot", RDSInstance, "rds:{region}:{account}:snapshot:{name}-*")
	onParameterGroup = named("parameter-group", RDSParameterGroup, "rds:{region}:{account}:pg:{name}")
	onSubnetGroup    = named("subnet-group", RDSSubnetGroup, "rds:{region}:{account}:subgrp:{name}")
	onOptionGroup    = target("option-group", "rds:{region}:{account}:og:default:postgres-*")
	onLoadBalancer   = named("load-balancer", ELBLoadBalancer, "elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/*")
	onListener       = named("listener", ELBLoadBalancer, "elasticloadbalancing:{region}:{account}:listener/app/{name}/*")
	onTargetGroup    = named("target-group", ELBTargetGroup, "elasticloadbalancing:{region}:{account}:targetgroup/{name}/*")
	onBucket         = named("bucket", S3BucketV2, "s3:::{name}")
	onObjects        = named("objects", S3BucketV2, "s3:::{name}/*")
	onSecret         = named("secret", SecretsManagerSecret, "secretsmanager:{region}:{account}:secret:{name}-??????")
	onTopic          = named("topic", SNSTopic, "sns:{region}:{account}:{name}")
	onAlarm          = target("alarm", "cloudwatch:{region}:{account}:alarm:{cluster}-*")
	onDashboard      = target("dashboard", "cloudwatch::{account}:dashboard/{cluster}")
	onEventRule      = named("event-rule", CloudWatchEventRule, "events:{region}:{account}:rule/{name}")
	onSnapshotPolicy = target("snapshot-policy", "dlm:{region}:{account}:policy/*")
	onRdsSnapshot    = named("rds-snapshot", OriginRDSSnapshot, "rds:{region}:*:snapshot:{name}")
	onRdsSource      = named("rds-source", OriginRDSInstance, "rds:{region}:{account}:db:{name}")
	onVolumeKey      = named("volume-key", OriginVolumeKey, "kms:{region}:*:{name}")
	onEbsSnapshot    = named("ebs-snapshot", OriginEBSSnapshot, "ec2:{region}::snapshot/{name}")
)
