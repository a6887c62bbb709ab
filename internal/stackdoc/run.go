package stackdoc

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

// Run is what the engine does to a stack, or would do: an `up`, a destroy, or the preview of one.
type Run struct {
	Steps []Step
	// Summary counts the steps by operation, those that the engine was not asked to show included. It is nil until the end.
	Summary map[string]int
	// Errors are what the engine reported; a preview with errors ends early.
	Errors []Diagnostic
}

// Step is one step on one resource.
type Step struct {
	// Op is the engine's word: create, update, delete, replace, create-replacement, delete-replaced, import, …
	Op  string
	URN resource.URN
	// Old and New are the resource before and after; either may be nil. Their secrets cannot be read.
	Old, New *Resource
	// Diffs are the top-level properties that change, Keys those that cause a replacement.
	Diffs, Keys []string
	// Detailed is how each property differs, by its path.
	Detailed map[string]apitype.PropertyDiff
}

// Diagnostic is something that the engine, a provider or the program said.
type Diagnostic struct {
	URN     resource.URN
	Message string
}

// String names the resource.
func (d Diagnostic) String() string {
	if d.URN == "" {
		return d.Message
	}
	return d.URN.Name() + ": " + d.Message
}

// ErrNotAPreview is what ReadPreview returns for anything else.
var ErrNotAPreview = errors.New("must be the output of `pulumi preview --json`, or an event log of it")

// ReadPreview reads the document that `pulumi preview --json` prints, or the event log that `pulumi preview --event-log
// FILE` writes (a line of JSON an event, which is also what `--json` streams where the engine is told to). What stands
// before and behind the JSON, as CI systems print, is skipped: the JSON begins a line.
func ReadPreview(r io.Reader) (*Run, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	b, first, err := begin(b)
	if err != nil {
		return nil, err
	}
	if _, isEvent := first["timestamp"]; isEvent {
		return ReadEvents(b)
	}
	if first["changeSummary"] == nil && first["steps"] == nil && first["diagnostics"] == nil {
		return nil, fmt.Errorf("%w; it has neither steps nor a summary", ErrNotAPreview)
	}
	return readDigest(first)
}

// begin finds the first line that begins an object of JSON, and decodes that object's keys.
func begin(b []byte) (rest []byte, first map[string]json.RawMessage, err error) {
	err = fmt.Errorf("%w; found no JSON", ErrNotAPreview)
	for at := 0; at < len(b); {
		if b[at] == '{' {
			first = nil
			problem := json.NewDecoder(bytes.NewReader(b[at:])).Decode(&first)
			if problem == nil {
				return b[at:], first, nil
			}
			err = fmt.Errorf("%w: %w", ErrNotAPreview, problem)
		}
		end := bytes.IndexByte(b[at:], '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	return nil, nil, err
}

// digestStep is a step as the document has it; its type is in the engine itself.
type digestStep struct {
	Op             string              `json:"op"`
	URN            resource.URN        `json:"urn"`
	OldState       *apitype.ResourceV3 `json:"oldState"`
	NewState       *apitype.ResourceV3 `json:"newState"`
	DiffReasons    []string            `json:"diffReasons"`
	ReplaceReasons []string            `json:"replaceReasons"`
	DetailedDiff   map[string]struct {
		Kind      apitype.DiffKind `json:"kind"`
		InputDiff bool             `json:"inputDiff"`
	} `json:"detailedDiff"`
}

func readDigest(keys map[string]json.RawMessage) (*Run, error) {
	run := &Run{}
	var steps []digestStep
	var diagnostics []apitype.DiagnosticEvent
	for key, into := range map[string]any{"steps": &steps, "changeSummary": &run.Summary, "diagnostics": &diagnostics} {
		if keys[key] == nil {
			continue
		}
		if err := json.Unmarshal(keys[key], into); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrNotAPreview, key, err)
		}
	}
	for i := range diagnostics {
		run.report(&diagnostics[i])
	}
	if keys["changeSummary"] == nil && len(run.Errors) == 0 {
		return nil, errors.New("the JSON has no summary: the preview did not end")
	}
	for _, s := range steps {
		step := Step{
			Op: s.Op, URN: s.URN, Old: of(s.OldState, true), New: of(s.NewState, true), Diffs: s.DiffReasons, Keys: s.ReplaceReasons,
			Detailed: make(map[string]apitype.PropertyDiff, len(s.DetailedDiff)),
		}
		for path, d := range s.DetailedDiff {
			step.Detailed[path] = apitype.PropertyDiff(d)
		}
		run.Steps = append(run.Steps, step)
	}
	return run, nil
}

// ReadEvents reads engine events, a line each, to the summary that ends them.
func ReadEvents(b []byte) (*Run, error) {
	run := &Run{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, len(b)+1)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var event apitype.EngineEvent
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fmt.Errorf("line %d: %w: %w", n, ErrNotAPreview, err)
		}
		run.Add(&event)
	}
	if run.Summary == nil && len(run.Errors) == 0 {
		return nil, errors.New("the event log has no summary: the preview did not end")
	}
	return run, lines.Err()
}

// Add takes in an event.
func (run *Run) Add(event *apitype.EngineEvent) {
	switch {
	case event.SummaryEvent != nil:
		run.Summary = map[string]int{}
		for op, n := range event.SummaryEvent.ResourceChanges {
			run.Summary[string(op)] = n
		}
	case event.ResourcePreEvent != nil:
		run.Steps = append(run.Steps, stepOf(&event.ResourcePreEvent.Metadata))
	case event.DiagnosticEvent != nil:
		run.report(event.DiagnosticEvent)
	}
}

// paint is what the engine writes into an event for a colour: <{%reset%}>.
var paint = regexp.MustCompile(`<\{%.*?%\}>`)

// report keeps an error.
func (run *Run) report(d *apitype.DiagnosticEvent) {
	if d.Severity == "error" {
		message := strings.TrimSpace(paint.ReplaceAllString(d.Message, ""))
		run.Errors = append(run.Errors, Diagnostic{URN: resource.URN(d.URN), Message: message})
	}
}

func stepOf(m *apitype.StepEventMetadata) Step {
	return Step{
		Op: string(m.Op), URN: resource.URN(m.URN), Old: resourceOf(m.Old), New: resourceOf(m.New), Diffs: m.Diffs, Keys: m.Keys,
		Detailed: m.DetailedDiff,
	}
}

func resourceOf(m *apitype.StepEventStateMetadata) *Resource {
	if m == nil {
		return nil
	}
	return &Resource{
		URN: resource.URN(m.URN), Parent: resource.URN(m.Parent), ID: m.ID, Custom: m.Custom, External: m.External,
		Protect: m.Protect, RetainOnDelete: m.RetainOnDelete, Delete: m.Delete, Taint: m.Taint, Provider: m.Provider,
		Inputs: properties(m.Inputs, true), Outputs: properties(m.Outputs, true),
	}
}
