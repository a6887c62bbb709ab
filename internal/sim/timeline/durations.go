// Package timeline says how long a deployment takes, and what it waits for: the schedule of an `up`, its critical path,
// the shortest time that the true dependencies allow, and the edges that serialise without need.
//
// Durations are those that public apply logs show, or where none does, a plan; Source tells which.
package timeline

import (
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Source says where a duration comes from.
type Source string

// The sources of durations.
const (
	// Logs are public logs of `apply` and `up`, mid-range.
	Logs Source = "public logs"
	// Plan is what to reckon with where no log was found.
	Plan Source = "plan"
	// Default is for calls that return as soon as the object exists.
	Default Source = "default"
)

// Durations of one resource type.
type Durations struct {
	Create, Delete time.Duration
	Source         Source
}

// short is what a call takes that waits for nothing.
const short = 2 * time.Second

const (
	rdsType      = catalog.RDSInstance
	endpointType = catalog.EC2VpcEndpoint
)

// table by type. Two types depend on an input: RDS on multiAz, VPC endpoints on their type; see For.
var table = map[string]Durations{
	// 8.4-11.4, 1.2-9.2 min
	catalog.EKSCluster: {10 * time.Minute, 5 * time.Minute, Logs},
	// as a node group: 1.5-3.7, 4.2 min
	catalog.AutoScalingGroup: {156 * time.Second, 252 * time.Second, Logs},
	// 0.25-1.1 min
	catalog.EKSAddon: {40 * time.Second, 20 * time.Second, Logs},
	// 1.4-2.1, 0.7-1.6 min
	catalog.EC2NatGateway: {105 * time.Second, 70 * time.Second, Logs},
	// 2.3-2.9 min
	catalog.ELBLoadBalancer: {156 * time.Second, 30 * time.Second, Logs},
	// 5-17, 4.3-4.8 min
	rdsType: {11 * time.Minute, 273 * time.Second, Logs},
	// 1-2 s
	catalog.ECRRepository: {1500 * time.Millisecond, 1500 * time.Millisecond, Logs},
	// 0.5-1 min
	catalog.HelmRelease: {45 * time.Second, 30 * time.Second, Logs},
	// 7-15 min
	catalog.AtlasAdvancedCluster: {11 * time.Minute, 5 * time.Minute, Plan},
	// every wait is at least a minute
	catalog.AtlasPrivateLinkEndpoint: {2 * time.Minute, 2 * time.Minute, Plan},
	// 3-5 min
	catalog.AtlasPrivateLinkEndpointService: {4 * time.Minute, 2 * time.Minute, Logs},
	// 1-3 min
	endpointType:                    {2 * time.Minute, time.Minute, Plan},
	catalog.Route53ResolverEndpoint: {2 * time.Minute, time.Minute, Plan},
	catalog.EC2Instance:             {30 * time.Second, time.Minute, Plan},
	catalog.EBSVolume:               {10 * time.Second, 5 * time.Second, Plan},
	catalog.IAMInstanceProfile:      {8 * time.Second, short, Plan},
	catalog.KubernetesJob:           {30 * time.Second, short, Plan},
}

// multiAZ is a standby beside the instance: 15-20 minutes in a public log of 2014.
const multiAZ = 18 * time.Minute

// For returns how long operations on a resource take. Components and providers take no time of their own.
func For(typ string, custom bool, inputs map[string]any) Durations {
	d, ok := table[typ]
	switch {
	case !custom || strings.HasPrefix(typ, "pulumi:"):
		return Durations{Source: Default}
	case !ok:
		return Durations{short, short, Default}
	case typ == rdsType && inputs["multiAz"] == true:
		d.Create = multiAZ
	case typ == endpointType && inputs["vpcEndpointType"] == "Gateway":
		return Durations{5 * time.Second, 5 * time.Second, Plan}
	}
	return d
}
