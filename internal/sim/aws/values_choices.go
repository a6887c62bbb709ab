package aws

import (
	"encoding/json"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// choiceValues are the documented sets and forms of single inputs, which the AWS provider checks in a preview.
var choiceValues = map[string][]provider.Value{
	vpcType:          {cidrOf("cidrBlock"), oneOf("instanceTenancy", "default dedicated")},
	associationType:  {cidrOf("cidrBlock")},
	subnetType:       {cidrOf("cidrBlock")},
	catalog.EC2Route: {cidrOf("destinationCidrBlock")},
	endpointType: {
		oneOf(
			"vpcEndpointType",
			"Gateway GatewayLoadBalancer Interface Resource ServiceNetwork",
		),
		oneOf("ipAddressType", "ipv4 dualstack ipv6"),
		jsonOf("policy"),
	},
	ruleType: {
		oneOf("type", "ingress egress"),
		cidrOf("cidrBlocks.[]"),
		{Property: "fromPort", Min: -1, Max: 65535, Source: tfAWS},
	},
	ingressType:           {cidrOf("cidrIpv4")},
	egressType:            {cidrOf("cidrIpv4")},
	catalog.EC2Eip:        {oneOf("domain", "vpc standard")},
	catalog.EC2NatGateway: {oneOf("connectivityType", "public private")},
	catalog.EC2FlowLog: {
		oneOf("trafficType", "ACCEPT REJECT ALL"), oneOf("logDestinationType", "cloud-watch-logs s3 kinesis-data-firehose"),
		{Property: "maxAggregationInterval", Min: 60, Max: 600, Source: tfAWS},
	},
	volumeType: {oneOf("type", "standard gp2 gp3 io1 io2 sc1 st1")},
	templateType: {
		oneOf("metadataOptions.httpTokens", "optional required"), oneOf("metadataOptions.httpEndpoint", "enabled disabled"),
		{Property: "metadataOptions.httpPutResponseHopLimit", Min: 1, Max: 64, Source: tfAWS},
		oneOf("blockDeviceMappings.[].ebs.volumeType", "standard gp2 gp3 io1 io2 sc1 st1"),
		oneOf("instanceInitiatedShutdownBehavior", "stop terminate"),
	},
	instanceType: {
		oneOf("metadataOptions.httpTokens", "optional required"),
		oneOf("rootBlockDevice.volumeType", "standard gp2 gp3 io1 io2 sc1 st1"),
	},
	clusterType: {
		oneOf("enabledClusterLogTypes.[]", "api audit authenticator controllerManager scheduler"),
		oneOf("accessConfig.authenticationMode", "API API_AND_CONFIG_MAP CONFIG_MAP"), cidrOf("vpcConfig.publicAccessCidrs.[]"),
		oneOf("encryptionConfig.resources.[]", "secrets"), cidrOf("kubernetesNetworkConfig.serviceIpv4Cidr"),
	},
	addonType: {
		oneOf("resolveConflictsOnCreate", "NONE OVERWRITE"), oneOf("resolveConflictsOnUpdate", "NONE OVERWRITE PRESERVE"),
	},
	nodeGroupType: {
		oneOf("capacityType", "ON_DEMAND SPOT CAPACITY_BLOCK"), oneOf("taints.[].effect", "NO_SCHEDULE NO_EXECUTE PREFER_NO_SCHEDULE"),
	},
	catalog.EKSAccessEntry: {
		oneOf("type", "STANDARD EC2_LINUX EC2_WINDOWS FARGATE_LINUX EC2 HYBRID_LINUX HYPERPOD_LINUX"),
	},
	catalog.EKSAccessPolicyAssociation: {oneOf("accessScope.type", "cluster namespace")},
	roleType:                           {jsonOf("assumeRolePolicy"), {Property: "maxSessionDuration", Min: 3600, Max: 43200, Source: tfAWS}},
	catalog.IAMRolePolicy:              {jsonOf("policy")},
	catalog.KMSKey: {
		oneOf("keyUsage", "ENCRYPT_DECRYPT SIGN_VERIFY GENERATE_VERIFY_MAC KEY_AGREEMENT"), jsonOf("policy"),
		{Property: "deletionWindowInDays", Min: 7, Max: 30, Source: tfAWS},
	},
	databaseType: {
		oneOf("storageType", "standard gp2 gp3 io1 io2"),
		{Property: "backupRetentionPeriod", Min: 0, Max: 35, Source: rdsAPI},
		{Property: "performanceInsightsRetentionPeriod", Min: 7, Max: 731, Source: tfAWS},
		oneOf(
			"enabledCloudwatchLogsExports.[]",
			"postgresql upgrade audit error general slowquery iam-db-auth-error alert listener trace diag.log "+
				"notify.log oemagent",
		),
		{Property: "monitoringInterval", Numbers: []float64{0, 1, 5, 10, 15, 30, 60}, Source: rdsAPI},
	},
	parameterType:                {oneOf("parameters.[].applyMethod", "immediate pending-reboot")},
	catalog.S3BucketVersioningV2: {oneOf("versioningConfiguration.status", "Enabled Suspended Disabled")},
	catalog.S3BucketServerSideEncryptionConfigurationV2: {
		oneOf("rules.[].applyServerSideEncryptionByDefault.sseAlgorithm", "AES256 aws:kms aws:kms:dsse"),
	},
	catalog.S3BucketLifecycleConfigurationV2: {oneOf("rules.[].status", "Enabled Disabled")},
	catalog.S3BucketOwnershipControls: {
		oneOf("rule.objectOwnership", "BucketOwnerPreferred ObjectWriter BucketOwnerEnforced"),
	},
	repositoryType: {
		oneOf("imageTagMutability", "MUTABLE IMMUTABLE MUTABLE_WITH_EXCLUSION IMMUTABLE_WITH_EXCLUSION"),
		oneOf("encryptionConfigurations.[].encryptionType", "AES256 KMS KMS_DSSE"),
	},
	catalog.ECRLifecyclePolicy:  {jsonOf("policy")},
	catalog.ECRRepositoryPolicy: {jsonOf("policy")},
	balancerType: {
		oneOf("loadBalancerType", "application gateway network"), oneOf("ipAddressType", "ipv4 dualstack dualstack-without-public-ipv4"),
		{Property: "idleTimeout", Min: 1, Max: 4000, Source: elbErrors},
		oneOf("desyncMitigationMode", "monitor defensive strictest"),
	},
	targetsType: {
		oneOf("protocol", "GENEVE HTTP HTTPS TCP TCP_UDP TLS UDP"), oneOf("targetType", "instance ip lambda alb"),
		{Property: "port", Min: 1, Max: 65535, Source: tfAWS}, {Property: "deregistrationDelay", Min: 0, Max: 3600, Source: tfAWS},
		{Property: "healthCheck.interval", Min: 5, Max: 300, Source: tfAWS},
		{Property: "healthCheck.timeout", Min: 2, Max: 120, Source: tfAWS},
		{Property: "healthCheck.healthyThreshold", Min: 2, Max: 10, Source: tfAWS},
		{Property: "healthCheck.unhealthyThreshold", Min: 2, Max: 10, Source: tfAWS},
		oneOf("healthCheck.protocol", "HTTP HTTPS TCP"),
	},
	listenerType: {
		oneOf("protocol", "GENEVE HTTP HTTPS TCP TCP_UDP TLS UDP"), {Property: "port", Min: 1, Max: 65535, Source: tfAWS},
		oneOf("defaultActions.[].type", "forward redirect fixed-response authenticate-cognito authenticate-oidc"),
	},
	catalog.CloudWatchLogGroup: {
		oneOf("logGroupClass", "STANDARD INFREQUENT_ACCESS DELIVERY"), retention,
	},
	catalog.SSMParameter: {
		oneOf("type", "String StringList SecureString"),
		oneOf("tier", "Standard Advanced Intelligent-Tiering"),
	},
	catalog.SecretsManagerSecret: {{Property: "recoveryWindowInDays", Min: 0, Max: 30, Source: tfAWS}},
}

// retention lists the periods that CloudWatch Logs offers.
var retention = provider.Value{
	Property: "retentionInDays", Source: tfAWS,
	Numbers: []float64{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653},
}

func oneOf(property, values string) provider.Value {
	return provider.Value{Property: property, OneOf: strings.Fields(values), Source: tfAWS}
}

func cidrOf(property string) provider.Value {
	return provider.Value{Property: property, Test: cidr, Source: tfAWS}
}

func jsonOf(property string) provider.Value {
	return provider.Value{Property: property, Source: tfAWS, Test: func(text string) string {
		if !json.Valid([]byte(text)) {
			return `"` + property + `" contains an invalid JSON policy: it is not valid JSON`
		}
		return ""
	}}
}
