package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/infra/zones"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// eks are clusters and their nodes; add-ons, and who may enter, are in files of their own.
var eks = provider.Code{
	catalog.EKSCluster: {
		Outputs: clusterOutputs, Gone: forgetCreator,
		Values: []provider.Value{
			{Property: "name", Pattern: regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`), Source: eksAPI,
				Text: "must be between 1-100 characters in length. Must begin with an alphanumeric character, and must only contain " +
					"alphanumeric characters, dashes and underscores"},
			oneOf("enabledClusterLogTypes.[]", "api audit authenticator controllerManager scheduler"),
			oneOf("accessConfig.authenticationMode", "API API_AND_CONFIG_MAP CONFIG_MAP"), cidrOf("vpcConfig.publicAccessCidrs.[]"),
			oneOf("encryptionConfig.resources.[]", "secrets"), cidrOf("kubernetesNetworkConfig.serviceIpv4Cidr"),
		},
		Rules: []provider.Rule{
			{Code: "InvalidParameterException", Source: issue("terraform-aws-modules/terraform-aws-eks", 2607), Fails: kubernetesStep},
			{Code: "InvalidParameterException", Source: issue("terraform-aws-modules/terraform-aws-eks", 3164), Fails: kubernetesVersion},
			{Code: "InvalidParameterException", Source: issue("rancher/rancher", 24380), OnCreate: true, Fails: clusterZones},
			{
				Code: "UnsupportedAvailabilityZoneException", Source: issue("eksctl-io/eksctl", 817), OnCreate: true,
				Fails: zoneWithoutEKS,
			},
			{Code: "InvalidParameterException", Source: eksAPI, Fails: endpointReachable},
			{Code: "InvalidParameterException", Source: eksAPI, OnCreate: true, Fails: serviceRange},
		},
	},
	catalog.EKSNodeGroup: {
		Check: clusterExists, Outputs: nodeGroupOutputs,
		Values: []provider.Value{
			{Property: "nodeGroupName", Min: 0, Max: 63, Source: "EKS user guide, create-managed-node-group"},
			oneOf("capacityType", "ON_DEMAND SPOT CAPACITY_BLOCK"), oneOf("taints.[].effect", "NO_SCHEDULE NO_EXECUTE PREFER_NO_SCHEDULE"),
		},
		Rules: []provider.Rule{
			{Code: "InvalidRequestException", Source: eksLT, Fails: templateForNodes},
			{Code: "InvalidParameterException", Source: eksLT, Fails: nodeGroupFields},
			{
				Code: "NodeCreationFailure", Source: issue("terraform-aws-modules/terraform-aws-eks", 1972), OnCreate: true,
				Takes: 33 * time.Minute, Fails: nodesWithoutNetwork,
			},
		},
	},
	catalog.EKSPodIdentityAssociation: {Check: clusterExists},
}

func clusterOutputs(r *provider.Request) map[string]any {
	if r.Old == nil {
		admitCreator(r)
	}
	endpoint := r.Kept("endpoint", func() any {
		return fmt.Sprintf("https://%s.gr7.%s.eks.%s", strings.ToUpper(r.Hex(32)), region(r), dnsSuffix(region(r)))
	}).(string)
	own := strings.Split(strings.TrimPrefix(endpoint, "https://"), ".")[0]
	issuer := fmt.Sprintf("https://oidc.eks.%s.%s/id/%s", region(r), dnsSuffix(region(r)), own)
	vpc := map[string]any{}
	if given, ok := r.Inputs["vpcConfig"].(map[string]any); ok {
		for k, v := range given {
			vpc[k] = v
		}
	}
	vpc["clusterSecurityGroupId"], vpc["vpcId"] = "", ""
	if before, ok := r.Old["vpcConfig"].(map[string]any); ok {
		vpc["clusterSecurityGroupId"] = before["clusterSecurityGroupId"]
	} else {
		vpc["clusterSecurityGroupId"] = "sg-" + r.Hex(17)
	}
	network := map[string]any{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
	if given, ok := r.Inputs["kubernetesNetworkConfig"].(map[string]any); ok {
		for k, v := range given {
			network[k] = v
		}
	}
	return map[string]any{
		"endpoint": endpoint, "identities": []any{map[string]any{"oidcs": []any{map[string]any{"issuer": issuer}}}},
		"vpcConfig": vpc, "kubernetesNetworkConfig": network,
	}
}

func nodeGroupOutputs(r *provider.Request) map[string]any {
	return map[string]any{"resources": r.Kept("resources", func() any {
		name := "eks-" + r.Str("nodeGroupName") + "-" + r.UUID()
		return []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": name}}}}
	})}
}

func clusterExists(r *provider.Request) error {
	if r.Store.Get(catalog.EKSCluster, r.Str("clusterName")) == nil {
		return fmt.Errorf("ResourceNotFoundException: No cluster found for name: %s", r.Str("clusterName"))
	}
	return nil
}

func kubernetesVersion(r *provider.Request) string {
	version := r.Str("version")
	if version == "" || version == r.Old["version"] || versions.EKS.Check(version, r.Today) == nil {
		return ""
	}
	return "unsupported Kubernetes version " + version
}

// kubernetesStep: the control plane goes to the next minor version only, and not back.
func kubernetesStep(r *provider.Request) string {
	before, _ := r.Old["version"].(string)
	after := r.Str("version")
	_, from, known := numbers(before)
	_, to, valid := numbers(after)
	if before == after || !known || !valid || to == from+1 {
		return ""
	}
	return fmt.Sprintf("Unsupported Kubernetes minor version update from %s to %s", before, after)
}

func clusterZones(r *provider.Request) string {
	places, known := zonesOf(r, texts(at(r.Inputs, "vpcConfig", "subnetIds")))
	if known && distinct(places) < 2 {
		return "Subnets specified must be in at least two different AZs"
	}
	return ""
}

// zoneWithoutEKS: some zones take no control plane.
func zoneWithoutEKS(r *provider.Request) string {
	places, _ := zonesOf(r, texts(at(r.Inputs, "vpcConfig", "subnetIds")))
	for _, name := range places {
		if !(zones.Zone{Name: name, ID: zoneID(name)}).TakesControlPlane() {
			return fmt.Sprintf("Cannot create cluster '%s' because %s, the targeted availability zone, does not currently have "+
				"sufficient capacity to support the cluster.", r.Str("name"), name)
		}
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
		vpc := r.Store.Get(catalog.EC2Vpc, vpcOf(r, id))
		if vpc == nil {
			continue
		}
		if own, err := netip.ParsePrefix(text(vpc.Inputs, "cidrBlock")); err == nil && own.Overlaps(p) {
			return fmt.Sprintf("serviceIpv4Cidr %s overlaps with the VPC CIDR %s", p, own)
		}
	}
	return ""
}

// nodes are the groups of nodes of a cluster: managed ones, and Auto Scaling groups with the cluster's tag.
func nodes(r *provider.Request, cluster string) []*provider.Resource {
	var found []*provider.Resource
	for _, g := range r.Store.All(catalog.EKSNodeGroup) {
		if g.Inputs["clusterName"] == cluster {
			found = append(found, g)
		}
	}
	for _, g := range r.Store.All(catalog.AutoScalingGroup) {
		size, _ := g.Inputs["maxSize"].(float64)
		for _, tag := range objects(g.Inputs["tags"]) {
			if tag["key"] == "kubernetes.io/cluster/"+cluster && size > 0 {
				found = append(found, g)
			}
		}
	}
	return found
}

// nodesWithoutNetwork: without the CNI no node becomes ready, where the cluster does not bring its own.
func nodesWithoutNetwork(r *provider.Request) string {
	cluster := r.Store.Get(catalog.EKSCluster, r.Str("clusterName"))
	if cluster == nil || cluster.Inputs["bootstrapSelfManagedAddons"] != false ||
		r.Store.Get(catalog.EKSAddon, cluster.ID+":vpc-cni") != nil {
		return ""
	}
	return "Unhealthy nodes in the kubernetes cluster (container runtime network not ready: no CNI plugin)"
}

// templateForNodes: what a managed node group refuses in its launch template (docs/facts.md §4).
func templateForNodes(r *provider.Request) string {
	template := templateOf(r, r.Inputs)
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
