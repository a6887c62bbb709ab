package atlas

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

const (
	projectType  = catalog.AtlasProject
	userType     = catalog.AtlasDatabaseUser
	scheduleType = catalog.AtlasCloudBackupSchedule

	issues = "github.com/mongodb/terraform-provider-mongodbatlas/issues/"
	apiDoc = "www.mongodb.com/docs/api/doc/atlas-admin-api-v2"
)

// values are what the provider and the SDK's documentation say of single inputs.
var values = map[string][]provider.Value{
	projectType: {{Property: "name", Source: apiDoc, Pattern: regexp.MustCompile(`^[\p{L}\p{N}_.(),:&@+'-]{1,64}$`),
		Text: "must have 1-64 letters, digits and - _ . ( ) , : & @ + '"}},
	clusterType: {
		{Property: "name", Pattern: regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]{0,63}$`), Source: apiDoc,
			Text: "must have 1-64 letters, digits and hyphens, the first no hyphen"},
		{Property: "clusterType", OneOf: []string{"REPLICASET", "SHARDED", "GEOSHARDED"}, Source: apiDoc},
		{
			Property: "replicationSpecs.[].regionConfigs.[].providerName",
			OneOf:    []string{"AWS", "GCP", "AZURE", "TENANT", "FLEX"},
			Source:   apiDoc,
		},
		{Property: "replicationSpecs.[].regionConfigs.[].priority", Min: 0, Max: 7, Source: apiDoc},
		{Property: "encryptionAtRestProvider", OneOf: []string{"AWS", "GCP", "AZURE", "NONE"}, Source: apiDoc},
	},
	endpointType: {{Property: "providerName", OneOf: []string{"AWS", "AZURE", "GCP"}, Source: apiDoc}},
	serviceType:  {{Property: "providerName", OneOf: []string{"AWS", "AZURE", "GCP"}, Source: apiDoc}},
	userType: {
		{Property: "authDatabaseName", OneOf: []string{"admin", "$external"}, Source: apiDoc},
		{Property: "password", Min: 8, Max: 256, Source: apiDoc},
		{Property: "scopes.[].type", OneOf: []string{"CLUSTER", "DATA_LAKE", "STREAM"}, Source: apiDoc},
	},
	scheduleType: {{Property: "policyItemDaily.retentionUnit", OneOf: []string{"days", "weeks", "months", "years"}, Source: apiDoc}},
}

// rules are what Atlas answers.
var rules = map[string][]provider.Rule{
	projectType: {{Code: "GROUP_ALREADY_EXISTS", Source: apiDoc, OnCreate: true, Fails: projectTaken}},
	endpointType: {
		{Code: "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION", Source: issues + "590", OnCreate: true, Fails: endpointTaken},
	},
	serviceType: {
		{Code: "privatelink endpoint is in a failed state", Source: issues + "3545", OnCreate: true, Fails: partnerMissing},
	},
	clusterType: {
		{Code: "INVALID_ATTRIBUTE", Source: "mongodb.com/legal/support-policy/lifecycles", Fails: versionGone},
		{Code: "rehearsal", Source: "www.mongodb.com/docs/atlas/tutorial/major-version-change/", Fails: versionStep},
		{Code: "TENANT_ATTRIBUTE_READ_ONLY", Source: issues + "2800", Fails: tenantVersion},
		{Code: "INVALID_ENUM_VALUE", Source: "github.com/pulumi/pulumi-mongodbatlas/issues/227", Fails: sizeKnown},
		{Code: "INVALID_ENUM_VALUE", Source: issues + "49", Fails: regionForm},
		{Code: "INVALID_CLUSTER_CONFIGURATION", Source: apiDoc, Fails: electable},
		{Code: "DUPLICATE_CLUSTER_NAME", Source: apiDoc, OnCreate: true, Fails: clusterTaken},
	},
	scheduleType: {{Code: "CLUSTER_NOT_FOUND", Source: apiDoc, OnCreate: true, Fails: clusterMissing}},
}

// leaving are what Atlas answers a deletion.
var leaving = map[string][]provider.Rule{
	endpointType: {{Code: "Conflict", Source: issues + "3545", Fails: endpointInUse}},
}

func projectTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["name"] == r.Inputs["name"] && o.Inputs["orgId"] == r.Inputs["orgId"]
	}
	if r.Store.Find(projectType, same) != nil {
		return fmt.Sprintf("A group with name %q already exists.", r.Str("name"))
	}
	return ""
}

func endpointTaken(r *provider.Request) string {
	same := func(o *provider.Resource) bool {
		return o.Inputs["projectId"] == r.Inputs["projectId"] && o.Inputs["region"] == r.Inputs["region"] &&
			o.Inputs["providerName"] == r.Inputs["providerName"]
	}
	if r.Store.Find(endpointType, same) != nil {
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
	link := r.Store.Find(endpointType, func(e *provider.Resource) bool { return e.Outputs["privateLinkId"] == r.Str("privateLinkId") })
	partner := r.Store.Get(catalog.EC2VpcEndpoint, id)
	if partner == nil || link != nil && partner.Inputs["serviceName"] != link.Outputs["endpointServiceName"] {
		return fmt.Sprintf("Interface endpoint %s was not found.", id)
	}
	return ""
}

func versionGone(r *provider.Request) string {
	version := r.Str("mongoDbMajorVersion")
	if version == "" || version == r.Old["mongoDbMajorVersion"] || versions.MongoDB.Check(version, r.Server.Date()) == nil {
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

func clusterMissing(r *provider.Request) string {
	if !named(r, r.Str("clusterName")) {
		return fmt.Sprintf("No cluster named %s exists in group %s.", r.Str("clusterName"), r.Str("projectId"))
	}
	return ""
}

func named(r *provider.Request, name string) bool {
	return r.Store.Find(clusterType, func(o *provider.Resource) bool {
		return o.Inputs["projectId"] == r.Inputs["projectId"] && o.Inputs["name"] == name
	}) != nil
}

func endpointInUse(r *provider.Request) string {
	id, _ := r.Old["privateLinkId"].(string)
	service := r.Store.Find(serviceType, func(o *provider.Resource) bool { return o.Inputs["privateLinkId"] == id })
	if service == nil {
		return ""
	}
	endpoint, _ := service.Inputs["endpointServiceId"].(string)
	return fmt.Sprintf("private endpoint service %s still has the interface endpoint %s", id, strings.TrimSpace(endpoint))
}
