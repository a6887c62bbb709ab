package atlas

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// privateLink are the two sides of a private endpoint.
var privateLink = provider.Code{
	catalog.AtlasPrivateLinkEndpoint: {
		ID:      endpointID,
		Outputs: endpointOutputs,
		Values:  []provider.Value{cloudProviders},
		Rules: []provider.Rule{
			{Code: "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION", Source: issues + "590", OnCreate: true, Fails: endpointTaken},
		},
		Leaving: []provider.Rule{{Code: "Conflict", Source: issues + "3545", Fails: endpointInUse}},
	},
	catalog.AtlasPrivateLinkEndpointService: {
		Check:  endpointExists,
		Values: []provider.Value{cloudProviders},
		Rules: []provider.Rule{
			{Code: "privatelink endpoint is in a failed state", Source: issues + "3545", OnCreate: true, Fails: partnerMissing},
		},
	},
}

var cloudProviders = provider.Value{Property: "providerName", OneOf: []string{"AWS", "AZURE", "GCP"}, Source: apiDoc}

// endpointID is the provider's id of a private link, which holds the one that Atlas invents.
func endpointID(r *provider.Request) string {
	properties := maps.Clone(r.Inputs)
	properties["privateLinkId"] = r.Hex(24)
	id, _ := catalog.Of(catalog.AtlasPrivateLinkEndpoint).Identity.StateID(properties)
	return id
}

func endpointOutputs(r *provider.Request) map[string]any {
	region := strings.ToLower(strings.ReplaceAll(r.Str("region"), "_", "-"))
	return map[string]any{
		"privateLinkId": heldBy(r.ID, "private_link_id"),
		"endpointServiceName": r.Kept("endpointServiceName", func() any {
			return fmt.Sprintf("com.amazonaws.vpce.%s.vpce-svc-%s", region, r.Hex(17))
		}),
	}
}

// heldBy is what an id of the provider holds under a key.
func heldBy(id, key string) string {
	_, pair, _ := strings.Cut("-"+id, "-"+base64.StdEncoding.EncodeToString([]byte(key))+":")
	encoded, _, _ := strings.Cut(pair, "-")
	value, _ := base64.StdEncoding.DecodeString(encoded) // StateID has encoded it
	return string(value)
}

// linkOf is the Atlas side of the endpoint that a request names, or nil.
func linkOf(r *provider.Request) *provider.Resource {
	return r.Store.Find(catalog.AtlasPrivateLinkEndpoint, func(e *provider.Resource) bool {
		return e.Outputs["privateLinkId"] == r.Str("privateLinkId")
	})
}

func endpointExists(r *provider.Request) error {
	if linkOf(r) == nil {
		return fmt.Errorf(
			"PRIVATE_ENDPOINT_SERVICE_NOT_FOUND: No private endpoint service %s in project %s",
			r.Str("privateLinkId"),
			r.Str("projectId"),
		)
	}
	return nil
}

func endpointTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["projectId"] == r.Inputs["projectId"] && o.Inputs["region"] == r.Inputs["region"] &&
			o.Inputs["providerName"] == r.Inputs["providerName"]
	}
	if r.Store.Find(catalog.AtlasPrivateLinkEndpoint, same) != nil {
		return fmt.Sprintf("A private endpoint service already exists for %s region %s.", r.Str("providerName"), r.Str("region"))
	}
	return ""
}

// partnerMissing: the AWS side must exist, and must have asked this very service.
func partnerMissing(r *provider.Request) string {
	id := r.Str("endpointServiceId")
	if r.Str("providerName") != "AWS" || r.Store.External(id) {
		return ""
	}
	link := linkOf(r)
	partner := r.Store.Get(catalog.EC2VpcEndpoint, id)
	if partner == nil || link != nil && partner.Inputs["serviceName"] != link.Outputs["endpointServiceName"] {
		return fmt.Sprintf("Interface endpoint %s was not found.", id)
	}
	return ""
}

func endpointInUse(r *provider.Request) string {
	id, _ := r.Old["privateLinkId"].(string)
	connected := func(o *provider.Resource) bool { return o.Inputs["privateLinkId"] == id }
	service := r.Store.Find(catalog.AtlasPrivateLinkEndpointService, connected)
	if service == nil {
		return ""
	}
	endpoint, _ := service.Inputs["endpointServiceId"].(string)
	return fmt.Sprintf("private endpoint service %s still has the interface endpoint %s", id, strings.TrimSpace(endpoint))
}
