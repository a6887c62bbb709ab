package config

import (
	"fmt"
	"slices"

	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// What DNS.Mode and Network.NAT may be.
const (
	ForwardDNS  = "forward"
	Nameservers = "nameservers"
	SingleNAT   = "single"
	NATPerZone  = "perZone"
)

// Network describes the VPC, either to create or, with Existing, to use.
type Network struct {
	NodeCIDR             string       `json:"nodeCidr" default:"10.20.0.0/16" is:"cidr" doc:"Primary CIDR of the VPC, for nodes, load balancers, database: /16 to /22 in 10.0.0.0/8. Default 10.20.0.0/16."`
	PodCIDR              string       `json:"podCidr" default:"100.64.0.0/16" is:"cidr" doc:"Secondary CIDR of the VPC, for pods: /16 to /20 in 100.64.0.0/10. Default 100.64.0.0/16."`
	Zones                []string     `json:"zones" doc:"Three availability zones of the region. Default: the stack's own where it runs, else the first three that have a control plane, the instance types and the database's class."`
	NAT                  string       `json:"nat" production:"perZone" development:"single" oneOf:"single perZone" doc:"single or perZone. Default: perZone in production, single in development."`
	Endpoints            []string     `json:"endpoints" default:"s3 ecr.api ecr.dkr sts ec2 logs" oneOf:"s3 ecr.api ecr.dkr sts ec2 logs" doc:"VPC endpoints: any of s3 (gateway), ecr.api, ecr.dkr, sts, ec2, logs (interface). Default: all."`
	FlowLogRetentionDays int          `json:"flowLogRetentionDays" production:"90" development:"14" optional:"true" is:"logDays" doc:"Days that VPC flow logs are kept in CloudWatch; 0 turns them off. Default 90 in production, 14 in development."`
	DNS                  DNS          `json:"dns" doc:"On-premises name resolution (R25)."`
	Existing             *ExistingVPC `json:"existing" doc:"Use this VPC instead of creating one: all of its ids, or none."`
}

// DNS says how on-premises names are resolved (R25).
type DNS struct {
	Mode      string   `json:"mode" default:"none" oneOf:"none forward nameservers" doc:"none (default), forward: Route 53 Resolver rules for domains, or nameservers: the nodes ask the resolvers."`
	Resolvers []string `json:"resolvers" is:"ipv4" doc:"IPv4 addresses of the on-premises resolvers. Required unless mode is none."`
	Domains   []string `json:"domains" is:"domain" doc:"Domains to forward (mode forward, required), or search domains (mode nameservers)."`
}

// ExistingVPC names a VPC that somebody else keeps. It must carry both CIDRs of Network.
type ExistingVPC struct {
	VpcID   string           `json:"vpcId" required:"true" is:"vpc" doc:"vpc-…."`
	Subnets []ExistingSubnet `json:"subnets" required:"true" doc:"One entry for each of the three zones."`
}

// ExistingSubnet is one zone of an ExistingVPC.
type ExistingSubnet struct {
	Zone    string `json:"zone" required:"true" doc:"Availability zone."`
	Public  string `json:"public" optional:"true" is:"subnet" doc:"Public subnet id. Required where ingress.scheme is internet-facing, else optional."`
	Private string `json:"private" required:"true" is:"subnet" doc:"Private subnet id, for nodes and the database."`
	Pod     string `json:"pod" required:"true" is:"subnet" doc:"Pod subnet id, in the pod CIDR."`
}

func (n Network) check(p *problem.List) {
	requireRange(p, "nodeCidr", n.NodeCIDR, cidr.Nodes)
	requireRange(p, "podCidr", n.PodCIDR, cidr.Pods)
	p.Require(len(n.Zones) == 0 || len(n.Zones) == zones.Count, "zones", n.Zones, "must be %d zones (R01)", zones.Count)
	for i, zone := range n.Zones {
		p.Require(slices.Index(n.Zones, zone) == i, fmt.Sprintf("zones[%d]", i), zone, "must be named once")
	}
	n.DNS.check(p)
	if e := n.Existing; e != nil {
		p.Require(len(e.Subnets) == zones.Count, "existing.subnets", len(e.Subnets),
			"must describe %d zones: all of an existing VPC, or none", zones.Count)
	}
}

// requireRange checks that a range lies in its space. One that is none has been reported by its rule.
func requireRange(p *problem.List, path, text string, space cidr.Space) {
	wrong := space.Wrong(text)
	p.Require(wrong == "", path, text, "%s", wrong)
}

func (d DNS) check(p *problem.List) {
	switch d.Mode {
	case "none":
		p.Require(len(d.Resolvers)+len(d.Domains) == 0, "dns.mode", d.Mode, "must be forward or nameservers where resolvers are given")
	case ForwardDNS:
		p.Require(len(d.Domains) > 0, "dns.domains", nil, "must list the domains to forward")
		fallthrough
	case Nameservers:
		p.Require(len(d.Resolvers) > 0, "dns.resolvers", nil, "must list the on-premises resolvers (R25)")
	}
}

// fit: zones are the region's, and a VPC of somebody else's is described whole, or not at all.
func (n Network) fit(k *checks) {
	region := k.config.AWS.Region
	for i, zone := range n.Zones {
		k.Require(zones.Of(region, zone), fmt.Sprintf("network.zones[%d]", i), zone, "must be a zone of %s, such as %sa", region, region)
	}
	if n.Existing == nil {
		return
	}
	for i, s := range n.Existing.Subnets {
		path := fmt.Sprintf("network.existing.subnets[%d].", i)
		k.Require(zones.Of(region, s.Zone), path+"zone", s.Zone, "must be a zone of %s", region)
		if len(n.Zones) > i {
			k.Require(n.Zones[i] == s.Zone, path+"zone", s.Zone, "must be network.zones[%d], %s", i, n.Zones[i])
		} else {
			k.Add("network.zones", nil, "must list the zones of network.existing")
		}
		k.Require(k.config.Ingress.Scheme != InternetFacing || s.Public != "", path+"public", nil,
			"must be a subnet id, as ingress.scheme is internet-facing")
	}
}

// collide reports what two stacks claim of the same network.
func (n Network) collide(mine, theirs *Config, taken claim) {
	other := theirs.Network
	sameVPC := n.Existing != nil && other.Existing != nil && n.Existing.VpcID == other.Existing.VpcID
	if sameVPC || !cidr.Overlap(n.NodeCIDR, other.NodeCIDR) {
		return
	}
	if mine.sameRegion(theirs) {
		taken("network.nodeCidr", n.NodeCIDR, "its network.nodeCidr %s is in the same account %s and region %s",
			other.NodeCIDR, mine.AWS.AccountID, mine.AWS.Region)
	} else if shared := n.DNS.shares(other.DNS); shared != "" {
		taken("network.nodeCidr", n.NodeCIDR, "its network.nodeCidr %s reaches the same on-premises network, by resolver %s",
			other.NodeCIDR, shared)
	}
}

// shares returns an on-premises resolver that both ask, or "".
func (d DNS) shares(other DNS) string {
	if d.Mode == "none" || other.Mode == "none" {
		return ""
	}
	for _, ip := range d.Resolvers {
		if slices.Contains(other.Resolvers, ip) {
			return ip
		}
	}
	return ""
}

var _ = define(map[string]Format{
	"domain": {Pattern: "^" + host + `\.?$`, Must: "must be a domain such as corp.example.com"},
	"ipv4":   {Pattern: "^" + octets + "$", check: cidr.WrongAddress},
	"subnet": {Pattern: `^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$`, Must: "must be a subnet id"},
	"vpc":    {Pattern: `^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$`, Must: "must be a VPC id"},
})
