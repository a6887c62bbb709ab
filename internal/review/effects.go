package review

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// effect is what a change in place means.
type effect struct {
	property string
	// downtime is what users feel; note is what is good to know where they feel nothing.
	downtime, note string
	// typical is how long the change takes.
	typical time.Duration
}

const nodeRolls = "the node is drained and replaced, its volume is attached again: what runs on it alone is down meanwhile"

// effects by type. Sources: AWS's RDS user guide, "Settings for DB instances"; EKS user guide, "Update existing cluster to new
// Kubernetes version"; Atlas, "Modify a Cluster"; AWS's "Modify an EBS volume".
var effects = map[string][]effect{
	catalog.RDSInstance: { // at once, or in the next window of maintenance: see later
		{"instanceClass", "the database restarts: 1-5 minutes, with a standby 1-2", "", 10 * time.Minute},
		{
			"engineVersion",
			"the database restarts: minutes for a minor version, half an hour and more for a major one",
			"",
			30 * time.Minute,
		},
		{"parameterGroupName", "", "static parameters take force at the next restart", 0},
		{"storageType", "", "storage cannot be changed again for 6 hours", 0},
		{"allocatedStorage", "", "storage cannot be changed again for 6 hours", 0},
		{"dbSubnetGroupName", "the database moves to another network: minutes", "", 10 * time.Minute},
	},
	catalog.AtlasAdvancedCluster: {
		{"mongoDbMajorVersion", "members restart one by one; an election of some seconds; there is no way back", "", 30 * time.Minute},
		{"replicationSpecs", "members are resized one by one; an election of some seconds", "", 20 * time.Minute},
	},
	catalog.EKSCluster: {
		{"version", "", "nodes must follow, and there is no way back", 10 * time.Minute},
	},
	catalog.EC2LaunchTemplate: {
		{"userData", nodeRolls, "", 7 * time.Minute},
		{"imageId", nodeRolls, "", 7 * time.Minute},
		{"instanceType", nodeRolls, "", 7 * time.Minute},
		{"blockDeviceMappings", nodeRolls, "", 7 * time.Minute},
	},
	catalog.EBSVolume: {
		{"size", "", "the volume cannot be changed again for 6 hours; the file system grows at the node's next boot", 0},
		{"type", "", "the volume cannot be changed again for 6 hours", 0},
	},
	catalog.HelmRelease: {
		{"values", "pods whose template changes roll", "", 5 * time.Minute},
		{"chart", "pods whose template changes roll", "", 5 * time.Minute},
		{"version", "pods whose template changes roll", "", 5 * time.Minute},
	},
	catalog.EC2Route: {
		{"natGatewayId", "open connections to the internet break, and are made anew", "", 0},
	},
	catalog.ELBLoadBalancer: {
		{"subnets", "requests on addresses that go away fail until clients ask DNS again", "", 0},
	},
}

// effectsOf returns what an update means.
func effectsOf(c *Change) []effect {
	var felt []effect
	seen := map[string]bool{}
	for _, e := range effects[c.Type()] {
		for _, cause := range c.Causes {
			if (cause.Path == e.property || inside(cause.Path, e.property)) && !seen[e.downtime+e.note] {
				seen[e.downtime+e.note] = true
				felt = append(felt, e.later(c))
			}
		}
	}
	return felt
}

// later says when RDS does what it is asked for: by default in the next window of maintenance.
func (e effect) later(c *Change) effect {
	if c.Type() == catalog.RDSInstance && e.downtime != "" && c.after()["applyImmediately"] != true {
		e.downtime += ", in the next window of maintenance"
	}
	return e
}
