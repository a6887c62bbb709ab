// Package engine finds the Pulumi engine that a rehearsal runs on, and builds the pinned one where there is none.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"golang.org/x/mod/modfile"
)

const (
	module = "github.com/pulumi/pulumi/pkg/v3"
	cli    = module + "/cmd/pulumi"
	// ToolsDir names the environment variable that overrides the folder for built tools.
	ToolsDir = "BPA_TOOLS_DIR"
)

// found are the engines that this process has asked for their version, by all that decides which one it is.
var found sync.Map

// Find returns the `pulumi` on PATH where it is recent enough, and otherwise the one pinned in the tools module
// (toolsModule is the path of its go.mod). That one is built from source, once: it takes minutes, and progress says so.
func Find(ctx context.Context, toolsModule string, progress io.Writer) (auto.PulumiCommand, error) {
	pinned, err := PinnedVersion(toolsModule)
	if err != nil {
		return nil, err
	}
	key := [...]string{pinned.String(), os.Getenv("PATH"), os.Getenv(ToolsDir)}
	if known, ok := found.Load(key); ok {
		return known.(auto.PulumiCommand), nil
	}
	command, err := find(ctx, toolsModule, pinned, progress)
	if err == nil {
		found.Store(key, command)
	}
	return command, err
}

func find(ctx context.Context, toolsModule string, pinned semver.Version, progress io.Writer) (auto.PulumiCommand, error) {
	if onPath, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Version: pinned}); err == nil {
		return onPath, nil
	}
	root, err := cacheDir(pinned)
	if err != nil {
		return nil, err
	}
	if err := build(ctx, toolsModule, pinned, root, progress); err != nil {
		return nil, err
	}
	return auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root, Version: pinned})
}

// PinnedVersion reads the engine's version from the tools module.
func PinnedVersion(toolsModule string) (semver.Version, error) {
	b, err := os.ReadFile(toolsModule)
	if err != nil {
		return semver.Version{}, fmt.Errorf("engine: %w", err)
	}
	file, err := modfile.ParseLax(toolsModule, b, nil)
	if err != nil {
		return semver.Version{}, fmt.Errorf("engine: %w", err)
	}
	for _, r := range file.Require {
		if r.Mod.Path == module {
			return semver.Parse(strings.TrimPrefix(r.Mod.Version, "v"))
		}
	}
	return semver.Version{}, fmt.Errorf("engine: %s does not require %s", toolsModule, module)
}

// Tools is the folder of what is built or installed once: this engine, and what the scripts of tools/ install.
func Tools() (string, error) {
	if dir := os.Getenv(ToolsDir); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("engine: %w; set %s to a folder for built tools", err, ToolsDir)
	}
	return filepath.Join(cache, "bpa", "tools"), nil
}

func cacheDir(version semver.Version) (string, error) {
	dir, err := Tools()
	return filepath.Join(dir, "pulumi-"+version.String()), err
}

// build compiles the CLI into root/bin, unless it is there. Two processes may build at once: each renames a complete
// file into place.
func build(ctx context.Context, toolsModule string, version semver.Version, root string, progress io.Writer) error {
	binary := filepath.Join(root, "bin", "pulumi")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if _, err := os.Stat(binary); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("engine: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	fmt.Fprintf(progress, "building the Pulumi engine %s from source (once; it takes some minutes)\n", version)
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	defer os.Remove(partial)
	// A CLI built from its module knows its version only if the linker tells it.
	link := fmt.Sprintf("-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v%s", version)
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", link, "-o", partial, cli)
	compile.Dir = filepath.Dir(toolsModule)
	compile.Stdout, compile.Stderr = progress, progress
	if err := compile.Run(); err != nil {
		return fmt.Errorf("engine: building %s: %w", cli, err)
	}
	return os.Rename(partial, binary)
}
