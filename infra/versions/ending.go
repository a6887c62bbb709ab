package versions

import (
	"fmt"
	"regexp"
	"time"

	"golang.org/x/mod/semver"
)

// Stack is what a deployment runs. An empty field is not looked at.
type Stack struct {
	// BPA is the release of Cisco's application. The calendar knows no end of one.
	BPA string `json:"bpa,omitempty"`
	// Kubernetes, PostgreSQL and MongoDB are versions as a stack file writes them.
	Kubernetes string `json:"kubernetes,omitempty"`
	PostgreSQL string `json:"postgresql,omitempty"`
	MongoDB    string `json:"mongodb,omitempty"`
	// AMIReleases are the releases of the nodes' machine image, such as v20260930. Repetitions count once.
	AMIReleases []string `json:"amiReleases,omitempty"`
}

// Kind says what ends.
type Kind string

// The kinds of findings.
const (
	// StandardSupport: the version runs on, at a surcharge.
	StandardSupport Kind = "standard support"
	// AnySupport: the service replaces or upgrades the version by itself.
	AnySupport Kind = "support"
	// ForcedUpgrade: the service may upgrade the version by itself soon, on a day that it has not announced.
	ForcedUpgrade Kind = "forced upgrade"
	// ImageAge: the machine image misses the fixes of newer releases.
	ImageAge Kind = "image age"
	// NotListed: the calendar does not know the version, so nothing can be said.
	NotListed Kind = "not in the calendar"
)

// Finding is something of a stack that falls out of support.
type Finding struct {
	Product string `json:"product"`
	Version string `json:"version"`
	Kind    Kind   `json:"kind"`
	// Date is the last day of support, or the first of a ForcedUpgrade; zero where Kind is NotListed. DaysLeft counts to it, and is
	// negative after it.
	Date     time.Time `json:"date"`
	DaysLeft int       `json:"daysLeft"`
	// Remedy is what to do, Source where the date comes from.
	Remedy string `json:"remedy"`
	Source string `json:"source"`
}

// When says when it ends, for people: "support ends on 2026-12-02, in 7 days".
func (f Finding) When() string {
	if f.Kind == NotListed {
		return "is not in the calendar"
	}
	what, day := string(f.Kind), f.Date.Format(time.DateOnly)
	if f.Kind == ImageAge {
		return fmt.Sprintf("has been older than %d days since %s", MaxImageAge, day)
	}
	if f.Kind == ForcedUpgrade {
		since := "from " + day + " on"
		if f.DaysLeft <= 0 {
			since = "since " + day
		}
		return fmt.Sprintf("may be upgraded by AWS itself %s, by its habit", since)
	}
	if f.Kind == StandardSupport {
		what += ", after which it costs more,"
	}
	switch {
	case f.DaysLeft < 0:
		return fmt.Sprintf("%s ended on %s", what, day)
	case f.DaysLeft == 0:
		return fmt.Sprintf("%s ends today, %s", what, day)
	case f.DaysLeft == 1:
		return fmt.Sprintf("%s ends tomorrow, %s", what, day)
	}
	return fmt.Sprintf("%s ends on %s, in %d days", what, day, f.DaysLeft)
}

// MaxImageAge is how old a release of the nodes' image may be, in days. It is this project's own bound: AWS publishes a
// release about every other week, and none of them is repaired afterwards.
const MaxImageAge = 90

// imageName is what the nodes' image is called among the products.
const imageName = "EKS node AMI"

// Leaving returns what of a product falls out of support on a day or within a number of days after it.
func (p Product) Leaving(on time.Time, within int) []Finding {
	var findings []Finding
	for _, r := range p.Releases {
		for _, f := range p.ending(r.Version, on, within) {
			if f.DaysLeft >= 0 {
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// inUse is a version of a product.
type inUse struct {
	product Product
	version string
}

// products are what a stack runs of the calendar's products.
func (s Stack) products() []inUse {
	return []inUse{{EKS, s.Kubernetes}, {PostgreSQL, s.PostgreSQL}, {MongoDB, s.MongoDB}}
}

// Creatable returns the last day, not after the given one, on which all of a stack could be created.
func (s Stack) Creatable(on time.Time) time.Time {
	for _, v := range s.products() {
		if r, known := v.product.Find(v.version); known && !r.To.IsZero() && r.To.Before(on) {
			on = r.To
		}
	}
	return on
}

// Ending returns what of a stack is out of support on a day, or will be within a number of days, in the order of the fields.
// An image is found when it is too old on the day itself.
func Ending(s Stack, on time.Time, within int) []Finding {
	var findings []Finding
	for _, v := range s.products() {
		if v.version != "" {
			findings = append(findings, v.product.ending(v.version, on, within)...)
		}
	}
	seen := map[string]bool{}
	for _, release := range s.AMIReleases {
		if !seen[release] {
			findings = append(findings, imageAge(release, on)...)
		}
		seen[release] = true
	}
	return findings
}

// ending says whether the support of a version is over or about to be: all of it, or else the part without a surcharge, or else
// that of a minor version.
func (p Product) ending(version string, on time.Time, within int) []Finding {
	f := Finding{Product: p.Name, Version: version, Kind: NotListed, Remedy: "look it up, and add it to infra/versions/calendar.go"}
	r, known := p.Find(version)
	if !known {
		return []Finding{f}
	}
	f.Source, f.Remedy = r.Source, p.remedy(version, on)
	last := r.Support
	if last.IsZero() { // its end is not known; what cannot be created any more has ended all the same
		last = r.To
	}
	for _, end := range []struct {
		kind Kind
		last time.Time
	}{{AnySupport, last}, {StandardSupport, r.Standard}, {ForcedUpgrade, r.Forced}} {
		if left := daysLeft(end.last, on); !end.last.IsZero() && left <= within {
			f.Kind, f.Date, f.DaysLeft = end.kind, end.last, left
			next := p.Next(version, on)
			if end.kind == ForcedUpgrade && (next == "" || semver.Major("v"+next) != semver.Major("v"+version)) {
				f.Remedy = "look for a newer minor version of " + p.Name + ", and add it to infra/versions/calendar.go"
			}
			return []Finding{f}
		}
	}
	return nil
}

// remedy names the version to go to, by the steps that the service allows.
func (p Product) remedy(version string, on time.Time) string {
	next := p.Next(version, on)
	switch {
	case next == "":
		return "no newer version is in the calendar"
	case p.Name == PostgreSQL.Name:
		return fmt.Sprintf("set database.engineVersion to %q (docs/upgrades.md)", next)
	case p.Name == MongoDB.Name:
		return fmt.Sprintf("set atlas.version to %q (docs/upgrades.md)", next)
	}
	return fmt.Sprintf("set cluster.version to %q, then the nodes one at a time (docs/upgrades.md)", next)
}

// Next returns the version to upgrade to: of PostgreSQL the last minor of the same major that can be created on the day, or
// else of the next major; of the others the next version, as they are upgraded one at a time. It returns "" where there is
// none.
func (p Product) Next(version string, on time.Time) string {
	next := ""
	for _, candidate := range p.Creatable(on) {
		if semver.Compare("v"+candidate, "v"+version) <= 0 {
			continue
		}
		if p.Name != PostgreSQL.Name {
			return candidate
		}
		if next == "" || semver.Major("v"+candidate) == semver.Major("v"+next) {
			next = candidate
		}
	}
	return next
}

var releasePattern = regexp.MustCompile(`^v(\d{8})$`)

func imageAge(release string, on time.Time) []Finding {
	f := Finding{Product: imageName, Version: release, Kind: NotListed, Remedy: "give a release such as v20260930"}
	m := releasePattern.FindStringSubmatch(release)
	if m == nil {
		return []Finding{f}
	}
	made, err := time.Parse("20060102", m[1])
	if err != nil {
		return []Finding{f}
	}
	f.Kind, f.Date = ImageAge, made.AddDate(0, 0, MaxImageAge)
	if f.DaysLeft = daysLeft(f.Date, on); f.DaysLeft >= 0 {
		return nil
	}
	f.Remedy = "set nodes.items[].amiRelease to a newer release, one node at a time (docs/upgrades.md)"
	f.Source = fmt.Sprintf("docs/versions.md: at most %d days", MaxImageAge)
	return []Finding{f}
}

// daysLeft counts whole days from one day to the last of something: 0 on that day itself, less than 0 after it.
func daysLeft(last, on time.Time) int {
	year, month, d := on.UTC().Date()
	return int(last.Sub(time.Date(year, month, d, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}
