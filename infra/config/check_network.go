package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// zoneCount is how many availability zones BPA runs in (R01).
const zoneCount = 3

var (
	nodeSpace = netip.MustParsePrefix("10.0.0.0/8")
	podSpace  = netip.MustParsePrefix("100.64.0.0/10")
)

func (l *loader) checkNetwork() {
	n := l.config.Network
	nodes, nodesOK := l.checkRange("network.nodeCidr", n.NodeCIDR, nodeSpace, 16, 22)
	pods, podsOK := l.checkRange("network.podCidr", n.PodCIDR, podSpace, 16, 20)
	services, servicesOK := parseCIDR(l.config.Cluster.ServiceCIDR)
	if servicesOK {
		l.problems.Require(!nodesOK || !services.Overlaps(nodes), "cluster.serviceCidr", l.config.Cluster.ServiceCIDR,
			"must not overlap network.nodeCidr %s", n.NodeCIDR)
		l.problems.Require(!podsOK || !services.Overlaps(pods), "cluster.serviceCidr", l.config.Cluster.ServiceCIDR,
			"must not overlap network.podCidr %s", n.PodCIDR)
	}
	l.checkZones()
	l.checkDNS()
	if n.Existing != nil {
		l.checkExisting(n.Existing)
	}
}

// checkRange checks a range that AWS must accept: in its space, and of a size that holds the subnets (docs/facts.md §4).
func (l *loader) checkRange(path, text string, space netip.Prefix, largest, smallest int) (netip.Prefix, bool) {
	prefix, ok := parseCIDR(text)
	if !ok {
		return prefix, false
	}
	ok = space.Bits() <= prefix.Bits() && space.Contains(prefix.Addr()) && prefix.Bits() >= largest && prefix.Bits() <= smallest
	l.problems.Require(ok, path, text, "must be a /%d to /%d inside %s", largest, smallest, space)
	return prefix, ok
}

// parseCIDR parses a range; what is none has been reported by its rule.
func parseCIDR(text string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	return prefix, err == nil && checkCIDR(text) == ""
}

func (l *loader) checkZones() {
	zones := l.config.Network.Zones
	if len(zones) == 0 {
		return
	}
	l.problems.Require(len(zones) == zoneCount, "network.zones", zones, "must be %d zones (R01)", zoneCount)
	seen := map[string]bool{}
	for i, zone := range zones {
		path := fmt.Sprintf("network.zones[%d]", i)
		l.problems.Require(l.inRegion(zone), path, zone, "must be a zone of %s, such as %sa", l.config.AWS.Region, l.config.AWS.Region)
		l.problems.Require(!seen[zone], path, zone, "must be named once")
		seen[zone] = true
	}
}

func (l *loader) inRegion(zone string) bool {
	letter, ok := strings.CutPrefix(zone, l.config.AWS.Region)
	return ok && len(letter) == 1 && letter >= "a" && letter <= "z"
}

// checkZone checks the zone of a node.
func (l *loader) checkZone(path, zone string) {
	if zone == "" {
		return
	}
	if !l.inRegion(zone) {
		l.problems.Add(path, zone, "must be a zone of %s", l.config.AWS.Region)
		return
	}
	zones := l.config.Network.Zones
	l.problems.Require(len(zones) == 0 || slices.Contains(zones, zone), path, zone, "must be one of network.zones %v", zones)
}

func (l *loader) checkDNS() {
	dns := l.config.Network.DNS
	switch dns.Mode {
	case "none":
		l.problems.Require(
			len(dns.Resolvers)+len(dns.Domains) == 0,
			"network.dns.mode",
			dns.Mode,
			"must be forward or nameservers where resolvers are given",
		)
	case "forward":
		l.problems.Require(len(dns.Domains) > 0, "network.dns.domains", nil, "must list the domains to forward")
		fallthrough
	case "nameservers":
		l.problems.Require(len(dns.Resolvers) > 0, "network.dns.resolvers", nil, "must list the on-premises resolvers (R25)")
	}
}

// checkExisting: a VPC of somebody else's is described whole, or not at all.
func (l *loader) checkExisting(e *ExistingVPC) {
	l.problems.Require(
		len(e.Subnets) == zoneCount,
		"network.existing.subnets",
		len(e.Subnets),
		"must describe %d zones: all of an existing VPC, or none",
		zoneCount,
	)
	for i, s := range e.Subnets {
		path := fmt.Sprintf("network.existing.subnets[%d].", i)
		l.problems.Require(l.inRegion(s.Zone), path+"zone", s.Zone, "must be a zone of %s", l.config.AWS.Region)
		if zones := l.config.Network.Zones; len(zones) > i {
			l.problems.Require(zones[i] == s.Zone, path+"zone", s.Zone, "must be network.zones[%d], %s", i, zones[i])
		} else {
			l.problems.Add("network.zones", nil, "must list the zones of network.existing")
		}
		l.problems.Require(l.config.Ingress.Scheme != "internet-facing" || s.Public != "", path+"public", nil,
			"must be a subnet id, as ingress.scheme is internet-facing")
	}
}
