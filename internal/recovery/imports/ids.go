package imports

import (
	"fmt"
	"regexp"
	"strings"
)

// idForms say how the id that `pulumi import` takes is made of a resource's properties, inputs in nearly all cases. Source: the
// import section of each resource's documentation; a test holds each form to the example there.
var idForms = map[string]string{
	"aws:cloudwatch/dashboard:Dashboard":                                   "{dashboardName}",
	"aws:cloudwatch/eventTarget:EventTarget":                               "{rule}/{targetId}",
	"aws:cloudwatch/metricAlarm:MetricAlarm":                               "{name}",
	"aws:ec2/route:Route":                                                  "{routeTableId}_{destinationCidrBlock}",
	"aws:ec2/routeTableAssociation:RouteTableAssociation":                  "{subnetId}/{routeTableId}",
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":                              "{repository}",
	"aws:ecr/pullThroughCacheRule:PullThroughCacheRule":                    "{ecrRepositoryPrefix}",
	"aws:ecr/repository:Repository":                                        "{name}",
	"aws:eks/accessEntry:AccessEntry":                                      "{clusterName}:{principalArn}",
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation":              "{clusterName}#{principalArn}#{policyArn}",
	"aws:eks/addon:Addon":                                                  "{clusterName}:{addonName}",
	"aws:eks/cluster:Cluster":                                              "{name}",
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":                    "{role}/{policyArn}",
	"aws:rds/instance:Instance":                                            "{identifier}",
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": "{bucket}",
	"aws:s3/bucketObjectv2:BucketObjectv2":                                 "{bucket}/{key}",
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               "{bucket}",
	"aws:s3/bucketPolicy:BucketPolicy":                                     "{bucket}",
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               "{bucket}",

	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": "{bucket}",

	"aws:s3/bucketVersioningV2:BucketVersioningV2": "{bucket}",
	"aws:sns/topicPolicy:TopicPolicy":              "{arn}",

	"mongodbatlas:index/advancedCluster:AdvancedCluster":         "{projectId}-{name}",
	"mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule": "{projectId}-{clusterName}",
	"mongodbatlas:index/databaseUser:DatabaseUser":               "{projectId}/{username}/{authDatabaseName}",
	// Of the properties, one is the link's own id: the listing has to say it.
	"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": "{projectId}-{privateLinkId}-{providerName}-{region}",
	"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService": "{projectId}--{privateLinkId}--{endpointServiceId}--" +
		"{providerName}",

	"kubernetes:core/v1:Namespace":  "{metadata.name}",
	"kubernetes:core/v1:ConfigMap":  "{metadata.namespace}/{metadata.name}",
	"kubernetes:core/v1:Secret":     "{metadata.namespace}/{metadata.name}",
	"kubernetes:batch/v1:Job":       "{metadata.namespace}/{metadata.name}",
	"kubernetes:helm.sh/v3:Release": "{namespace}/{name}",
}

// notImportable are the types that their provider cannot import, with what becomes of them: the next `up` makes them.
var notImportable = map[string]string{
	"aws:autoscaling/attachment:Attachment": "the provider cannot import it; up attaches the group once more, which changes nothing",
}

const securityGroupRuleType = "aws:ec2/securityGroupRule:SecurityGroupRule"

var placeholderPattern = regexp.MustCompile(`\{([A-Za-z.]+)\}`)

// ID makes the id that `pulumi import` takes of a resource's properties. It reports false for types whose id is another thing,
// and where a property that it takes is not known.
func ID(typ string, properties map[string]any) (string, bool) {
	if typ == securityGroupRuleType {
		return securityGroupRuleID(properties)
	}
	form, ok := idForms[typ]
	id := placeholderPattern.ReplaceAllStringFunc(form, func(field string) string {
		value, _ := lookUp(properties, strings.Trim(field, "{}")).(string)
		ok = ok && value != ""
		return value
	})
	return id, ok
}

// Importable reports whether a type's provider can import it.
func Importable(typ string) bool {
	_, not := notImportable[typ]
	return !not
}

// HasForm reports whether the id of a type is made of its properties.
func HasForm(typ string) bool {
	_, has := idForms[typ]
	return has || typ == securityGroupRuleType
}

func lookUp(inputs map[string]any, path string) any {
	first, rest, nested := strings.Cut(path, ".")
	if !nested {
		return inputs[first]
	}
	inner, _ := inputs[first].(map[string]any)
	return lookUp(inner, rest)
}

// securityGroupRuleID joins group, type, protocol, ports and sources, as the rules of pulumi-eks have them.
func securityGroupRuleID(inputs map[string]any) (string, bool) {
	group, _ := inputs["securityGroupId"].(string)
	kind, _ := inputs["type"].(string)
	protocol, _ := inputs["protocol"].(string)
	from, hasFrom := inputs["fromPort"].(float64)
	to, hasTo := inputs["toPort"].(float64)
	if protocol == "-1" {
		protocol = "all"
	}
	var sources []string
	if inputs["self"] == true {
		sources = append(sources, "self")
	}
	blocks, _ := inputs["cidrBlocks"].([]any)
	for _, block := range blocks {
		sources = append(sources, fmt.Sprint(block))
	}
	if source, _ := inputs["sourceSecurityGroupId"].(string); source != "" {
		sources = append(sources, source)
	}
	if group == "" || kind == "" || protocol == "" || !hasFrom || !hasTo || len(sources) == 0 {
		return "", false
	}
	return fmt.Sprintf("%s_%s_%s_%v_%v_%s", group, kind, protocol, from, to, strings.Join(sources, "_")), true
}
