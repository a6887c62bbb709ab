package preflight

import (
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// gatewayEndpoint is the one VPC endpoint that is no interface, and counts against another quota.
const gatewayEndpoint = "s3"

// addresses returns how many NAT gateways the stack makes in all, which is also how many Elastic IPs, and how many in
// one zone.
func addresses(c *config.Config) (all, perZone int) {
	switch {
	case c.Network.Existing != nil:
		return 0, 0
	case c.Network.NAT == config.SingleNAT:
		return 1, 1
	}
	return zones.Count, 1
}

// interfaces returns how many interface endpoints the stack makes in its VPC, Atlas's own included.
func interfaces(c *config.Config) int {
	n := 0
	if c.Network.Existing == nil {
		for _, e := range c.Network.Endpoints {
			if e != gatewayEndpoint {
				n++
			}
		}
	}
	if c.Atlas.ParentAccount == nil {
		n++
	}
	return n
}

// placement is an instance type in a zone, and what runs on it.
type placement struct{ who, instanceType, zone string }

// placements lists the instances of a stack: its nodes, zones in turn where none is given, and the bastion.
func placements(c *config.Config, chosen []string) []placement {
	var list []placement
	for _, n := range c.Nodes.Items {
		zone := n.Zone
		if zone == "" {
			zone = zones.OfNode(chosen, n.Name)
		}
		list = append(list, placement{n.Name, n.InstanceType, zone})
	}
	if c.Bastion.Enabled {
		list = append(list, placement{"bastion", c.Bastion.InstanceType, chosen[0]})
	}
	return list
}

// vcpuQuota is a quota of running on-demand instances, counted in vCPUs.
type vcpuQuota struct{ name, code string }

// vcpuQuotas by the letters that an instance type begins with. Source: AWS, "Amazon EC2 on-demand instance quotas".
var vcpuQuotas = map[string]vcpuQuota{
	"f": {"F", "L-74FC7D96"}, "g": {"G and VT", "L-DB2E81BA"}, "vt": {"G and VT", "L-DB2E81BA"}, "p": {"P", "L-417A185B"},
	"x": {"X", "L-7295265B"}, "inf": {"Inf", "L-1945791B"}, "dl": {"DL", "L-6E869C2A"}, "trn": {"Trn", "L-2C3B7624"},
	"u": {"High Memory", "L-43DA4232"}, "hpc": {"HPC", "L-F7808C92"},
}

// quotaOf returns the vCPU quota that an instance type counts against: Standard (A, C, D, H, I, M, R, T, Z) where it has
// none of its own.
func quotaOf(instanceType string) vcpuQuota {
	family := instanceType
	if i := strings.IndexAny(instanceType, "0123456789-."); i >= 0 {
		family = instanceType[:i]
	}
	if q, ok := vcpuQuotas[family]; ok {
		return q
	}
	return vcpuQuota{"Standard", "L-1216C47A"}
}
