// Package timeline says how long a deployment takes, and what it waits for: the schedule of an `up`, its critical path,
// the shortest time that the true dependencies allow, and the edges that serialise without need.
//
// Durations are those that public apply logs show, or where none does, a plan; Source tells which.
package timeline

import (
	"strings"
	"time"
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
	rdsType      = "aws:rds/instance:Instance"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

// table by type. Two types depend on an input: RDS on multiAz, VPC endpoints on their type; see For.
var table = map[string]Durations{
	// 8.4-11.4, 1.2-9.2 min
	"aws:eks/cluster:Cluster": {10 * time.Minute, 5 * time.Minute, Logs},
	// as a node group: 1.5-3.7, 4.2 min
	"aws:autoscaling/group:Group": {156 * time.Second, 252 * time.Second, Logs},
	// 0.25-1.1 min
	"aws:eks/addon:Addon": {40 * time.Second, 20 * time.Second, Logs},
	// 1.4-2.1, 0.7-1.6 min
	"aws:ec2/natGateway:NatGateway": {105 * time.Second, 70 * time.Second, Logs},
	// 2.3-2.9 min
	"aws:lb/loadBalancer:LoadBalancer": {156 * time.Second, 30 * time.Second, Logs},
	// 5-17, 4.3-4.8 min
	rdsType: {11 * time.Minute, 273 * time.Second, Logs},
	// 1-2 s
	"aws:ecr/repository:Repository": {1500 * time.Millisecond, 1500 * time.Millisecond, Logs},
	// 0.5-1 min
	"kubernetes:helm.sh/v3:Release": {45 * time.Second, 30 * time.Second, Logs},
	// 7-15 min
	"mongodbatlas:index/advancedCluster:AdvancedCluster": {11 * time.Minute, 5 * time.Minute, Plan},
	// every wait is at least a minute
	"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": {2 * time.Minute, 2 * time.Minute, Plan},
	// 3-5 min
	"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService": {4 * time.Minute, 2 * time.Minute, Logs},
	// 1-3 min
	endpointType: {2 * time.Minute, time.Minute, Plan},
	"aws:route53/resolverEndpoint:ResolverEndpoint": {2 * time.Minute, time.Minute, Plan},
	"aws:ec2/instance:Instance":                     {30 * time.Second, time.Minute, Plan},
	"aws:ebs/volume:Volume":                         {10 * time.Second, 5 * time.Second, Plan},
	"aws:iam/instanceProfile:InstanceProfile":       {8 * time.Second, short, Plan},
	"kubernetes:batch/v1:Job":                       {30 * time.Second, short, Plan},
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
