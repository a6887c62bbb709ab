package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// killAt kills the engine at the nth operation on the clouds. The operation itself goes on, and nobody hears of it.
func killAt(n int64) provider.Middleware {
	var operations atomic.Int64
	return func(_ context.Context, _ *provider.Operation, next func() error) error {
		if operations.Add(1) == n {
			if err := killEngine(); err != nil {
				return fmt.Errorf("rehearsal: killing the engine: %w", err)
			}
		}
		return next()
	}
}

// killEngine kills the engine, which is a child of this process, and waits until it is gone.
func killEngine() error {
	engine, err := findEngine()
	if err != nil {
		return err
	}
	if err := engine.Kill(); err != nil {
		return err
	}
	// The Automation API waits for its child, which ends it for good; until then another engine could meet this one's lock.
	for range 100 {
		found, err := findEngine()
		switch {
		case errors.Is(err, os.ErrProcessDone):
			return nil
		case err != nil:
			return err
		case found.Pid != engine.Pid:
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("process %d does not end", engine.Pid)
}

// process is one of the machine's, as the kernel or `ps` names it.
type process struct {
	pid, parent int
	name        string
}

// findEngine finds the child of this process that is called pulumi.
func findEngine() (*os.Process, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.parent == os.Getpid() && filepath.Base(p.name) == "pulumi" {
			return os.FindProcess(p.pid)
		}
	}
	return nil, os.ErrProcessDone
}

// processes lists what runs: from /proc where there is one, as a container may lack `ps`, and from `ps` elsewhere.
func processes() ([]process, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var all []process
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "42 (pulumi) S 41 …": the name may hold anything, and ends with the last parenthesis.
		text := string(b)
		begin, end := strings.Index(text, "("), strings.LastIndex(text, ")")
		if begin < 0 || end < begin {
			continue
		}
		fields := strings.Fields(text[end+1:])
		if p, ok := parseProcess(strings.TrimSpace(text[:begin]), fields, text[begin+1:end]); ok {
			all = append(all, p)
		}
	}
	if len(stats) > 0 {
		return all, nil
	}
	out, err := exec.Command("ps", "-A", "-o", "pid=,stat=,ppid=,comm=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		if p, ok := parseProcess(fields[0], fields[1:3], strings.Join(fields[3:], " ")); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

// parseProcess reads a process of which the state and the parent are given. One that is dead and not yet buried is none.
func parseProcess(pid string, stateAndParent []string, name string) (process, bool) {
	if len(stateAndParent) < 2 || strings.HasPrefix(stateAndParent[0], "Z") {
		return process{}, false
	}
	id, err := strconv.Atoi(pid)
	parent, errParent := strconv.Atoi(stateAndParent[1])
	return process{pid: id, parent: parent, name: name}, err == nil && errParent == nil
}
