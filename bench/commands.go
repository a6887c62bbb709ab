package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// halfASecond is what a command may take that reads files alone.
const halfASecond = 0.5

// reviewed is how many resources the preview has that is reviewed.
const reviewed = 1000

// measureCommands times the commands that a user runs while editing.
func measureCommands(ctx context.Context) ([]Figure, error) {
	check, err := best(5, func() (cost, error) {
		return measure(ctx, ".", nil, "bin/bpactl", "config", "check", "--file", "Pulumi.prod.yaml")
	})
	if err != nil {
		return nil, err
	}
	preview, clean, err := largePreview(ctx)
	if err != nil {
		return nil, err
	}
	defer clean()
	review, err := best(5, func() (cost, error) {
		c, err := measure(ctx, ".", nil, "bin/bpactl", "review", preview)
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 2 { // the answer: it needs approval
			err = nil
		}
		return c, err
	})
	if err != nil {
		return nil, err
	}
	return []Figure{
		figure("config check, against half a second", "s", check.wall, halfASecond, 1),
		figure(fmt.Sprintf("review of %d resources, against half a second", reviewed), "s", review.wall, halfASecond, 1),
	}, nil
}

// largePreview writes the engine's preview of a first deployment of prod, its resources repeated under other names until
// there are enough.
func largePreview(ctx context.Context) (string, func(), error) {
	o, err := platform.Options("Pulumi.prod.yaml", "", io.Discard)
	if err != nil {
		return "", nil, err
	}
	result, err := rehearsal.Digest(ctx, rehearsal.Base{}, o)
	if err != nil {
		return "", nil, err
	}
	var digest map[string]json.RawMessage
	if err := json.Unmarshal(result.Digest, &digest); err != nil {
		return "", nil, err
	}
	var steps []json.RawMessage
	if err := json.Unmarshal(digest["steps"], &steps); err != nil {
		return "", nil, err
	}
	for i, own := 0, len(steps); len(steps) < reviewed; i++ {
		steps = append(steps, json.RawMessage(strings.ReplaceAll(string(steps[i%own]), "urn:pulumi:prod::bpa::",
			fmt.Sprintf("urn:pulumi:prod::bpa::bench:index:Copy%d$", i/own))))
	}
	if digest["steps"], err = json.Marshal(steps); err != nil {
		return "", nil, err
	}
	b, err := json.Marshal(digest)
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "bpa-bench-")
	if err != nil {
		return "", nil, err
	}
	file := filepath.Join(dir, "preview.json")
	return file, func() { _ = os.RemoveAll(dir) }, os.WriteFile(file, b, 0o600)
}

// measureMakespan compares how long an `up` takes on the clouds with the shortest that its true dependencies allow.
func measureMakespan(ctx context.Context) ([]Figure, error) {
	var figures []Figure
	for _, stack := range []string{"dev", "prod"} {
		o, err := platform.Options("Pulumi."+stack+".yaml", "", io.Discard)
		if err != nil {
			return nil, err
		}
		result, err := rehearsal.Up(ctx, o)
		if err != nil {
			return nil, err
		}
		resources, err := stackdoc.Deployed(result.State)
		if err != nil {
			return nil, err
		}
		t := timeline.New(resources)
		figures = append(figures, figure("up of "+stack+", makespan, against its lower bound", "s",
			t.Makespan.Seconds(), t.LowerBound.Seconds(), 1.05))
	}
	return figures, nil
}
