package drills

import (
	"errors"
	"fmt"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery/imports"
)

const (
	databaseType = catalog.RDSInstance
	passwordType = catalog.RandomPassword
)

// restoreDatabase: an instance made from a snapshot takes the old one's place, in the order that loses nothing: the new one,
// its roles, BPA, and only then is the old one deleted, with a last snapshot.
func restoreDatabase(t *teller) error {
	instances := t.Clouds().All(databaseType)
	if len(instances) != 1 {
		return fmt.Errorf("there should be one database, and there are %d", len(instances))
	}
	identifier, _ := instances[0].Inputs["identifier"].(string)
	snapshot := "rds:" + identifier + "-2026-11-24-07-05"
	t.say("what %s holds is of no use; the snapshot before that is %s", identifier, snapshot)
	t.set("database.restoreFrom.snapshot", snapshot)
	if err := t.Set("database.restoreFrom", map[string]any{"snapshot": snapshot}); err != nil {
		return err
	}
	if t.config.Protect {
		if err := t.refused(); err != nil {
			return err
		}
	}
	if err := t.unprotect(databaseType, "database-instance"); err != nil {
		return err
	}
	if !t.config.Database.DeletionProtection {
		return t.up()
	}
	t.say("all is made, then RDS refuses to delete the old one: BPA runs on the new, and the old one stays until you are sure")
	if err := t.refused(); err != nil {
		return err
	}
	t.say("sure")
	if err := t.shell("aws rds modify-db-instance --db-instance-identifier "+identifier+" --no-deletion-protection", func() error {
		return t.Change(databaseType, "database-instance", identifier, map[string]any{"deletionProtection": false})
	}); err != nil {
		return err
	}
	return t.up()
}

// passes is how many previews and imports a state takes at most: what refers to a resource is found when that is in.
const passes = 10

// loseState: the state is empty and the clouds are not.
func loseState(t *teller) error {
	there := t.Clouds().Len()
	passwords := map[string]string{}
	for _, r := range t.Clouds().All(passwordType) {
		passwords[r.URN.Name()], _ = r.Outputs["result"].(string)
	}
	if err := t.LoseState(); err != nil {
		return err
	}
	t.say("the state is lost; the clouds still hold %d resources", there)
	for range passes {
		file, plan, err := t.Plan()
		if err != nil {
			return err
		}
		if len(plan.Resources) == 0 {
			break
		}
		filled, summary, err := imports.Fill(file, plan, t.Listing(), passwords)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "$ bpactl import --stack …\n  import.json: %d to import, %d left for later\n", summary.Imported, summary.Left)
		if summary.Imported == 0 {
			return t.rest(summary.Open)
		}
		if err := t.shell("pulumi import --file import.json", func() error { return t.Import(filled) }); err != nil {
			return err
		}
	}
	if now := t.Clouds().Len(); now != there {
		return fmt.Errorf("there were %d resources, and there are %d", there, now)
	}
	return nil
}

// rest makes what cannot be imported, and nothing else.
func (t *teller) rest(open []imports.Open) error {
	if len(open) == 0 {
		return errors.New("nothing is left to import, and the preview is not empty")
	}
	for _, o := range open {
		fmt.Fprintf(t.out, "  open: %s %s: %s\n", o.URN.Type().Name(), o.URN.Name(), o.Why)
		if imports.Importable(string(o.URN.Type())) {
			return fmt.Errorf("%s %s was not found: %s", o.URN.Type(), o.URN.Name(), o.Why)
		}
	}
	return t.up()
}
