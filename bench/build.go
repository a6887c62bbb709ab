package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// measureBuilds compiles this program as the Makefile does and all its packages at once, the SDK packages that it imports,
// the obvious program and one with the SDK alone, each from an empty cache, with the flags of Pulumi's language host.
func measureBuilds(ctx context.Context) ([]Figure, error) {
	packages, err := sdkPackages(ctx, ".")
	if err != nil {
		return nil, err
	}
	binary, err := os.CreateTemp("", "bpa-bench-")
	if err != nil {
		return nil, err
	}
	_ = binary.Close()
	defer func() { _ = os.Remove(binary.Name()) }()
	ours, err := coldBuild(ctx, ".", "make", "program")
	if err != nil {
		return nil, err
	}
	atOnce, err := coldBuild(ctx, ".", "go", goBuild("-o", binary.Name(), ".")...)
	if err != nil {
		return nil, err
	}
	imported, err := coldBuild(ctx, ".", "go", goBuild(packages...)...)
	if err != nil {
		return nil, err
	}
	obvious, err := coldBuild(ctx, "bench/obvious", "go", goBuild("-o", binary.Name(), ".")...)
	if err != nil {
		return nil, err
	}
	sdk, err := best(3, func() (cost, error) {
		return coldBuild(ctx, "bench/sdkonly", "go", goBuild("-o", binary.Name(), ".")...)
	})
	if err != nil {
		return nil, err
	}
	return []Figure{
		figure("cold build, CPU, against the obvious program", "s", ours.cpu, obvious.cpu, 0.40),
		figure("cold build, CPU, against the SDK alone", "s", ours.cpu, sdk.cpu, 3.3),
		figure("cold build, CPU, against the SDK packages it imports", "s", ours.cpu, imported.cpu, 0),
		figure("the SDK packages it imports, CPU, against the obvious program", "s", imported.cpu, obvious.cpu, 0),
		figure("cold build, peak memory, against the obvious program", "MiB", ours.peak, obvious.peak, 0),
		figure("cold build, peak memory, against 4 GiB", "MiB", ours.peak, 4096, 1),
		figure("cold build, peak memory, against all packages at once", "MiB", ours.peak, atOnce.peak, 0),
		figure("cold build, wall time, against all packages at once", "s", ours.wall, atOnce.wall, 0),
	}, nil
}

// goBuild are the arguments of a build with the flags of Pulumi's language host. The Makefile's are the same.
func goBuild(args ...string) []string {
	return append([]string{"build", "-buildvcs=false", "-trimpath", "-ldflags", "-w -s"}, args...)
}

// coldBuild runs a command that compiles, with an empty build cache.
func coldBuild(ctx context.Context, dir, name string, args ...string) (cost, error) {
	cache, err := os.MkdirTemp("", "bpa-bench-")
	if err != nil {
		return cost{}, err
	}
	defer func() { _ = os.RemoveAll(cache) }()
	return measureMemory(ctx, dir, []string{"GOCACHE=" + cache, "GOFLAGS="}, name, args...)
}

// sdkPackages are the packages of the cloud SDKs that the program in a folder imports, directly or through others.
func sdkPackages(ctx context.Context, dir string) ([]string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", ".")
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w\n%s", filepath.Clean(dir), err, stderr.String())
	}
	var found []string
	for path := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(path, "github.com/pulumi/pulumi-") {
			found = append(found, path)
		}
	}
	return found, nil
}
