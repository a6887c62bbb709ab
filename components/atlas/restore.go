package atlas

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// restore asks Atlas to put a backup in the place of what the cluster holds. A job runs once; another backup is another
// job. It returns what is there once the job has ended well, or at once where there is none: whoever reads the connection string
// waits for it.
func (a *Atlas) restore(ctx *pulumi.Context, cluster *mongodbatlas.AdvancedCluster) (pulumi.Output, error) {
	r := a.args.RestoreFrom
	if r == nil {
		return pulumi.Bool(true).ToBoolOutput(), nil
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
			return nil, fmt.Errorf("RestoreFrom.Time: %q: must be a moment such as 2026-11-23T10:00:00Z", r.Time)
		}
		delivery.PointInTime, delivery.PointInTimeUtcSeconds = pulumi.Bool(true), pulumi.Int(at.Unix())
	}
	job, err := mongodbatlas.NewCloudBackupSnapshotRestoreJob(ctx, a.name+"-restore", args, pulumi.Parent(a))
	if err != nil {
		return nil, err
	}
	a.Ready = append(a.Ready, job)
	return pulumi.All(job.ProjectId, job.ClusterName, job.SnapshotRestoreJobId).ApplyT(func(v []any) (bool, error) {
		project, cluster, id := v[0].(string), v[1].(string), v[2].(string)
		return true, await(ctx, func() (string, error) { return a.unfinished(ctx, project, cluster, id) })
	}), nil
}

// unfinished says what a job still lacks: the provider returns when Atlas has taken it, long before its end. Only the list of jobs
// tells that (terraform-provider-mongodbatlas v1.41.0, data_source_cloud_backup_snapshot_restore_job.go sets no finished_at). One
// that the list does not hold any more has ended long ago.
func (a *Atlas) unfinished(ctx *pulumi.Context, project, cluster, id string) (missing string, err error) {
	most := 500
	found, err := mongodbatlas.LookupCloudBackupSnapshotRestoreJobs(ctx, &mongodbatlas.LookupCloudBackupSnapshotRestoreJobsArgs{
		ProjectId: project, ClusterName: cluster, ItemsPerPage: &most,
	}, pulumi.Parent(a))
	if err != nil {
		return "", fmt.Errorf("looking up restore job %s: %w", id, err)
	}
	for _, job := range found.Results {
		switch {
		case job.Id != id:
		case job.Failed, job.Cancelled:
			return "", fmt.Errorf("restore job %s of cluster %s has failed: the cluster holds neither its old data nor the backup for "+
				"certain; name a backup again in atlas.restoreFrom", id, cluster)
		case job.FinishedAt == "":
			return fmt.Sprintf("restore job %s of cluster %s has not ended", id, cluster), nil
		}
	}
	return "", nil
}
