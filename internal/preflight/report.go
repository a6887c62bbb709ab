// Package preflight asks the live clouds, before anything is created, whether a stack can be created: who asks, quotas,
// what is offered in the chosen zones, versions, images, certificate, Atlas, chart, state and secrets.
//
// It only reads. Every AWS call passes a guard that refuses an operation that is not a read, and Atlas and the rest are
// asked with GET and HEAD alone. What may not be read is a warning that names the missing IAM action, because a check
// that was not made must not look like one that passed.
package preflight

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"

	"github.com/bpa-on-aws/platform/internal/prose"
)

// Status of a finding.
type Status string

// The states of a finding. Only Fail keeps a stack from being created.
const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Finding is the answer to one question.
type Finding struct {
	// Check names the question, such as "quota vpc".
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Detail says what was seen.
	Detail string `json:"detail"`
	// Remedy says what to do, and is empty where the check passed.
	Remedy string `json:"remedy,omitempty"`
}

// Report holds the findings in the order of the checks.
type Report struct {
	Stack    string    `json:"stack"`
	Findings []Finding `json:"findings"`
}

// Count returns how many findings have a status.
func (r Report) Count(s Status) int {
	n := 0
	for _, f := range r.Findings {
		if f.Status == s {
			n++
		}
	}
	return n
}

// Failed reports whether the stack cannot be created.
func (r Report) Failed() bool { return r.Count(Fail) > 0 }

// Summary is the last line: "preflight dev: 12 passed, 3 warnings, 1 failed".
func (r Report) Summary() string {
	warnings := "warnings"
	if r.Count(Warn) == 1 {
		warnings = "warning"
	}
	return fmt.Sprintf("preflight %s: %d passed, %d %s, %d failed", r.Stack, r.Count(Pass), r.Count(Warn), warnings, r.Count(Fail))
}

// JSON writes the report as one JSON object.
func (r Report) JSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// Columns of the table: with the spaces between them they make 80.
const (
	checkWidth  = 20
	statusWidth = 7
	textWidth   = 53
)

// Table writes the report as a table of at most 80 columns, with the remedy below what was seen.
func (r Report) Table(out io.Writer) error {
	t := table.New().Border(lipgloss.HiddenBorder()).BorderTop(false).BorderBottom(false).BorderLeft(false).
		BorderRight(false).BorderHeader(false).BorderColumn(false).Headers("check", "status", "what was seen, and what to do").
		StyleFunc(func(_, column int) lipgloss.Style {
			return lipgloss.NewStyle().Width([]int{checkWidth, statusWidth, textWidth}[column])
		})
	for _, f := range r.Findings {
		text := prose.Wrap("", "", f.Detail, textWidth)
		if f.Remedy != "" {
			text += "\n" + prose.Wrap("-> ", "", f.Remedy, textWidth)
		}
		t.Row(f.Check, string(f.Status), text)
	}
	_, err := fmt.Fprintf(out, "%s\n\n%s\n", trimLines(t.String()), r.Summary())
	return err
}
