package config

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// What Cluster.Access may be.
const (
	// PublicAccess is the API's public endpoint.
	PublicAccess = "public"
	// BastionAccess is a session of Systems Manager by way of the bastion: `bpactl up` and `bpactl connect` serve it.
	BastionAccess = "bastion"
	// NetworkAccess is a route into the VPC: VPN, Direct Connect, or a machine inside.
	NetworkAccess = "network"
)

// Cluster describes the EKS control plane.
type Cluster struct {
	Version            string            `json:"version" doc:"Kubernetes minor version, such as 1.35. Default: the profile's."`
	ServiceCIDR        string            `json:"serviceCidr" default:"172.20.0.0/16" is:"cidr" doc:"CIDR of Kubernetes services, outside the VPC. Default 172.20.0.0/16."`
	Access             string            `json:"access" oneOf:"public bastion network" doc:"How pulumi up reaches the Kubernetes API: public (its public endpoint, for publicAccessCidrs), bastion (a session of Systems Manager through the bastion: bpactl up), or network (VPN, Direct Connect, a machine inside). Default: public where publicAccessCidrs is given, network for an existing VPC, else bastion."`
	Routed             bool              `json:"routed" doc:"A route leads into the VPC that this stack makes, or is made by other hands while up makes the cluster: only so may access be network for a new VPC. Default false."`
	PublicAccessCIDRs  []string          `json:"publicAccessCidrs" is:"cidr" doc:"CIDRs that reach the public API endpoint. Default: none, the endpoint is private."`
	PrivateAccessCIDRs []string          `json:"privateAccessCidrs" is:"cidr" doc:"CIDRs that reach the private API endpoint: where operators and pulumi up come from, by VPN, Direct Connect or inside the VPC. Default: network.nodeCidr."`
	AccessEntries      []AccessEntry     `json:"accessEntries" doc:"Who may use the Kubernetes API, beside the deployer."`
	LogTypes           []string          `json:"logTypes" default:"api audit authenticator" oneOf:"api audit authenticator controllerManager scheduler" doc:"Control-plane logs: any of api, audit, authenticator, controllerManager, scheduler. Default: api, audit, authenticator."`
	LogRetentionDays   int               `json:"logRetentionDays" default:"90" is:"logDays" doc:"Days that control-plane logs are kept in CloudWatch. Default 90."`
	AddonVersions      map[string]string `json:"addonVersions" doc:"Pinned add-on versions by add-on name. Default: the pins of the Kubernetes version."`
}

// AccessEntry gives an IAM principal access to the Kubernetes API.
type AccessEntry struct {
	Name         string   `json:"name" optional:"true" is:"label" doc:"Name by which release 0.1.0 made the entry: its first up with this release takes it over by that. It says nothing else, and may go after. Default: none."`
	PrincipalARN string   `json:"principalArn" required:"true" is:"principal" doc:"IAM role or user, with its path. Not the one that makes the cluster: EKS gives that an entry itself."`
	Policy       string   `json:"policy" default:"clusterAdmin" oneOf:"admin clusterAdmin edit view" doc:"admin, clusterAdmin, edit, or view. Default clusterAdmin."`
	Namespaces   []string `json:"namespaces" doc:"Namespaces the policy covers. Default: the whole cluster."`
}

func (c *Cluster) complete(d *defaults) {
	def(d, "cluster.version", &c.Version, versions.Profiles[d.config.Profile].EKS, d.perProfile())
	way, why := c.access(d.config.Network)
	def(d, "cluster.access", &c.Access, way, why)
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

// access is the way to the API that a stack has where it names none, and the setting that decides it.
func (c *Cluster) access(n Network) (way, origin string) {
	switch {
	case len(c.PublicAccessCIDRs) > 0:
		return PublicAccess, "cluster.publicAccessCidrs"
	case n.Existing != nil:
		return NetworkAccess, "network.existing"
	}
	return BastionAccess, FromDefault
}

func (c Cluster) check(p *problem.List) {
	checkEntries(p, c.AccessEntries)
	known := versions.AddonNames()
	for _, addon := range slices.Sorted(maps.Keys(c.AddonVersions)) {
		p.Require(slices.Contains(known, addon), "addonVersions", addon, "must be one of %s%s",
			strings.Join(known, ", "), problem.DidYouMean(addon, known))
	}
}

// checkEntries finds what EKS refuses after the cluster is there: a principal has one entry. IAM gives a name once in an account,
// whatever its path and case are.
func checkEntries(p *problem.List, entries []AccessEntry) {
	names, principals := map[string]bool{}, map[string]int{}
	for i, e := range entries {
		place := fmt.Sprintf("accessEntries[%d].", i)
		p.Require(e.Name == "" || !names[e.Name], place+"name", e.Name, "must be unique")
		names[e.Name] = true
		kind, name, _ := strings.Cut(e.PrincipalARN, "/")
		p.Require(!strings.HasPrefix(name, "aws-service-role/"), place+"principalArn", e.PrincipalARN,
			"must not be a service-linked role: EKS refuses it an entry")
		principal := kind + "/" + strings.ToLower(path.Base(name))
		first, there := principals[principal]
		p.Require(!there, place+"principalArn", e.PrincipalARN, "must be a principal of its own: accessEntries[%d] names it already", first)
		if !there {
			principals[principal] = i
		}
	}
}

func (c Cluster) fit(k *checks) {
	k.creatable = k.supported("cluster.version", c.Version, versions.EKS)
	for _, addon := range versions.AddonNames() {
		if _, pinned := c.AddonVersions[addon]; !pinned && k.creatable {
			k.Add("cluster.addonVersions."+addon, nil, "must be given: this release has no pin for Kubernetes %s", c.Version)
		}
	}
	c.fitAccess(k)
	n := k.config.Network
	for _, other := range []struct {
		key, text string
		space     cidr.Space
	}{{"nodeCidr", n.NodeCIDR, cidr.Nodes}, {"podCidr", n.PodCIDR, cidr.Pods}} {
		k.Require(!other.space.Holds(other.text) || !cidr.Overlap(c.ServiceCIDR, other.text), "cluster.serviceCidr", c.ServiceCIDR,
			"must not overlap network.%s %s", other.key, other.text)
	}
}

// fitAccess: an API that nobody reaches fails an `up` after ten minutes, when the cluster is there.
func (c Cluster) fitAccess(k *checks) {
	newVPC := k.config.Network.Existing == nil
	switch c.Access {
	case PublicAccess:
		k.Require(len(c.PublicAccessCIDRs) > 0, "cluster.publicAccessCidrs", nil,
			"must list the CIDRs that `pulumi up` and operators come from, as cluster.access is public")
	case BastionAccess:
		k.Require(k.config.Bastion.Enabled, "bastion.enabled", false, "must be true, as cluster.access is bastion: nothing else "+
			"leads to a private API in this VPC. Or set cluster.access to public or network")
	case NetworkAccess:
		k.Require(!newVPC || c.Routed, "cluster.access", c.Access, "must be bastion or public, as no route leads into a VPC that this "+
			"stack makes. Where one does, or is made meanwhile, say so by cluster.routed")
	}
	k.Require(!c.Routed || c.Access == NetworkAccess && newVPC, "cluster.routed", c.Routed,
		"must be false, unless cluster.access is network and this stack makes the VPC")
}

var _ = define(map[string]Format{
	"label": {Pattern: "^" + label + "$", Must: "must be lower-case letters, digits and hyphens"},
	"principal": {
		Pattern: `^arn:aws[a-z-]*:iam::[0-9]{12}:(?:role|user)/[A-Za-z0-9_+=,.@/-]+$`,
		Must:    "must be the ARN of an IAM role or user, of a session that of its role",
	},
})
