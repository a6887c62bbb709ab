package catalog

import (
	"fmt"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of atlas.
const (
	AtlasAdvancedCluster               = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	AtlasAlertConfiguration            = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
	AtlasCloudBackupSchedule           = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
	AtlasCloudBackupSnapshotRestoreJob = "mongodbatlas:index/cloudBackupSnapshotRestoreJob:CloudBackupSnapshotRestoreJob"
	AtlasCluster                       = "mongodbatlas:index/cluster:Cluster"
	AtlasDatabaseUser                  = "mongodbatlas:index/databaseUser:DatabaseUser"
	AtlasEncryptionAtRest              = "mongodbatlas:index/encryptionAtRest:EncryptionAtRest"
	AtlasPrivateLinkEndpoint           = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
	AtlasPrivateLinkEndpointService    = "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService"
	AtlasProject                       = "mongodbatlas:index/project:Project"
	AtlasProjectIPAccessList           = "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList"
)

var atlasTypes = []Type{
	{
		Token: AtlasAdvancedCluster,
		Identity: Identity{
			ImportID: form("{projectId}-{name}"),
			StateID:  atlasID(map[string]string{"cluster_name": "name", "project_id": "projectId"}),
			Listing:  Listing{"atlas clusters list --projectId {projectId} --output json", "results"},
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "every MongoDB database, and the cluster's snapshots unless they are retained",
			Downtime: "BPA is down until the new cluster is restored",
			Kept:     retainedSnapshots,
		},
		Effects: []Effect{
			{Property: "mongoDbMajorVersion", Downtime: oneByOne + "; there is no way back", Typical: 30 * time.Minute},
			{Property: "replicationSpecs", Downtime: resized, Typical: 20 * time.Minute},
		},
		Guards: []Guard{
			{"terminationProtectionEnabled", off, "Atlas no longer refuses to delete the cluster"},
			{"backupEnabled", off, "snapshots are no longer taken"},
			{"retainBackupsEnabled", off, "the snapshots go with the cluster when it is deleted"},
			{"pitEnabled", off, "the cluster can no longer be restored to a point in time"},
		},
		Refusals: []Refusal{
			{"terminationProtectionEnabled", isTrue, "terminationProtectionEnabled: Atlas refuses (bpa:atlas.terminationProtection)"},
		},
		Runs: func(in map[string]any) versions.Stack {
			return versions.Stack{MongoDB: property.Text(in, "mongoDbMajorVersion")}
		},
		// 7-15 min
		Duration: Duration{Create: 11 * time.Minute, Delete: 5 * time.Minute, Source: Plan},
		Price:    Price{Rule: priceAtlasCluster},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 64, nil},
			Outputs:  map[string]any{"stateName": "IDLE", "mongoDbVersion": "{mongoDbMajorVersion}.0"},
			Required: []string{"projectId", "clusterType", "replicationSpecs"}, Replaces: []string{"projectId", "name"},
			Protected: Answer{
				"CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED", "Termination protection is enabled on cluster {name}",
			},
		},
		Failures: []Failure{
			{Class: CreatedIDLost, Source: atlasCode + "advancedcluster/resource_advanced_cluster.go resourceCreate"},
			{
				Class:  StaleOutputs,
				Source: "mongodb/terraform-provider-mongodbatlas issue 2782: connection strings of an endpoint that comes later",
			},
		},
		None: none(closed, None{Rights: noRight, Credential: noCredential, Waits: noWait}),
	},
	{
		Token: AtlasAlertConfiguration,
		Identity: Identity{
			ImportID: form("{projectId}-{alertConfigurationId}"),
			StateID:  atlasID(map[string]string{"id": "alertConfigurationId", "project_id": "projectId"}),
			Listing:  Listing{"atlas alerts settings list --projectId {projectId} --output json", "results"},
		},
		Loss: Loss{
			Downtime: "nobody is told of what happens in between",
		},
		Guards: []Guard{{"enabled", off, "the alert no longer rings"}},
		Waits: []Wait{
			{For: []string{HelmRelease}, Why: "an alert about what is not there yet rings, and so does one about what is being destroyed"},
		},
		Price: Price{Free: "alerts of Atlas cost nothing"},
		Simulation: Simulation{
			ID: ByCode, Outputs: map[string]any{"created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"},
			Required: []string{"projectId", "eventType", "notifications"}, Replaces: []string{"projectId"},
		},
		Failures: []Failure{
			{Class: Atomic, Source: atlasCode + "alertconfiguration/resource.go Create: one call, and then the state"},
			keepsState(atlasCode + "alertconfiguration/resource.go Update"),
		},
		None: none(closed, plain, None{Duration: atOnce, Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: AtlasCloudBackupSchedule,
		Identity: Identity{
			ImportID: form("{projectId}-{clusterName}"),
			StateID:  atlasID(map[string]string{"cluster_name": "clusterName", "project_id": "projectId"}),
		},
		Loss: Loss{
			Lost: "the schedule; snapshots that are there stay",
		},
		Guards: []Guard{
			{"policyItemDaily.retentionValue", less, "older snapshots are deleted"},
			{"restoreWindowDays", less, "the cluster can be restored to a shorter past"},
		},
		Price: Price{Rule: paysUse("atlas.backup")},
		Simulation: Simulation{
			ID:       AsRead,
			Outputs:  map[string]any{"clusterId": "{hex:24}", "nextSnapshot": "2026-01-02T00:00:00Z"},
			Required: []string{"clusterName", "projectId"}, Replaces: []string{"clusterName", "projectId"},
		},
		Failures: []Failure{
			{
				Class:  Atomic,
				Source: atlasCode + "cloudbackupschedule/resource_cloud_backup_schedule.go resourceCreate: again does the same",
			},
		},
		None: none(closed, plain, instant, None{Effects: noEffect, Refusals: noRefusal}),
	},
	{
		Token: AtlasCloudBackupSnapshotRestoreJob,
		Simulation: Simulation{
			ID:       "clusterName:{clusterName}-projectId:{projectId}-snapshotRestoreJobId:{hex:24}",
			Outputs:  map[string]any{"snapshotRestoreJobId": "{hex:24}", "cancelled": false},
			Required: []string{"clusterName", "projectId"},
			Replaces: []string{"clusterName", "projectId", "snapshotId", "deliveryTypeConfig"},
		},
		Failures: []Failure{
			{
				Class:  ReturnsBeforeEffect,
				Source: atlasCode + "cloudbackupsnapshotrestorejob/resource_cloud_backup_snapshot_restore_job.go resourceCreate",
				Verbs:  []string{"create"},
			},
		},
	},
	{
		Token: AtlasCluster,
		Loss: Loss{
			Stateful: true,
			Lost:     "every MongoDB database and the cluster's snapshots",
			Downtime: "BPA is down until the new cluster is restored",
		},
	},
	{
		Token: AtlasDatabaseUser,
		Identity: Identity{
			ImportID: form("{projectId}/{username}/{authDatabaseName}"),
			StateID: atlasID(map[string]string{
				"auth_database_name": "authDatabaseName", "project_id": "projectId", "username": "username",
			}),
		},
		Loss: Loss{
			Lost: "the login: who still uses it is refused",
		},
		Rights: Rights{Verb: "gives", Given: roles},
		Price:  Price{Free: "a part of the Atlas project, which costs nothing"},
		Simulation: Simulation{
			Framework: true,
			ID:        AsRead, Secrets: []string{"password"},
			Required: []string{"authDatabaseName", "projectId", "username"},
			Replaces: []string{"authDatabaseName", "projectId", "username"}, Taken: "USER_ALREADY_EXISTS",
		},
		Failures: []Failure{
			{Class: ReturnsBeforeEffect, Source: atlasCode + "databaseuser/resource_database_user.go Create: no wait for its deployment"},
			keepsState(atlasCode + "databaseuser/resource_database_user.go Update"),
		},
		None: none(quiet, closed, instant, None{Credential: maskedInputs, Runs: noVersion}),
	},
	{
		Token: AtlasEncryptionAtRest,
		Loss: Loss{
			Stateful: true,
			Lost:     "the way to the key that the databases are encrypted by",
			Downtime: "the clusters that use the key stop",
		},
	},
	{
		Token: AtlasPrivateLinkEndpoint,
		Identity: Identity{
			ImportID: form("{projectId}-{privateLinkId}-{providerName}-{region}"),
			StateID: atlasID(map[string]string{
				"private_link_id": "privateLinkId", "project_id": "projectId", "provider_name": "providerName", "region": "region",
			}),
			Listing: Listing{"atlas privateEndpoints aws list --projectId {projectId} --output json", ""},
		},
		Loss: Loss{
			Lost:     "the connection string of the endpoint",
			Downtime: "BPA has no way to MongoDB until the new endpoint is up and the release has rolled",
		},
		// every wait is at least a minute
		Duration: Duration{Create: 2 * time.Minute, Delete: 2 * time.Minute, Source: Plan},
		Price:    Price{Rule: priceAtlasEndpoint},
		Simulation: Simulation{
			ID: ByCode,
			Outputs: map[string]any{
				"status": "AVAILABLE", "errorMessage": "", "interfaceEndpoints": []any{},
			},
			Required: []string{"projectId", "providerName", "region"}, Replaces: []string{"projectId", "providerName", "region"},
		},
		Failures: []Failure{
			{Class: CreatedIDLost, Source: atlasCode + "privatelinkendpoint/resource_privatelink_endpoint.go resourceCreate"},
		},
		None: none(quiet, closed, plain, None{Waits: noWait}),
	},
	{
		Token: AtlasPrivateLinkEndpointService,
		Identity: Identity{
			ImportID: form("{projectId}--{privateLinkId}--{endpointServiceId}--{providerName}"),
			StateID: atlasID(map[string]string{
				"endpoint_service_id": "endpointServiceId", "private_link_id": "privateLinkId", "project_id": "projectId",
				"provider_name": "providerName",
			}),
			Listing: Listing{"atlas privateEndpoints aws list --projectId {projectId} --output json", ""},
		},
		Loss: Loss{
			Lost:     "the connection string of the endpoint",
			Downtime: "BPA has no way to MongoDB until the new endpoint is up and the release has rolled",
		},
		// 3-5 min
		Duration: Duration{Create: 4 * time.Minute, Delete: 2 * time.Minute, Source: Logs},
		Price:    Price{Free: "joins two endpoints, which are paid for"},
		Simulation: Simulation{
			ID: AsRead,
			Outputs: map[string]any{
				"awsConnectionStatus": "AVAILABLE", "interfaceEndpointId": "{endpointServiceId}", "errorMessage": "",
				"deleteRequested": false,
			},
			Required: []string{"endpointServiceId", "privateLinkId", "projectId", "providerName"},
			Replaces: []string{
				"endpointServiceId", "privateLinkId", "projectId", "providerName", "privateEndpointIpAddress", "gcpProjectId",
			},
		},
		Failures: []Failure{
			{
				Class:  CreatedIDLost,
				Source: atlasCode + "privatelinkendpointservice/resource_privatelink_endpoint_service.go resourceCreate",
			},
		},
		None: none(quiet, closed, plain, None{Waits: noWait}),
	},
	{
		Token: AtlasProject,
		Identity: Identity{
			Listing: Listing{"atlas projects list --output json", "results"},
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the Atlas project with every cluster, user and snapshot in it",
			Downtime: "BPA is down until the new cluster is restored",
		},
		Price: Price{Free: "an Atlas project costs nothing itself"},
		Simulation: Simulation{
			Framework: true,
			ID:        "{hex:24}", Name: Naming{"name", 64, nil},
			Outputs:  map[string]any{"projectId": "{id}", "created": "2026-01-01T00:00:00Z", "clusterCount": 0.0},
			Required: []string{"orgId"}, Replaces: []string{"orgId", "projectOwnerId", "withDefaultAlertsSettings"},
			InUse: Answer{"CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS", "Cannot close group {id} while it holds {blocker.id}"},
		},
		Failures: []Failure{
			{
				Class:  CreatedIDLost,
				Source: atlasCode + "project/resource_project.go Create: reads and a setting after the last call that undoes",
			},
			keepsState(atlasCode + "project/resource_project.go Update"),
		},
		None: none(quiet, closed, plain, instant),
	},
	{
		Token: AtlasProjectIPAccessList,
		Exposes: func(urn string, in map[string]any) []Opening {
			return opens(urn, "MongoDB Atlas", 27017, []any{in["cidrBlock"], in["ipAddress"]})
		},
	},
}

const (
	oneByOne = "members restart one by one; an election of some seconds"
	resized  = "members are resized one by one; an election of some seconds"
)

// retainedSnapshots says what Atlas keeps of a deleted cluster: "If you … terminate a cluster that had snapshots enabled, Atlas
// immediately deletes the backup snapshots" (docs/facts.md §3), but for retain_backups_enabled of the provider's delete.
func retainedSnapshots(in map[string]any) Phrase {
	if in["retainBackupsEnabled"] == true {
		return phrase("the cluster's snapshots, in the project")
	}
	return phrase("nothing: Atlas deletes the cluster's snapshots with it (bpa:atlas.retainBackups, with bpa:atlas.projectId)")
}

// roles are those of a user of a database.
func roles(in map[string]any) []Phrase {
	var given []Phrase
	for _, role := range property.Objects(in, "roles") {
		given = append(given, phrase("%s on %s to %s", role["roleName"], role["databaseName"], in["username"]))
	}
	return given
}

// tierStorage is the storage in GB that the price of an Atlas tier includes. Source: that of the tiers' prices. Atlas
// charges another size in full, and not the difference (docs.atlas.mongodb.com/billing/cluster-configuration-costs).
var tierStorage = map[string]float64{"M10": 10, "M20": 20, "M30": 40, "M40": 80, "M50": 160, "M60": 320, "M80": 750}

// priceAtlasCluster pays for the replica set in each region.
func priceAtlasCluster(p Pricing, r *stackdoc.Resource) {
	p.ByUse("atlas.transfer")
	if property.True(r.Property("backupEnabled")) {
		p.ByUse("atlas.backup")
	}
	for _, spec := range property.List(r.Property("replicationSpecs")) {
		for _, config := range property.List(spec, "regionConfigs") {
			priceAtlasRegion(p, property.Object(config))
		}
	}
}

func priceAtlasRegion(p Pricing, config map[string]any) {
	nodes := property.Object(config, "electableSpecs")
	tier, region := fmt.Sprint(nodes["instanceSize"]), awsRegion(config["regionName"])
	switch {
	case config["providerName"] != "AWS":
		p.Missing("Atlas on %v: the table has prices of AWS alone", config["providerName"])
		return
	case nodes["nodeCount"] != 3.0:
		p.Missing("Atlas %s with %v nodes: the table has prices of replica sets of 3", tier, nodes["nodeCount"])
		return
	}
	p.PaidIn("atlas."+tier, region, 1)
	if disk, ok := property.Number(nodes, "diskSizeGb"); ok && disk != tierStorage[tier] {
		p.Missing("%s: %v GB, where %s has %v", p.What("atlas.storage"), disk, tier, tierStorage[tier])
	}
}

// awsRegion is us-west-2 for Atlas's US_WEST_2.
func awsRegion(atlas any) string {
	return strings.ToLower(strings.ReplaceAll(fmt.Sprint(atlas), "_", "-"))
}

// priceAtlasEndpoint is Atlas's own charge for a private endpoint, beside that of AWS.
func priceAtlasEndpoint(p Pricing, r *stackdoc.Resource) {
	p.PaidIn("atlas.endpoint", awsRegion(r.Property("region")), 1)
}
