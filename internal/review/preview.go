// Package review says what a change risks. It reads what the engine says of a change (`pulumi preview --json`, or the
// engine's event log), and sorts it: what loses data first, then what interrupts users, opens a network or widens
// permissions, and last the harmless rest.
//
// Nothing that it writes holds a secret: the engine masks secrets before this package sees them, and what the engine does
// not know to be one (the data of a Kubernetes Secret, a private key in clear text) is masked here.
package review

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Preview is what the engine would do to a stack.
type Preview struct {
	Steps []Step
	// Summary counts the steps by operation, those that the engine was not asked to show included.
	Summary map[string]int
	// Errors are what the engine reported; a preview with errors ends early, and cannot be reviewed.
	Errors []string
}

// Step is one step on one resource, as the engine's JSON has it.
type Step struct {
	Op             string          `json:"op"`
	URN            resource.URN    `json:"urn"`
	Provider       string          `json:"provider"`
	Old            *State          `json:"oldState"`
	New            *State          `json:"newState"`
	DiffReasons    []string        `json:"diffReasons"`
	ReplaceReasons []string        `json:"replaceReasons"`
	Detailed       map[string]Diff `json:"detailedDiff"`
}

// State is a resource before or after a step. Secrets read "[secret]".
type State struct {
	URN            resource.URN `json:"urn"`
	Type           string       `json:"type"`
	Custom         bool         `json:"custom"`
	External       bool         `json:"external"`
	ID             string       `json:"id"`
	Parent         resource.URN `json:"parent"`
	Protect        bool         `json:"protect"`
	RetainOnDelete bool         `json:"retainOnDelete"`
	// Delete says that a replacement has taken its place already, and that only its own deletion is left to do.
	Delete bool `json:"delete"`
	// Taint says that somebody has asked for a replacement by `pulumi state taint`.
	Taint        bool           `json:"taint"`
	Dependencies []resource.URN `json:"dependencies"`
	Inputs       map[string]any `json:"inputs"`
	Outputs      map[string]any `json:"outputs"`
}

// Diff is how one property differs: add, add-replace, update, update-replace, delete or delete-replace.
type Diff struct {
	Kind string `json:"kind"`
	// InputDiff says that two inputs differ; else an input differs from what the cloud has.
	InputDiff bool `json:"inputDiff"`
}

// ErrNotAPreview is what Parse returns for anything else.
var ErrNotAPreview = errors.New("must be the output of `pulumi preview --json`, or an event log of it")

// Parse reads the document that `pulumi preview --json` prints, or the event log that `pulumi preview --event-log FILE`
// writes (a line of JSON an event, which is also what `--json` streams where the engine is told to). What stands before
// and behind the JSON, as CI systems print, is skipped: the JSON begins a line.
func Parse(r io.Reader) (*Preview, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	b, first, err := begin(b)
	if err != nil {
		return nil, err
	}
	if _, isEvent := first["timestamp"]; isEvent {
		return parseEvents(b)
	}
	if first["changeSummary"] == nil && first["steps"] == nil && first["diagnostics"] == nil {
		return nil, fmt.Errorf("review: %w; it has neither steps nor a summary", ErrNotAPreview)
	}
	return parseDigest(first)
}

// begin finds the first line that begins an object of JSON, and decodes that object's keys.
func begin(b []byte) (rest []byte, first map[string]json.RawMessage, err error) {
	err = fmt.Errorf("review: %w; found no JSON", ErrNotAPreview)
	for at := 0; at < len(b); {
		if b[at] == '{' {
			first = nil
			problem := json.NewDecoder(bytes.NewReader(b[at:])).Decode(&first)
			if problem == nil {
				return b[at:], first, nil
			}
			err = fmt.Errorf("review: %w: %w", ErrNotAPreview, problem)
		}
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	return nil, nil, err
}

func parseDigest(keys map[string]json.RawMessage) (*Preview, error) {
	p := &Preview{}
	var diagnostics []struct {
		URN      resource.URN `json:"urn"`
		Message  string       `json:"message"`
		Severity string       `json:"severity"`
	}
	for key, into := range map[string]any{"steps": &p.Steps, "changeSummary": &p.Summary, "diagnostics": &diagnostics} {
		if keys[key] == nil {
			continue
		}
		if err := json.Unmarshal(keys[key], into); err != nil {
			return nil, fmt.Errorf("review: %w: %s: %w", ErrNotAPreview, key, err)
		}
	}
	for _, d := range diagnostics {
		if d.Severity == "error" {
			p.report(d.URN, d.Message)
		}
	}
	if keys["changeSummary"] == nil && len(p.Errors) == 0 {
		return nil, fmt.Errorf("review: the JSON has no summary: the preview did not end")
	}
	return p, nil
}

// parseEvents reads engine events, a line each.
func parseEvents(b []byte) (*Preview, error) {
	p := &Preview{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, len(b)+1)
	ended := false
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var event apitype.EngineEvent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("review: line %d: %w: %w", n, ErrNotAPreview, err)
		}
		switch {
		case event.SummaryEvent != nil:
			ended, p.Summary = true, map[string]int{}
			for op, n := range event.SummaryEvent.ResourceChanges {
				p.Summary[string(op)] = n
			}
		case event.ResourcePreEvent != nil:
			p.Steps = append(p.Steps, stepOf(event.ResourcePreEvent.Metadata))
		case event.DiagnosticEvent != nil && event.DiagnosticEvent.Severity == "error":
			p.report(resource.URN(event.DiagnosticEvent.URN), event.DiagnosticEvent.Message)
		}
	}
	if !ended && len(p.Errors) == 0 {
		return nil, fmt.Errorf("review: the event log has no summary: the preview did not end")
	}
	return p, lines.Err()
}

// paint is what the engine writes into an event for a colour: <{%reset%}>.
var paint = regexp.MustCompile(`<\{%.*?%\}>`)

func (p *Preview) report(urn resource.URN, message string) {
	message = strings.TrimSpace(paint.ReplaceAllString(message, ""))
	if urn != "" {
		message = urn.Name() + ": " + message
	}
	p.Errors = append(p.Errors, message)
}

func stepOf(m apitype.StepEventMetadata) Step {
	s := Step{
		Op: string(m.Op), URN: resource.URN(m.URN), Provider: m.Provider, Old: stateOf(m.Old), New: stateOf(m.New),
		DiffReasons: m.Diffs, ReplaceReasons: m.Keys, Detailed: map[string]Diff{},
	}
	for path, d := range m.DetailedDiff {
		s.Detailed[path] = Diff{Kind: string(d.Kind), InputDiff: d.InputDiff}
	}
	return s
}

func stateOf(m *apitype.StepEventStateMetadata) *State {
	if m == nil {
		return nil
	}
	return &State{
		URN: resource.URN(m.URN), Type: m.Type, Custom: m.Custom, External: m.External, ID: m.ID, Parent: resource.URN(m.Parent),
		Protect: m.Protect, RetainOnDelete: m.RetainOnDelete, Delete: m.Delete, Taint: m.Taint, Inputs: m.Inputs, Outputs: m.Outputs,
	}
}
