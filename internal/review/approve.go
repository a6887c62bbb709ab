package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var marker = regexp.MustCompile(`(?m)^\s*(?:[-*>]\s*)*bpa-approve:\s*` + "`?" + `(urn:pulumi:[^` + "`" + `\n]+?)` + "`?" + `\s*$`)

// Approvals finds the lines `bpa-approve: URN` in a text, such as commit messages or the description of a pull request.
func Approvals(text string) []string {
	// A space of no width, which keeps a comment from calling people, is copied along with the line.
	text = strings.ReplaceAll(text, "\u200b", "")
	var urns []string
	for _, m := range marker.FindAllStringSubmatch(text, -1) {
		urns = append(urns, m[1])
	}
	return urns
}

// approve marks what somebody has approved.
func (r *Review) approve(urns []string) {
	for _, urn := range urns {
		used := false
		for i := range r.Findings {
			if f := &r.Findings[i]; string(f.URN) == urn && f.NeedsApproval {
				f.Approved, used = true, true
			}
		}
		if !used && !slices.Contains(r.Unused, urn) {
			r.Unused = append(r.Unused, urn)
		}
	}
}

// Safe reports whether everything that needs approval has it.
func (r *Review) Safe() bool { return len(r.Missing()) == 0 }

// Missing lists the URNs that still need approval, each once.
func (r *Review) Missing() []string {
	var urns []string
	for _, f := range r.Findings {
		if f.NeedsApproval && !f.Approved && !slices.Contains(urns, string(f.URN)) {
			urns = append(urns, string(f.URN))
		}
	}
	return urns
}

// judge writes the verdict.
func (r *Review) judge() {
	counts := map[Subject]int{}
	approved := 0
	for _, f := range r.Findings {
		if f.NeedsApproval && f.Approved {
			approved++
		}
		if f.NeedsApproval && !f.Approved || f.Subject == Interruption {
			counts[f.Subject]++
		}
	}
	var parts []string
	for _, s := range subjects {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, plural(n, nouns[s])))
		}
	}
	what := strings.Join(parts, ", ")
	switch {
	case !r.Safe():
		r.Verdict = fmt.Sprintf("needs approval: %s", what)
	case r.changesNothing():
		r.Verdict = "safe: nothing changes"
	case r.FirstDeployment:
		r.Verdict = fmt.Sprintf("safe: a first deployment of %d resources", r.Counts[Create])
	case what != "":
		r.Verdict = "safe, but felt: " + what
	default:
		r.Verdict = "safe"
	}
	if approved > 0 {
		r.Verdict += fmt.Sprintf(" (%d approved)", approved)
	}
}

func (r *Review) changesNothing() bool {
	for kind, n := range r.Counts {
		if kind != Same && kind != Read && n > 0 {
			return false
		}
	}
	return true
}

var nouns = map[Subject]string{
	Data: "loss of data|losses of data", Loss: "replacement or deletion|replacements or deletions",
	Protection: "protection lifted|protections lifted", Network: "wider network|wider networks",
	Permission: "wider permission|wider permissions", Interruption: "interruption|interruptions",
	Credential: "credential|credentials", Support: "version|versions",
}

func plural(n int, forms string) string {
	one, many, _ := strings.Cut(forms, "|")
	if n == 1 {
		return one
	}
	return many
}
