package pending

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// ids are the ids that consist of inputs, by type: a `{path}` stands for an input. They are those by which the provider
// reads a resource. Where it reads by the inputs alone, any id does.
// Source: the import section of each resource's documentation.
var ids = map[string]string{
	catalog.AutoScalingAttachment:      "{autoscalingGroupName}/{lbTargetGroupArn}",
	catalog.AutoScalingGroup:           "{name}",
	catalog.CloudWatchDashboard:        "{dashboardName}",
	catalog.CloudWatchEventRule:        "{name}",
	catalog.CloudWatchEventTarget:      "{rule}-{targetId}",
	catalog.CloudWatchLogGroup:         "{name}",
	catalog.CloudWatchMetricAlarm:      "{name}",
	catalog.ECRLifecyclePolicy:         "{repository}",
	catalog.ECRPullThroughCacheRule:    "{ecrRepositoryPrefix}",
	catalog.ECRRepository:              "{name}",
	catalog.ECRRepositoryPolicy:        "{repository}",
	catalog.EKSAccessEntry:             "{clusterName}:{principalArn}",
	catalog.EKSAccessPolicyAssociation: "{clusterName}#{principalArn}#{policyArn}",
	catalog.EKSAddon:                   "{clusterName}:{addonName}",
	catalog.EKSCluster:                 "{name}",
	catalog.IAMInstanceProfile:         "{name}",
	catalog.IAMRole:                    "{name}",
	catalog.IAMRolePolicy:              "{role}:{name}",
	catalog.IAMRolePolicyAttachment:    "{role}-{policyArn}",
	catalog.KMSAlias:                   "{name}",
	catalog.RDSInstance:                "{identifier}",
	catalog.RDSParameterGroup:          "{name}",
	catalog.RDSSubnetGroup:             "{name}",
	catalog.S3BucketObjectv2:           "{key}",
	catalog.S3BucketV2:                 "{bucket}",
	catalog.SNSTopicPolicy:             "{arn}",
	catalog.SSMParameter:               "{name}",
	catalog.KubernetesJob:              "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesConfigMap:        "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesNamespace:        "{metadata.name}",
	catalog.KubernetesSecret:           "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesService:          "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesServiceAccount:   "{metadata.namespace}/{metadata.name}",
	catalog.HelmRelease:                "{namespace}/{name}",
	catalog.KubernetesStorageClass:     "{metadata.name}",
}

// atlasIDs are the keys of Atlas's ids that are inputs: `key:value` pairs in base64, joined with hyphens, sorted by key.
// The provider reads by these alone; what else an id holds, it finds.
var atlasIDs = map[string]map[string]string{
	catalog.AtlasAdvancedCluster:     {"cluster_name": "name", "project_id": "projectId"},
	catalog.AtlasCloudBackupSchedule: {"cluster_name": "clusterName", "project_id": "projectId"},
	catalog.AtlasDatabaseUser: {
		"auth_database_name": "authDatabaseName", "project_id": "projectId", "username": "username",
	},
}

var placeholder = regexp.MustCompile(`\{([\w.]+)\}`)

// idOf makes the id of a resource from its inputs, or returns "" where that cannot be told.
func idOf(typ string, inputs map[string]any) string {
	switch {
	case strings.HasPrefix(typ, "aws:s3/bucket") && ids[typ] == "":
		return text(inputs, "bucket") // a setting of a bucket
	case typ == catalog.EC2Route:
		return routeID(inputs)
	case atlasIDs[typ] != nil:
		return atlasID(atlasIDs[typ], inputs)
	}
	complete := true
	id := placeholder.ReplaceAllStringFunc(ids[typ], func(match string) string {
		value := text(inputs, strings.Split(strings.Trim(match, "{}"), ".")...)
		complete = complete && value != ""
		return value
	})
	if !complete {
		return ""
	}
	return id
}

// routeID is the provider's own: the table, and a checksum of the destination.
func routeID(inputs map[string]any) string {
	table, destination := text(inputs, "routeTableId"), text(inputs, "destinationCidrBlock")
	if table == "" || destination == "" {
		return ""
	}
	return fmt.Sprintf("r-%s%d", table, crc32.ChecksumIEEE([]byte(destination)))
}

func atlasID(keys map[string]string, inputs map[string]any) string {
	encode := base64.StdEncoding.EncodeToString
	var pairs []string
	for _, key := range []string{"auth_database_name", "cluster_name", "project_id", "username"} {
		property, ok := keys[key]
		if !ok {
			continue
		}
		value := text(inputs, property)
		if value == "" {
			return ""
		}
		pairs = append(pairs, encode([]byte(key))+":"+encode([]byte(value)))
	}
	return strings.Join(pairs, "-")
}

// text finds a text at a path, or "".
func text(inputs map[string]any, path ...string) string {
	var at any = inputs
	for _, step := range path {
		fields, _ := at.(map[string]any)
		at = fields[step]
	}
	found, _ := at.(string)
	return found
}
