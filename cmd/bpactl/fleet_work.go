package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/fleet"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func failedResult(m fleet.Member, err error) fleet.Result {
	return fleet.Result{
		Stack: m.Stack, Status: 1, Outcome: "fails", Details: strings.Split(anonymous(m, err.Error()), "\n"),
	}
}

// anonymous takes what is one stack's alone out of a text, so that the same happening reads the same: its name, its account
// and what its resources are called after.
func anonymous(m fleet.Member, text string) string {
	text = strings.ReplaceAll(text, "urn:pulumi:"+m.Stack+"::", "urn:pulumi:…::")
	text = strings.ReplaceAll(text, m.File, "the stack file")
	for _, own := range []string{m.Name, m.Labels["account"]} {
		if own != "" {
			text = regexp.MustCompile(`\b`+regexp.QuoteMeta(own)+`\b`).ReplaceAllString(text, "…")
		}
	}
	return text
}

func (f *fleetFlags) rehearseOne(ctx context.Context, m fleet.Member) fleet.Result {
	o, err := platform.Options(m.File, m.Stack, io.Discard)
	if err != nil {
		return failedResult(m, err)
	}
	result, err := rehearsal.Cycle(ctx, o)
	if err != nil {
		return failedResult(m, err)
	}
	return fleet.Result{Outcome: fmt.Sprintf("up %d created, second preview %d changes, destroy %d deleted",
		result.Created, result.SecondPreview, result.Deleted)}
}

func (f *fleetFlags) previewOne(ctx context.Context, m fleet.Member) fleet.Result {
	digest, err := f.digest(ctx, m)
	if err != nil {
		return failedResult(m, err)
	}
	preview, err := review.Parse(bytes.NewReader(digest))
	if err != nil {
		return failedResult(m, err)
	}
	r, err := review.New(preview, review.Options{})
	if err != nil {
		return failedResult(m, err)
	}
	result := fleet.Result{Outcome: r.Verdict, Counts: map[string]int{}}
	for kind, n := range r.Counts {
		if kind != review.Same && kind != review.Read {
			result.Counts[string(kind)] = n
		}
	}
	if !r.Safe() {
		result.Status = needsApproval
	}
	if !r.FirstDeployment {
		result.Details = changeDetails(m, r)
	}
	return result
}

// changeDetails lists what changes, without what differs from stack to stack alone: physical names.
func changeDetails(m fleet.Member, r *review.Review) []string {
	var lines []string
	for _, finding := range r.Findings {
		line := fmt.Sprintf("%s %s %s: %s", finding.Kind, shortType(finding.Type), finding.Name, finding.Text)
		for _, c := range finding.Causes {
			line += " (" + c.Path + ")"
		}
		lines = append(lines, anonymous(m, line))
	}
	for _, c := range r.Harmless {
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Kind, shortType(c.Type()), c.Name()))
	}
	return lines
}

func shortType(typ string) string { return typ[strings.LastIndex(typ, ":")+1:] }

// digest is the preview of one stack as JSON.
func (f *fleetFlags) digest(ctx context.Context, m fleet.Member) ([]byte, error) {
	if f.live {
		cmd := exec.CommandContext(ctx, "pulumi", "preview", "--stack", m.Stack, "--json", "--show-sames", "--show-replacement-steps",
			"--non-interactive")
		var problem bytes.Buffer
		cmd.Dir, cmd.Stderr = f.dir, &problem
		out, err := cmd.Output()
		if len(out) > 0 {
			return out, nil // a preview that failed says so itself
		}
		return nil, fmt.Errorf("pulumi preview: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	after, err := platform.Options(m.File, m.Stack, io.Discard)
	if err != nil {
		return nil, err
	}
	base := rehearsal.Base{}
	if file := filepath.Join(f.base, filepath.Base(m.File)); f.base != "" {
		if _, err := os.Stat(file); err == nil {
			before, err := platform.Options(file, m.Stack, io.Discard)
			if err != nil {
				return nil, err
			}
			base.Program = &before
		}
	}
	result, err := rehearsal.Digest(ctx, base, after)
	if len(result.Digest) > 0 {
		return result.Digest, nil
	}
	return nil, err
}
