package atlas

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// restore asks Atlas to put a backup in the place of what the cluster holds. A job runs once; another backup is another
// job. The application waits for it.
func (a *Atlas) restore(ctx *pulumi.Context, cluster *mongodbatlas.AdvancedCluster) error {
	r := a.args.RestoreFrom
	if r == nil {
		return nil
	}
	delivery := &mongodbatlas.CloudBackupSnapshotRestoreJobDeliveryTypeConfigArgs{
		TargetProjectId: a.ProjectID.ToStringPtrOutput(), TargetClusterName: cluster.Name.ToStringPtrOutput(),
	}
	args := &mongodbatlas.CloudBackupSnapshotRestoreJobArgs{
		ProjectId: a.ProjectID, ClusterName: cluster.Name, DeliveryTypeConfig: delivery,
	}
	if r.Cluster != "" {
		args.ClusterName = pulumi.String(r.Cluster)
	}
	if r.SnapshotID != "" {
		args.SnapshotId, delivery.Automated = pulumi.String(r.SnapshotID), pulumi.Bool(true)
	} else {
		at, err := time.Parse(time.RFC3339, r.Time)
		if err != nil {
			return fmt.Errorf("RestoreFrom.Time: %q: must be a moment such as 2026-11-23T10:00:00Z", r.Time)
		}
		delivery.PointInTime, delivery.PointInTimeUtcSeconds = pulumi.Bool(true), pulumi.Int(at.Unix())
	}
	job, err := mongodbatlas.NewCloudBackupSnapshotRestoreJob(ctx, a.name+"-restore", args, pulumi.Parent(a))
	a.Ready = append(a.Ready, job)
	return err
}
