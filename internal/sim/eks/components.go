package eks

import "github.com/bpa-on-aws/platform/internal/catalog"

// Version is the pulumi-eks release that this package stands in for.
const Version = version

// Components lists the simulated components and the inputs that each heeds. Every other input is refused by name.
func Components() map[string][]string {
	return map[string][]string{catalog.EKSClusterComponent: clusterInputs, catalog.EKSNodeGroupV2Component: nodeGroupInputs}
}
