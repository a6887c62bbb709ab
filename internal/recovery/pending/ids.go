package pending

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
)

// ids are the ids that consist of inputs, by type: a `{path}` stands for an input. They are those by which the provider
// reads a resource. Where it reads by the inputs alone, any id does.
// Source: the import section of each resource's documentation.
var ids = map[string]string{
	"aws:autoscaling/attachment:Attachment":                   "{autoscalingGroupName}/{lbTargetGroupArn}",
	"aws:autoscaling/group:Group":                             "{name}",
	"aws:cloudwatch/dashboard:Dashboard":                      "{dashboardName}",
	"aws:cloudwatch/eventRule:EventRule":                      "{name}",
	"aws:cloudwatch/eventTarget:EventTarget":                  "{rule}-{targetId}",
	"aws:cloudwatch/logGroup:LogGroup":                        "{name}",
	"aws:cloudwatch/metricAlarm:MetricAlarm":                  "{name}",
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":                 "{repository}",
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule":       "{ecrRepositoryPrefix}",
	"aws:ecr/repository:Repository":                           "{name}",
	"aws:ecr/repositoryPolicy:RepositoryPolicy":               "{repository}",
	"aws:eks/accessEntry:AccessEntry":                         "{clusterName}:{principalArn}",
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
	"aws:eks/addon:Addon":                                     "{clusterName}:{addonName}",
	"aws:eks/cluster:Cluster":                                 "{name}",
	"aws:iam/instanceProfile:InstanceProfile":                 "{name}",
	"aws:iam/role:Role":                                       "{name}",
	"aws:iam/rolePolicy:RolePolicy":                           "{role}:{name}",
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":       "{role}-{policyArn}",
	"aws:kms/alias:Alias":                                     "{name}",
	"aws:rds/instance:Instance":                               "{identifier}",
	"aws:rds/parameterGroup:ParameterGroup":                   "{name}",
	"aws:rds/subnetGroup:SubnetGroup":                         "{name}",
	"aws:s3/bucketObjectv2:BucketObjectv2":                    "{key}",
	"aws:s3/bucketV2:BucketV2":                                "{bucket}",
	"aws:sns/topicPolicy:TopicPolicy":                         "{arn}",
	"aws:ssm/parameter:Parameter":                             "{name}",
	"kubernetes:batch/v1:Job":                                 "{metadata.namespace}/{metadata.name}",
	"kubernetes:core/v1:ConfigMap":                            "{metadata.namespace}/{metadata.name}",
	"kubernetes:core/v1:Namespace":                            "{metadata.name}",
	"kubernetes:core/v1:Secret":                               "{metadata.namespace}/{metadata.name}",
	"kubernetes:core/v1:Service":                              "{metadata.namespace}/{metadata.name}",
	"kubernetes:core/v1:ServiceAccount":                       "{metadata.namespace}/{metadata.name}",
	"kubernetes:helm.sh/v3:Release":                           "{namespace}/{name}",
	"kubernetes:storage.k8s.io/v1:StorageClass":               "{metadata.name}",
}

// atlasIDs are the keys of Atlas's ids that are inputs: `key:value` pairs in base64, joined with hyphens, sorted by key.
// The provider reads by these alone; what else an id holds, it finds.
var atlasIDs = map[string]map[string]string{
	"mongodbatlas:index/advancedCluster:AdvancedCluster":         {"cluster_name": "name", "project_id": "projectId"},
	"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule": {"cluster_name": "clusterName", "project_id": "projectId"},
	"mongodbatlas:index/databaseUser:DatabaseUser": {
		"auth_database_name": "authDatabaseName", "project_id": "projectId", "username": "username",
	},
}

var placeholder = regexp.MustCompile(`\{([\w.]+)\}`)

// idOf makes the id of a resource from its inputs, or returns "" where that cannot be told.
func idOf(typ string, inputs map[string]any) string {
	switch {
	case strings.HasPrefix(typ, "aws:s3/bucket") && ids[typ] == "":
		return text(inputs, "bucket") // a setting of a bucket
	case typ == "aws:ec2/route:Route":
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
