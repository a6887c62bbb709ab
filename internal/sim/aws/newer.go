package aws

// newerThanSchema are properties of pulumi-aws 6.83.4 that the extract of provider 5.45's schema does not know, and
// whether a change makes a new resource. Source: the SDK's documentation of each, and the provider's changelog.
var newerThanSchema = map[string]map[string]bool{
	"aws:autoscaling/group:Group": {"availabilityZoneDistribution": false, "capacityReservationSpecification": false},
	alarmType:                     {"name": true},
	"aws:ec2/eip:Eip":             {"ipamPoolId": true},
	"aws:ec2/instance:Instance":   {"enablePrimaryIpv6": false},
	"aws:ec2/vpcEndpoint:VpcEndpoint": {
		"resourceConfigurationArn": true, "serviceNetworkArn": true, "serviceRegion": true, "subnetConfigurations": false,
	},
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {"customRoleArn": false, "upstreamRepositoryPrefix": true},
	"aws:eks/addon:Addon":                               {"podIdentityAssociations": false},
	"aws:eks/cluster:Cluster": {
		"bootstrapSelfManagedAddons": true, "computeConfig": false, "defaultAddonsToRemoves": false, "forceUpdateVersion": false,
		"remoteNetworkConfig": false, "storageConfig": false, "upgradePolicy": false, "zonalShiftConfig": false,
	},
	"aws:eks/nodeGroup:NodeGroup": {"nodeRepairConfig": false},
	"aws:kms/key:Key":             {"rotationPeriodInDays": false},
	"aws:lb/listener:Listener": {
		"routingHttpRequestXAmznMtlsClientcertHeaderName":             false,
		"routingHttpRequestXAmznMtlsClientcertIssuerHeaderName":       false,
		"routingHttpRequestXAmznMtlsClientcertLeafHeaderName":         false,
		"routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName": false,
		"routingHttpRequestXAmznMtlsClientcertSubjectHeaderName":      false,
		"routingHttpRequestXAmznMtlsClientcertValidityHeaderName":     false,
		"routingHttpRequestXAmznTlsCipherSuiteHeaderName":             false,
		"routingHttpRequestXAmznTlsVersionHeaderName":                 false,
		"routingHttpResponseAccessControlAllowCredentialsHeaderValue": false,
		"routingHttpResponseAccessControlAllowHeadersHeaderValue":     false,
		"routingHttpResponseAccessControlAllowMethodsHeaderValue":     false,
		"routingHttpResponseAccessControlAllowOriginHeaderValue":      false,
		"routingHttpResponseAccessControlExposeHeadersHeaderValue":    false,
		"routingHttpResponseAccessControlMaxAgeHeaderValue":           false,
		"routingHttpResponseContentSecurityPolicyHeaderValue":         false,
		"routingHttpResponseServerEnabled":                            false,
		"routingHttpResponseStrictTransportSecurityHeaderValue":       false,
		"routingHttpResponseXContentTypeOptionsHeaderValue":           false,
		"routingHttpResponseXFrameOptionsHeaderValue":                 false,
		"tcpIdleTimeoutSeconds":                                       false,
	},
	"aws:lb/loadBalancer:LoadBalancer": {
		"clientKeepAlive": false, "enableZonalShift": false, "ipamPools": false, "minimumLoadBalancerCapacity": false,
	},
	"aws:lb/targetGroup:TargetGroup": {"targetGroupHealth": false},
	"aws:rds/instance:Instance": {
		"databaseInsightsMode": false, "dedicatedLogVolume": false, "engineLifecycleSupport": false, "name": true,
		"upgradeStorageConfig": false,
	},
	"aws:rds/parameterGroup:ParameterGroup": {"skipDestroy": false},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
		"timeouts": false, "transitionDefaultMinimumObjectSize": false,
	},
}
