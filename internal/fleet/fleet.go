// Package fleet does one thing to many stacks: a few at a time, resumable, and summed up by what is the same.
package fleet

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bpa-on-aws/platform/infra/stackfile"
)

// Member is one stack of the fleet.
type Member struct {
	// File is the path of its stack file, Stack its name, Name what its resources are called after.
	File, Stack, Name string
	// Labels are the tags of bpa:aws.tags, and environment, region and account.
	Labels map[string]string
	// Problem is why the stack file cannot be read, or empty.
	Problem string
}

// Find lists the stack files of a folder whose labels match every selector, sorted by name. A file with a mistake is a
// member too, as it must not be passed over in silence; it matches every selector.
func Find(dir string, selectors map[string]string) ([]Member, error) {
	files, err := filepath.Glob(filepath.Join(dir, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("fleet: %s: no stack file Pulumi.<stack>.yaml here", dir)
	}
	var members []Member
	for _, file := range files {
		m := Member{File: file, Stack: stackfile.StackOf(file)}
		loaded, err := stackfile.LoadFile(file, m.Stack)
		if err != nil {
			m.Problem = err.Error()
		} else {
			c := loaded.Config
			m.Name = c.Name
			m.Labels = map[string]string{"environment": c.Environment, "region": c.AWS.Region, "account": c.AWS.AccountID}
			for key, value := range c.AWS.Tags {
				m.Labels[key] = value
			}
		}
		if m.Problem != "" || matches(m.Labels, selectors) {
			members = append(members, m)
		}
	}
	return members, nil
}

func matches(labels, selectors map[string]string) bool {
	for key, value := range selectors {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// Selectors reads KEY=VALUE.
func Selectors(texts []string) (map[string]string, error) {
	selectors := map[string]string{}
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--select: %q: must be KEY=VALUE, such as tier=gold, environment=production or region=us-west-2", text)
		}
		selectors[key] = value
	}
	return selectors, nil
}

// Result is what came out of one stack.
type Result struct {
	Stack string `json:"stack"`
	// Fingerprint stands for everything that the result depends on.
	Fingerprint string `json:"fingerprint"`
	// Status is the exit status: 0 good, 2 needs approval, 1 error.
	Status int `json:"status"`
	// Outcome is a line that is the same for stacks to which the same happens. Details are further lines of it.
	Outcome string   `json:"outcome"`
	Details []string `json:"details,omitempty"`
	// Counts are the changes by kind, for a preview.
	Counts map[string]int `json:"counts,omitempty"`
	// Resumed says that an earlier run found it.
	Resumed bool `json:"-"`
}

// Work does it to one stack. What it returns must be small: the rest is gone when it returns, so that memory does not
// grow with the fleet.
type Work func(ctx context.Context, m Member) Result

// Run works on members, jobs at a time, and tells done of each as it ends. It stops early only when ctx ends: what one
// stack meets does not keep the others from being looked at. Results come in the order of the members; those that were
// not reached are missing.
func Run(ctx context.Context, members []Member, jobs int, work Work, done func(Result)) []Result {
	results := make([]*Result, len(members))
	next := make(chan int)
	var mu sync.Mutex
	var group sync.WaitGroup
	for range min(jobs, len(members)) {
		group.Go(func() {
			for i := range next {
				result := work(ctx, members[i])
				if ctx.Err() != nil {
					return // interrupted, not found out
				}
				mu.Lock()
				results[i] = &result
				done(result)
				mu.Unlock()
			}
		})
	}
feed:
	for i := range members {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	group.Wait()
	var ended []Result
	for _, r := range results {
		if r != nil {
			ended = append(ended, *r)
		}
	}
	return ended
}

// Status is the worst of all: an error before a missing approval before none.
func Status(results []Result) int {
	worst := 0
	for _, r := range results {
		if r.Status == 1 || r.Status > worst && worst != 1 {
			worst = r.Status
		}
	}
	return worst
}

// Group are the stacks to which the same happens.
type Group struct {
	Status  int      `json:"status"`
	Outcome string   `json:"outcome"`
	Details []string `json:"details,omitempty"`
	// Counts are the changes of each of them by kind.
	Counts map[string]int `json:"counts,omitempty"`
	Stacks []string       `json:"stacks"`
}

// Groups joins equal results: errors first, then what needs approval, the larger groups first.
func Groups(results []Result) []Group {
	byKey := map[string]*Group{}
	var groups []*Group
	for _, r := range results {
		key := fmt.Sprint(r.Status, r.Outcome, r.Counts, "\n", strings.Join(r.Details, "\n"))
		g := byKey[key]
		if g == nil {
			g = &Group{Status: r.Status, Outcome: r.Outcome, Details: r.Details, Counts: r.Counts}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.Stacks = append(g.Stacks, r.Stack)
	}
	gravity := map[int]int{1: 0, 2: 1, 0: 2}
	slices.SortStableFunc(groups, func(a, b *Group) int {
		if gravity[a.Status] != gravity[b.Status] {
			return gravity[a.Status] - gravity[b.Status]
		}
		return len(b.Stacks) - len(a.Stacks)
	})
	sorted := make([]Group, len(groups))
	for i, g := range groups {
		sorted[i] = *g
	}
	return sorted
}
