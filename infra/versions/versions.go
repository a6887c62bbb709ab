// Package versions is the support calendar: what can be created on which day, and the pins that the program uses.
//
// Dates and lists carry their source. A version in a stack file is checked against them before anything is asked of a
// cloud, because the clouds take minutes to refuse it.
package versions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// Release is one version of a product.
type Release struct {
	// Version as a stack file writes it.
	Version string
	// From is the first day it can be created, To the last; zero means no limit that is known.
	From, To time.Time
	// Why says what ends it.
	Why string
}

// Product is something that has versions.
type Product struct {
	Name     string
	Releases []Release
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(fmt.Sprintf("versions: %q is not a date", s)) // the tables below are constants; a test reads them all
	}
	return t
}

// EKS lists Kubernetes minor versions with the end of extended support, the last day a cluster can be created.
// Source: endoflife-date/endoflife.date products/amazon-eks.md (2026-08-22), awsdocs/amazon-eks-user-guide
// latest/ug/versioning/kubernetes-versions.adoc.
var EKS = Product{Name: "EKS", Releases: []Release{
	eks("1.27", "2025-07-24"), eks("1.28", "2025-11-26"), eks("1.29", "2026-03-23"), eks("1.30", "2026-07-23"),
	eks("1.31", "2026-11-26"), eks("1.32", "2027-03-23"), eks("1.33", "2027-07-29"), eks("1.34", "2027-12-02"),
	eks("1.35", "2028-03-27"), eks("1.36", "2028-08-02"),
}}

func eks(version, end string) Release {
	return Release{Version: version, To: day(end), Why: "end of extended support"}
}

// PostgreSQL lists RDS minor versions of major 16, the major that the paper uses. 16.1 to 16.4 cannot be created since
// at least 2025-11-26, 16.5 to 16.8 since 2026-05-01; major 16 ends 2029-02-28.
// Source: aws-cloudformation/cfn-lint aws_rds_dbinstance/engine_version_deprecated.json (2026-08-19), AWS's notice of
// 16.5-16.8, endoflife.date. Whether 16.9 and 16.10 can still be created is not verified.
var PostgreSQL = Product{Name: "RDS PostgreSQL", Releases: []Release{
	postgres("16.1", "2025-11-25"), postgres("16.2", "2025-11-25"), postgres("16.3", "2025-11-25"), postgres("16.4", "2025-11-25"),
	postgres("16.5", "2026-04-30"), postgres("16.6", "2026-04-30"), postgres("16.7", "2026-04-30"), postgres("16.8", "2026-04-30"),
	postgres("16.9", "2029-02-28"), postgres("16.10", "2029-02-28"), postgres("16.11", "2029-02-28"), postgres("16.12", "2029-02-28"),
	postgres("16.13", "2029-02-28"), postgres("16.14", "2029-02-28"),
}}

func postgres(version, end string) Release {
	return Release{Version: version, To: day(end), Why: "RDS no longer creates it"}
}

// MongoDB lists Atlas major versions. Source: mongodb.com/legal/support-policy/lifecycles. Atlas deploys the latest
// patch of a major; a minor such as 5.0.29 cannot be asked for.
var MongoDB = Product{Name: "MongoDB Atlas", Releases: []Release{
	{Version: "5.0", To: day("2024-10-31"), Why: "end of life"}, {Version: "6.0", To: day("2025-07-31"), Why: "end of life"},
	{Version: "7.0", To: day("2027-08-31"), Why: "end of life"}, {Version: "8.0", To: day("2029-10-31"), Why: "end of life"},
}}

// Check returns nil where a version can be created on a day, and otherwise an error that says why not, and what is
// nearest.
func (p Product) Check(version string, on time.Time) error {
	for _, r := range p.Releases {
		if r.Version != version {
			continue
		}
		if !r.To.IsZero() && on.After(r.To.Add(24*time.Hour-1)) {
			return fmt.Errorf(
				"cannot be created since %s (%s); the nearest that can is %s",
				r.To.Format(time.DateOnly),
				r.Why,
				p.Nearest(version, on),
			)
		}
		return nil
	}
	return fmt.Errorf("must be a version of %s that can be created: %s", p.Name, strings.Join(p.Creatable(on), ", "))
}

// Creatable lists the versions that can be created on a day, oldest first.
func (p Product) Creatable(on time.Time) []string {
	var list []string
	for _, r := range p.Releases {
		if r.To.IsZero() || !on.After(r.To.Add(24*time.Hour-1)) {
			list = append(list, r.Version)
		}
	}
	return list
}

// Nearest returns the oldest creatable version that is not older than the given one, or the newest there is.
func (p Product) Nearest(version string, on time.Time) string {
	creatable := p.Creatable(on)
	if len(creatable) == 0 {
		return "none"
	}
	i := slices.IndexFunc(creatable, func(v string) bool { return semver.Compare("v"+v, "v"+version) >= 0 })
	if i < 0 {
		return creatable[len(creatable)-1]
	}
	return creatable[i]
}

// Profile names the versions of a stack.
type Profile struct{ EKS, PostgreSQL, MongoDB string }

// Profiles by name (R16). supported is the default: the newest Kubernetes but one, the last PostgreSQL 16 minor known,
// and MongoDB 7.0, the oldest that can be created, as BPA was released against 5.0 and majors remove features.
// whitepaper is what Cisco's paper names, and can no longer be created.
var Profiles = map[string]Profile{
	"supported":  {EKS: "1.35", PostgreSQL: "16.14", MongoDB: "7.0"},
	"whitepaper": {EKS: "1.27", PostgreSQL: "16.3", MongoDB: "5.0"},
}
