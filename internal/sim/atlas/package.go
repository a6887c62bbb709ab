// Package atlas is the simulated MongoDB Atlas of the rehearsal.
package atlas

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-mongodbatlas that the tables were made for.
const version = "3.38.0"

const (
	endpointType = catalog.AtlasPrivateLinkEndpoint
	serviceType  = catalog.AtlasPrivateLinkEndpointService
	clusterType  = catalog.AtlasAdvancedCluster
	restoreType  = catalog.AtlasCloudBackupSnapshotRestoreJob
)

// Package returns the simulated provider.
func Package() *provider.Package {
	types := types()
	for token, t := range types {
		t.Values, t.Rules, t.Leaving = values[token], rules[token], leaving[token]
	}
	types[userType].Taken = "USER_ALREADY_EXISTS"
	return &provider.Package{Name: "mongodbatlas", Version: version, Schemas: provider.MustSchemas(schemaFile), Types: types}
}

func types() map[string]*provider.Type {
	return map[string]*provider.Type{
		projectType: {
			ID: objectID, Name: &provider.AutoName{Property: "name", Separator: "-", Digits: 7, Max: 64},
			Required: []string{"orgId"}, Replaces: []string{"orgId", "projectOwnerId", "withDefaultAlertsSettings"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{"projectId": r.ID, "created": "2026-01-01T00:00:00Z", "clusterCount": 0.0}
			},
			Blocks: &provider.Block{Err: func(r *provider.Request, b *provider.Resource) error {
				return fmt.Errorf("CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS: Cannot close group %s while it holds %s", r.ID, b.ID)
			}},
		},
		endpointType: {
			ID: encoded("privateLinkId", "projectId", "providerName", "region"), Required: []string{"projectId", "providerName", "region"},
			Replaces: []string{"projectId", "providerName", "region"}, Outputs: endpointOutputs,
		},
		serviceType: {
			ID:       encoded("endpointServiceId", "privateLinkId", "projectId", "providerName"),
			Check:    endpointExists,
			Required: []string{"endpointServiceId", "privateLinkId", "projectId", "providerName"},
			Replaces: []string{
				"endpointServiceId",
				"privateLinkId",
				"projectId",
				"providerName",
				"privateEndpointIpAddress",
				"gcpProjectId",
			},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"awsConnectionStatus": "AVAILABLE", "interfaceEndpointId": r.Str("endpointServiceId"), "errorMessage": "",
					"deleteRequested": false,
				}
			},
		},
		clusterType: {
			ID: encoded("clusterId", "projectId", "name"), Name: &provider.AutoName{Property: "name", Separator: "-", Digits: 7, Max: 64},
			Required: []string{"projectId", "clusterType", "replicationSpecs"}, Replaces: []string{"projectId", "name"},
			Outputs: clusterOutputs,
			Protected: func(r *provider.Request) error {
				if r.Inputs["terminationProtectionEnabled"] == true {
					return fmt.Errorf(
						"CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED: Termination protection is enabled on cluster %s",
						r.Str("name"),
					)
				}
				return nil
			},
		},
		userType: {
			ID: encoded("authDatabaseName", "projectId", "username"), Required: []string{"authDatabaseName", "projectId", "username"},
			Replaces: []string{"authDatabaseName", "projectId", "username"}, Secrets: []string{"password"},
		},
		scheduleType: {
			ID: encoded(
				"clusterName",
				"projectId",
			),
			Required: []string{"clusterName", "projectId"},
			Replaces: []string{"clusterName", "projectId"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"clusterId":    r.Kept("clusterId", func() any { return hex24(r) }),
					"nextSnapshot": "2026-01-02T00:00:00Z",
				}
			},
		},
		restoreType: {
			ID: encoded("clusterName", "projectId", "snapshotRestoreJobId"), Required: []string{"clusterName", "projectId"},
			Replaces: []string{"clusterName", "projectId", "snapshotId", "deliveryTypeConfig"},
			Outputs: func(r *provider.Request) map[string]any {
				return map[string]any{
					"snapshotRestoreJobId": r.Kept("snapshotRestoreJobId", func() any { return hex24(r) }),
					"cancelled":            false,
				}
			},
		},
	}
}

// objectID makes Atlas's ids: 24 hexadecimal digits.
func objectID(r *provider.Request) string { return hex24(r) }

func hex24(r *provider.Request) string {
	const scramble = 0x9E3779B97F4A7C15
	n := uint64(r.Store.Serial())
	return fmt.Sprintf("%016x%016x", n*scramble, n)[:24]
}

// encoded makes ids as the provider does: `key:value` pairs joined with hyphens.
func encoded(keys ...string) func(*provider.Request) string {
	return func(r *provider.Request) string {
		parts := make([]string, len(keys))
		for i, k := range keys {
			v := r.Str(k)
			if v == "" {
				v = hex24(r)
			}
			parts[i] = k + ":" + v
		}
		return strings.Join(parts, "-")
	}
}

func endpointOutputs(r *provider.Request) map[string]any {
	region := strings.ToLower(strings.ReplaceAll(r.Str("region"), "_", "-"))
	return map[string]any{
		"privateLinkId": r.Kept("privateLinkId", func() any { return hex24(r) }),
		"endpointServiceName": r.Kept("endpointServiceName", func() any {
			return fmt.Sprintf("com.amazonaws.vpce.%s.vpce-svc-%s", region, hex24(r)[:17])
		}),
		"status": "AVAILABLE", "errorMessage": "", "interfaceEndpoints": []any{},
	}
}

func endpointExists(r *provider.Request) error {
	link := r.Store.Find(endpointType, func(e *provider.Resource) bool { return e.Outputs["privateLinkId"] == r.Str("privateLinkId") })
	if link == nil {
		return fmt.Errorf(
			"PRIVATE_ENDPOINT_SERVICE_NOT_FOUND: No private endpoint service %s in project %s",
			r.Str("privateLinkId"),
			r.Str("projectId"),
		)
	}
	return nil
}

// clusterOutputs: the strings of a private endpoint are there only if its service is connected when the cluster is
// read (docs/facts.md §3). They come after another endpoint's, so that nobody takes the first.
func clusterOutputs(r *provider.Request) map[string]any {
	name := strings.ToLower(r.Str("name"))
	clusterID := r.Kept("clusterId", func() any { return hex24(r) }).(string)
	host := clusterID[:5]
	var private []any
	for _, s := range r.Store.List() {
		if s.Type != serviceType || s.Inputs["projectId"] != r.Inputs["projectId"] {
			continue
		}
		private = append(private,
			privateEndpoint(name, host, len(private), "vpce-0ffffffffffffffff"),
			privateEndpoint(name, host, len(private)+1, fmt.Sprint(s.Inputs["endpointServiceId"])))
	}
	standard := fmt.Sprintf("%s.%s.mongodb.net", name, host)
	return map[string]any{
		"clusterId": clusterID, "stateName": "IDLE",
		"mongoDbVersion": r.Str("mongoDbMajorVersion") + ".0",
		"connectionStrings": []any{map[string]any{
			"standard": "mongodb://" + standard + ":27017", "standardSrv": "mongodb+srv://" + standard, "private": "", "privateSrv": "",
			"privateEndpoints": private,
		}},
	}
}

func privateEndpoint(name, host string, n int, endpointID string) map[string]any {
	address := fmt.Sprintf("%s-pl-%d.%s.mongodb.net", name, n, host)
	return map[string]any{
		"connectionString": "mongodb://" + address + ":1024", "srvConnectionString": "mongodb+srv://" + address, "type": "MONGOD",
		"srvShardOptimizedConnectionString": "", "endpoints": []any{map[string]any{
			"endpointId": endpointID, "providerName": "AWS", "region": "",
		}},
	}
}
