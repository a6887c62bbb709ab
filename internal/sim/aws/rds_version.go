package aws

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// upgradeTargets is the table of the versions that RDS upgrades to.
const upgradeTargets = "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html"

func postgresVersion(r *provider.Request) string {
	version := r.Str("engineVersion")
	major, _, _ := strings.Cut(version, ".")
	if r.Str("engine") != "postgres" || (major != "16" && major != "17") || version == r.Old["engineVersion"] ||
		versions.PostgreSQL.Check(version, r.Today) == nil {
		return ""
	}
	return fmt.Sprintf("Cannot find version %s for postgres", version)
}

// sameDay is how far the minor versions of PostgreSQL 17 lag behind those of 16 that are released on the same day: 16.9 with
// 17.5, 16.11 with 17.7. RDS upgrades to a version of that day or later.
const sameDay = 4

// postgresTarget: to a later minor, or to a major's minor that is no older than the present one; not back.
func postgresTarget(r *provider.Request) string {
	before, _ := r.Old["engineVersion"].(string)
	after := r.Str("engineVersion")
	fromMajor, from, known := numbers(before)
	toMajor, to, valid := numbers(after)
	if r.Str("engine") != "postgres" || before == after || !known || !valid {
		return ""
	}
	switch {
	case toMajor == fromMajor && to > from:
		return ""
	case toMajor == 17 && fromMajor == 16 && to >= from-sameDay:
		return ""
	}
	return fmt.Sprintf("Cannot upgrade postgres from %s to %s", before, after)
}

func majorAllowed(r *provider.Request) string {
	if changesMajor(r) && r.Inputs["allowMajorVersionUpgrade"] != true {
		return "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
	}
	return ""
}

// pendingUpgrade is the rehearsal's own refusal: RDS accepts it, and upgrades in the maintenance window. Until then the state
// says what is not so, and the parameter group of the old family is in use and cannot be deleted.
func pendingUpgrade(r *provider.Request) string {
	before, _ := r.Old["engineVersion"].(string)
	if before == "" || before == r.Str("engineVersion") || r.Inputs["applyImmediately"] == true {
		return ""
	}
	return fmt.Sprintf("PostgreSQL %s becomes %s in the maintenance window only, and what depends on it fails until then: "+
		"set applyImmediately, and choose the moment", before, r.Str("engineVersion"))
}

func changesMajor(r *provider.Request) bool {
	before, _ := r.Old["engineVersion"].(string)
	from, _, known := strings.Cut(before, ".")
	to, _, valid := strings.Cut(r.Str("engineVersion"), ".")
	return known && valid && from != to
}
