package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// balancing are load balancers, their listeners and targets.
var balancing = provider.Code{
	catalog.ELBLoadBalancer: {
		Outputs: balancerOutputs,
		Values: append(
			slices.Clone(balancerName),
			oneOf(
				"loadBalancerType",
				"application gateway network",
			),
			oneOf("ipAddressType", "ipv4 dualstack dualstack-without-public-ipv4"),
			provider.Value{Property: "idleTimeout", Min: 1, Max: 4000, Source: elbErrors},
			oneOf("desyncMitigationMode", "monitor defensive strictest"),
		),
		Rules: []provider.Rule{
			interfaceGroups("securityGroups"), sameNetwork("securityGroups", "subnets"),
			{Code: "DuplicateLoadBalancerName", Source: elbErrors, OnCreate: true, Fails: nameTaken("load balancer")},
			{Code: "InvalidConfigurationRequest", Source: issue("robertdebock/terraform-aws-vault", 5), Fails: balancerOneAZone},
			{Code: "ValidationError", Source: issue("kasmtech/terraform", 5), Fails: balancerZones},
			{Code: "InvalidSubnet", Source: elbErrors, OnCreate: true, Fails: balancerGateway},
			{Code: "InvalidConfigurationRequest", Source: issue("kubernetes-sigs/aws-load-balancer-controller", 1956), Fails: balancerLogs},
		},
	},
	catalog.ELBTargetGroup: {
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"arnSuffix": suffix(r.ID, "targetgroup/")}
		},
		Values: append(slices.Clone(balancerName), []provider.Value{
			oneOf("protocol", "GENEVE HTTP HTTPS TCP TCP_UDP TLS UDP"), oneOf("targetType", "instance ip lambda alb"),
			{Property: "port", Min: 1, Max: 65535, Source: tfAWS}, {Property: "deregistrationDelay", Min: 0, Max: 3600, Source: tfAWS},
			{Property: "healthCheck.interval", Min: 5, Max: 300, Source: tfAWS},
			{Property: "healthCheck.timeout", Min: 2, Max: 120, Source: tfAWS},
			{Property: "healthCheck.healthyThreshold", Min: 2, Max: 10, Source: tfAWS},
			{Property: "healthCheck.unhealthyThreshold", Min: 2, Max: 10, Source: tfAWS},
			oneOf("healthCheck.protocol", "HTTP HTTPS TCP"),
		}...),
		Rules: []provider.Rule{
			{Code: "DuplicateTargetGroupName", Source: elbErrors, OnCreate: true, Fails: nameTaken("target group")},
			{Code: "ValidationError", Source: elbErrors, Fails: healthCheck},
		},
	},
	catalog.ELBListener: {
		ID: func(r *provider.Request) string {
			return strings.Replace(r.Str("loadBalancerArn"), ":loadbalancer/", ":listener/", 1) + "/" + r.Hex(16)
		},
		Values: []provider.Value{
			oneOf("protocol", "GENEVE HTTP HTTPS TCP TCP_UDP TLS UDP"), {Property: "port", Min: 1, Max: 65535, Source: tfAWS},
			oneOf("defaultActions.[].type", "forward redirect fixed-response authenticate-cognito authenticate-oidc"),
		},
		Rules: []provider.Rule{
			{Code: "LoadBalancerNotFound", Source: elbErrors, OnCreate: true, Fails: listenerBalancer},
			{Code: "DuplicateListener", Source: elbErrors, OnCreate: true, Fails: listenerTaken},
			{Code: "ValidationError", Source: issue("pulumi/pulumi-awsx", 1242), Fails: listenerCertificate},
			{Code: "ValidationError", Source: issue("aws/aws-cdk", 34232), Fails: listenerPlain},
			{Code: "CertificateNotFound", Source: issue("hashicorp/terraform-provider-aws", 17505), Fails: certificateExists},
			{Code: "SSLPolicyNotFound", Source: elbErrors, Fails: sslPolicy},
			{Code: "ValidationError", Source: issue("hashicorp/terraform-provider-aws", 6173), Fails: listenerProtocol},
			{Code: "IncompatibleProtocols", Source: issue("hashicorp/terraform-provider-aws", 4955), Fails: protocolsApart},
			{Code: "TargetGroupAssociationLimit", Source: elbErrors, Fails: targetsElsewhere},
			{Code: "TargetGroupNotFound", Source: elbErrors, Fails: targetsExist},
		},
	},
}

func balancerOutputs(r *provider.Request) map[string]any {
	if at(r.Inputs, "accessLogs", "enabled") == true {
		logTest(r, text(r.Inputs, "accessLogs", "bucket"))
	}
	prefix := ""
	if r.Inputs["internal"] == true {
		prefix = "internal-"
	}
	return map[string]any{
		"arnSuffix": suffix(r.ID, "app/"),
		"dnsName": r.Kept("dnsName", func() any {
			number := 1000000000 + r.Store.Serial()
			return fmt.Sprintf("%s%s-%d.%s.elb.%s", prefix, r.Str("name"), number, region(r), dnsSuffix(region(r)))
		}),
	}
}

// suffix is the part of an ARN that begins with a marker.
func suffix(arn, marker string) string {
	_, after, _ := strings.Cut(arn, marker)
	return marker + after
}

var balancerName = []provider.Value{
	{Property: "name", Min: 0, Max: 32, Source: tfAWS},
	{
		Property: "name",
		Pattern:  regexp.MustCompile(`^[0-9A-Za-z-]*$`),
		Source:   tfAWS,
		Text:     "only alphanumeric characters and hyphens allowed",
	},
	{Property: "name", Pattern: regexp.MustCompile(`^-|-$|^internal-`), Not: true, Source: tfAWS,
		Text: "cannot begin or end with a hyphen, nor begin with 'internal-'"},
}

// nameTaken: no two of a type have one name.
func nameTaken(what string) func(*provider.Request) string {
	return func(r *provider.Request) string {
		if r.Store.Find(r.Type, func(o *provider.Resource) bool { return o.Inputs["name"] == r.Inputs["name"] }) != nil {
			return fmt.Sprintf("A %s with the same name '%s' exists, but with different settings", what, r.Str("name"))
		}
		return ""
	}
}

func balancerOneAZone(r *provider.Request) string {
	zones, known := zonesOf(r, texts(r.Inputs["subnets"]))
	if known && distinct(zones) < len(zones) {
		return "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
	}
	return ""
}

func balancerZones(r *provider.Request) string {
	application := r.Str("loadBalancerType") == "" || r.Str("loadBalancerType") == "application"
	if n := len(texts(r.Inputs["subnets"])) + len(objects(r.Inputs["subnetMappings"])); application && n < 2 {
		return "At least two subnets in two different Availability Zones must be specified"
	}
	return ""
}

func balancerGateway(r *provider.Request) string {
	if r.Inputs["internal"] == true {
		return ""
	}
	for _, subnet := range texts(r.Inputs["subnets"]) {
		vpc := vpcOf(r, subnet)
		if vpc != "" && r.Store.Get(catalog.EC2Vpc, vpc) != nil && !hasGateway(r, vpc) {
			return fmt.Sprintf("VPC %s has no internet gateway", vpc)
		}
	}
	return ""
}

func balancerLogs(r *provider.Request) string {
	bucket := text(r.Inputs, "accessLogs", "bucket")
	if at(r.Inputs, "accessLogs", "enabled") != true || r.Store.External(bucket) || logsPermitted(r, bucket) {
		return ""
	}
	return fmt.Sprintf("Access Denied for bucket: %s. Please check S3bucket permission", bucket)
}

func healthCheck(r *provider.Request) string {
	interval, hasInterval := at(r.Inputs, "healthCheck", "interval").(float64)
	timeout, hasTimeout := at(r.Inputs, "healthCheck", "timeout").(float64)
	if hasInterval && hasTimeout && interval <= timeout {
		return fmt.Sprintf(
			"Health check interval must be greater than the timeout. Health check interval: '%v', timeout: '%v'",
			interval,
			timeout,
		)
	}
	if typ := r.Str("targetType"); typ != "lambda" && (r.Str("protocol") == "" || r.Inputs["port"] == nil || r.Str("vpcId") == "") {
		return "A port, a protocol and a VPC must be specified for target type " + typ
	}
	return ""
}

func listenerBalancer(r *provider.Request) string {
	if arn := r.Str("loadBalancerArn"); r.Store.Get(catalog.ELBLoadBalancer, arn) == nil {
		return fmt.Sprintf("Load balancer '%s' not found", arn)
	}
	return ""
}

func listenerTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["loadBalancerArn"] == r.Inputs["loadBalancerArn"] && o.Inputs["port"] == r.Inputs["port"]
	}
	if r.Store.Find(catalog.ELBListener, same) != nil {
		return fmt.Sprintf("A listener already exists on this port for this load balancer '%s'", r.Str("loadBalancerArn"))
	}
	return ""
}

func encrypted(r *provider.Request) bool {
	return r.Str("protocol") == "HTTPS" || r.Str("protocol") == "TLS"
}

func listenerCertificate(r *provider.Request) string {
	if encrypted(r) && r.Str("certificateArn") == "" {
		return fmt.Sprintf("A certificate must be specified for %s listeners", r.Str("protocol"))
	}
	return ""
}

func listenerPlain(r *provider.Request) string {
	if r.Str("protocol") == "HTTP" && (r.Str("certificateArn") != "" || r.Str("sslPolicy") != "") {
		return "A certificate or an SSL policy cannot be specified for HTTP listeners"
	}
	return ""
}

// application protocols are those of an application load balancer; every other one belongs to a network load balancer.
func application(protocol string) bool { return protocol == "HTTP" || protocol == "HTTPS" }

func listenerProtocol(r *provider.Request) string {
	balancer := r.Store.Get(catalog.ELBLoadBalancer, r.Str("loadBalancerArn"))
	protocol := r.Str("protocol")
	if balancer == nil || protocol == "" {
		return ""
	}
	network := text(balancer.Inputs, "loadBalancerType") == "network"
	switch {
	case !network && !application(protocol):
		return fmt.Sprintf("Listener protocol '%s' must be one of 'HTTPS, HTTP'", protocol)
	case network && application(protocol):
		return fmt.Sprintf("Listener protocol '%s' must be one of 'TCP, TLS, UDP, TCP_UDP'", protocol)
	}
	return ""
}

func protocolsApart(r *provider.Request) string {
	for _, arn := range targets(r.Inputs) {
		group := r.Store.Get(catalog.ELBTargetGroup, arn)
		if group != nil && r.Str("protocol") != "" && application(text(group.Inputs, "protocol")) != application(r.Str("protocol")) {
			return fmt.Sprintf("The listener and its associated target group '%s' have incompatible protocols: '%s' and '%s'",
				arn, r.Str("protocol"), text(group.Inputs, "protocol"))
		}
	}
	return ""
}

func certificateExists(r *provider.Request) string {
	arn := r.Str("certificateArn")
	if arn == "" || r.Store.Exists(arn) {
		return ""
	}
	return fmt.Sprintf("Certificate '%s' not found", arn)
}

func sslPolicy(r *provider.Request) string {
	if p := r.Str("sslPolicy"); p != "" && !strings.HasPrefix(p, "ELBSecurityPolicy-") {
		return fmt.Sprintf("SSL policy '%s' not found", p)
	}
	return ""
}

// targets are the target groups that a listener forwards to.
func targets(inputs map[string]any) []string {
	var arns []string
	for _, action := range objects(inputs["defaultActions"]) {
		if arn := text(action, "targetGroupArn"); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

func targetsElsewhere(r *provider.Request) string {
	for _, arn := range targets(r.Inputs) {
		for _, other := range r.Store.All(catalog.ELBListener) {
			for _, used := range targets(other.Inputs) {
				if used == arn && other.Inputs["loadBalancerArn"] != r.Inputs["loadBalancerArn"] {
					return fmt.Sprintf("The following target groups cannot be associated with more than one load balancer: %s", arn)
				}
			}
		}
	}
	return ""
}

func targetsExist(r *provider.Request) string {
	for _, arn := range targets(r.Inputs) {
		if r.Store.Get(catalog.ELBTargetGroup, arn) == nil {
			return fmt.Sprintf("One or more target groups not found: %s", arn)
		}
	}
	return ""
}
