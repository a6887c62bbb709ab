package imports

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// idForms say how the id that `pulumi import` takes is made of a resource's properties, inputs in nearly all cases. Source: the
// import section of each resource's documentation; a test holds each form to the example there.
var idForms = map[string]string{
	catalog.CloudWatchDashboard:              "{dashboardName}",
	catalog.CloudWatchEventTarget:            "{rule}/{targetId}",
	catalog.CloudWatchMetricAlarm:            "{name}",
	catalog.EC2Route:                         "{routeTableId}_{destinationCidrBlock}",
	catalog.EC2RouteTableAssociation:         "{subnetId}/{routeTableId}",
	catalog.ECRLifecyclePolicy:               "{repository}",
	catalog.ECRPullThroughCacheRule:          "{ecrRepositoryPrefix}",
	catalog.ECRRepository:                    "{name}",
	catalog.EKSAccessEntry:                   "{clusterName}:{principalArn}",
	catalog.EKSAccessPolicyAssociation:       "{clusterName}#{principalArn}#{policyArn}",
	catalog.EKSAddon:                         "{clusterName}:{addonName}",
	catalog.EKSCluster:                       "{name}",
	catalog.IAMRolePolicyAttachment:          "{role}/{policyArn}",
	catalog.RDSInstance:                      "{identifier}",
	catalog.S3BucketLifecycleConfigurationV2: "{bucket}",
	catalog.S3BucketObjectv2:                 "{bucket}/{key}",
	catalog.S3BucketOwnershipControls:        "{bucket}",
	catalog.S3BucketPolicy:                   "{bucket}",
	catalog.S3BucketPublicAccessBlock:        "{bucket}",

	catalog.S3BucketServerSideEncryptionConfigurationV2: "{bucket}",

	catalog.S3BucketVersioningV2: "{bucket}",
	catalog.SNSTopicPolicy:       "{arn}",

	catalog.AtlasAdvancedCluster:     "{projectId}-{name}",
	catalog.AtlasCloudBackupSchedule: "{projectId}-{clusterName}",
	catalog.AtlasDatabaseUser:        "{projectId}/{username}/{authDatabaseName}",
	// Of the properties, one is the link's own id: the listing has to say it.
	catalog.AtlasPrivateLinkEndpoint: "{projectId}-{privateLinkId}-{providerName}-{region}",
	catalog.AtlasPrivateLinkEndpointService: "{projectId}--{privateLinkId}--{endpointServiceId}--" +
		"{providerName}",

	catalog.KubernetesNamespace: "{metadata.name}",
	catalog.KubernetesConfigMap: "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesSecret:    "{metadata.namespace}/{metadata.name}",
	catalog.KubernetesJob:       "{metadata.namespace}/{metadata.name}",
	catalog.HelmRelease:         "{namespace}/{name}",
}

// notImportable are the types that their provider cannot import, with what becomes of them: the next `up` makes them.
var notImportable = map[string]string{
	catalog.AutoScalingAttachment: "the provider cannot import it; up attaches the group once more, which changes nothing",
}

const securityGroupRuleType = catalog.EC2SecurityGroupRule

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
