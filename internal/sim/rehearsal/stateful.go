package rehearsal

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// stateful are the types whose loss loses data, or what decrypts or names it.
var stateful = []string{
	catalog.RDSInstance, catalog.AtlasAdvancedCluster, catalog.AtlasProject,
	catalog.EBSVolume, catalog.KMSKey, catalog.S3BucketV2, catalog.ECRRepository,
	catalog.EKSCluster, catalog.EKSClusterComponent,
}

// Stateful reports whether a resource holds what cannot be made again.
func Stateful(urn resource.URN) bool { return slices.Contains(stateful, string(urn.Type())) }

// RunsAgain reports whether a step replaces a job, or what the database's jobs read. A job is one run of something that may
// run any number of times, and Kubernetes lets nobody change it, or an immutable object: with its image, its script or its
// credentials, it is another one.
func RunsAgain(s Step) bool {
	component, typ, _ := strings.Cut(string(s.URN.QualifiedType()), "$")
	switch typ {
	case catalog.KubernetesSecret, catalog.KubernetesConfigMap:
		return s.Op == "replace" && strings.HasPrefix(component, "bpa:database:")
	}
	return s.Op == "replace" && s.URN.Type() == catalog.KubernetesJob
}

// Loses returns the steps that delete something, stateful resources first. A replacement is one step of it, and a job that
// runs again is none.
func Loses(steps []Step) []Step {
	var lost []Step
	for _, s := range steps {
		switch s.Op {
		case "delete", "replace", "discard":
			if !RunsAgain(s) {
				lost = append(lost, s)
			}
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
