package rehearsal

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// watch follows the engine's events.
type watch struct {
	channel chan events.EngineEvent
	done    chan struct{}
	run     stackdoc.Run
	log     *json.Encoder
}

// newWatch follows one operation, and writes every event to log as a line of JSON.
func newWatch(log io.Writer) *watch {
	w := &watch{channel: make(chan events.EngineEvent), done: make(chan struct{}), log: json.NewEncoder(log)}
	go w.follow()
	return w
}

func (w *watch) follow() {
	defer close(w.done)
	for event := range w.channel {
		_ = w.log.Encode(event.EngineEvent) // into memory, and every event came as JSON
		w.run.Add(&event.EngineEvent)
	}
}

// changes are the steps that change something, once explain has waited for the last.
func (w *watch) changes() []stackdoc.Step {
	return slices.DeleteFunc(slices.Clone(w.run.Steps), func(s stackdoc.Step) bool { return s.Op == "same" || s.Op == "read" })
}

// cause is what went wrong first, or "".
func (w *watch) cause() string {
	first := ""
	for _, d := range w.run.Errors {
		if first == "" || aftermath(first) {
			first = diagnosis(d)
		}
	}
	return first
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
	if cause := w.cause(); cause != "" {
		return fmt.Errorf("%s: %s", phase, cause)
	}
	return fmt.Errorf("%s: %w", phase, err)
}

// wrapper is what the engine, the SDK and the bridge put before a provider's or a program's own message.
var wrapper = regexp.MustCompile(`^(?:error: )?(?:sdk-v2/provider2\.go:\d+: )?(?:rpc error: code = \w+ desc = )?` +
	`(?:an unhandled error occurred: )?(?:program failed:\s*)?(?:1 error occurred:\s*\* )?`)

func diagnosis(d stackdoc.Diagnostic) string {
	message := wrapper.ReplaceAllString(d.Message, "")
	if d.URN == "" {
		return message
	}
	return string(d.URN) + ": " + message
}
