package config

import (
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// Atlas describes MongoDB Atlas.
type Atlas struct {
	OrgID                 string         `json:"orgId" optional:"true" is:"atlasId" doc:"Organisation id, 24 hexadecimal digits. Required where projectId is not set."`
	ProjectID             string         `json:"projectId" optional:"true" is:"atlasId" doc:"An existing project, 24 hexadecimal digits. Default: a project is created."`
	PublicKey             string         `json:"publicKey" doc:"API public key. Default: MONGODB_ATLAS_PUBLIC_KEY of the environment."`
	PrivateKey            Secret         `json:"privateKey" doc:"API private key. Default: MONGODB_ATLAS_PRIVATE_KEY of the environment."`
	Version               string         `json:"version" doc:"MongoDB major version, such as 8.0. Default: the profile's."`
	InstanceSize          string         `json:"instanceSize" default:"M30" is:"atlasTier" doc:"M10 or larger; M0, M2 and M5 have no PrivateLink. Default M30 (R12)."`
	DiskGiB               int            `json:"diskGiB" default:"40" from:"10" to:"4096" doc:"Disk size, 10-4096. Default 40."`
	BackupRetentionDays   int            `json:"backupRetentionDays" default:"14" from:"1" to:"365" doc:"Days that daily snapshots are kept, 1-365. Default 14."`
	PointInTimeRecovery   bool           `json:"pointInTimeRecovery" production:"true" development:"false" doc:"Continuous backup. Default: true in production."`
	RestoreWindowDays     int            `json:"restoreWindowDays" from:"1" to:"365" doc:"Days back that any moment can be restored, 1-365, at most backupRetentionDays. Only with pointInTimeRecovery, and then default 7, or backupRetentionDays where that is less."`
	TerminationProtection bool           `json:"terminationProtection" production:"true" development:"false" doc:"Atlas refuses to delete the cluster. Default: true in production."`
	RetainBackups         bool           `json:"retainBackups" doc:"The snapshots of a deleted cluster stay in the project. Only with projectId, as a project of the stack is deleted with the cluster, and then default true in production."`
	Username              string         `json:"username" default:"bpa" is:"mongoUser" doc:"Database user. Default bpa."`
	Password              Secret         `json:"password" is:"password" doc:"Default: generated."`
	Databases             []string       `json:"databases" required:"true" is:"mongoDatabase" doc:"Databases the user may read and write, by the names that BPA connects to."`
	ParentAccount         *ParentAccount `json:"parentAccount" doc:"Put the VPC endpoint into this account's VPC instead (R27)."`
	RestoreFrom           *AtlasRestore  `json:"restoreFrom" doc:"Restore a backup into the cluster, over what is in it: docs/recovery.md."`
}

// ParentAccount is the account whose VPC holds the Atlas endpoint (R27). All fields are required.
type ParentAccount struct {
	AccountID string   `json:"accountId" required:"true" is:"account" doc:"12 digits."`
	RoleARN   string   `json:"roleArn" required:"true" is:"role" doc:"Role to assume there."`
	VpcID     string   `json:"vpcId" required:"true" is:"vpc" doc:"vpc-…."`
	SubnetIDs []string `json:"subnetIds" required:"true" is:"subnet" doc:"One subnet for each zone."`
}

// AtlasRestore names what the cluster's data is replaced with. Unlike an RDS restore, Atlas restores into the cluster
// that is there.
type AtlasRestore struct {
	SnapshotID string `json:"snapshotId" is:"atlasId" doc:"Atlas snapshot, 24 hexadecimal digits."`
	Time       string `json:"time" doc:"Moment in UTC, such as 2026-11-23T10:00:00Z; needs pointInTimeRecovery."`
	Cluster    string `json:"cluster" doc:"Cluster of this project that the backup is of. Default: the stack's own."`
}

func (a *Atlas) complete(d *defaults) {
	def(d, "atlas.version", &a.Version, versions.Profiles[d.config.Profile].MongoDB, d.perProfile())
	if a.ProjectID != "" {
		def(d, "atlas.retainBackups", &a.RetainBackups, d.production(), FromDefault+" (atlas.projectId)")
	}
	if a.PointInTimeRecovery {
		def(d, "atlas.restoreWindowDays", &a.RestoreWindowDays, min(7, a.BackupRetentionDays), FromDefault)
	}
}

func (a Atlas) check(p *problem.List) {
	p.Require(a.ProjectID != "" || a.OrgID != "", "orgId", nil,
		"must be 24 hexadecimal digits, or atlas.projectId names an existing project")
	p.Require(a.PublicKey != "" || !a.PrivateKey.Set(), "publicKey", nil, "must be given with atlas.privateKey")
	p.Require(!a.RetainBackups || a.ProjectID != "", "retainBackups", a.RetainBackups,
		"needs atlas.projectId: a project of the stack's own is deleted with the cluster")
	p.Require(a.RestoreWindowDays == 0 || a.PointInTimeRecovery, "restoreWindowDays", a.RestoreWindowDays,
		"needs atlas.pointInTimeRecovery")
	p.Require(a.RestoreWindowDays <= a.BackupRetentionDays, "restoreWindowDays", a.RestoreWindowDays,
		"must be at most atlas.backupRetentionDays, %d", a.BackupRetentionDays)
	p.Require(len(a.Databases) > 0, "databases", nil, "must list the databases that BPA connects to, such as [bpa]; "+
		"release 0.1.0 took [bpa] where none was given")
	if parent := a.ParentAccount; parent != nil {
		p.Require(len(parent.SubnetIDs) == zones.Count, "parentAccount.subnetIds", parent.SubnetIDs,
			"must be one subnet for each of the %d zones", zones.Count)
	}
	if r := a.RestoreFrom; r != nil {
		p.Require((r.SnapshotID != "") != (r.Time != ""), "restoreFrom", nil, "must be either snapshotId or time")
		p.Require(r.Time == "" || a.PointInTimeRecovery, "restoreFrom.time", r.Time, "needs atlas.pointInTimeRecovery")
	}
}

func (a Atlas) fit(k *checks) {
	k.supported("atlas.version", a.Version, versions.MongoDB)
	if a.RestoreFrom != nil {
		k.moment("atlas.restoreFrom.time", a.RestoreFrom.Time)
	}
}

func (a Atlas) collide(_, theirs *Config, taken claim) {
	if a.ProjectID != "" && a.ProjectID == theirs.Atlas.ProjectID {
		taken("atlas.projectId", a.ProjectID, "its atlas.projectId names the same project")
	}
}

var _ = define(map[string]Format{
	"atlasId": {Pattern: `^[0-9a-f]{24}$`, Must: "must be 24 hexadecimal digits"},
	"atlasTier": {
		// dedicated tiers; M0, M2, M5 and Flex have no PrivateLink.
		Words: strings.Fields("M10 M20 M30 M40 M50 M60 M80 M140 M200 M300 R40 R50 R60 R80 R200 R300 R400 R700"),
		Must:  "must be a dedicated tier, M10 or larger: smaller ones have no PrivateLink",
	},
	"mongoDatabase": {Pattern: `^[^/\\. "$*<>:|?]+$`, Must: "must be a MongoDB database name"},
	"mongoUser":     {Pattern: `^[^/:@ ]+$`, Must: "must not contain / : @ or space"},
})
