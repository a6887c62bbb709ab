package versions

import (
	"fmt"
	"time"
)

// Where the days of the calendar come from.
const (
	eksSource = "endoflife-date/endoflife.date products/amazon-eks.md (2026-08-22); " +
		"awsdocs/amazon-eks-user-guide versioning/kubernetes-versions.adoc"
	lintSource    = "aws-cloudformation/cfn-lint aws_rds_dbinstance/engine_version_deprecated.json (2026-08-19)"
	noticeSource  = "AWS's notice of 2026-05 on PostgreSQL 16.5-16.8 and 17.1-17.4 (saayam-for-all/database wiki)"
	targetsSource = "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html"
	eolSource     = "endoflife-date/endoflife.date products/amazon-rds-postgresql.md (2026-08-22)"
	mongoSource   = "mongodb.com/legal/support-policy/lifecycles"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(fmt.Sprintf("versions: %q is not a date", s)) // the tables below are constants; a test reads them all
	}
	return t
}

// EKS lists Kubernetes minor versions with the end of standard and of extended support. A cluster can be created until the
// end of extended support. 1.37 was seen to run in October 2026; its days are not verified, so it is not listed.
var EKS = Product{Name: "EKS", Releases: []Release{
	eks("1.27", "2024-07-24", "2025-07-24"), eks("1.28", "2024-11-26", "2025-11-26"), eks("1.29", "2025-03-23", "2026-03-23"),
	eks("1.30", "2025-07-23", "2026-07-23"), eks("1.31", "2025-11-26", "2026-11-26"), eks("1.32", "2026-03-23", "2027-03-23"),
	eks("1.33", "2026-07-29", "2027-07-29"), eks("1.34", "2026-12-02", "2027-12-02"), eks("1.35", "2027-03-27", "2028-03-27"),
	eks("1.36", "2027-08-02", "2028-08-02"),
}}

func eks(version, standard, extended string) Release {
	return Release{
		Version: version, Standard: day(standard), Support: day(extended), To: day(extended), Why: "end of extended support",
		Source: eksSource,
	}
}

// minorLife is how old a minor version of PostgreSQL is, in months since PostgreSQL's release, when RDS may upgrade it by itself.
// 16.7 and 16.8, of February 2025, were upgraded from 2026-05-31 on, and 16.5 and 16.6, of November 2024, on the same day
// (noticeSource): 15 to 18 months. Source of the releases' days: postgresql.org/about/newsarchive.
const minorLife = 15

// PostgreSQL lists RDS minor versions of major 16, the major that the paper uses, and of 17, the next. 16.1 to 16.4 cannot be
// created since at least 2025-11-26, 16.5 to 16.8 and 17.1 to 17.4 since 2026-05-01; major 16 ends 2029-02-28. When a minor of
// a major ends before that is not announced.
var PostgreSQL = Product{Name: "RDS PostgreSQL", Releases: []Release{
	gone("16.1"), gone("16.2"), gone("16.3"), gone("16.4"), noticed("16.5"), noticed("16.6"), noticed("16.7"), noticed("16.8"),
	postgres16("16.9", "2025-05-08", "that it can still be created"), postgres16("16.10", "2025-08-14", "that it can still be created"),
	postgres16("16.11", "2025-11-13", ""), postgres16("16.12", "2026-02-12", ""), postgres16("16.13", "2026-02-26", ""),
	postgres16("16.14", "2026-05-14", ""),
	noticed("17.1"), noticed("17.2"), noticed("17.3"), noticed("17.4"),
	postgres17("17.5", "2025-05-08", targetsSource, "when it ends"), postgres17("17.6", "2025-08-14", targetsSource, "when it ends"),
	postgres17("17.7", "2025-11-13", noticeSource, "when it ends"),
	postgres17("17.10", "2026-05-14", "PostgreSQL's release of the same day as 16.14's", "that RDS offers it, and when it ends"),
}}

func gone(version string) Release {
	return Release{
		Version: version, To: day("2025-11-25"), Why: "RDS no longer creates it", Source: lintSource,
		Unverified: "when its support ended",
	}
}

func noticed(version string) Release {
	return Release{
		Version: version, To: day("2026-04-30"), Why: "RDS no longer creates it", Standard: day("2026-05-31"), Support: day("2026-05-31"),
		Source: noticeSource,
	}
}

// postgres16 has the major's end: when RDS retires a minor is not announced before.
func postgres16(version, released, unverified string) Release {
	end := day("2029-02-28")
	return Release{
		Version:    version,
		To:         end,
		Why:        "RDS no longer creates it",
		Standard:   end,
		Support:    end,
		Forced:     day(released).AddDate(0, minorLife, 0),
		Source:     eolSource,
		Unverified: unverified,
	}
}

func postgres17(version, released, source, unverified string) Release {
	return Release{Version: version, Forced: day(released).AddDate(0, minorLife, 0), Source: source, Unverified: unverified}
}

// MongoDB lists Atlas major versions. Atlas deploys the latest patch of a major; a minor such as 5.0.29 cannot be asked for.
var MongoDB = Product{Name: "MongoDB Atlas", Releases: []Release{
	mongo("5.0", "2024-10-31"), mongo("6.0", "2025-07-31"), mongo("7.0", "2027-08-31"), mongo("8.0", "2029-10-31"),
}}

func mongo(version, end string) Release {
	return Release{Version: version, To: day(end), Why: "end of life", Standard: day(end), Support: day(end), Source: mongoSource}
}

// Products lists the products of the calendar, in the order of the matrix's columns.
func Products() []Product { return []Product{EKS, PostgreSQL, MongoDB} }

// Find returns a release by its version.
func (p Product) Find(version string) (Release, bool) {
	for _, r := range p.Releases {
		if r.Version == version {
			return r, true
		}
	}
	return Release{}, false
}
