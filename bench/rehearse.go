package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// measureRehearsals runs whole rehearsals with more and more nodes. The cost of a node must not grow with their number:
// the goal allows for the fixed part of a run to be nothing.
func measureRehearsals(ctx context.Context) ([]Figure, error) {
	var figures []Figure
	costs := map[int]cost{}
	for _, nodes := range []int{4, 16, 64} {
		c, err := rehearse(ctx, nodes)
		if err != nil {
			return nil, fmt.Errorf("%d nodes: %w", nodes, err)
		}
		costs[nodes] = c
		if nodes > 4 {
			more := float64(nodes) / 4
			figures = append(figures,
				figure(fmt.Sprintf("rehearsal with %d nodes, wall time, against 4", nodes), "s", c.wall, costs[4].wall, more),
				figure(fmt.Sprintf("rehearsal with %d nodes, peak memory, against 4", nodes), "MiB", c.peak, costs[4].peak, more))
		}
	}
	return figures, nil
}

func rehearse(ctx context.Context, nodes int) (cost, error) {
	file, clean, err := stackFile(nodes)
	if err != nil {
		return cost{}, err
	}
	defer clean()
	return measureMemory(ctx, ".", nil, "bin/bpactl", "rehearse", "cycle", "--file", file, "--stack", "bench")
}

// stackFile writes a development stack with a number of nodes, in a folder below the project, which the command needs.
func stackFile(nodes int) (string, func(), error) {
	if err := os.MkdirAll(".bpa", 0o755); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(".bpa", "bench-")
	if err != nil {
		return "", nil, err
	}
	b, err := os.ReadFile("Pulumi.dev.yaml")
	if err != nil {
		return "", nil, err
	}
	var items strings.Builder
	for i := range nodes {
		fmt.Fprintf(&items, "      - {name: node-%d}\n", i+1)
	}
	text := strings.Replace(string(b), "    volumeGiB: 200\n", "    volumeGiB: 200\n    items:\n"+items.String(), 1)
	file := filepath.Join(dir, "Pulumi.bench.yaml")
	return file, func() { _ = os.RemoveAll(dir) }, os.WriteFile(file, []byte(text), 0o600)
}
