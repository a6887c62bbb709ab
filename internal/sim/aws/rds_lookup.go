package aws

import (
	"errors"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// getInstance answers in the provider's words where there is none.
func getInstance(r *provider.Request) (map[string]any, error) {
	instance := r.Store.Get(catalog.RDSInstance, r.Str("dbInstanceIdentifier"))
	if instance == nil {
		return nil, errors.New("no matching RDS DB Instance found")
	}
	return map[string]any{
		"id": instance.ID, "dbInstanceIdentifier": instance.ID, "allocatedStorage": instance.Inputs["allocatedStorage"],
		"engineVersion": instance.Inputs["engineVersion"], "dbInstanceArn": instance.Outputs["arn"],
	}, nil
}

// getSnapshot knows the snapshots of instances that are there. What another one holds nobody has said, so it is none.
func getSnapshot(r *provider.Request) (map[string]any, error) {
	instance := originOf(r.Store, r.Str("dbSnapshotIdentifier"))
	if instance == nil {
		return nil, errors.New("no matching RDS DB Snapshot found")
	}
	return map[string]any{
		"id": r.Str("dbSnapshotIdentifier"), "dbSnapshotIdentifier": r.Str("dbSnapshotIdentifier"),
		"dbInstanceIdentifier": instance.ID, "allocatedStorage": instance.Inputs["allocatedStorage"],
		"engineVersion": instance.Inputs["engineVersion"],
	}, nil
}
