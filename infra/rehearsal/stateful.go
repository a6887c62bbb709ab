package rehearsal

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// stateful are the types whose loss loses data, or what decrypts or names it.
var stateful = []string{
	"aws:rds/instance:Instance", "mongodbatlas:index/advancedCluster:AdvancedCluster", "mongodbatlas:index/project:Project",
	"aws:ebs/volume:Volume", "aws:kms/key:Key", "aws:s3/bucketV2:BucketV2", "aws:ecr/repository:Repository",
	"aws:eks/cluster:Cluster", "eks:index:Cluster",
}

// Stateful reports whether a resource holds what cannot be made again.
func Stateful(urn resource.URN) bool { return slices.Contains(stateful, string(urn.Type())) }

// Loses returns the steps that delete something, stateful resources first. A replacement is one step of it.
func Loses(steps []Step) []Step {
	var lost []Step
	for _, s := range steps {
		switch s.Op {
		case "delete", "replace", "discard":
			lost = append(lost, s)
		}
	}
	slices.SortStableFunc(lost, func(a, b Step) int {
		switch x, y := Stateful(a.URN), Stateful(b.URN); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return lost
}
