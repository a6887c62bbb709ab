package config

import (
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// reserved are master users that RDS for PostgreSQL refuses (docs/facts.md §2): the paper's own `admin` is one of them.
var reserved = strings.Fields(
	"admin administrator user rdsadmin rdsrepladmin rds_superuser postgres_fdw public pg_monitor root",
)

func (l *loader) checkDatabase() {
	d := l.config.Database
	l.supported("database.engineVersion", d.EngineVersion, versions.PostgreSQL)
	l.problems.Require(d.MaxStorageGiB == 0 || d.MaxStorageGiB >= d.StorageGiB+d.StorageGiB/10, "database.maxStorageGiB", d.MaxStorageGiB,
		"must be 0, or at least a tenth above storageGiB %d", d.StorageGiB)
	switch user := strings.ToLower(d.MasterUsername); {
	case slices.Contains(reserved, user) || strings.HasPrefix(user, "pg_"):
		l.problems.Add("database.masterUsername", d.MasterUsername,
			"is reserved by RDS; the default bpaadmin works, and the role admin is made by SQL (R10)")
	case user == "kong" || user == "camunda":
		l.problems.Add("database.masterUsername", d.MasterUsername, "must differ from the roles kong and camunda")
	}
	for key := range d.Parameters {
		l.problems.Require(key != "password_encryption" && key != "rds.force_ssl", "database.parameters."+key, d.Parameters[key],
			"is set by the program (R09, database.forceTls)")
	}
}

func (l *loader) checkAtlas() {
	a := l.config.Atlas
	l.problems.Require(a.ProjectID != "" || a.OrgID != "", "atlas.orgId", nil,
		"must be 24 hexadecimal digits, or atlas.projectId names an existing project")
	l.problems.Require(a.PublicKey != "" || !a.PrivateKey.Set(), "atlas.publicKey", nil, "must be given with atlas.privateKey")
	l.supported("atlas.version", a.Version, versions.MongoDB)
	l.problems.Require(len(a.Databases) > 0, "atlas.databases", nil, "must name at least one database")
	if p := a.ParentAccount; p != nil {
		l.problems.Require(len(p.SubnetIDs) == zoneCount, "atlas.parentAccount.subnetIds", p.SubnetIDs,
			"must be one subnet for each of the %d zones", zoneCount)
	}
}
