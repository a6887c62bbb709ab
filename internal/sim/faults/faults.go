// Package faults makes operations on the simulated clouds fail as they do on real ones: by type, verb and count, at random
// by a seed, by throttling, and by things that are made but not visible yet.
package faults

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// Codes that a provider's client retries by itself, before anybody sees them.
const (
	// Throttling is the answer to too many calls.
	Throttling = "ThrottlingException"
	// NotVisible is what refers to something that was just made, and that another server does not know yet, gets.
	NotVisible = "NotYetVisible"
)

// retries is how often the AWS provider's client repeats a call: its default for max_retries.
const retries = 25

// Fault makes operations fail.
type Fault struct {
	// Type is a resource type, or * for every one.
	Type string
	Verb provider.Verb
	// Count is how many calls fail, from the first on.
	Count int
	// Code is the service's error code.
	Code string
	// Class is the way in which they fail, or "" for that of each type's provider.
	Class catalog.FailureClass
}

// Parse reads `TYPE VERB COUNT CODE [CLASS]`, such as `aws:rds/instance:Instance create 1 InsufficientDBInstanceCapacity atomic`.
func Parse(text string) (Fault, error) {
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return Fault{}, fmt.Errorf("--fail: %q: must be `TYPE VERB COUNT ERROR [CLASS]`", text)
	}
	f := Fault{Type: fields[0], Verb: provider.Verb(fields[1]), Code: fields[3], Class: catalog.FailureClass(strings.Join(fields[4:], " "))}
	if f.Type != "*" && !catalog.Of(f.Type).Simulated() {
		return f, fmt.Errorf(
			"--fail: %q: %q must be a resource type that is simulated, such as "+catalog.RDSInstance+", or *",
			text,
			f.Type,
		)
	}
	if !slices.Contains([]provider.Verb{provider.Create, provider.Update, provider.Delete}, f.Verb) {
		return f, fmt.Errorf("--fail: %q: %q must be create, update or delete", text, f.Verb)
	}
	n, err := strconv.Atoi(fields[2])
	if err != nil || n < 1 {
		return f, fmt.Errorf("--fail: %q: %q must be a number of calls, from 1 on", text, fields[2])
	}
	f.Count = n
	if f.Class != "" && f.Type != "*" && !catalog.Of(f.Type).FailsAs(string(f.Verb), f.Class) {
		return f, fmt.Errorf("--fail: %q: %s of %s fails as %s, not as %q", text, f.Verb, f.Type, classes(f.Type, f.Verb), f.Class)
	}
	return f, nil
}

// classes names the ways in which an operation on a type may fail.
func classes(typ string, verb provider.Verb) string {
	var names []string
	for _, f := range catalog.Of(typ).FailuresOf(string(verb)) {
		names = append(names, strconv.Quote(string(f.Class)))
	}
	return strings.Join(names, " or ")
}

// Plan is what will fail in a rehearsal. Its zero value lets everything succeed.
type Plan struct {
	Faults []Fault
	// Seed and Rate make any operation fail with a probability of Rate, the same ones for the same seed. An operation that
	// is tried again is another throw of the dice.
	Seed int64
	Rate float64
	// EachOnce makes every operation on every resource fail the first time, in the Nth of the ways in which it may fail, from 0
	// on; one that has fewer succeeds, and with Halfway one that leaves everything as it was does so, too.
	EachOnce bool
	// Only is the one verb that EachOnce is about, or "" for all.
	Only    provider.Verb
	Nth     int
	Halfway bool
	// Kill ends the engine and its plugins, as a runner that is stopped does. A rehearsal sets it.
	Kill func() error

	mu       sync.Mutex
	left     map[int]int
	attempts map[string]int
	hidden   map[string]int
	late     []*late
	failed   []string
}

// late is what an operation has asked for, and what has not happened when it returned.
type late struct {
	operation, typ, id, code string
	// left is how many operations will still meet it.
	left int
}

// failure is what the next call meets.
type failure struct {
	code  string
	class catalog.FailureClass
}

// Failed lists the operations that failed so far, as `VERB TYPE NAME`.
func (p *Plan) Failed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.failed)
}

// Unused returns the faults that no operation has met: what they name was never asked for.
func (p *Plan) Unused() (unused []Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.Faults {
		if left, begun := p.left[i]; !begun || left == f.Count {
			unused = append(unused, f)
		}
	}
	return unused
}

// Unseen lists the operations that succeeded and had no effect, and that nothing has met since, as `VERB TYPE NAME: CODE`.
func (p *Plan) Unseen() (unseen []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.late {
		if l.left > 0 {
			unseen = append(unseen, l.operation+": "+l.code)
		}
	}
	return unseen
}

// Kills reports whether the plan may end the engine.
func (p *Plan) Kills() bool {
	return p.EachOnce && p.Nth > 0 || slices.ContainsFunc(p.Faults, func(f Fault) bool { return f.Class == catalog.DiesWithPlugin })
}

// Middleware injects the faults.
func (p *Plan) Middleware() provider.Middleware {
	return func(_ context.Context, op *provider.Operation, next func() error) error {
		for try := 0; ; try++ {
			f := p.next(op)
			if f.code == "" {
				break
			}
			if retried := f.code == Throttling || f.code == NotVisible; retried && try < retries {
				continue
			}
			return p.fail(op, f, next)
		}
		if err := next(); err != nil {
			return err
		}
		p.hide(op)
		return nil
	}
}

// fail lets an operation end as its class of failures has it.
func (p *Plan) fail(op *provider.Operation, f failure, next func() error) error {
	problem := fmt.Errorf("%s: %s", f.code, explain(f.code, op))
	switch f.class {
	case catalog.IDBeforeWait, catalog.CreatedIDLost:
	case catalog.CreatedNotReady:
		op.Outcome = provider.Unready
	case catalog.RecordedNotMade:
		p.remember(op)
		return &provider.Incomplete{Err: problem}
	case catalog.ReturnsBeforeEffect:
	case catalog.StaleOutputs:
		op.Outcome = provider.Stale
	case catalog.DiesWithPlugin:
		op.Outcome = provider.Killed
		if err := p.Kill(); err != nil {
			return err
		}
	default:
		p.remember(op)
		return problem
	}
	if err := next(); err != nil {
		return err
	}
	p.remember(op)
	switch f.class {
	case catalog.IDBeforeWait, catalog.CreatedNotReady:
		return &provider.Incomplete{Err: problem}
	case catalog.CreatedIDLost:
		return problem
	case catalog.ReturnsBeforeEffect:
		p.mu.Lock()
		p.late = append(p.late, &late{operation: describe(op), typ: op.Type, id: op.ID, code: f.code, left: 1})
		p.mu.Unlock()
	}
	return nil
}

func explain(code string, op *provider.Operation) string {
	switch code {
	case Throttling:
		return fmt.Sprintf("Rate exceeded (%d attempts)", retries+1)
	case NotVisible:
		return "it refers to something that is not visible yet"
	}
	return fmt.Sprintf("the rehearsal was asked to fail this (%s %s)", op.Verb, op.Type)
}

func describe(op *provider.Operation) string {
	return fmt.Sprintf("%s %s %s", op.Verb, op.Type, op.URN.Name())
}

// next says whether the next call of an operation fails, and how.
func (p *Plan) next(op *provider.Operation) failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == nil {
		p.left, p.attempts, p.hidden = map[int]int{}, map[string]int{}, map[string]int{}
		for i, f := range p.Faults {
			p.left[i] = f.Count
		}
	}
	ways := catalog.Of(op.Type).FailuresOf(string(op.Verb))
	if p.stillHidden(op.Inputs) {
		return failure{NotVisible, catalog.Atomic}
	}
	if code := p.meets(op); code != "" {
		return failure{code, ways[0].Class}
	}
	for i, f := range p.Faults {
		if f.Code != NotVisible && f.hits(op) && p.left[i] > 0 {
			p.left[i]--
			return failure{f.Code, p.class(f, ways)}
		}
	}
	key := fmt.Sprintf("%s %s", op.Verb, op.URN)
	attempt := p.attempts[key]
	p.attempts[key]++
	switch {
	case p.EachOnce && attempt == 0 && (p.Only == "" || p.Only == op.Verb) && p.Nth < len(ways) &&
		(!p.Halfway || ways[p.Nth].Class != catalog.Atomic):
		return failure{internal, ways[p.Nth].Class}
	case p.Rate > 0 && dice(p.Seed, key, attempt) < p.Rate:
		return failure{internal, ways[0].Class}
	}
	return failure{}
}

// hits reports whether a fault is about an operation: one of every type is about those that may fail in its class.
func (f Fault) hits(op *provider.Operation) bool {
	return f.Verb == op.Verb && (f.Type == op.Type ||
		f.Type == "*" && (f.Class == "" || catalog.Of(op.Type).FailsAs(string(f.Verb), f.Class)))
}

// internal is the code of a failure that nobody named.
const internal = "InternalFailure"

// class is the way in which a fault makes an operation fail. What a provider's client repeats, it has not done.
func (p *Plan) class(f Fault, ways []catalog.Failure) catalog.FailureClass {
	switch {
	case f.Code == Throttling:
		return catalog.Atomic
	case f.Class != "":
		return f.Class
	}
	return ways[0].Class
}

// meets returns the code of what an operation needs, and what has not happened yet though its own operation returned: it is among
// the inputs, or the catalog says that the type waits for it.
func (p *Plan) meets(op *provider.Operation) string {
	if op.Verb == provider.Delete {
		return ""
	}
	for _, l := range p.late {
		needs := mentions(op.Inputs, l.id) || slices.ContainsFunc(catalog.Of(op.Type).Waits, func(w catalog.Wait) bool {
			return slices.Contains(w.For, l.typ)
		})
		if l.left > 0 && needs {
			l.left--
			return l.code
		}
	}
	return ""
}

// dice throws a number from 0 to 1 that depends on its arguments alone.
func dice(seed int64, key string, attempt int) float64 {
	// Not fnv: the last bytes of what it hashes hardly move its upper bits, so that an attempt would be like the one before.
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", seed, key, attempt))
	return float64(binary.BigEndian.Uint64(sum[:8])) / math.MaxUint64
}

func (p *Plan) remember(op *provider.Operation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = append(p.failed, describe(op))
}

// hide keeps what was just made from being seen by the next calls that refer to it.
func (p *Plan) hide(op *provider.Operation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.Faults {
		if f.Code == NotVisible && f.Verb == op.Verb && (f.Type == "*" || f.Type == op.Type) {
			p.hidden[op.ID] = f.Count
			p.left[i] = 0 // it has met an operation
		}
	}
}

// stillHidden counts down what an operation refers to and cannot see.
func (p *Plan) stillHidden(inputs map[string]any) bool {
	found := false
	for id, n := range p.hidden {
		if n > 0 && mentions(inputs, id) {
			p.hidden[id], found = n-1, true
		}
	}
	return found
}

// mentions reports whether a value holds an id. A role is named by its name or by its ARN, which ends with it.
func mentions(value any, id string) bool {
	switch v := value.(type) {
	case string:
		return v == id || strings.HasPrefix(v, "arn:") && strings.HasSuffix(v, "/"+id)
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return mentions(e, id) })
	case map[string]any:
		for _, e := range v {
			if mentions(e, id) {
				return true
			}
		}
	}
	return false
}
