package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// CommentLimit is how many characters a comment on GitHub may have.
const CommentLimit = 65536

// Marker begins every review, so that a workflow finds its own comment again.
const Marker = "<!-- bpa-review"

var titles = map[Subject]string{
	Data:         "Loses data",
	Loss:         "Replaced or deleted",
	Protection:   "Protection lifted",
	Network:      "Opens a network",
	Permission:   "Widens permissions",
	Interruption: "Interrupts",
	Credential:   "Secrets and certificates",
	Support:      "Versions",
	Note:         "Good to know",
}

// Markdown writes a review for a pull request, in at most limit characters: what needs approval is cut last.
func (r *Review) Markdown(limit int) string {
	head := fmt.Sprintf("%s %s -->\n## Review of stack `%s`\n\n**%s**\n\n%s\n", Marker, r.Stack, r.Stack, upper(r.Verdict), r.countLine())
	tail := ""
	if missing := r.Missing(); len(missing) > 0 {
		tail = "\n### To approve\n\nWrite these lines into a commit message or the pull request's description:\n\n```text\n"
		for _, urn := range missing {
			tail += "bpa-approve: " + urn + "\n"
		}
		tail += "```\n"
	}
	for _, urn := range r.Unused {
		tail += fmt.Sprintf("\nThe approval of `%s` approves nothing.\n", urn)
	}
	// The gravest is written first and gets its room first.
	pieces := append(r.sections(), r.costSection(), r.manifestSection(), r.harmlessSection())
	room := limit - length(head)
	if length(tail) > room/2 {
		tail = cut(tail, room/2)
	}
	room -= length(tail)
	body := ""
	for _, piece := range pieces {
		piece = cut(piece, room)
		body += piece
		room -= length(piece)
	}
	return head + body + tail
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func length(s string) int { return utf8.RuneCountInString(s) }

// closing ends what a cut leaves open.
const closing = "\n```\n\n</details>\n"

const left = "\n… the rest does not fit into a comment; the JSON has it.\n"

// cut shortens a text to whole lines, says so, and closes a block of code and a fold that it cuts through.
func cut(text string, room int) string {
	if length(text) <= room {
		return text
	}
	room -= length(left) + length(closing)
	var b strings.Builder
	for line := range strings.Lines(text) {
		if room -= length(line); room < 0 {
			break
		}
		b.WriteString(line)
	}
	kept := b.String()
	if kept == "" {
		return ""
	}
	if strings.Count(kept, "\n```")%2 == 1 || strings.HasPrefix(kept, "```") && strings.Count(kept, "\n```")%2 == 0 {
		kept += "```\n"
	}
	kept += left
	for range strings.Count(kept, "<details>") - strings.Count(kept, "</details>") {
		kept += "\n</details>\n"
	}
	return kept
}

// countLine says how many resources are created, updated and so on.
func (r *Review) countLine() string {
	var parts []string
	for _, k := range []Kind{Replace, Delete, Forget, Update, Create, Import, Move, Same} {
		if n := r.Counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, past[k]))
		}
	}
	if len(parts) == 0 {
		return "No resources."
	}
	return strings.Join(parts, ", ") + "."
}

var past = map[Kind]string{
	Replace: "replaced", Delete: "deleted", Forget: "left in the cloud and forgotten", Update: "updated", Create: "created",
	Import: "imported", Move: "moved", Same: "unchanged",
}

// sections are the findings by subject.
func (r *Review) sections() []string {
	var list []string
	for _, s := range subjects {
		var b strings.Builder
		n := 0
		for _, f := range r.Findings {
			if f.Subject == s {
				b.WriteString(f.line())
				n++
			}
		}
		switch {
		case n == 0:
		case s == Interruption || s == Credential || s == Support || s == Note || r.FirstDeployment && s != Data:
			list = append(list, folded(fmt.Sprintf("%s (%d)", titles[s], n), b.String()))
		default:
			list = append(list, fmt.Sprintf("\n### %s (%d)\n\n%s", titles[s], n, b.String()))
		}
	}
	// A fold that is the only thing to read is no help.
	if len(list) == 1 {
		list[0] = strings.Replace(list[0], "<details>", "<details open>", 1)
	}
	return list
}

func folded(title, body string) string {
	return fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, body)
}

// line writes a finding as an item of a list.
func (f Finding) line() string {
	var b strings.Builder
	b.WriteString("- ")
	switch {
	case f.Approved:
		b.WriteString("(approved) ")
	case f.NeedsApproval:
		b.WriteString("**needs approval** ")
	}
	if f.Name != "" {
		fmt.Fprintf(&b, "`%s` %s: ", short(f.Type), code(f.Name))
	}
	b.WriteString(f.Text)
	if len(f.Causes) > 0 {
		b.WriteString(" because of " + readableCauses(f.Causes))
	}
	b.WriteString("\n")
	if f.Lost != "" {
		fmt.Fprintf(&b, "  - lost: %s\n", f.Lost)
	}
	if f.Downtime != "" {
		fmt.Fprintf(&b, "  - downtime: %s\n", f.Downtime)
	}
	if f.Duration > 10*time.Second {
		fmt.Fprintf(&b, "  - takes %s\n", round(f.Duration))
	}
	return b.String()
}

// short is a type without its package and module: rds Instance.
func short(typ string) string {
	parts := strings.FieldsFunc(typ, func(r rune) bool { return r == ':' || r == '/' })
	if len(parts) < 2 {
		return typ
	}
	return parts[0] + " " + parts[len(parts)-1]
}

// code quotes a text for Markdown; a text with a back quote of its own is left without.
func code(s string) string {
	if strings.Contains(s, "`") {
		return s
	}
	return "`" + s + "`"
}

func readableCauses(causes []Cause) string {
	parts := make([]string, len(causes))
	for i, c := range causes {
		parts[i] = code(c.String())
	}
	return some(parts)
}

func (r *Review) manifestSection() string {
	if len(r.Kubernetes) == 0 || r.FirstDeployment {
		return ""
	}
	var b strings.Builder
	for _, m := range r.Kubernetes {
		fmt.Fprintf(&b, "%s\n\n```diff\n%s```\n\n", code(m.Name), strings.ReplaceAll(m.Diff, "```", "` ` `"))
	}
	return folded(fmt.Sprintf("Kubernetes objects (%d), secrets masked", len(r.Kubernetes)), b.String())
}

func (r *Review) harmlessSection() string {
	if len(r.Harmless) == 0 {
		return ""
	}
	list := slices.Clone(r.Harmless)
	slices.SortStableFunc(list, func(a, b *Change) int {
		return cmp.Or(rank(b.Kind)-rank(a.Kind), cmp.Compare(a.URN, b.URN))
	})
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "- %s `%s` %s", c.Kind, short(c.Type()), code(c.Name()))
		if c.Moved != "" {
			fmt.Fprintf(&b, ", moved from %s", code(c.Moved.Name()))
		}
		if len(c.Causes) > 0 {
			b.WriteString(": " + readableCauses(c.Causes))
		}
		b.WriteString("\n")
	}
	return folded(fmt.Sprintf("The harmless rest (%d)", len(list)), b.String())
}
