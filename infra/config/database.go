package config

import (
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/reserved"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// Database describes RDS PostgreSQL.
type Database struct {
	EngineVersion       string            `json:"engineVersion" doc:"PostgreSQL version, such as 16.14. Default: the profile's."`
	InstanceClass       string            `json:"instanceClass" default:"db.m5d.2xlarge" is:"instanceClass" doc:"Default db.m5d.2xlarge (R07)."`
	StorageGiB          int               `json:"storageGiB" default:"300" from:"20" to:"65536" doc:"Allocated EBS storage, 20-65536. Default 300."`
	AllowMajorUpgrade   bool              `json:"allowMajorUpgrade" doc:"engineVersion may change to the next major version. Default false."`
	MaxStorageGiB       int               `json:"maxStorageGiB" doc:"Storage autoscaling limit; 0 turns it off. Default twice storageGiB."`
	MultiAZ             bool              `json:"multiAz" production:"true" development:"false" doc:"A standby in another zone. Default: true in production."`
	MasterUsername      string            `json:"masterUsername" default:"bpaadmin" is:"masterUser" doc:"Master user, 1-16 letters, digits and underscores, not admin or another reserved word. Default bpaadmin."`
	MasterPassword      Secret            `json:"masterPassword" is:"password" doc:"Default: generated. 8-128 printable ASCII characters without / \" @ ' and space."`
	AdminPassword       Secret            `json:"adminPassword" is:"password" doc:"Password of role admin. Default: generated."`
	KongPassword        Secret            `json:"kongPassword" is:"password" doc:"Password of role kong. Default: generated."`
	CamundaPassword     Secret            `json:"camundaPassword" is:"password" doc:"Password of role camunda. Default: generated."`
	BackupRetentionDays int               `json:"backupRetentionDays" production:"14" development:"1" from:"1" to:"35" doc:"Automated backups, 1-35 days. Default 14 in production, 1 in development."`
	DeletionProtection  bool              `json:"deletionProtection" production:"true" development:"false" doc:"RDS refuses to delete the instance. Default: true in production."`
	FinalSnapshot       bool              `json:"finalSnapshot" production:"true" development:"false" doc:"Take a snapshot when the instance is deleted, and keep its automated backups, their key and, for 30 days, the secrets. Default: true in production."`
	ForceTLS            bool              `json:"forceTls" default:"true" doc:"Refuse connections without TLS (rds.force_ssl). Default true."`
	Parameters          map[string]string `json:"parameters" doc:"Further parameters of the parameter group."`
	BootstrapImage      string            `json:"bootstrapImage" is:"image" doc:"Image with bash and psql 14 or later that makes databases and roles; @sha256:… behind it pins the content. Of a registry in registry.pullThrough it comes through the cache. Default: public.ecr.aws/docker/library/postgres:16.14."`
	RestoreFrom         *DatabaseRestore  `json:"restoreFrom" doc:"What the instance is made from. Another instance is replaced, unless it is protected: docs/recovery.md."`
}

// DatabaseRestore names what the database is made from: a snapshot, or a moment of another instance.
type DatabaseRestore struct {
	Snapshot    string               `json:"snapshot" is:"databaseSnapshot" doc:"Name or ARN of an RDS snapshot."`
	PointInTime *DatabasePointInTime `json:"pointInTime" doc:"A moment of an instance."`
}

// DatabasePointInTime is a moment of an instance that RDS keeps backups of.
type DatabasePointInTime struct {
	Instance string `json:"instance" required:"true" is:"databaseIdentifier" doc:"Identifier of the instance."`
	Time     string `json:"time" doc:"Moment in UTC, such as 2026-11-23T10:00:00Z. Default: the latest that can be restored."`
}

// Zones is how many zones have to sell the database's class: one for an instance, and one for a standby.
func (db Database) Zones() int {
	if db.MultiAZ {
		return 2
	}
	return 1
}

func (db *Database) complete(d *defaults) {
	def(d, "database.engineVersion", &db.EngineVersion, versions.Profiles[d.config.Profile].PostgreSQL, d.perProfile())
	def(d, "database.maxStorageGiB", &db.MaxStorageGiB, 2*db.StorageGiB, FromDefault+" (twice storageGiB)")
	def(d, "database.bootstrapImage", &db.BootstrapImage, versions.PostgresImage, FromDefault)
}

func (db Database) check(p *problem.List) {
	p.Require(db.MaxStorageGiB == 0 || db.MaxStorageGiB >= db.StorageGiB+db.StorageGiB/10, "maxStorageGiB", db.MaxStorageGiB,
		"must be 0, or at least a tenth above storageGiB %d", db.StorageGiB)
	switch user := db.MasterUsername; {
	case reserved.MasterUser(user):
		p.Add("masterUsername", user, "is reserved by RDS; the default bpaadmin works, and the role admin is made by SQL (R10)")
	case reserved.Role(user):
		p.Add("masterUsername", user, "must differ from the roles kong and camunda")
	}
	for key := range db.Parameters {
		p.Require(!slices.Contains(reserved.Parameters, key), "parameters."+key, db.Parameters[key],
			"is set by the program (R09, database.forceTls)")
	}
	if r := db.RestoreFrom; r != nil {
		p.Require((r.Snapshot != "") != (r.PointInTime != nil), "restoreFrom", nil, "must be either snapshot or pointInTime")
	}
}

func (db Database) fit(k *checks) {
	k.supported("database.engineVersion", db.EngineVersion, versions.PostgreSQL)
	if r := db.RestoreFrom; r != nil && r.PointInTime != nil {
		k.moment("database.restoreFrom.pointInTime.time", r.PointInTime.Time)
	}
}

// moment is a time in UTC, or nothing.
func (k *checks) moment(path, text string) {
	if text == "" {
		return
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", text)
	k.Require(err == nil && !at.After(k.Now), path, text, "must be a moment in UTC that has passed, such as 2026-11-23T10:00:00Z")
}

var _ = define(map[string]Format{
	"databaseIdentifier": {Pattern: `^[a-z](?:-?[a-z0-9])*$`, Must: "must be the identifier of an RDS instance"},
	"databaseSnapshot": {
		Pattern: `^(?:arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:snapshot:)?(?:rds:)?[A-Za-z](?:-?[A-Za-z0-9])*$`,
		Must:    "must be the name or the ARN of an RDS snapshot",
	},
	"image": {
		Pattern: `^[a-z0-9.-]+(?::[0-9]+)?/` + repository +
			`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`,
		Must: "must be an image with registry and tag or digest, such as " + versions.PostgresImage,
	},
	"instanceClass": {Pattern: `^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an RDS instance class such as db.m5d.2xlarge"},
	"masterUser":    {Pattern: `^[A-Za-z][A-Za-z0-9_]{0,15}$`, Must: "must be 1-16 letters, digits and underscores, first a letter"},
})
