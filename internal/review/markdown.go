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

// Markdown writes a review for a pull request, in at most limit characters: verdict and counts are never cut, and the
// gravest is cut last. Beside what must be approved, half of the room is kept for the reasons.
func (r *Review) Markdown(limit int) string {
	head := fmt.Sprintf("%s %s -->\n## Review of stack %s\n\n**%s**\n\n%s\n",
		Marker, word(r.Stack), code(r.Stack), upper(r.Verdict), r.countLine())
	room := max(limit-length(head), 0)
	tail := cut(r.approvalSection(), room/2)
	room -= length(tail)
	body := ""
	for _, piece := range append(r.sections(), r.costSection(), r.manifestSection(), r.harmlessSection()) {
		piece = cut(piece, room)
		body += piece
		room -= length(piece)
	}
	return head + body + tail
}

// approvalSection says what to write so that the review is safe.
func (r *Review) approvalSection() string {
	section := ""
	if missing := r.Missing(); len(missing) > 0 {
		var lines strings.Builder
		for _, urn := range missing {
			lines.WriteString("bpa-approve: " + oneLine(urn) + "\n")
		}
		section = "\n### To approve\n\nWrite these lines into a commit message or the pull request's description:\n\n" +
			block("text", lines.String())
	}
	for _, urn := range r.Unused {
		section += fmt.Sprintf("\nThe approval of %s approves nothing.\n", code(urn))
	}
	return section
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func length(s string) int { return utf8.RuneCountInString(s) }

const left = "\n… the rest does not fit into a comment; the JSON has it.\n"

// closed ends a fold.
const closed = "\n</details>\n"

// cut shortens a text to whole items and lines, says so, and closes a block of code and a fold that it cuts through. Where
// there is no room for a single item, nothing is left: a heading without anything below it says nothing.
func cut(text string, room int) string {
	if length(text) <= room {
		return text
	}
	room -= length(left) + length(closed)
	var kept strings.Builder
	fence, folded, items, item := "", false, 0, 0
	for line := range strings.Lines(text) {
		next := fenceAfter(fence, line)
		reserved := 0
		if next != "" {
			reserved = length(next) + 1
		}
		isItem := strings.HasPrefix(line, "- ") || fence != "" && next != ""
		if room -= length(line); room < reserved {
			if fence == "" && strings.HasPrefix(line, "  ") { // a part of the item before, which goes as a whole
				items--
				return ended(kept.String()[:item], "", folded, items)
			}
			break
		}
		if isItem {
			items, item = items+1, kept.Len()
		}
		kept.WriteString(line)
		fence = next
		folded = (folded || strings.HasPrefix(line, "<details")) && !strings.HasPrefix(line, "</details>")
	}
	return ended(kept.String(), fence, folded, items)
}

// ended closes what a cut left open.
func ended(text, fence string, folded bool, items int) string {
	if items <= 0 {
		return ""
	}
	if fence != "" {
		text += fence + "\n"
	}
	text += left
	if folded {
		text += closed
	}
	return text
}

// fenceAfter returns the fence of the block of code that is open after a line, or "".
func fenceAfter(fence, line string) string {
	if fence != "" {
		if strings.TrimSpace(line) == fence {
			return ""
		}
		return fence
	}
	if opened := line[:len(line)-len(strings.TrimLeft(line, "`"))]; len(opened) >= 3 {
		return opened
	}
	return ""
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
	return fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s%s", title, body, closed)
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
		fmt.Fprintf(&b, "%s %s: ", code(short(f.Type)), code(f.Name))
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
		fmt.Fprintf(&b, "%s\n\n%s\n", code(m.Name), block("diff", m.Diff))
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
		fmt.Fprintf(&b, "- %s %s %s", c.Kind, code(short(c.Type())), code(c.Name()))
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
