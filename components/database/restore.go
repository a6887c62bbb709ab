package database

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// restore makes an instance one that is made from a snapshot, or a moment of another instance: another instance, which the
// engine makes before it gives up the one that is there, and not at all while that is protected. Its identifier has a suffix that
// the origin decides, so that both can exist.
func restore(args *rds.InstanceArgs, identifier string, from *config.DatabaseRestore) {
	if from == nil {
		return
	}
	var at config.DatabasePointInTime
	if from.PointInTime != nil {
		at = *from.PointInTime
	}
	sum := sha256.Sum256([]byte(from.Snapshot + "|" + at.Instance + "|" + at.Time))
	args.Identifier = pulumi.String(identifier + "-" + hex.EncodeToString(sum[:])[:6])
	if from.Snapshot != "" {
		args.SnapshotIdentifier = pulumi.String(from.Snapshot)
		return
	}
	moment := &rds.InstanceRestoreToPointInTimeArgs{SourceDbInstanceIdentifier: pulumi.String(at.Instance)}
	if at.Time == "" {
		moment.UseLatestRestorableTime = pulumi.Bool(true)
	} else {
		moment.RestoreTime = pulumi.String(at.Time)
	}
	args.RestoreToPointInTime = moment
}
