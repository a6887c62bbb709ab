package drills

import (
	"fmt"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

const databaseType = catalog.RDSInstance

// restoreDatabase: an instance made from a snapshot takes the old one's place, in the order that loses nothing: the new one,
// its roles, BPA, and only then is the old one deleted, with a last snapshot.
func restoreDatabase(o *operator) error {
	instances := o.Clouds().All(databaseType)
	if len(instances) != 1 {
		return fmt.Errorf("there should be one database, and there are %d", len(instances))
	}
	identifier, _ := instances[0].Inputs["identifier"].(string)
	snapshot := "rds:" + identifier + "-2026-11-24-07-05"
	o.say("what %s holds is of no use; the snapshot before that is %s", identifier, snapshot)
	o.set("database.restoreFrom.snapshot", snapshot)
	if err := o.Set("database.restoreFrom", map[string]any{"snapshot": snapshot}); err != nil {
		return err
	}
	if o.config.Protect {
		if err := o.refused(); err != nil {
			return err
		}
	}
	if err := o.unprotect(databaseType, "database-instance"); err != nil {
		return err
	}
	if !o.config.Database.DeletionProtection {
		return o.up()
	}
	o.say("all is made, then RDS refuses to delete the old one: BPA runs on the new, and the old one stays until you are sure")
	if err := o.refused(); err != nil {
		return err
	}
	o.say("sure")
	if err := o.shell("aws rds modify-db-instance --db-instance-identifier "+identifier+" --no-deletion-protection", func() error {
		return o.Change(databaseType, "database-instance", identifier, map[string]any{"deletionProtection": false})
	}); err != nil {
		return err
	}
	return o.up()
}
