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

// apply makes an instance a restored one: another instance, which the engine makes before it gives up the one that is
// there, and not at all while that is protected. Its identifier has a suffix that the origin decides, so that both can exist.
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
