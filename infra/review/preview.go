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
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Preview is what the engine would do to a stack.
type Preview struct {
	Steps []Step
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
	URN            resource.URN   `json:"urn"`
	Type           string         `json:"type"`
	Custom         bool           `json:"custom"`
	External       bool           `json:"external"`
	ID             string         `json:"id"`
	Parent         resource.URN   `json:"parent"`
	Protect        bool           `json:"protect"`
	RetainOnDelete bool           `json:"retainOnDelete"`
	Inputs         map[string]any `json:"inputs"`
	Outputs        map[string]any `json:"outputs"`
}

// Diff is how one property differs: add, add-replace, update, update-replace, delete or delete-replace.
type Diff struct {
	Kind string `json:"kind"`
}

// ErrNotAPreview is what Parse returns for anything else.
var ErrNotAPreview = errors.New("must be the output of `pulumi preview --json`, or an event log of it")

// Parse reads the document that `pulumi preview --json` prints, or the event log that `pulumi preview --event-log FILE`
// writes (a line of JSON an event, which is also what `--json` streams where the engine is told to). What stands before
// the JSON, as CI systems print, is skipped.
func Parse(r io.Reader) (*Preview, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	begin := bytes.IndexByte(b, '{')
	if begin < 0 {
		return nil, fmt.Errorf("review: %w; found no JSON", ErrNotAPreview)
	}
	b = b[begin:]
	var first map[string]json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(&first); err != nil {
		return nil, fmt.Errorf("review: %w: %w", ErrNotAPreview, err)
	}
	if _, isEvent := first["timestamp"]; isEvent {
		return parseEvents(b)
	}
	if first["changeSummary"] == nil && first["steps"] == nil && first["diagnostics"] == nil {
		return nil, fmt.Errorf("review: %w; it has neither steps nor a summary", ErrNotAPreview)
	}
	return parseDigest(b)
}

func parseDigest(b []byte) (*Preview, error) {
	var digest struct {
		Steps       []Step `json:"steps"`
		Diagnostics []struct {
			URN      resource.URN `json:"urn"`
			Message  string       `json:"message"`
			Severity string       `json:"severity"`
		} `json:"diagnostics"`
	}
	if err := json.Unmarshal(b, &digest); err != nil {
		return nil, fmt.Errorf("review: %w: %w", ErrNotAPreview, err)
	}
	p := &Preview{Steps: digest.Steps}
	for _, d := range digest.Diagnostics {
		if d.Severity == "error" {
			p.report(d.URN, d.Message)
		}
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
		ended = ended || event.SummaryEvent != nil
		switch {
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

func (p *Preview) report(urn resource.URN, message string) {
	message = strings.TrimSpace(message)
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
		s.Detailed[path] = Diff{Kind: string(d.Kind)}
	}
	return s
}

func stateOf(m *apitype.StepEventStateMetadata) *State {
	if m == nil {
		return nil
	}
	return &State{
		URN: resource.URN(m.URN), Type: m.Type, Custom: m.Custom, ID: m.ID, Parent: resource.URN(m.Parent), Protect: m.Protect,
		RetainOnDelete: m.RetainOnDelete, Inputs: m.Inputs, Outputs: m.Outputs,
	}
}
