package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cost is what a command needed, together with all that it started.
type cost struct {
	// wall and cpu in seconds, peak in MiB of resident memory of the whole process tree, 0 where it was not watched.
	wall, cpu, peak float64
}

// sampling is how often the memory of a process tree is looked at. A look takes some 6 ms of CPU time on 2 cores.
const sampling = 100 * time.Millisecond

// measure runs a command to its end. The cost is that of a failed one, too.
func measure(ctx context.Context, dir string, env []string, name string, args ...string) (cost, error) {
	return measureWatched(ctx, func(int, <-chan struct{}) float64 { return 0 }, dir, env, name, args...)
}

// measureMemory is measure that watches the memory, which takes a twentieth of a core: a short command is slower by it.
func measureMemory(ctx context.Context, dir string, env []string, name string, args ...string) (cost, error) {
	return measureWatched(ctx, watchMemory, dir, env, name, args...)
}

func measureWatched(
	ctx context.Context, watch func(pid int, done <-chan struct{}) float64, dir string, env []string, name string, args ...string,
) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	done := make(chan struct{})
	peak := make(chan float64)
	go func() { peak <- watch(cmd.Process.Pid, done) }()
	err := cmd.Wait()
	wall := time.Since(begin).Seconds()
	close(done)
	highest := <-peak
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(out.String()))
	}
	state := cmd.ProcessState
	return cost{wall: wall, cpu: (state.UserTime() + state.SystemTime()).Seconds(), peak: highest}, err
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// watchMemory returns the highest sum of resident memory of a process and its descendants, in MiB.
func watchMemory(pid int, done <-chan struct{}) float64 {
	ticker := time.NewTicker(sampling)
	defer ticker.Stop()
	highest := 0.0
	for {
		select {
		case <-done:
			return highest
		case <-ticker.C:
			highest = max(highest, resident(pid))
		}
	}
}

func resident(root int) float64 {
	parents, pages := map[int]int{}, map[int]float64{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The command's name stands in brackets and may hold anything.
		_, after, ok := strings.Cut(string(b), ") ")
		fields := strings.Fields(after)
		if !ok || len(fields) < 22 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parents[pid], _ = strconv.Atoi(fields[1])
		pages[pid], _ = strconv.ParseFloat(fields[21], 64)
	}
	sum := 0.0
	for pid := range parents {
		for at := pid; at != 0; at = parents[at] {
			if at == root {
				sum += pages[pid]
				break
			}
		}
	}
	return sum * float64(os.Getpagesize()) / (1 << 20)
}

// best runs a measurement several times and returns the one that took the least time: noise only ever adds.
func best(times int, run func() (cost, error)) (cost, error) {
	var least cost
	for i := range times {
		c, err := run()
		if err != nil {
			return c, err
		}
		if i == 0 || c.wall < least.wall {
			least = c
		}
	}
	return least, nil
}
