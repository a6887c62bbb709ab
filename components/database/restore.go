package database

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Restore is what a new instance is made from: a snapshot, or a moment of another instance.
type Restore struct {
	// Snapshot is a name or an ARN.
	Snapshot string
	// Instance is the identifier of the instance whose backups are used, where Snapshot is empty. Time is in UTC, as
	// 2026-11-23T10:00:00Z; empty means the latest that can be restored.
	Instance, Time string
}

// madeOnce are the inputs that count when the instance is made. A change of them later would replace the instance, or
// rename it, and so give up the data that a restore is meant to bring back.
var madeOnce = []string{"identifier", "snapshotIdentifier", "restoreToPointInTime", "kmsKeyId"}

// apply makes an instance a restored one. Its identifier has a suffix that the origin decides: the instance that it takes
// the place of may still be there, and should be.
func (r *Restore) apply(args *rds.InstanceArgs, identifier string) {
	if r == nil {
		return
	}
	sum := sha256.Sum256([]byte(r.Snapshot + "|" + r.Instance + "|" + r.Time))
	args.Identifier = pulumi.String(identifier + "-" + hex.EncodeToString(sum[:])[:6])
	if r.Snapshot != "" {
		args.SnapshotIdentifier = pulumi.String(r.Snapshot)
		return
	}
	moment := &rds.InstanceRestoreToPointInTimeArgs{SourceDbInstanceIdentifier: pulumi.String(r.Instance)}
	if r.Time == "" {
		moment.UseLatestRestorableTime = pulumi.Bool(true)
	} else {
		moment.RestoreTime = pulumi.String(r.Time)
	}
	args.RestoreToPointInTime = moment
}
