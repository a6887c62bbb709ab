package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// Cluster describes the EKS control plane.
type Cluster struct {
	Version            string            `json:"version" doc:"Kubernetes minor version, such as 1.35. Default: the profile's."`
	ServiceCIDR        string            `json:"serviceCidr" default:"172.20.0.0/16" is:"cidr" doc:"CIDR of Kubernetes services, outside the VPC. Default 172.20.0.0/16."`
	PublicAccessCIDRs  []string          `json:"publicAccessCidrs" is:"cidr" doc:"CIDRs that reach the public API endpoint. Default: none, the endpoint is private."`
	PrivateAccessCIDRs []string          `json:"privateAccessCidrs" is:"cidr" doc:"CIDRs that reach the private API endpoint: where operators and pulumi up come from, by VPN, Direct Connect or inside the VPC. Default: network.nodeCidr."`
	AccessEntries      []AccessEntry     `json:"accessEntries" doc:"Who may use the Kubernetes API, beside the deployer."`
	LogTypes           []string          `json:"logTypes" default:"api audit authenticator" oneOf:"api audit authenticator controllerManager scheduler" doc:"Control-plane logs: any of api, audit, authenticator, controllerManager, scheduler. Default: api, audit, authenticator."`
	LogRetentionDays   int               `json:"logRetentionDays" default:"90" is:"logDays" doc:"Days that control-plane logs are kept in CloudWatch. Default 90."`
	AddonVersions      map[string]string `json:"addonVersions" doc:"Pinned add-on versions by add-on name. Default: the pins of the Kubernetes version."`
}

// AccessEntry gives an IAM principal access to the Kubernetes API.
type AccessEntry struct {
	Name         string   `json:"name" required:"true" is:"label" doc:"Short name of the entry, unique."`
	PrincipalARN string   `json:"principalArn" required:"true" is:"principal" doc:"IAM role or user."`
	Policy       string   `json:"policy" default:"clusterAdmin" oneOf:"admin clusterAdmin edit view" doc:"admin, clusterAdmin, edit, or view. Default clusterAdmin."`
	Namespaces   []string `json:"namespaces" doc:"Namespaces the policy covers. Default: the whole cluster."`
}

func (c *Cluster) complete(d *defaults) {
	def(d, "cluster.version", &c.Version, versions.Profiles[d.config.Profile].EKS, d.perProfile())
	def(d, "cluster.privateAccessCidrs", &c.PrivateAccessCIDRs, []string{d.config.Network.NodeCIDR}, "network.nodeCidr")
	pins, known := versions.PinsFor(c.Version)
	if !known {
		return
	}
	if c.AddonVersions == nil {
		c.AddonVersions = map[string]string{}
	}
	for _, addon := range versions.AddonNames() {
		if _, given := c.AddonVersions[addon]; !given {
			c.AddonVersions[addon] = pins.Addons[addon]
			d.Origins["cluster.addonVersions."+addon] = "pin of Kubernetes " + c.Version
		}
	}
}

func (c Cluster) check(p *problem.List) {
	names := map[string]bool{}
	for i, e := range c.AccessEntries {
		p.Require(!names[e.Name], fmt.Sprintf("accessEntries[%d].name", i), e.Name, "must be unique")
		names[e.Name] = true
	}
	known := versions.AddonNames()
	for _, addon := range slices.Sorted(maps.Keys(c.AddonVersions)) {
		p.Require(slices.Contains(known, addon), "addonVersions", addon, "must be one of %s%s",
			strings.Join(known, ", "), problem.DidYouMean(addon, known))
	}
}

func (c Cluster) fit(k *checks) {
	k.creatable = k.supported("cluster.version", c.Version, versions.EKS)
	for _, addon := range versions.AddonNames() {
		if _, pinned := c.AddonVersions[addon]; !pinned && k.creatable {
			k.Add("cluster.addonVersions."+addon, nil, "must be given: this release has no pin for Kubernetes %s", c.Version)
		}
	}
	n := k.config.Network
	for _, other := range []struct {
		key, text string
		space     cidr.Space
	}{{"nodeCidr", n.NodeCIDR, cidr.Nodes}, {"podCidr", n.PodCIDR, cidr.Pods}} {
		k.Require(!other.space.Holds(other.text) || !cidr.Overlap(c.ServiceCIDR, other.text), "cluster.serviceCidr", c.ServiceCIDR,
			"must not overlap network.%s %s", other.key, other.text)
	}
}

var _ = define(map[string]Format{
	"label": {Pattern: "^" + label + "$", Must: "must be lower-case letters, digits and hyphens"},
	"principal": {
		Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:(?:role|user)/[A-Za-z0-9_+=,.@/-]+$`,
		Must:    "must be the ARN of an IAM role or user",
	},
})
