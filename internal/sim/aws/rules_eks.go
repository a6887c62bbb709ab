package aws

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	clusterType   = catalog.EKSCluster
	addonType     = catalog.EKSAddon
	nodeGroupType = catalog.EKSNodeGroup
)

// addonPatience is how long the provider waits for an add-on to become active.
const addonPatience = 20 * time.Minute

// eksRules are the rules of EKS.
func eksRules() map[string][]provider.Rule {
	return map[string][]provider.Rule{
		clusterType: {
			{Code: "InvalidParameterException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2607), Fails: kubernetesStep},
			{Code: "InvalidParameterException", Source: issue("terraform-aws-modules/terraform-aws-eks", 3164), Fails: kubernetesVersion},
			{Code: "InvalidParameterException", Source: issue("rancher/rancher", 24380), OnCreate: true, Fails: clusterZones},
			{Code: "InvalidParameterException", Source: eksAPI, Fails: endpointReachable},
			{Code: "InvalidParameterException", Source: eksAPI, OnCreate: true, Fails: serviceRange},
		},
		addonType: {
			{Code: "InvalidParameterException", Source: "docs/facts.md §5, schema of the vpc-cni add-on", Fails: addonConfiguration},
			{Code: "InvalidParameterException", Source: eksAPI, Fails: addonVersion},
			{
				Code:     "waiting for EKS Add-On",
				Source:   issue("pulumi/pulumi-eks", 1819),
				OnCreate: true,
				Takes:    addonPatience,
				Fails:    corednsReady,
			},
			{
				Code: "rehearsal", Source: "docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html", OnCreate: true,
				Fails: nodesBeforeCustomNetworking,
			},
		},
		nodeGroupType: {
			{Code: "InvalidRequestException", Source: eksLT, Fails: templateForNodes},
			{Code: "InvalidParameterException", Source: eksLT, Fails: nodeGroupFields},
			{
				Code: "NodeCreationFailure", Source: issue("terraform-aws-modules/terraform-aws-eks", 1972), OnCreate: true,
				Takes: 33 * time.Minute, Fails: nodesWithoutNetwork,
			},
		},
		catalog.EKSAccessEntry: {{Code: "InvalidRequestException", Source: eksAPI, OnCreate: true, Fails: accessMode}},
		catalog.EKSAccessPolicyAssociation: {
			{
				Code:   "InvalidParameterException",
				Source: "docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
				Fails:  policyKnown,
			},
		},
	}
}

func kubernetesVersion(r *provider.Request) string {
	version := r.Str("version")
	if version == "" || version == r.Old["version"] || versions.EKS.Check(version, r.Server.Date()) == nil {
		return ""
	}
	return "unsupported Kubernetes version " + version
}

func clusterZones(r *provider.Request) string {
	zones, known := zonesOf(r, texts(at(r.Inputs, "vpcConfig", "subnetIds")))
	if known && distinct(zones) < 2 {
		return "Subnets specified must be in at least two different AZs"
	}
	return ""
}

func endpointReachable(r *provider.Request) string {
	if at(r.Inputs, "vpcConfig", "endpointPublicAccess") == false && at(r.Inputs, "vpcConfig", "endpointPrivateAccess") != true {
		return "Private and public endpoint access cannot be false"
	}
	for _, cidr := range texts(at(r.Inputs, "vpcConfig", "publicAccessCidrs")) {
		if p, err := netip.ParsePrefix(cidr); err == nil && p.Addr().IsPrivate() {
			return fmt.Sprintf("The following CIDRs are not allowed in publicAccessCidrs: [%s]", cidr)
		}
	}
	return ""
}

// serviceRange: private, /12 to /24, and apart from the VPC's own range.
func serviceRange(r *provider.Request) string {
	p, err := netip.ParsePrefix(text(r.Inputs, "kubernetesNetworkConfig", "serviceIpv4Cidr"))
	if err != nil {
		return ""
	}
	if !p.Addr().IsPrivate() || p.Bits() < 12 || p.Bits() > 24 {
		return fmt.Sprintf(
			"serviceIpv4Cidr %s is invalid: it must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, between /24 and /12",
			p,
		)
	}
	for _, id := range texts(at(r.Inputs, "vpcConfig", "subnetIds")) {
		vpc := r.Store.Get(vpcType, vpcOf(r, id))
		if vpc == nil {
			continue
		}
		if own, err := netip.ParsePrefix(text(vpc.Inputs, "cidrBlock")); err == nil && own.Overlaps(p) {
			return fmt.Sprintf("serviceIpv4Cidr %s overlaps with the VPC CIDR %s", p, own)
		}
	}
	return ""
}

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

// nodes are the groups of nodes of a cluster: managed ones, and Auto Scaling groups with the cluster's tag.
func nodes(r *provider.Request, cluster string) []*provider.Resource {
	var found []*provider.Resource
	for _, g := range r.Store.All(nodeGroupType) {
		if g.Inputs["clusterName"] == cluster {
			found = append(found, g)
		}
	}
	for _, g := range r.Store.All(scalingType) {
		size, _ := g.Inputs["maxSize"].(float64)
		for _, tag := range objects(g.Inputs["tags"]) {
			if tag["key"] == "kubernetes.io/cluster/"+cluster && size > 0 {
				found = append(found, g)
			}
		}
	}
	return found
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
	var values struct{ Env map[string]string }
	return text(inputs, "addonName") == "vpc-cni" && json.Unmarshal([]byte(text(inputs, "configurationValues")), &values) == nil &&
		values.Env["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] == "true"
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

// nodesWithoutNetwork: without the CNI no node becomes ready, where the cluster does not bring its own.
func nodesWithoutNetwork(r *provider.Request) string {
	cluster := r.Store.Get(clusterType, r.Str("clusterName"))
	if cluster == nil || cluster.Inputs["bootstrapSelfManagedAddons"] != false ||
		r.Store.Get(addonType, cluster.ID+":vpc-cni") != nil {
		return ""
	}
	return "Unhealthy nodes in the kubernetes cluster (container runtime network not ready: no CNI plugin)"
}

// templateForNodes: what a managed node group refuses in its launch template (docs/facts.md §4).
func templateForNodes(r *provider.Request) string {
	var template *provider.Resource
	if id := text(r.Inputs, "launchTemplate", "id"); id != "" {
		template = r.Store.Get(templateType, id)
	}
	if template == nil {
		return ""
	}
	for _, i := range objects(template.Inputs["networkInterfaces"]) {
		if i["subnetId"] != nil {
			return "Launch template should not specify subnet. The subnets in your request will be used."
		}
	}
	if text(template.Inputs, "imageId") != "" {
		switch amiType := r.Str("amiType"); {
		case amiType != "" && amiType != "CUSTOM":
			return "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch template."
		case r.Str("version") != "":
			return "You cannot specify a kubernetes version to use when specifying an image id to use within the launch template."
		}
	}
	if template.Inputs["iamInstanceProfile"] != nil {
		return "Launch template should not specify an instance profile. " +
			"The noderole in your request will be used to construct an instance profile."
	}
	return ""
}

func nodeGroupFields(r *provider.Request) string {
	if r.Inputs["launchTemplate"] == nil {
		return ""
	}
	for _, field := range []struct{ property, text string }{
		{"diskSize", "Disk size must be specified within the launch template."},
		{"remoteAccess", "Remote access configuration cannot be specified with a launch template."},
	} {
		if r.Inputs[field.property] != nil {
			return field.text
		}
	}
	return ""
}

func accessMode(r *provider.Request) string {
	cluster := r.Store.Get(clusterType, r.Str("clusterName"))
	mode := "CONFIG_MAP"
	if cluster != nil && text(cluster.Inputs, "accessConfig", "authenticationMode") != "" {
		mode = text(cluster.Inputs, "accessConfig", "authenticationMode")
	}
	if mode == "CONFIG_MAP" {
		return "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
	}
	return ""
}

var accessPolicy = regexp.MustCompile(`^arn:aws[a-z-]*:eks::aws:cluster-access-policy/AmazonEKS\w+Policy$`)

func policyKnown(r *provider.Request) string {
	if !accessPolicy.MatchString(r.Str("policyArn")) {
		return "The policyArn parameter format is not valid"
	}
	if text(r.Inputs, "accessScope", "type") == "cluster" && len(texts(at(r.Inputs, "accessScope", "namespaces"))) > 0 {
		return "The namespaces parameter is not allowed with an access scope of type cluster"
	}
	return ""
}
