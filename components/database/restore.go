package database

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// anotherMoment replaces an instance that is made from a moment where the moment changes: the provider would rename the one
// that is there. Source: terraform-provider-aws internal/service/rds/instance.go, where restore_to_point_in_time is ForceNew as
// a block, and its members are not.
var anotherMoment = pulumi.ReplaceOnChanges([]string{"restoreToPointInTime"})

// restore makes an instance one that is made from a snapshot, or a moment of another instance: another instance, which the
// engine makes before it gives up the one that is there, and not at all while that is protected. Its identifier has a suffix that
// the origin decides, so that both can exist. It returns the identifier.
func restore(args *rds.InstanceArgs, identifier string, from *config.DatabaseRestore) string {
	if from == nil {
		return identifier
	}
	var at config.DatabasePointInTime
	if from.PointInTime != nil {
		at = *from.PointInTime
	}
	sum := sha256.Sum256([]byte(from.Snapshot + "|" + at.Instance + "|" + at.Time))
	identifier += "-" + hex.EncodeToString(sum[:])[:6]
	args.Identifier = pulumi.String(identifier)
	if from.Snapshot != "" {
		args.SnapshotIdentifier = pulumi.String(from.Snapshot)
		return identifier
	}
	moment := &rds.InstanceRestoreToPointInTimeArgs{SourceDbInstanceIdentifier: pulumi.String(at.Instance)}
	if at.Time == "" {
		moment.UseLatestRestorableTime = pulumi.Bool(true)
	} else {
		moment.RestoreTime = pulumi.String(at.Time)
	}
	args.RestoreToPointInTime = moment
	return identifier
}
