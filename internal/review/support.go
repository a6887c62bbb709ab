package review

import (
	"fmt"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/unknown"
)

// notice is how many days before its end a version is spoken of.
const notice = 90

// products find the version in the inputs of a type.
var products = map[string]struct {
	property string
	stack    func(version string) versions.Stack
}{
	catalog.EKSCluster:  {"version", func(v string) versions.Stack { return versions.Stack{Kubernetes: v} }},
	catalog.RDSInstance: {"engineVersion", func(v string) versions.Stack { return versions.Stack{PostgreSQL: v} }},
	catalog.AtlasAdvancedCluster: {
		"mongoDbMajorVersion", func(v string) versions.Stack { return versions.Stack{MongoDB: v} },
	},
}

// support returns the versions, changed or not, whose support has ended or is about to.
func support(changes []*Change, on time.Time) []Finding {
	var findings []Finding
	for _, c := range changes {
		p, known := products[c.Type()]
		version, _ := c.after()[p.property].(string)
		engine, ofDatabase := c.after()["engine"]
		if !known || version == "" || unknown.Is(version) || !c.real() || ofDatabase && engine != "postgres" {
			continue
		}
		for _, e := range versions.Ending(p.stack(version), on, notice) {
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
