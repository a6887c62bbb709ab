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
}

// Parse reads `TYPE VERB COUNT CODE`, such as `aws:rds/instance:Instance create 1 InsufficientDBInstanceCapacity`.
func Parse(text string) (Fault, error) {
	fields := strings.Fields(text)
	if len(fields) != 4 {
		return Fault{}, fmt.Errorf("--fail: %q: must be `TYPE VERB COUNT ERROR`", text)
	}
	f := Fault{Type: fields[0], Verb: provider.Verb(fields[1]), Code: fields[3]}
	if f.Type != "*" && strings.Count(f.Type, ":") != 2 {
		return f, fmt.Errorf("--fail: %q: %q must be a resource type such as "+catalog.RDSInstance+", or *", text, f.Type)
	}
	if !slices.Contains([]provider.Verb{provider.Create, provider.Update, provider.Delete}, f.Verb) {
		return f, fmt.Errorf("--fail: %q: %q must be create, update or delete", text, f.Verb)
	}
	n, err := strconv.Atoi(fields[2])
	if err != nil || n < 1 {
		return f, fmt.Errorf("--fail: %q: %q must be a number of calls, from 1 on", text, fields[2])
	}
	f.Count = n
	return f, nil
}

// Plan is what will fail in a rehearsal. Its zero value lets everything succeed.
type Plan struct {
	Faults []Fault
	// Seed and Rate make any operation fail with a probability of Rate, the same ones for the same seed. An operation that
	// is tried again is another throw of the dice.
	Seed int64
	Rate float64
	// EachOnce makes every operation on every resource fail the first time.
	EachOnce bool

	mu       sync.Mutex
	left     map[int]int
	attempts map[string]int
	hidden   map[string]int
	failed   []string
}

// Failed lists the operations that failed so far, as `VERB TYPE NAME`.
func (p *Plan) Failed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.failed)
}

// Middleware injects the faults.
func (p *Plan) Middleware() provider.Middleware {
	return func(_ context.Context, op *provider.Operation, next func() error) error {
		for try := 0; ; try++ {
			code := p.next(op)
			if code == "" {
				break
			}
			if retried := code == Throttling || code == NotVisible; retried && try < retries {
				continue
			}
			p.remember(op)
			return fmt.Errorf("%s: %s", code, explain(code, op))
		}
		if err := next(); err != nil {
			return err
		}
		p.hide(op)
		return nil
	}
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

// next says whether the next call of an operation fails, and how.
func (p *Plan) next(op *provider.Operation) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == nil {
		p.left, p.attempts, p.hidden = map[int]int{}, map[string]int{}, map[string]int{}
		for i, f := range p.Faults {
			p.left[i] = f.Count
		}
	}
	if p.stillHidden(op.Inputs) {
		return NotVisible
	}
	for i, f := range p.Faults {
		if f.Code != NotVisible && f.Verb == op.Verb && (f.Type == "*" || f.Type == op.Type) && p.left[i] > 0 {
			p.left[i]--
			return f.Code
		}
	}
	key := fmt.Sprintf("%s %s", op.Verb, op.URN)
	attempt := p.attempts[key]
	p.attempts[key]++
	if p.EachOnce && attempt == 0 || p.Rate > 0 && dice(p.Seed, key, attempt) < p.Rate {
		return "InternalFailure"
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
	p.failed = append(p.failed, fmt.Sprintf("%s %s %s", op.Verb, op.Type, op.URN.Name()))
}

// hide keeps what was just made from being seen by the next calls that refer to it.
func (p *Plan) hide(op *provider.Operation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.Faults {
		if f.Code == NotVisible && f.Verb == op.Verb && (f.Type == "*" || f.Type == op.Type) {
			p.hidden[op.ID] = f.Count
		}
	}
}

// stillHidden counts down what an operation refers to and cannot see.
func (p *Plan) stillHidden(inputs map[string]any) bool {
	found := false
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case string:
			// A role is named by its name or by its ARN, which ends with it.
			for id, n := range p.hidden {
				if n > 0 && (v == id || strings.HasPrefix(v, "arn:") && strings.HasSuffix(v, "/"+id)) {
					p.hidden[id], found = n-1, true
				}
			}
		case []any:
			for _, e := range v {
				look(e)
			}
		case map[string]any:
			for _, e := range v {
				look(e)
			}
		}
	}
	look(inputs)
	return found
}
