package review

import (
	"fmt"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// notice is how long before its end a version is spoken of.
const notice = 90 * 24 * time.Hour

// product finds a version in the inputs of a type.
type product struct {
	versions.Product
	typ, property string
}

var products = []product{
	{versions.EKS, "aws:eks/cluster:Cluster", "version"},
	{versions.PostgreSQL, "aws:rds/instance:Instance", "engineVersion"},
	{versions.MongoDB, "mongodbatlas:index/advancedCluster:AdvancedCluster", "mongoDbMajorVersion"},
}

// support returns the versions, changed or not, that have ended or are about to.
func support(changes []*Change, on time.Time) []Finding {
	var findings []Finding
	for _, c := range changes {
		for _, p := range products {
			version, _ := c.after()[p.property].(string)
			if c.Type() != p.typ || version == "" || !c.real() {
				continue
			}
			for _, r := range p.Releases {
				if r.Version != version || r.To.IsZero() || r.To.Sub(on) > notice {
					continue
				}
				f := newFinding(c, Support)
				f.Text = fmt.Sprintf("%s %s can be created until %s only (%s)", p.Name, version, r.To.Format(time.DateOnly), r.Why)
				if on.After(r.To) {
					f.Text = strings.Replace(f.Text, "can be created until", "could be created until", 1)
				}
				findings = append(findings, f)
			}
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
