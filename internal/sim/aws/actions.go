package aws

import (
	"fmt"
	"regexp"
	"strings"
)

// actions are the actions of the services that this project's policies speak of. Source: Service Authorization
// Reference. Those of EC2 are the ones about instances, volumes, network interfaces and tags; an action of a listed
// service that is not here is refused, and one of another service is not judged.
var actions = map[string][]string{
	"sts": strings.Fields(`
		AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity DecodeAuthorizationMessage GetAccessKeyInfo
		GetCallerIdentity GetFederationToken GetSessionToken SetSourceIdentity TagSession SetContext`),
	"ecr": strings.Fields(`
		BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration
		BatchImportUpstreamImage CompleteLayerUpload CreatePullThroughCacheRule CreateRepository DeleteLifecyclePolicy
		DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepository DeleteRepositoryPolicy
		DescribeImageReplicationStatus DescribeImageScanFindings DescribeImages DescribePullThroughCacheRules
		DescribeRegistry DescribeRepositories GetAuthorizationToken GetDownloadUrlForLayer GetLifecyclePolicy
		GetLifecyclePolicyPreview GetRegistryPolicy GetRepositoryPolicy InitiateLayerUpload ListImages ListTagsForResource
		PutImage PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy PutRegistryPolicy
		PutReplicationConfiguration ReplicateImage SetRepositoryPolicy StartImageScan TagResource UntagResource
		UploadLayerPart ValidatePullThroughCacheRule`),
	"s3": strings.Fields(`
		AbortMultipartUpload BypassGovernanceRetention CreateBucket DeleteBucket DeleteBucketPolicy DeleteObject
		DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionTagging GetAccelerateConfiguration
		GetAccountPublicAccessBlock GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification
		GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
		GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetEncryptionConfiguration GetLifecycleConfiguration
		GetObject GetObjectAcl GetObjectAttributes GetObjectRetention GetObjectTagging GetObjectVersion GetObjectVersionAcl
		GetReplicationConfiguration ListAllMyBuckets ListBucket ListBucketMultipartUploads ListBucketVersions
		ListMultipartUploadParts PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
		PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
		PutBucketTagging PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration PutObject PutObjectAcl
		PutObjectRetention PutObjectTagging PutObjectVersionTagging PutReplicationConfiguration ReplicateDelete
		ReplicateObject ReplicateTags RestoreObject`),
	"kms": strings.Fields(`
		CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateGrant CreateKey Decrypt DeleteAlias
		DeleteImportedKeyMaterial DeriveSharedSecret DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation
		Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
		GenerateMac GenerateRandom GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial
		ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy
		ReEncryptFrom ReEncryptTo ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign
		TagResource UntagResource UpdateAlias UpdateKeyDescription Verify VerifyMac`),
	"logs": strings.Fields(`
		AssociateKmsKey CreateLogDelivery CreateLogGroup CreateLogStream DeleteLogDelivery DeleteLogGroup DeleteLogStream
		DeleteResourcePolicy DeleteRetentionPolicy DescribeLogGroups DescribeLogStreams DescribeResourcePolicies
		DisassociateKmsKey FilterLogEvents GetLogDelivery GetLogEvents GetQueryResults ListLogDeliveries ListTagsForResource
		PutLogEvents PutMetricFilter PutResourcePolicy PutRetentionPolicy PutSubscriptionFilter StartQuery StopQuery
		TagLogGroup TagResource UntagResource UpdateLogDelivery`),
	"secretsmanager": strings.Fields(`
		BatchGetSecretValue CancelRotateSecret CreateSecret DeleteResourcePolicy DeleteSecret DescribeSecret
		GetRandomPassword GetResourcePolicy GetSecretValue ListSecretVersionIds ListSecrets PutResourcePolicy PutSecretValue
		RestoreSecret RotateSecret TagResource UntagResource UpdateSecret UpdateSecretVersionStage ValidateResourcePolicy`),
	"ssm": strings.Fields(`
		AddTagsToResource DeleteParameter DescribeAssociation DescribeDocument DescribeInstanceInformation
		DescribeInstanceProperties DescribeParameters DescribeSessions GetCommandInvocation GetConnectionStatus
		GetDeployablePatchSnapshotForInstance GetDocument GetManifest GetParameter GetParameterHistory GetParameters
		GetParametersByPath ListAssociations ListCommands ListInstanceAssociations PutComplianceItems
		PutConfigurePackageResult PutInventory PutParameter ResumeSession SendCommand StartSession TerminateSession
		UpdateAssociationStatus UpdateInstanceAssociationStatus UpdateInstanceInformation`),
	"autoscaling": strings.Fields(`
		AttachInstances AttachLoadBalancerTargetGroups AttachLoadBalancers AttachTrafficSources BatchDeleteScheduledAction
		BatchPutScheduledUpdateGroupAction CancelInstanceRefresh CompleteLifecycleAction CreateAutoScalingGroup
		CreateLaunchConfiguration CreateOrUpdateTags DeleteAutoScalingGroup DeleteLaunchConfiguration DeleteLifecycleHook
		DeleteNotificationConfiguration DeletePolicy DeleteScheduledAction DeleteTags DeleteWarmPool DescribeAccountLimits
		DescribeAdjustmentTypes DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeInstanceRefreshes
		DescribeLaunchConfigurations DescribeLifecycleHooks DescribeLoadBalancerTargetGroups DescribeLoadBalancers
		DescribeNotificationConfigurations DescribePolicies DescribeScalingActivities DescribeScheduledActions DescribeTags
		DescribeTrafficSources DescribeWarmPool DetachInstances DetachLoadBalancerTargetGroups DetachLoadBalancers
		DetachTrafficSources DisableMetricsCollection EnableMetricsCollection EnterStandby ExecutePolicy ExitStandby
		PutLifecycleHook PutNotificationConfiguration PutScalingPolicy PutScheduledUpdateGroupAction PutWarmPool
		RecordLifecycleActionHeartbeat ResumeProcesses RollbackInstanceRefresh SetDesiredCapacity SetInstanceHealth
		SetInstanceProtection StartInstanceRefresh SuspendProcesses TerminateInstanceInAutoScalingGroup
		UpdateAutoScalingGroup`),
	"sns": strings.Fields(`
		AddPermission ConfirmSubscription CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes
		ListSubscriptions ListSubscriptionsByTopic ListTagsForResource ListTopics Publish RemovePermission
		SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource`),
	"ssmmessages": strings.Fields("CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel"),
	"ec2messages": strings.Fields(`
		AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply`),
	"eks": strings.Fields(`
		AccessKubernetesApi AssociateAccessPolicy CreateAccessEntry CreateAddon CreateCluster CreateNodegroup
		CreatePodIdentityAssociation DeleteAccessEntry DeleteAddon DeleteCluster DeleteNodegroup DescribeAccessEntry
		DescribeAddon DescribeAddonConfiguration DescribeAddonVersions DescribeCluster DescribeClusterVersions
		DescribeNodegroup DescribePodIdentityAssociation DescribeUpdate DisassociateAccessPolicy ListAccessEntries
		ListAccessPolicies ListAddons ListClusters ListNodegroups ListTagsForResource ListUpdates MutateViaKubernetesApi
		TagResource UntagResource UpdateAccessEntry UpdateAddon UpdateClusterConfig UpdateClusterVersion
		UpdateNodegroupConfig UpdateNodegroupVersion`),
	"ec2": strings.Fields(`
		AllocateAddress AssignIpv6Addresses AssignPrivateIpAddresses AssociateAddress AttachNetworkInterface AttachVolume
		AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateLaunchTemplate CreateLaunchTemplateVersion
		CreateNetworkInterface CreateNetworkInterfacePermission CreateSecurityGroup CreateSnapshot CreateTags CreateVolume
		DeleteNetworkInterface DeleteSecurityGroup DeleteSnapshot DeleteTags DeleteVolume DescribeAccountAttributes
		DescribeAddresses DescribeAvailabilityZones DescribeImages DescribeInstanceAttribute DescribeInstanceStatus
		DescribeInstanceTopology DescribeInstanceTypes DescribeInstances DescribeInternetGateways
		DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNatGateways DescribeNetworkInterfaces DescribeRegions
		DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSnapshots DescribeSubnets DescribeTags
		DescribeVolumeAttribute DescribeVolumeStatus DescribeVolumes DescribeVolumesModifications DescribeVpcEndpoints
		DescribeVpcPeeringConnections DescribeVpcs DetachNetworkInterface DetachVolume ModifyInstanceAttribute
		ModifyInstanceMetadataOptions ModifyNetworkInterfaceAttribute ModifyVolume RebootInstances ReleaseAddress
		RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances StartInstances StopInstances TerminateInstances
		UnassignIpv6Addresses UnassignPrivateIpAddresses`),
}

// actionProblem says what is wrong with an action, or "".
func actionProblem(action string) string {
	if action == "*" {
		return ""
	}
	service, name, ok := strings.Cut(action, ":")
	if !ok || service == "" || name == "" {
		return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	}
	known, judged := actions[strings.ToLower(service)]
	if !judged {
		return ""
	}
	pattern := regexp.QuoteMeta(strings.ToLower(name))
	pattern = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(pattern)
	matches := regexp.MustCompile("^" + pattern + "$").MatchString // quoted, so it compiles
	for _, k := range known {
		if matches(strings.ToLower(k)) {
			return ""
		}
	}
	return fmt.Sprintf("The action %s does not exist%s", action, nearAction(service, name, known))
}

// nearAction suggests the action that begins as the unknown one does.
func nearAction(service, name string, known []string) string {
	best, length := "", 5
	for _, k := range known {
		n := 0
		for n < len(k) && n < len(name) && strings.EqualFold(k[n:n+1], name[n:n+1]) {
			n++
		}
		if n > length {
			best, length = k, n
		}
	}
	if best == "" {
		return "."
	}
	return fmt.Sprintf(". Did you mean to use %s:%s?", service, best)
}

// Judges reports whether the actions of a service, such as s3, are known, so that one that does not exist is refused.
func Judges(service string) bool {
	_, known := actions[strings.ToLower(service)]
	return known
}
