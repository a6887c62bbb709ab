package aws

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// addons are the add-ons of a cluster.
var addons = provider.Code{
	catalog.EKSAddon: {
		Check: clusterExists, Gone: addonGone,
		Outputs: func(r *provider.Request) map[string]any {
			if _, given := r.Inputs["configurationValues"]; given {
				return nil
			}
			return map[string]any{"configurationValues": ""}
		},
		Values: []provider.Value{
			oneOf("resolveConflictsOnCreate", "NONE OVERWRITE"), oneOf("resolveConflictsOnUpdate", "NONE OVERWRITE PRESERVE"),
		},
		Rules: []provider.Rule{
			{Code: "InvalidParameterException", Source: "docs/facts.md §5, schema of the vpc-cni add-on", Fails: addonConfiguration},
			{Code: "InvalidParameterException", Source: eksAPI, Fails: addonVersion},
			{
				Code: "waiting for EKS Add-On", Source: issue("pulumi/pulumi-eks", 1819), OnCreate: true, Takes: addonPatience,
				Fails: corednsReady,
			},
			{
				Code: "waiting for EKS Add-On", Source: pullSource, OnCreate: true, Takes: addonPatience, Fails: addonImages,
			},
			{
				Code: "rehearsal", Source: "docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html", OnCreate: true,
				Fails: nodesBeforeCustomNetworking,
			},
		},
	},
}

// addonPatience is how long the provider waits for an add-on to become active.
const addonPatience = 20 * time.Minute

// addonKeys are the keys that an add-on's own schema allows at the top; what is not here is not checked.
var addonKeys = map[string][]string{
	"vpc-cni": strings.Fields(`
		affinity baseline eniConfig enableNetworkPolicy enableWindowsIpam enableWindowsPrefixDelegation env extraEnv
		fullnameOverride init livenessProbe livenessProbeTimeoutSeconds maxUnavailable nameOverride nodeAgent nodeSelector
		original podAnnotations podLabels podSecurityContext priorityClassName readinessProbe readinessProbeTimeoutSeconds
		resources securityContext serviceAccount terminationGracePeriodSeconds tolerations updateStrategy
		warmWindowsIPTarget`),
	"coredns": strings.Fields(`
		affinity autoScaling computeType corefile nodeSelector podAnnotations podDisruptionBudget podLabels replicaCount
		resources tolerations topologySpreadConstraints`),
	"kube-proxy": strings.Fields(`
		ipvs mode nodeSelector podAnnotations podLabels resources tolerations`),
}

func addonConfiguration(r *provider.Request) string {
	given := r.Str("configurationValues")
	if given == "" {
		return ""
	}
	values := map[string]any{}
	if err := json.Unmarshal([]byte(given), &values); err != nil {
		return "ConfigurationValue is not in valid JSON or YAML format: " + err.Error()
	}
	const unsupported = "ConfigurationValue provided in request is not supported: Json schema validation failed with error: [$.%s: %s]"
	known := addonKeys[r.Str("addonName")]
	for key := range values {
		if known != nil && !slices.Contains(known, key) {
			return fmt.Sprintf(unsupported, key, "is not defined in the schema and the schema does not allow additional properties")
		}
	}
	env, _ := values["env"].(map[string]any)
	for key, v := range env {
		if _, ok := v.(string); !ok && r.Str("addonName") == "vpc-cni" {
			return fmt.Sprintf(unsupported, "env."+key, "must be a string")
		}
	}
	return ""
}

var addonVersionPattern = regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`)

func addonVersion(r *provider.Request) string {
	if v := r.Str("addonVersion"); v != "" && !addonVersionPattern.MatchString(v) {
		return "Addon version specified is not supported"
	}
	return ""
}

// corednsReady: CoreDNS needs a node to run on; without one the add-on stays degraded until the provider gives up.
func corednsReady(r *provider.Request) string {
	cluster := r.Str("clusterName")
	if r.Str("addonName") != "coredns" || len(nodes(r, cluster)) > 0 {
		return ""
	}
	return fmt.Sprintf("(%s:coredns) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
		cluster)
}

func customNetworking(inputs map[string]any) bool {
	settings, ok := cniSettingsOf(inputs)
	return ok && text(inputs, "addonName") == "vpc-cni" && settings.Env["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] == "true"
}

// nodesBeforeCustomNetworking is the rehearsal's own refusal: AWS accepts it, and the nodes never use the pod network.
func nodesBeforeCustomNetworking(r *provider.Request) string {
	if !customNetworking(r.Inputs) {
		return ""
	}
	for _, g := range nodes(r, r.Str("clusterName")) {
		return fmt.Sprintf("node group %s registered before custom networking of cluster %s was on, and will not use the pod network: "+
			"only nodes registered afterwards do (EKS user guide, custom networking)", g.ID, r.Str("clusterName"))
	}
	return ""
}

// addonGone is what pods of an add-on do that end after it.
func addonGone(r *provider.Request) {
	podInterfaces(r)
	agentWritesOn(r)
}

// agentWritesOn: where its role may make log groups, the agent of CloudWatch makes its own again.
func agentWritesOn(r *provider.Request) {
	group := r.Store.Get(catalog.CloudWatchLogGroup, "/aws/containerinsights/"+r.Str("clusterName")+"/performance")
	if r.Str("addonName") != "amazon-cloudwatch-observability" || group == nil {
		return
	}
	list, _ := r.Inputs["podIdentityAssociations"].([]any)
	for _, item := range list {
		association, _ := item.(map[string]any)
		role := path.Base(text(association, "roleArn"))
		if allowed(r, role, "logs:CreateLogGroup", fmt.Sprint(group.Outputs["arn"])) {
			r.Store.Hide(group, lateWriter, true)
		}
	}
}

// podInterfaces: where the VPC CNI goes while nodes still run, nobody is left to remove the interfaces of their pods
// (github.com/terraform-aws-modules/terraform-aws-eks/issues/2048). They hold on to subnet and security group.
func podInterfaces(r *provider.Request) {
	running := nodes(r, r.Str("clusterName"))
	if r.Str("addonName") != "vpc-cni" || r.Inputs["preserve"] == true || len(running) == 0 {
		return
	}
	left := map[string]any{"subnetId": "", "description": "aws-K8S-" + running[0].ID}
	if subnets := texts(running[0].Inputs["vpcZoneIdentifiers"]); len(subnets) > 0 {
		left["subnetId"] = subnets[0]
	}
	if settings, ok := cniSettingsOf(r.Inputs); ok {
		var zones []string
		for zone := range settings.EniConfig.Subnets {
			zones = append(zones, zone)
		}
		if slices.Sort(zones); len(zones) > 0 {
			first := settings.EniConfig.Subnets[zones[0]]
			left["subnetId"], left["securityGroups"] = first.ID, first.SecurityGroups
		}
	}
	r.Store.Leave(&provider.Resource{
		Package: r.Package, Type: catalog.EC2NetworkInterface, Name: "left by the VPC CNI", ID: "eni-" + r.Hex(17), Inputs: left,
	})
}
