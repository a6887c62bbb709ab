package review

import (
	"fmt"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
)

// notice is how many days before its end a version is spoken of.
const notice = 90

// support returns the versions, changed or not, whose support has ended or is about to.
func support(changes []*Change, on time.Time) []Finding {
	var findings []Finding
	for _, c := range changes {
		runs := catalog.Of(c.Type()).Runs
		if runs == nil || !c.real() {
			continue
		}
		for _, e := range versions.Ending(runs(c.after()), on, notice) {
			f := newFinding(c, Support)
			f.Text = fmt.Sprintf("%s %s: %s: %s", e.Product, code(e.Version), e.When(), e.Remedy)
			findings = append(findings, f)
		}
	}
	return findings
}

// round writes a duration for a reviewer: "about 4 min".
func round(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "seconds"
	case d < 90*time.Second:
		return fmt.Sprintf("about %d s", int(d.Round(10*time.Second).Seconds()))
	}
	return fmt.Sprintf("about %d min", int(d.Round(time.Minute).Minutes()))
}
