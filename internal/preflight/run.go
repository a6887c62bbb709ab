package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// check is one question, or several that share their calls.
type check struct {
	name string
	// cloud says that it asks AWS, which is useless where the identity is the wrong one.
	cloud bool
	run   func(ctx context.Context) ([]Finding, error)
}

// runner asks at most so many checks at once, each no longer than timeout.
type runner struct {
	jobs    int
	timeout time.Duration
}

// all runs the checks and returns their findings in the order of the checks, whatever order they ended in.
func (r runner) all(ctx context.Context, checks []check) []Finding {
	found := make([][]Finding, len(checks))
	slots := make(chan struct{}, r.jobs)
	var group sync.WaitGroup
	for i, c := range checks {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = r.one(ctx, c)
		})
	}
	group.Wait()
	var list []Finding
	for _, f := range found {
		list = append(list, f...)
	}
	return list
}

// one runs a check. What it found before an error is kept, and the error is a finding of its own.
func (r runner) one(ctx context.Context, c check) []Finding {
	within, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	found, err := c.run(within)
	if err == nil {
		return found
	}
	return append(found, explain(c.name, r.timeout, err))
}

// explain makes a finding of an error: a refused read is a warning with the action to allow, all else a failure.
func explain(name string, timeout time.Duration, err error) Finding {
	if action, ok := deniedAction(err); ok {
		return Finding{Check: name, Status: Warn, Detail: "not checked: the caller may not " + action,
			Remedy: fmt.Sprintf("allow %s, or check it by hand", action)}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Finding{Check: name, Status: Fail, Detail: fmt.Sprintf("no answer within %s", timeout),
			Remedy: "check the network and the region, then run preflight again"}
	}
	if what, ok := wentWrong(err); ok {
		return Finding{Check: name, Status: Fail, Detail: what, Remedy: "run preflight again; health.aws.amazon.com shows outages"}
	}
	return Finding{Check: name, Status: Fail, Detail: oneLine(err.Error()), Remedy: "mend what the message names, then run preflight again"}
}

// oneLine keeps a message from breaking the table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// trimLines removes the spaces that pad a table at the end of its lines.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
