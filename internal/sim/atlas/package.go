// Package atlas is the simulated MongoDB Atlas of the rehearsal.
package atlas

import (
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-mongodbatlas that the tables were made for.
const version = "3.38.0"

const (
	issues = "github.com/mongodb/terraform-provider-mongodbatlas/issues/"
	apiDoc = "www.mongodb.com/docs/api/doc/atlas-admin-api-v2"
)

const (
	getCluster     = "mongodbatlas:index/getAdvancedCluster:getAdvancedCluster"
	getRestoreJobs = "mongodbatlas:index/getCloudBackupSnapshotRestoreJobs:getCloudBackupSnapshotRestoreJobs"
)

// Package returns the simulated provider.
func Package() *provider.Package {
	schemas := provider.MustSchemas(schemaFile)
	cloud := provider.Description{
		Package: "mongodbatlas", Naming: provider.AutoName{Separator: "-", Digits: 7}, Schemas: schemas,
		Code: []provider.Code{projects, privateLink, clusters, backups, alerts},
	}
	return &provider.Package{
		Name: "mongodbatlas", Version: version, Schemas: schemas, Types: cloud.Types(),
		Invokes: map[string]provider.Invoke{getCluster: getAdvancedCluster, getRestoreJobs: restoreJobs},
		InvokeArgs: map[string][]string{
			getCluster: {"projectId", "name"}, getRestoreJobs: {"projectId", "clusterName", "itemsPerPage"},
		},
	}
}
