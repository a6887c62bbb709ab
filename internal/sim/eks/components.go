package eks

// Version is the pulumi-eks release that this package stands in for.
const Version = version

// Components lists the simulated components and the inputs that each heeds. Every other input is refused by name.
func Components() map[string][]string {
	return map[string][]string{"eks:index:Cluster": clusterInputs, "eks:index:NodeGroupV2": nodeGroupInputs}
}
