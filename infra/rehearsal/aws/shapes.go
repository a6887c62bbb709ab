package aws

// shape is what the provider's schema says of a type: the inputs that must be there, and those whose change makes a new
// resource.
type shape struct{ replaces, required []string }

// shapes follow the AWS provider's own schema. A test compares them with an extract of it.
var shapes = map[string]shape{
	"aws:acm/certificate:Certificate": {
		replaces: []string{
			"certificateAuthorityArn", "domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod",
			"validationOptions",
		},
	},
	"aws:acm/certificateValidation:CertificateValidation": {
		replaces: []string{"certificateArn", "validationRecordFqdns"},
		required: []string{"certificateArn"},
	},
	"aws:autoscaling/attachment:Attachment": {
		replaces: []string{"autoscalingGroupName", "elb", "lbTargetGroupArn"},
		required: []string{"autoscalingGroupName"},
	},
	"aws:autoscaling/group:Group": {
		replaces: []string{"initialLifecycleHooks", "name", "namePrefix"},
		required: []string{"maxSize", "minSize"},
	},
	"aws:backup/plan:Plan": {
		replaces: []string{"name"},
		required: []string{"name", "rules"},
	},
	"aws:backup/selection:Selection": {
		replaces: []string{"conditions", "iamRoleArn", "name", "notResources", "planId", "resources", "selectionTags"},
		required: []string{"iamRoleArn", "name", "planId"},
	},
	"aws:backup/vault:Vault": {
		replaces: []string{"kmsKeyArn", "name"},
		required: []string{"name"},
	},
	"aws:cloudwatch/logGroup:LogGroup": {
		replaces: []string{"logGroupClass", "name", "namePrefix"},
	},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {
		required: []string{"comparisonOperator", "evaluationPeriods"},
	},
	"aws:dlm/lifecyclePolicy:LifecyclePolicy": {
		required: []string{"description", "executionRoleArn", "policyDetails"},
	},
	"aws:ebs/snapshot:Snapshot": {
		replaces: []string{"description", "outpostArn", "volumeId"},
		required: []string{"volumeId"},
	},
	"aws:ebs/volume:Volume": {
		replaces: []string{"availabilityZone", "encrypted", "kmsKeyId", "multiAttachEnabled", "outpostArn", "snapshotId"},
		required: []string{"availabilityZone"},
	},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
		replaces: []string{"vpcId"},
	},
	"aws:ec2/eip:Eip": {
		replaces: []string{"address", "domain", "networkBorderGroup", "publicIpv4Pool", "vpc"},
	},
	"aws:ec2/flowLog:FlowLog": {
		replaces: []string{
			"deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination",
			"logDestinationType", "logFormat", "logGroupName", "maxAggregationInterval", "subnetId", "trafficType",
			"transitGatewayAttachmentId", "transitGatewayId", "vpcId",
		},
	},
	"aws:ec2/instance:Instance": {
		replaces: []string{
			"ami", "associatePublicIpAddress", "availabilityZone", "cpuCoreCount", "cpuThreadsPerCore", "ebsOptimized",
			"ephemeralBlockDevices", "hibernation", "hostId", "instanceMarketOptions", "ipv6Addresses", "keyName",
			"launchTemplate", "placementGroup", "placementPartitionNumber", "privateDnsNameOptions", "privateIp",
			"securityGroups", "subnetId", "tenancy",
		},
	},
	"aws:ec2/internetGateway:InternetGateway": {},
	"aws:ec2/launchTemplate:LaunchTemplate": {
		replaces: []string{"name", "namePrefix"},
	},
	"aws:ec2/natGateway:NatGateway": {
		replaces: []string{"allocationId", "connectivityType", "privateIp", "secondaryPrivateIpAddressCount", "subnetId"},
		required: []string{"subnetId"},
	},
	"aws:ec2/networkAcl:NetworkAcl": {
		replaces: []string{"vpcId"},
		required: []string{"vpcId"},
	},
	"aws:ec2/route:Route": {
		replaces: []string{"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"},
		required: []string{"routeTableId"},
	},
	"aws:ec2/routeTable:RouteTable": {
		replaces: []string{"vpcId"},
		required: []string{"vpcId"},
	},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": {
		replaces: []string{"gatewayId", "subnetId"},
		required: []string{"routeTableId"},
	},
	"aws:ec2/securityGroup:SecurityGroup": {
		replaces: []string{"description", "name", "namePrefix", "vpcId"},
	},
	"aws:ec2/securityGroupRule:SecurityGroupRule": {
		replaces: []string{
			"cidrBlocks", "fromPort", "ipv6CidrBlocks", "prefixListIds", "protocol", "securityGroupId", "self",
			"sourceSecurityGroupId", "toPort", "type",
		},
		required: []string{"fromPort", "protocol", "securityGroupId", "toPort", "type"},
	},
	"aws:ec2/subnet:Subnet": {
		replaces: []string{"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"},
		required: []string{"vpcId"},
	},
	"aws:ec2/tag:Tag": {
		replaces: []string{"key", "resourceId"},
		required: []string{"key", "resourceId", "value"},
	},
	"aws:ec2/volumeAttachment:VolumeAttachment": {
		replaces: []string{"deviceName", "instanceId", "volumeId"},
		required: []string{"deviceName", "instanceId", "volumeId"},
	},
	"aws:ec2/vpc:Vpc": {
		replaces: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"},
	},
	"aws:ec2/vpcDhcpOptions:VpcDhcpOptions": {
		replaces: []string{
			"domainName", "domainNameServers", "ipv6AddressPreferredLeaseTime", "netbiosNameServers", "netbiosNodeType",
			"ntpServers",
		},
	},
	"aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": {
		replaces: []string{"vpcId"},
		required: []string{"dhcpOptionsId", "vpcId"},
	},
	"aws:ec2/vpcEndpoint:VpcEndpoint": {
		replaces: []string{"serviceName", "vpcEndpointType", "vpcId"},
		required: []string{"serviceName", "vpcId"},
	},
	"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {
		replaces: []string{"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "vpcId"},
		required: []string{"vpcId"},
	},
	"aws:ecr/lifecyclePolicy:LifecyclePolicy": {
		replaces: []string{"policy", "repository"},
		required: []string{"policy", "repository"},
	},
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
		replaces: []string{"ecrRepositoryPrefix", "upstreamRegistryUrl"},
		required: []string{"ecrRepositoryPrefix", "upstreamRegistryUrl"},
	},
	"aws:ecr/repository:Repository": {
		replaces: []string{"encryptionConfigurations", "name"},
		required: []string{"name"},
	},
	"aws:ecr/repositoryPolicy:RepositoryPolicy": {
		replaces: []string{"repository"},
		required: []string{"policy", "repository"},
	},
	"aws:eks/accessEntry:AccessEntry": {
		replaces: []string{"clusterName", "principalArn", "type"},
		required: []string{"clusterName", "principalArn"},
	},
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
		replaces: []string{"accessScope", "clusterName", "policyArn", "principalArn"},
		required: []string{"accessScope", "clusterName", "policyArn", "principalArn"},
	},
	"aws:eks/addon:Addon": {
		replaces: []string{"addonName", "clusterName"},
		required: []string{"addonName", "clusterName"},
	},
	"aws:eks/cluster:Cluster": {
		replaces: []string{"name", "roleArn"},
		required: []string{"name", "roleArn", "vpcConfig"},
	},
	"aws:eks/nodeGroup:NodeGroup": {
		replaces: []string{
			"amiType", "capacityType", "clusterName", "diskSize", "instanceTypes", "nodeGroupName", "nodeGroupNamePrefix",
			"nodeRoleArn", "remoteAccess", "subnetIds",
		},
		required: []string{"clusterName", "nodeRoleArn", "scalingConfig", "subnetIds"},
	},
	"aws:eks/podIdentityAssociation:PodIdentityAssociation": {
		replaces: []string{"clusterName", "namespace", "serviceAccount"},
		required: []string{"clusterName", "namespace", "roleArn", "serviceAccount"},
	},
	"aws:iam/instanceProfile:InstanceProfile": {
		replaces: []string{"name", "namePrefix", "path"},
	},
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
		replaces: []string{"clientIdLists", "url"},
		required: []string{"clientIdLists", "thumbprintLists", "url"},
	},
	"aws:iam/policy:Policy": {
		replaces: []string{"description", "name", "namePrefix", "path"},
		required: []string{"policy"},
	},
	"aws:iam/role:Role": {
		replaces: []string{"name", "namePrefix", "path"},
		required: []string{"assumeRolePolicy"},
	},
	"aws:iam/rolePolicy:RolePolicy": {
		replaces: []string{"name", "namePrefix", "role"},
		required: []string{"policy", "role"},
	},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
		replaces: []string{"policyArn", "role"},
		required: []string{"policyArn", "role"},
	},
	"aws:kms/alias:Alias": {
		replaces: []string{"name", "namePrefix"},
		required: []string{"targetKeyId"},
	},
	"aws:kms/key:Key": {
		replaces: []string{"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"},
	},
	"aws:lb/listener:Listener": {
		replaces: []string{"loadBalancerArn"},
		required: []string{"defaultActions", "loadBalancerArn"},
	},
	"aws:lb/listenerCertificate:ListenerCertificate": {
		replaces: []string{"certificateArn", "listenerArn"},
		required: []string{"certificateArn", "listenerArn"},
	},
	"aws:lb/listenerRule:ListenerRule": {
		replaces: []string{"listenerArn"},
		required: []string{"actions", "conditions", "listenerArn"},
	},
	"aws:lb/loadBalancer:LoadBalancer": {
		replaces: []string{"customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"},
	},
	"aws:lb/targetGroup:TargetGroup": {
		replaces: []string{
			"ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId",
		},
	},
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": {
		replaces: []string{"availabilityZone", "port", "targetGroupArn", "targetId"},
		required: []string{"targetGroupArn", "targetId"},
	},
	"aws:rds/instance:Instance": {
		replaces: []string{
			"availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile", "dbName", "engine",
			"kmsKeyId", "ncharCharacterSetName", "restoreToPointInTime", "snapshotIdentifier", "storageEncrypted",
			"timezone", "username",
		},
		required: []string{"instanceClass"},
	},
	"aws:rds/parameterGroup:ParameterGroup": {
		replaces: []string{"description", "family", "name", "namePrefix"},
		required: []string{"family"},
	},
	"aws:rds/subnetGroup:SubnetGroup": {
		replaces: []string{"name", "namePrefix"},
		required: []string{"subnetIds"},
	},
	"aws:route53/record:Record": {
		replaces: []string{"name", "zoneId"},
		required: []string{"name", "type", "zoneId"},
	},
	"aws:route53/resolverEndpoint:ResolverEndpoint": {
		replaces: []string{"direction", "securityGroupIds"},
		required: []string{"direction", "ipAddresses", "securityGroupIds"},
	},
	"aws:route53/resolverRule:ResolverRule": {
		replaces: []string{"domainName", "ruleType"},
		required: []string{"domainName", "ruleType"},
	},
	"aws:route53/resolverRuleAssociation:ResolverRuleAssociation": {
		replaces: []string{"name", "resolverRuleId", "vpcId"},
		required: []string{"resolverRuleId", "vpcId"},
	},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
		replaces: []string{"bucket", "expectedBucketOwner"},
		required: []string{"bucket", "rules"},
	},
	"aws:s3/bucketLoggingV2:BucketLoggingV2": {
		replaces: []string{"bucket", "expectedBucketOwner"},
		required: []string{"bucket", "targetBucket", "targetPrefix"},
	},
	"aws:s3/bucketObjectv2:BucketObjectv2": {
		replaces: []string{"bucket", "key"},
		required: []string{"bucket", "key"},
	},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
		replaces: []string{"bucket"},
		required: []string{"bucket", "rule"},
	},
	"aws:s3/bucketPolicy:BucketPolicy": {
		replaces: []string{"bucket"},
		required: []string{"bucket", "policy"},
	},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
		replaces: []string{"bucket"},
		required: []string{"bucket"},
	},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
		replaces: []string{"bucket", "expectedBucketOwner"},
		required: []string{"bucket", "rules"},
	},
	"aws:s3/bucketV2:BucketV2": {
		replaces: []string{"bucket", "bucketPrefix", "objectLockEnabled"},
	},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {
		replaces: []string{"bucket", "expectedBucketOwner"},
		required: []string{"bucket", "versioningConfiguration"},
	},
	"aws:secretsmanager/secret:Secret": {
		replaces: []string{"name", "namePrefix"},
	},
	"aws:secretsmanager/secretVersion:SecretVersion": {
		replaces: []string{"secretBinary", "secretId", "secretString"},
		required: []string{"secretId"},
	},
	"aws:ssm/document:Document": {
		replaces: []string{"name"},
		required: []string{"content", "documentType"},
	},
	"aws:ssm/parameter:Parameter": {
		replaces: []string{"dataType", "name"},
		required: []string{"name", "type"},
	},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
		replaces: []string{"securityGroupId"},
		required: []string{"ipProtocol", "securityGroupId"},
	},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
		replaces: []string{"securityGroupId"},
		required: []string{"ipProtocol", "securityGroupId"},
	},
}
