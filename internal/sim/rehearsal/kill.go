package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// killAt kills the engine at the nth operation on the clouds. The operation itself goes on, and nobody hears of it; but what a
// plugin does itself dies with it.
func killAt(n int64) provider.Middleware {
	var operations atomic.Int64
	return func(_ context.Context, op *provider.Operation, next func() error) error {
		if operations.Add(1) == n {
			if catalog.Of(op.Type).FailsAs(string(op.Verb), catalog.DiesWithPlugin) {
				op.Outcome = provider.Killed
			}
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

// findEngine finds the child of this process that is called pulumi.
func findEngine() (*os.Process, error) {
	all, err := recovery.Processes()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Parent == os.Getpid() && p.Name == "pulumi" {
			return os.FindProcess(p.ID)
		}
	}
	return nil, os.ErrProcessDone
}
