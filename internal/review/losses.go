package review

// losses are replacements and deletions.
func losses(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		if !c.real() || c.Kind != Replace && c.Kind != Delete || harmless[c.Type()] {
			continue
		}
		risk := riskOf(c.Type())
		f := newFinding(c, Loss)
		if risk.stateful {
			f.Subject = Data
		}
		f.Lost, f.Downtime, f.Duration = risk.lost, risk.downtime, duration(c)
		switch {
		case c.Kind == Replace:
			f.Text, f.Causes = c.replaced(), c.Replacing()
			if missed[c.Type()] && !c.DeleteFirst {
				f.Downtime = ""
			}
			if c.old != nil && c.old.RetainOnDelete {
				f.Lost = "nothing: the old one stays in the cloud, and nothing uses it any more"
			}
		case c.Left:
			f.Text, f.Downtime = "deleted: an interrupted update has made its successor already, and left it", ""
		case narrowing[c.Type()]:
			f.Text, f.Downtime = "deleted", ""
		default:
			f.Text = "deleted"
		}
		f.NeedsApproval = risk.stateful || f.Downtime != "" || f.Lost != ""
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
