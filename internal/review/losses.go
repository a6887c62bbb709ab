package review

import (
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
)

// lossOf returns what the replacement or deletion of a resource of a type means. What the catalog says nothing of is taken
// for something that somebody must look at.
func lossOf(typ string) catalog.Loss {
	if t := catalog.Of(typ); t.Has("Loss") || t.Why("Loss") != "" {
		return t.Loss
	}
	return catalog.Loss{Downtime: "not known for this type"}
}

// duration of a replacement or deletion on the clouds.
func duration(c *Change) time.Duration {
	d := timeline.For(c.Type(), true, c.after())
	switch c.Kind {
	case Replace:
		return d.Create + timeline.For(c.Type(), true, c.before()).Delete
	case Create:
		return d.Create
	}
	return d.Delete
}

// losses are replacements and deletions.
func losses(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		loss := lossOf(c.Type())
		if !c.real() || c.Kind != Replace && c.Kind != Delete || loss.Unfelt == catalog.Always {
			continue
		}
		f := newFinding(c, Loss)
		if loss.Stateful {
			f.Subject = Data
		}
		f.Lost, f.Downtime, f.Duration = loss.Lost, loss.Downtime, duration(c)
		switch {
		case c.Kind == Replace:
			f.Text, f.Causes = c.replaced(), c.Replacing()
			if loss.Unfelt == catalog.CreatedFirst && !c.DeleteFirst {
				f.Downtime = ""
			}
			if c.old != nil && c.old.RetainOnDelete {
				f.Lost = "nothing: the old one stays in the cloud, and nothing uses it any more"
			}
		case c.Left:
			f.Text, f.Downtime = "deleted: an interrupted update has made its successor already, and left it", ""
		case loss.Unfelt == catalog.Deleted:
			f.Text, f.Downtime = "deleted", ""
		default:
			f.Text = "deleted"
		}
		f.NeedsApproval = loss.Stateful || f.Downtime != "" || f.Lost != ""
		findings = append(findings, f)
	}
	return findings
}

// replaced says how a resource is replaced, and why where no property is the cause.
func (c *Change) replaced() string {
	text := "replaced"
	if c.DeleteFirst {
		text += ", the old one deleted first,"
	}
	switch {
	case len(c.Causes) > 0:
	case c.Along != "":
		text += " as " + code(c.Along.Name()) + ", which it needs, is"
	case c.old != nil && c.old.Taint:
		text += " as it is tainted"
	default:
		text += ", for which the engine names no property"
	}
	return text
}

// drifts are resources that the cloud has changed by itself, as a refresh found.
func drifts(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		if c.Drift == "" || !c.real() {
			continue
		}
		f := newFinding(c, Note)
		if f.Text = "has been changed outside of this stack"; c.Drift == Delete {
			f.Text = "is gone from the cloud, without this stack"
		}
		findings = append(findings, f)
	}
	return findings
}
