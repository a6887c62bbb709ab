package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	balancerType = catalog.ELBLoadBalancer
	targetsType  = catalog.ELBTargetGroup
	listenerType = catalog.ELBListener
	gatewayType  = catalog.EC2InternetGateway
)

// deliveryRules are the rules of Elastic Load Balancing.
func deliveryRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		balancerType: {
			{Code: "DuplicateLoadBalancerName", Source: elbErrors, OnCreate: true, Fails: balancerTaken},
			{Code: "InvalidConfigurationRequest", Source: issue("robertdebock/terraform-aws-vault", 5), Fails: balancerOneAZone},
			{Code: "ValidationError", Source: issue("kasmtech/terraform", 5), Fails: balancerZones},
			{Code: "InvalidSubnet", Source: elbErrors, OnCreate: true, Fails: balancerGateway},
			{Code: "InvalidConfigurationRequest", Source: issue("kubernetes-sigs/aws-load-balancer-controller", 1956), Fails: balancerLogs},
		},
		catalog.CloudWatchLogGroup: {
			{
				Code: "AccessDeniedException", Fails: logKey,
				Source: "docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
			},
		},
		targetsType: {
			{Code: "DuplicateTargetGroupName", Source: elbErrors, OnCreate: true, Fails: targetsTaken},
			{Code: "ValidationError", Source: elbErrors, Fails: healthCheck},
		},
		listenerType: {
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
	}
}

func balancerTaken(r *provider.Request) string {
	if r.Store.Find(r.Type, func(o *provider.Resource) bool { return o.Inputs["name"] == r.Inputs["name"] }) != nil {
		return fmt.Sprintf("A load balancer with the same name '%s' exists, but with different settings", r.Str("name"))
	}
	return ""
}

func targetsTaken(r *provider.Request) string {
	if r.Store.Find(r.Type, func(o *provider.Resource) bool { return o.Inputs["name"] == r.Inputs["name"] }) != nil {
		return fmt.Sprintf("A target group with the same name '%s' exists, but with different settings", r.Str("name"))
	}
	return ""
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
		attached := func(o *provider.Resource) bool { return o.Inputs["vpcId"] == vpc }
		if vpc != "" && r.Store.Get(vpcType, vpc) != nil && r.Store.Find(gatewayType, attached) == nil {
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

// logKey: CloudWatch Logs encrypts with a key only where the key's own policy lets it.
func logKey(r *provider.Request) string {
	id := r.Str("kmsKeyId")
	key := r.Store.Find(catalog.KMSKey, func(o *provider.Resource) bool { return id != "" && (o.ID == id || o.Outputs["arn"] == id) })
	if key == nil {
		return ""
	}
	list, _ := statements(text(key.Inputs, "policy"))
	for _, s := range list {
		for _, p := range principals(s.Principal) {
			if s.Effect == "Allow" && strings.HasPrefix(p, "logs.") {
				return ""
			}
		}
	}
	return fmt.Sprintf("The specified KMS key does not exist or is not allowed to be used with Arn '%s'",
		arn(r, "logs", "log-group:"+r.Str("name")))
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
	if arn := r.Str("loadBalancerArn"); r.Store.Get(balancerType, arn) == nil {
		return fmt.Sprintf("Load balancer '%s' not found", arn)
	}
	return ""
}

func listenerTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["loadBalancerArn"] == r.Inputs["loadBalancerArn"] && o.Inputs["port"] == r.Inputs["port"]
	}
	if r.Store.Find(listenerType, same) != nil {
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
	balancer := r.Store.Get(balancerType, r.Str("loadBalancerArn"))
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
		group := r.Store.Get(targetsType, arn)
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
		for _, other := range r.Store.All(listenerType) {
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
		if r.Store.Get(targetsType, arn) == nil {
			return fmt.Sprintf("One or more target groups not found: %s", arn)
		}
	}
	return ""
}
