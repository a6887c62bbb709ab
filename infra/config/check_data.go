package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// reserved are master users that RDS for PostgreSQL refuses (facts.md §2): the paper's own `admin` is one of them.
var reserved = strings.Fields(
	"admin administrator user rdsadmin rdsrepladmin rds_superuser postgres_fdw public pg_monitor root",
)

func (l *loader) checkDatabase() {
	d := l.config.Database
	l.supported("database.engineVersion", d.EngineVersion, versions.PostgreSQL)
	l.matches("database.instanceClass", d.InstanceClass, classPattern, "must be an RDS instance class such as db.m5d.2xlarge")
	l.between("database.storageGiB", d.StorageGiB, 20, 65536)
	l.problems.Require(d.MaxStorageGiB == 0 || d.MaxStorageGiB >= d.StorageGiB+d.StorageGiB/10, "database.maxStorageGiB", d.MaxStorageGiB,
		"must be 0, or at least a tenth above storageGiB %d", d.StorageGiB)
	l.matches("database.masterUsername", d.MasterUsername, masterPattern, "must be 1-16 letters, digits and underscores, first a letter")
	switch user := strings.ToLower(d.MasterUsername); {
	case slices.Contains(reserved, user) || strings.HasPrefix(user, "pg_"):
		l.problems.Add("database.masterUsername", d.MasterUsername,
			"is reserved by RDS; the default bpaadmin works, and the role admin is made by SQL (R10)")
	case user == "kong" || user == "camunda":
		l.problems.Add("database.masterUsername", d.MasterUsername, "must differ from the roles kong and camunda")
	}
	for _, p := range []struct {
		path   string
		secret Secret
	}{
		{"database.masterPassword", d.MasterPassword}, {"database.adminPassword", d.AdminPassword},
		{"database.kongPassword", d.KongPassword}, {"database.camundaPassword", d.CamundaPassword},
	} {
		l.checkPassword(p.path, p.secret)
	}
	l.between("database.backupRetentionDays", d.BackupRetentionDays, 1, 35)
	for key := range d.Parameters {
		l.problems.Require(key != "password_encryption" && key != "rds.force_ssl", "database.parameters."+key, d.Parameters[key],
			"is set by the program (R09, database.forceTls)")
	}
}

// checkPassword: what RDS accepts (facts.md §2). A sealed secret cannot be checked before the program runs.
func (l *loader) checkPassword(path string, s Secret) {
	if !s.Set() || !s.Known() {
		return
	}
	ok := passwordPattern.MatchString(s.Reveal()) && !strings.ContainsAny(s.Reveal(), `/"@' `)
	l.problems.Require(ok, path, SealedSecret(), `must be 8-128 printable ASCII characters without / " @ ' and space`)
}

func (l *loader) checkAtlas() {
	a := l.config.Atlas
	if a.ProjectID == "" {
		l.matches("atlas.orgId", a.OrgID, atlasIDPattern, "must be 24 hexadecimal digits, or atlas.projectId names an existing project")
	}
	l.optional("atlas.projectId", a.ProjectID, atlasIDPattern, "must be 24 hexadecimal digits")
	l.problems.Require(a.PublicKey != "" || !a.PrivateKey.Set(), "atlas.publicKey", nil, "must be given with atlas.privateKey")
	l.supported("atlas.version", a.Version, versions.MongoDB)
	l.problems.Require(slices.Contains(atlasTiers, a.InstanceSize), "atlas.instanceSize", a.InstanceSize,
		"must be a dedicated tier, M10 or larger: smaller ones have no PrivateLink")
	l.between("atlas.diskGiB", a.DiskGiB, 10, 4096)
	l.between("atlas.backupRetentionDays", a.BackupRetentionDays, 1, 365)
	l.problems.Require(
		a.Username != "" && !strings.ContainsAny(a.Username, "/:@ "),
		"atlas.username",
		a.Username,
		"must not contain / : @ or space",
	)
	l.checkPassword("atlas.password", a.Password)
	l.problems.Require(len(a.Databases) > 0, "atlas.databases", nil, "must name at least one database")
	for i, db := range a.Databases {
		l.problems.Require(
			db != "" && !strings.ContainsAny(db, `/\. "$*<>:|?`),
			fmt.Sprintf("atlas.databases[%d]", i),
			db,
			"must be a MongoDB database name",
		)
	}
	if p := a.ParentAccount; p != nil {
		l.matches("atlas.parentAccount.accountId", p.AccountID, accountPattern, "must be 12 digits in quotes")
		l.matches("atlas.parentAccount.roleArn", p.RoleARN, rolePattern, "must be the ARN of an IAM role")
		l.matches("atlas.parentAccount.vpcId", p.VpcID, vpcPattern, "must be a VPC id")
		l.problems.Require(
			len(p.SubnetIDs) == zoneCount,
			"atlas.parentAccount.subnetIds",
			p.SubnetIDs,
			"must be one subnet for each of the %d zones",
			zoneCount,
		)
		for i, id := range p.SubnetIDs {
			l.matches(fmt.Sprintf("atlas.parentAccount.subnetIds[%d]", i), id, subPattern, "must be a subnet id")
		}
	}
}
