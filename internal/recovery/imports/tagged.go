package imports

import (
	"encoding/json"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// form says what an ARN is: the Pulumi type, and how the id that `pulumi import` takes is made of the ARN's parts.
type form struct {
	pattern *regexp.Regexp
	typ     string
	// id is the template of the id, name that of the physical name, property the input that holds the name.
	id, name, property string
}

// forms are the resources of a stack that the Resource Groups Tagging API knows. Source of the ids: the import section of
// each resource's documentation.
var forms = []form{
	ec2("vpc", catalog.EC2Vpc),
	ec2("subnet", catalog.EC2Subnet),
	ec2("security-group", groupType),
	ec2("route-table", catalog.EC2RouteTable),
	ec2("internet-gateway", catalog.EC2InternetGateway),
	ec2("natgateway", catalog.EC2NatGateway),
	ec2("elastic-ip", catalog.EC2Eip),
	ec2("volume", catalog.EBSVolume),
	ec2("vpc-endpoint", catalog.EC2VpcEndpoint),
	ec2("launch-template", catalog.EC2LaunchTemplate),
	ec2("instance", catalog.EC2Instance),
	ec2("vpc-flow-log", catalog.EC2FlowLog),
	named(`:rds:[^:]*:[^:]*:db:(.+)`, catalog.RDSInstance, "identifier"),
	named(`:rds:[^:]*:[^:]*:pg:(.+)`, catalog.RDSParameterGroup, "name"),
	named(`:rds:[^:]*:[^:]*:subgrp:(.+)`, catalog.RDSSubnetGroup, "name"),
	named(`:s3:::([^/]+)`, catalog.S3BucketV2, "bucket"),
	named(`:ecr:[^:]*:[^:]*:repository/(.+)`, catalog.ECRRepository, "name"),
	named(`:eks:[^:]*:[^:]*:cluster/([^/]+)`, catalog.EKSCluster, "name"),
	named(`:logs:[^:]*:[^:]*:log-group:([^:]+)(?::\*)?`, catalog.CloudWatchLogGroup, "name"),
	named(`:cloudwatch:[^:]*:[^:]*:alarm:(.+)`, catalog.CloudWatchMetricAlarm, "name"),
	named(`:events:[^:]*:[^:]*:rule/([^/]+)`, catalog.CloudWatchEventRule, "name"),
	named(`:iam::[^:]*:role/(?:.*/)?([^/]+)`, catalog.IAMRole, "name"),
	named(`:iam::[^:]*:instance-profile/(?:.*/)?([^/]+)`, catalog.IAMInstanceProfile, "name"),
	byARN(`:elasticloadbalancing:[^:]*:[^:]*:loadbalancer/app/([^/]+)/.+`, catalog.ELBLoadBalancer),
	byARN(`:elasticloadbalancing:[^:]*:[^:]*:targetgroup/([^/]+)/.+`, catalog.ELBTargetGroup),
	byARN(`:secretsmanager:[^:]*:[^:]*:secret:(.+)-\w{6}`, catalog.SecretsManagerSecret),
	byARN(`:sns:[^:]*:[^:]*:([^:]+)`, catalog.SNSTopic),
	{regexp.MustCompile(`^arn:[^:]+:eks:[^:]*:[^:]*:addon/([^/]+)/([^/]+)/.+$`), catalog.EKSAddon, "$1:$2", "$2", "addonName"},
	{regexp.MustCompile(`^arn:[^:]+:route53resolver:[^:]*:[^:]*:resolver-endpoint/(.+)$`),
		catalog.Route53ResolverEndpoint, "$1", "", ""},
	{
		regexp.MustCompile(`^arn:[^:]+:route53resolver:[^:]*:[^:]*:resolver-rule/(.+)$`),
		catalog.Route53ResolverRule,
		"$1",
		"",
		"",
	},
	{regexp.MustCompile(`^arn:[^:]+:kms:[^:]*:[^:]*:key/(.+)$`), catalog.KMSKey, "$1", "", ""},
	{regexp.MustCompile(`^arn:[^:]+:dlm:[^:]*:[^:]*:policy/(.+)$`), catalog.DLMLifecyclePolicy, "$1", "", ""},
	{regexp.MustCompile(`^arn:[^:]+:acm:.+$`), catalog.ACMCertificate, "$0", "", ""},
}

const (
	groupType        = catalog.EC2SecurityGroup
	defaultGroupType = catalog.EC2DefaultSecurityGroup
)

func ec2(kind, typ string) form {
	return form{regexp.MustCompile(`^arn:[^:]+:ec2:[^:]*:[^:]*:` + kind + `/(.+)$`), typ, "$1", "", ""}
}

// named have their name as id.
func named(pattern, typ, property string) form {
	return form{regexp.MustCompile("^arn:[^:]+" + pattern + "$"), typ, "$1", "$1", property}
}

// byARN have their ARN as id, and a property called name.
func byARN(pattern, typ string) form {
	return form{regexp.MustCompile("^arn:[^:]+" + pattern + "$"), typ, "$0", "$1", "name"}
}

// tagged reads what `aws resourcegroupstaggingapi get-resources` prints, which knows a resource's ARN and tags alone. What no
// form knows is left out, and counted.
func tagged(document []byte) (found []Found, unread int, err error) {
	var parsed struct {
		ResourceTagMappingList []struct {
			ResourceARN string
			Tags        []struct{ Key, Value string }
		}
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		return nil, 0, err
	}
	for _, r := range parsed.ResourceTagMappingList {
		tags := map[string]any{}
		for _, tag := range r.Tags {
			tags[tag.Key] = tag.Value
		}
		f, known := ofARN(r.ResourceARN, tags)
		if !known {
			unread++
			continue
		}
		found = append(found, f)
	}
	return found, unread, nil
}

func ofARN(arn string, tags map[string]any) (Found, bool) {
	for _, form := range forms {
		at := form.pattern.FindStringSubmatchIndex(arn)
		if at == nil {
			continue
		}
		expand := func(template string) string { return string(form.pattern.ExpandString(nil, template, arn, at)) }
		f := Found{Type: form.typ, ID: expand(form.id), Name: expand(form.name), Inputs: map[string]any{"tags": tags}}
		if form.property != "" {
			f.Inputs[form.property] = f.Name
		}
		return f, true
	}
	return Found{}, false
}
