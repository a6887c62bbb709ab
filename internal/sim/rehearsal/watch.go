package rehearsal

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Step is something that the engine does, or would do, to a resource.
type Step struct {
	// Op is the engine's word: create, update, delete, replace, create-replacement, delete-replaced, import, …
	Op  string
	URN resource.URN
	// Diffs are the top-level properties that change, Keys those of them that cause a replacement.
	Diffs, Keys []string
}

// watch follows the engine's events: what changed, and what went wrong first.
type watch struct {
	channel    chan events.EngineEvent
	done       chan struct{}
	changes    map[string]int
	firstError string
	steps      []Step
	log        *json.Encoder
}

// newWatch follows one operation, and writes every event to log as a line of JSON.
func newWatch(log io.Writer) *watch {
	w := &watch{
		channel: make(chan events.EngineEvent), done: make(chan struct{}), changes: map[string]int{}, log: json.NewEncoder(log),
	}
	go w.follow()
	return w
}

func (w *watch) follow() {
	defer close(w.done)
	for event := range w.channel {
		_ = w.log.Encode(event.EngineEvent) // into memory, and every event came as JSON
		if d := event.DiagnosticEvent; d != nil && d.Severity == "error" && (w.firstError == "" || aftermath(w.firstError)) {
			w.firstError = diagnosis(d.URN, d.Message)
		}
		if e := event.ResourcePreEvent; e != nil {
			if op := string(e.Metadata.Op); op != "same" && op != "read" {
				w.steps = append(w.steps, Step{Op: op, URN: resource.URN(e.Metadata.URN), Diffs: e.Metadata.Diffs, Keys: e.Metadata.Keys})
			}
		}
		if s := event.SummaryEvent; s != nil {
			for kind, n := range s.ResourceChanges {
				w.changes[string(kind)] += n
			}
		}
	}
}

// aftermath is what a component says when one of its resources has failed: not a cause.
func aftermath(message string) bool {
	return strings.Contains(message, "grpc: the client connection is closing")
}

// lastEvent bounds the wait for the last event: an operation that fails before it begins sends none, and never closes
// the channel.
const lastEvent = 10 * time.Second

// explain waits for the last event and turns the engine's error into its first cause.
func (w *watch) explain(phase string, err error) error {
	select {
	case <-w.done:
	case <-time.After(lastEvent):
		return fmt.Errorf("%s: the engine sent no events: %w", phase, err)
	}
	if err == nil {
		return nil
	}
	if w.firstError != "" {
		return fmt.Errorf("%s: %s", phase, w.firstError)
	}
	return fmt.Errorf("%s: %w", phase, err)
}

var (
	colour = regexp.MustCompile(`<\{%[^%]*%\}>`)
	// wrapper is what the engine, the SDK and the bridge put before a provider's or a program's own message.
	wrapper = regexp.MustCompile(`^(?:error: )?(?:sdk-v2/provider2\.go:\d+: )?(?:rpc error: code = \w+ desc = )?` +
		`(?:an unhandled error occurred: )?(?:program failed:\s*)?(?:1 error occurred:\s*\* )?`)
)

func diagnosis(urn, message string) string {
	message = strings.TrimSpace(colour.ReplaceAllString(message, ""))
	message = wrapper.ReplaceAllString(message, "")
	if urn == "" {
		return message
	}
	return urn + ": " + message
}
