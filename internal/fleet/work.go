package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// NeedsApproval is the status of a stack that somebody must look at.
const NeedsApproval = 2

// Project is a folder of stack files, and what its stacks are compared with.
type Project struct {
	// Dir holds the stack files, Base those that are deployed: a folder, a commit of git, or "" where nothing is.
	Dir, Base string
	// Live asks the real clouds.
	Live bool
	// contents stand for the files that stacks share.
	contents Contents
}

// CheckOut turns a commit into a folder with its stack files.
func (p *Project) CheckOut(ctx context.Context) (clean func(), err error) {
	clean = func() {}
	if p.Base == "" {
		return clean, nil
	}
	if info, err := os.Stat(p.Base); err == nil && info.IsDir() {
		return clean, nil
	}
	dir, err := os.MkdirTemp("", "bpa-fleet-")
	if err != nil {
		return clean, err
	}
	clean = func() { _ = os.RemoveAll(dir) }
	archive := exec.CommandContext(ctx, "git", "-C", p.Dir, "archive", "--format=tar", p.Base, ".")
	extract := exec.CommandContext(ctx, "tar", "-x", "-C", dir)
	var problem bytes.Buffer
	archive.Stderr = &problem
	if extract.Stdin, err = archive.StdoutPipe(); err != nil {
		return clean, err
	}
	if err = extract.Start(); err == nil {
		err = errors.Join(archive.Run(), extract.Wait())
	}
	if err != nil {
		return clean, fmt.Errorf(
			"--base: %s: must be a folder, or a commit of git: %w: %s",
			p.Base,
			err,
			strings.TrimSpace(problem.String()),
		)
	}
	p.Base = dir
	return clean, nil
}

// Remembered takes over an earlier result where nothing has changed since.
func (p *Project) Remembered(journal *Journal, one Work) Work {
	return func(ctx context.Context, m Member) Result {
		if m.Problem != "" {
			return Result{Stack: m.Stack, Status: 1, Outcome: "the stack file has mistakes", Details: strings.Split(m.Problem, "\n")}
		}
		fingerprint, err := p.fingerprint(m)
		if err != nil {
			return failedResult(m, err)
		}
		if r, ok := journal.Known(m.Stack, fingerprint); ok && !p.Live {
			return r
		}
		r := one(ctx, m)
		r.Stack, r.Fingerprint = m.Stack, fingerprint
		return r
	}
}

// fingerprint stands for the program, the stack file and what it names, and the day.
func (p *Project) fingerprint(m Member) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	loaded, err := stackfile.LoadFile(m.File, m.Stack)
	if err != nil {
		return "", err
	}
	c, dir := loaded.Config, filepath.Dir(m.File)
	paths := []string{program, m.File, filepath.Join(p.Dir, "Pulumi.yaml")}
	for _, path := range []string{
		c.Application.Chart, c.Packages.Source, c.Ingress.Certificate.CertificateFile, c.Ingress.Certificate.PrivateKeyFile,
	} {
		if path != "" && !strings.HasPrefix(path, "oci://") {
			paths = append(paths, filepath.Join(dir, path))
		}
	}
	if p.Base != "" {
		paths = append(paths, filepath.Join(p.Base, filepath.Base(m.File)))
	}
	settings, err := json.Marshal(loaded.Settings()) // what a base file gives is in here
	if err != nil {
		return "", err
	}
	return p.contents.Fingerprint(paths, []string{string(settings), time.Now().UTC().Format(time.DateOnly)})
}

func failedResult(m Member, err error) Result {
	return Result{
		Stack: m.Stack, Status: 1, Outcome: "fails", Details: strings.Split(anonymous(m, err.Error()), "\n"),
	}
}

// anonymous takes what is one stack's alone out of a text, so that the same happening reads the same: its name, its account
// and what its resources are called after.
func anonymous(m Member, text string) string {
	text = strings.ReplaceAll(text, "urn:pulumi:"+m.Stack+"::", "urn:pulumi:…::")
	text = strings.ReplaceAll(text, m.File, "the stack file")
	for _, own := range []string{m.Name, m.Labels["account"]} {
		if own != "" {
			text = regexp.MustCompile(`\b`+regexp.QuoteMeta(own)+`\b`).ReplaceAllString(text, "…")
		}
	}
	return text
}

// Rehearse deploys a stack on the simulated clouds, previews it again and destroys it.
func (p *Project) Rehearse(ctx context.Context, m Member) Result {
	o, err := platform.Options(m.File, m.Stack, io.Discard)
	if err != nil {
		return failedResult(m, err)
	}
	result, err := rehearsal.Cycle(ctx, o)
	if err != nil {
		return failedResult(m, err)
	}
	return Result{Outcome: fmt.Sprintf("up %d created, second preview %d changes, destroy %d deleted",
		result.Created, result.SecondPreview, result.Deleted)}
}

// Preview reviews what changes in a stack. The status is NeedsApproval where somebody must look.
func (p *Project) Preview(ctx context.Context, m Member) Result {
	digest, err := p.digest(ctx, m)
	if err != nil {
		return failedResult(m, err)
	}
	preview, err := stackdoc.ReadPreview(bytes.NewReader(digest))
	if err != nil {
		return failedResult(m, fmt.Errorf("review: %w", err))
	}
	r, err := review.New(preview, review.Options{})
	if err != nil {
		return failedResult(m, err)
	}
	result := Result{Outcome: r.Verdict, Counts: map[string]int{}}
	for kind, n := range r.Counts {
		if kind != review.Same && kind != review.Read {
			result.Counts[string(kind)] = n
		}
	}
	if !r.Safe() {
		result.Status = NeedsApproval
	}
	if !r.FirstDeployment {
		result.Details = changeDetails(m, r)
	}
	return result
}

// changeDetails lists what changes, without what differs from stack to stack alone: physical names.
func changeDetails(m Member, r *review.Review) []string {
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
func (p *Project) digest(ctx context.Context, m Member) ([]byte, error) {
	if p.Live {
		cmd := exec.CommandContext(ctx, "pulumi", "preview", "--stack", m.Stack, "--json", "--show-sames", "--show-replacement-steps",
			"--non-interactive")
		var problem bytes.Buffer
		cmd.Dir, cmd.Stderr = p.Dir, &problem
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
	if file := filepath.Join(p.Base, filepath.Base(m.File)); p.Base != "" {
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
