package atlas

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// lookUpConnectionString asks Atlas for the SRV string of the endpoint once cluster and endpoint are there. The outputs of the
// cluster are those of its own last change: they lack an endpoint that came later, and keep one that is gone
// (mongodb/terraform-provider-mongodbatlas issue 2782). Strings that come late are waited for.
func (a *Atlas) lookUpConnectionString(
	ctx *pulumi.Context, cluster *mongodbatlas.AdvancedCluster, service *mongodbatlas.PrivateLinkEndpointService,
	restored pulumi.Output,
) pulumi.StringOutput {
	ready := pulumi.All(a.ProjectID, cluster.Name, a.EndpointID, cluster.ID(), service.ID(), restored)
	return ready.ApplyT(func(v []any) (pulumi.StringOutput, error) {
		project, name, endpoint := v[0].(string), v[1].(string), v[2].(string)
		var uri string
		err := await(ctx, func() (string, error) {
			found, err := mongodbatlas.LookupAdvancedCluster(ctx, &mongodbatlas.LookupAdvancedClusterArgs{
				ProjectId: project, Name: name,
			}, pulumi.Parent(a))
			if err != nil {
				return "", fmt.Errorf("looking up the connection strings of %s: %w", name, err)
			}
			var missing string
			uri, missing = ConnectionStringFor(found.ConnectionStrings, endpoint)
			return missing, nil
		})
		switch {
		case err != nil:
			return pulumi.StringOutput{}, err
		case uri == "": // a preview: the update waits for it
			return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) string { return "" }).(pulumi.StringOutput), nil
		}
		return pulumi.String(uri).ToStringOutput(), nil
	}).(pulumi.StringOutput)
}

// wait is how long what Atlas does by itself is waited for: tries, with a pause before each but the first.
var wait = struct {
	tries int
	pause func()
}{tries: 360, pause: func() { time.Sleep(10 * time.Second) }}

// await asks until nothing is missing. A preview asks once, and is content.
func await(ctx *pulumi.Context, ask func() (missing string, err error)) error {
	for n := 1; ; n++ {
		missing, err := ask()
		switch {
		case err != nil:
			return err
		case missing == "" || ctx.DryRun():
			return nil
		case n == wait.tries:
			return fmt.Errorf("after an hour: %s", missing)
		}
		wait.pause()
	}
}

// ConnectionStringFor returns the SRV connection string of one private endpoint, or says what is missing. A project may have
// several endpoints, and a cluster lists the strings of all of them in no order: taking the first is how traffic ends up in
// another VPC.
func ConnectionStringFor(all []mongodbatlas.GetAdvancedClusterConnectionString, endpointID string) (uri, missing string) {
	var seen []string
	for _, s := range all {
		for _, private := range s.PrivateEndpoints {
			for _, endpoint := range private.Endpoints {
				if endpoint.EndpointId == "" {
					continue
				}
				if endpoint.EndpointId == endpointID && private.SrvConnectionString != "" {
					return private.SrvConnectionString, ""
				}
				seen = append(seen, endpoint.EndpointId)
			}
		}
	}
	if len(seen) == 0 {
		return "", fmt.Sprintf("the cluster has no connection string for a private endpoint; %s is expected", endpointID)
	}
	slices.Sort(seen)
	return "", fmt.Sprintf("the cluster has no connection string for endpoint %s, only for %s", endpointID, strings.Join(seen, ", "))
}
