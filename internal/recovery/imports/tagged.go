package imports

import (
	"encoding/json"
	"regexp"
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
	ec2("vpc", "aws:ec2/vpc:Vpc"),
	ec2("subnet", "aws:ec2/subnet:Subnet"),
	ec2("security-group", groupType),
	ec2("route-table", "aws:ec2/routeTable:RouteTable"),
	ec2("internet-gateway", "aws:ec2/internetGateway:InternetGateway"),
	ec2("natgateway", "aws:ec2/natGateway:NatGateway"),
	ec2("elastic-ip", "aws:ec2/eip:Eip"),
	ec2("volume", "aws:ebs/volume:Volume"),
	ec2("vpc-endpoint", "aws:ec2/vpcEndpoint:VpcEndpoint"),
	ec2("launch-template", "aws:ec2/launchTemplate:LaunchTemplate"),
	ec2("instance", "aws:ec2/instance:Instance"),
	ec2("vpc-flow-log", "aws:ec2/flowLog:FlowLog"),
	named(`:rds:[^:]*:[^:]*:db:(.+)`, "aws:rds/instance:Instance", "identifier"),
	named(`:rds:[^:]*:[^:]*:pg:(.+)`, "aws:rds/parameterGroup:ParameterGroup", "name"),
	named(`:rds:[^:]*:[^:]*:subgrp:(.+)`, "aws:rds/subnetGroup:SubnetGroup", "name"),
	named(`:s3:::([^/]+)`, "aws:s3/bucketV2:BucketV2", "bucket"),
	named(`:ecr:[^:]*:[^:]*:repository/(.+)`, "aws:ecr/repository:Repository", "name"),
	named(`:eks:[^:]*:[^:]*:cluster/([^/]+)`, "aws:eks/cluster:Cluster", "name"),
	named(`:logs:[^:]*:[^:]*:log-group:([^:]+)(?::\*)?`, "aws:cloudwatch/logGroup:LogGroup", "name"),
	named(`:cloudwatch:[^:]*:[^:]*:alarm:(.+)`, "aws:cloudwatch/metricAlarm:MetricAlarm", "name"),
	named(`:events:[^:]*:[^:]*:rule/([^/]+)`, "aws:cloudwatch/eventRule:EventRule", "name"),
	named(`:iam::[^:]*:role/(?:.*/)?([^/]+)`, "aws:iam/role:Role", "name"),
	named(`:iam::[^:]*:instance-profile/(?:.*/)?([^/]+)`, "aws:iam/instanceProfile:InstanceProfile", "name"),
	byARN(`:elasticloadbalancing:[^:]*:[^:]*:loadbalancer/app/([^/]+)/.+`, "aws:lb/loadBalancer:LoadBalancer"),
	byARN(`:elasticloadbalancing:[^:]*:[^:]*:targetgroup/([^/]+)/.+`, "aws:lb/targetGroup:TargetGroup"),
	byARN(`:secretsmanager:[^:]*:[^:]*:secret:(.+)-\w{6}`, "aws:secretsmanager/secret:Secret"),
	byARN(`:sns:[^:]*:[^:]*:([^:]+)`, "aws:sns/topic:Topic"),
	{regexp.MustCompile(`^arn:[^:]+:eks:[^:]*:[^:]*:addon/([^/]+)/([^/]+)/.+$`), "aws:eks/addon:Addon", "$1:$2", "$2", "addonName"},
	{regexp.MustCompile(`^arn:[^:]+:route53resolver:[^:]*:[^:]*:resolver-endpoint/(.+)$`),
		"aws:route53/resolverEndpoint:ResolverEndpoint", "$1", "", ""},
	{
		regexp.MustCompile(`^arn:[^:]+:route53resolver:[^:]*:[^:]*:resolver-rule/(.+)$`),
		"aws:route53/resolverRule:ResolverRule",
		"$1",
		"",
		"",
	},
	{regexp.MustCompile(`^arn:[^:]+:kms:[^:]*:[^:]*:key/(.+)$`), "aws:kms/key:Key", "$1", "", ""},
	{regexp.MustCompile(`^arn:[^:]+:dlm:[^:]*:[^:]*:policy/(.+)$`), "aws:dlm/lifecyclePolicy:LifecyclePolicy", "$1", "", ""},
	{regexp.MustCompile(`^arn:[^:]+:acm:.+$`), "aws:acm/certificate:Certificate", "$0", "", ""},
}

const (
	groupType        = "aws:ec2/securityGroup:SecurityGroup"
	defaultGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
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
