package review

import (
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// guardsLost returns what no longer keeps a resource, or another one, safe.
func guardsLost(c *Change) []catalog.Guard {
	var lost []catalog.Guard
	for _, g := range catalog.Of(c.Type()).Guards {
		switch {
		case g.Property == "":
			if c.Kind == Delete {
				lost = append(lost, g)
			}
		case c.Kind == Update || c.Kind == Replace:
			from, _ := property.At(c.before(), g.Property)
			to, _ := property.At(c.after(), g.Property)
			if !stackdoc.IsUnknown(to) && g.Lost(from, to) {
				lost = append(lost, g)
			}
		}
	}
	if c.old != nil && c.new != nil && c.old.Protect && !c.new.Protect {
		lost = append(lost, catalog.Guard{Property: "protect", Text: "Pulumi no longer refuses to delete it"})
	}
	return lost
}
