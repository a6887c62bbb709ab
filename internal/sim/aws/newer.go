package aws

import "github.com/bpa-on-aws/platform/internal/catalog"

// newerThanSchema are properties of pulumi-aws 6.83.4 that the extract of provider 5.45's schema does not know, and
// whether a change makes a new resource. Source: the SDK's documentation of each, and the provider's changelog.
var newerThanSchema = map[string]map[string]bool{
	catalog.AutoScalingGroup: {"availabilityZoneDistribution": false, "capacityReservationSpecification": false},
	alarmType:                {"name": true},
	catalog.EC2Eip:           {"ipamPoolId": true},
	catalog.EC2Instance:      {"enablePrimaryIpv6": false},
	catalog.EC2VpcEndpoint: {
		"resourceConfigurationArn": true, "serviceNetworkArn": true, "serviceRegion": true, "subnetConfigurations": false,
	},
	catalog.ECRPullThroughCacheRule: {"customRoleArn": false, "upstreamRepositoryPrefix": true},
	catalog.EKSAddon:                {"podIdentityAssociations": false},
	catalog.EKSCluster: {
		"bootstrapSelfManagedAddons": true, "computeConfig": false, "defaultAddonsToRemoves": false, "forceUpdateVersion": false,
		"remoteNetworkConfig": false, "storageConfig": false, "upgradePolicy": false, "zonalShiftConfig": false,
	},
	catalog.EKSNodeGroup: {"nodeRepairConfig": false},
	catalog.KMSKey:       {"rotationPeriodInDays": false},
	catalog.ELBListener: {
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
	catalog.ELBLoadBalancer: {
		"clientKeepAlive": false, "enableZonalShift": false, "ipamPools": false, "minimumLoadBalancerCapacity": false,
	},
	catalog.ELBTargetGroup: {"targetGroupHealth": false},
	catalog.RDSInstance: {
		"databaseInsightsMode": false, "dedicatedLogVolume": false, "engineLifecycleSupport": false, "name": true,
		"upgradeStorageConfig": false,
	},
	catalog.RDSParameterGroup: {"skipDestroy": false},
	catalog.S3BucketLifecycleConfigurationV2: {
		"timeouts": false, "transitionDefaultMinimumObjectSize": false,
	},
}
