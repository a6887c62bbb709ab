package atlas

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// clusters are clusters.
var clusters = provider.Code{
	catalog.AtlasAdvancedCluster: {
		Outputs: clusterOutputs,
		Values: []provider.Value{
			{Property: "name", Pattern: regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]{0,63}$`), Source: apiDoc,
				Text: "must have 1-64 letters, digits and hyphens, the first no hyphen"},
			{Property: "clusterType", OneOf: []string{"REPLICASET", "SHARDED", "GEOSHARDED"}, Source: apiDoc},
			{Property: "replicationSpecs.[].regionConfigs.[].providerName", OneOf: []string{"AWS", "GCP", "AZURE", "TENANT", "FLEX"},
				Source: apiDoc},
			{Property: "replicationSpecs.[].regionConfigs.[].priority", Min: 0, Max: 7, Source: apiDoc},
			{Property: "encryptionAtRestProvider", OneOf: []string{"AWS", "GCP", "AZURE", "NONE"}, Source: apiDoc},
		},
		Rules: []provider.Rule{
			{Code: "INVALID_ATTRIBUTE", Source: "mongodb.com/legal/support-policy/lifecycles", Fails: versionGone},
			{Code: "rehearsal", Source: "www.mongodb.com/docs/atlas/tutorial/major-version-change/", Fails: versionStep},
			{Code: "TENANT_ATTRIBUTE_READ_ONLY", Source: issues + "2800", Fails: tenantVersion},
			{Code: "INVALID_ENUM_VALUE", Source: "github.com/pulumi/pulumi-mongodbatlas/issues/227", Fails: sizeKnown},
			{Code: "INVALID_ENUM_VALUE", Source: issues + "49", Fails: regionForm},
			{Code: "INVALID_CLUSTER_CONFIGURATION", Source: apiDoc, Fails: electable},
			{Code: "DUPLICATE_CLUSTER_NAME", Source: apiDoc, OnCreate: true, Fails: clusterTaken},
		},
	},
}

// clusterOutputs: the strings of a private endpoint are there only if its service is connected when the cluster is
// read (docs/facts.md §3).
func clusterOutputs(r *provider.Request) map[string]any {
	clusterID := r.Kept("clusterId", func() any { return r.Hex(24) }).(string)
	return map[string]any{
		"clusterId": clusterID, "connectionStrings": connectionStrings(r, r.Str("projectId"), r.Str("name"), clusterID),
	}
}

// connectionStrings are those of the moment. Those of an endpoint come after another endpoint's, so that nobody takes the first.
func connectionStrings(r *provider.Request, project, name, clusterID string) []any {
	name = strings.ToLower(name)
	host := clusterID[:5]
	var private []any
	for _, s := range r.Store.All(catalog.AtlasPrivateLinkEndpointService) {
		if s.Inputs["projectId"] != project {
			continue
		}
		id := fmt.Sprint(s.Inputs["endpointServiceId"])
		// A number stays with its endpoint, whatever others come and go.
		private = append(private, privateEndpoint(name, host, 0, "vpce-0ffffffffffffffff"),
			privateEndpoint(name, host, 1+crc32.ChecksumIEEE([]byte(id))%1000, id))
	}
	standard := fmt.Sprintf("%s.%s.mongodb.net", name, host)
	return []any{map[string]any{
		"standard": "mongodb://" + standard + ":27017", "standardSrv": "mongodb+srv://" + standard, "private": "", "privateSrv": "",
		"privateEndpoints": private,
	}}
}

// getAdvancedCluster answers in the provider's words where there is none. Source: advancedcluster/model_advanced_cluster.go.
func getAdvancedCluster(r *provider.Request) (map[string]any, error) {
	cluster := r.Store.Find(catalog.AtlasAdvancedCluster, func(o *provider.Resource) bool {
		return o.Inputs["projectId"] == r.Inputs["projectId"] && o.Inputs["name"] == r.Inputs["name"]
	})
	if cluster == nil {
		//nolint:revive,staticcheck // Atlas's own words
		return nil, fmt.Errorf("CLUSTER_NOT_FOUND: No cluster named %s exists in group %s.", r.Str("name"), r.Str("projectId"))
	}
	id := fmt.Sprint(cluster.Outputs["clusterId"])
	return map[string]any{
		"id": id, "name": r.Str("name"), "projectId": r.Str("projectId"), "stateName": cluster.Outputs["stateName"],
		"connectionStrings": connectionStrings(r, r.Str("projectId"), r.Str("name"), id),
	}, nil
}

func privateEndpoint(name, host string, n uint32, endpointID string) map[string]any {
	address := fmt.Sprintf("%s-pl-%d.%s.mongodb.net", name, n, host)
	return map[string]any{
		"connectionString": "mongodb://" + address + ":1024", "srvConnectionString": "mongodb+srv://" + address, "type": "MONGOD",
		"srvShardOptimizedConnectionString": "", "endpoints": []any{map[string]any{
			"endpointId": endpointID, "providerName": "AWS", "region": "",
		}},
	}
}

func versionGone(r *provider.Request) string {
	version := r.Str("mongoDbMajorVersion")
	if version == "" || version == r.Old["mongoDbMajorVersion"] || versions.MongoDB.Check(version, r.Today) == nil {
		return ""
	}
	return "Invalid attribute mongoDBMajorVersion specified."
}

// versionStep is the rehearsal's own wording: Atlas takes no major version back, and none that skips one.
func versionStep(r *provider.Request) string {
	before, _ := r.Old["mongoDbMajorVersion"].(string)
	after := r.Str("mongoDbMajorVersion")
	i, known := position(before)
	j, listed := position(after)
	if before == after || !known || !listed || j == i+1 {
		return ""
	}
	return fmt.Sprintf("MongoDB %s cannot become %s: Atlas goes to the next major version only, one at a time, and not back", before, after)
}

// position of a major version among those that Atlas has had.
func position(version string) (int, bool) {
	i := slices.IndexFunc(versions.MongoDB.Releases, func(r versions.Release) bool { return r.Version == version })
	return i, i >= 0
}

// regions are the regions of a cluster.
func regions(r *provider.Request) []map[string]any {
	var all []map[string]any
	specs, _ := r.Inputs["replicationSpecs"].([]any)
	for _, s := range specs {
		spec, _ := s.(map[string]any)
		configs, _ := spec["regionConfigs"].([]any)
		for _, c := range configs {
			if config, ok := c.(map[string]any); ok {
				all = append(all, config)
			}
		}
	}
	return all
}

// sizes are the tiers on AWS. Source: Atlas API, instanceSize of a cluster's hardware.
var sizes = strings.Fields(`M10 M20 M30 M40 M50 M60 M80 M100 M140 M200 M300 M700 R40 R50 R60 R80 R200 R300 R400 R700
	M40_NVME M50_NVME M60_NVME M80_NVME M200_NVME M400_NVME`)

func sizeKnown(r *provider.Request) string {
	for _, config := range regions(r) {
		specs, _ := config["electableSpecs"].(map[string]any)
		if size, ok := specs["instanceSize"].(string); ok && config["providerName"] == "AWS" && !slices.Contains(sizes, size) {
			return fmt.Sprintf("An invalid enumeration value %s was specified.", size)
		}
	}
	return ""
}

var regionName = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)+_\d$`)

// regionForm: Atlas writes US_WEST_2 where AWS writes us-west-2.
func regionForm(r *provider.Request) string {
	for _, config := range regions(r) {
		if name, ok := config["regionName"].(string); ok && config["providerName"] == "AWS" && !regionName.MatchString(name) {
			return fmt.Sprintf("An invalid enumeration value %s was specified.", name)
		}
	}
	return ""
}

// electable: a replica set elects, so the number of its electable nodes is odd: 3, 5 or 7 over all regions.
func electable(r *provider.Request) string {
	count := 0.0
	for _, config := range regions(r) {
		specs, _ := config["electableSpecs"].(map[string]any)
		if n, ok := specs["nodeCount"].(float64); ok {
			count += n
		}
	}
	if r.Str("clusterType") != "REPLICASET" || count == 0 || count == 3 || count == 5 || count == 7 {
		return ""
	}
	return fmt.Sprintf("The total number of electable nodes must be 3, 5, or 7, and is %v.", count)
}

// tenantVersion: shared tiers take the version that Atlas gives them.
func tenantVersion(r *provider.Request) string {
	for _, config := range regions(r) {
		if config["providerName"] == "TENANT" && r.Str("mongoDbMajorVersion") != "" {
			return "The attribute mongoDBMajorVersion is read-only for tenant clusters and cannot be changed by the user."
		}
	}
	return ""
}

func clusterTaken(r *provider.Request) string {
	if named(r, r.Str("name")) {
		return fmt.Sprintf("A cluster named %s is already present in group %s.", r.Str("name"), r.Str("projectId"))
	}
	return ""
}

func named(r *provider.Request, name string) bool {
	return r.Store.Find(catalog.AtlasAdvancedCluster, func(o *provider.Resource) bool {
		return o.Inputs["projectId"] == r.Inputs["projectId"] && o.Inputs["name"] == name
	}) != nil
}
