package atlas

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
)

// ConnectionStringFor returns the SRV connection string of one private endpoint. A project may have several endpoints,
// and a cluster lists the strings of all of them in no order: taking the first is how traffic ends up in another VPC.
func ConnectionStringFor(all []mongodbatlas.AdvancedClusterConnectionString, endpointID string) (string, error) {
	var seen []string
	for _, s := range all {
		for _, private := range s.PrivateEndpoints {
			for _, endpoint := range private.Endpoints {
				if endpoint.EndpointId == nil {
					continue
				}
				if *endpoint.EndpointId == endpointID && private.SrvConnectionString != nil && *private.SrvConnectionString != "" {
					return *private.SrvConnectionString, nil
				}
				seen = append(seen, *endpoint.EndpointId)
			}
		}
	}
	if len(seen) == 0 {
		return "", fmt.Errorf("the cluster has no connection string for a private endpoint; %s is expected", endpointID)
	}
	sort.Strings(seen)
	return "", fmt.Errorf("the cluster has no connection string for endpoint %s, only for %s", endpointID, strings.Join(seen, ", "))
}
