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
	// Standard is the last day of the support that costs nothing beside the service, and Support the last day of any. Zero
	// means that the service names none, or none that was verified.
	Standard, Support time.Time
	// Forced is the day from which the service may upgrade a minor version by itself, by its habit: it announces the day some
	// weeks before. Zero where there is no such habit, or the day is known, as Support.
	Forced time.Time
	// Source is where the days come from.
	Source string
	// Unverified says what of the release was not seen in a source, "" where all was.
	Unverified string
}

// Product is something that has versions.
type Product struct {
	Name     string
	Releases []Release
}

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
