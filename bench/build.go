package main

import (
	"context"
	"os"
	"path/filepath"
)

// measureBuilds compiles this program, the obvious one and one with the SDK alone, each from an empty cache, with the
// flags of Pulumi's language host.
func measureBuilds(ctx context.Context) ([]Figure, error) {
	costs := map[string]cost{}
	for _, dir := range []string{".", "bench/obvious", "bench/sdkonly"} {
		cache, err := os.MkdirTemp("", "bpa-bench-")
		if err != nil {
			return nil, err
		}
		c, err := measure(ctx, dir, []string{"GOCACHE=" + cache, "GOFLAGS="}, "go", "build", "-buildvcs=false", "-trimpath",
			"-ldflags", "-w -s", "-o", filepath.Join(cache, "program"), ".")
		_ = os.RemoveAll(cache)
		if err != nil {
			return nil, err
		}
		costs[dir] = c
	}
	ours, obvious, sdk := costs["."], costs["bench/obvious"], costs["bench/sdkonly"]
	return []Figure{
		figure("cold build, CPU, against the obvious program", "s", ours.cpu, obvious.cpu, 0.40),
		figure("cold build, CPU, against the SDK alone", "s", ours.cpu, sdk.cpu, 3.3),
		figure("cold build, peak memory, against the obvious program", "MiB", ours.peak, obvious.peak, 0),
		figure("cold build, peak memory, against 4 GiB", "MiB", ours.peak, 4096, 1),
	}, nil
}
