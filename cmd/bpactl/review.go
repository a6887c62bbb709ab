package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/fleet"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// needsApproval is the exit status of a review that somebody has to approve.
const needsApproval = fleet.NeedsApproval

// reviewFlags say what is reviewed, and where the review goes.
type reviewFlags struct {
	from, to, state, passphrase, date, json, message string
	approve                                          []string
	destroy                                          bool
	limit                                            int
}

func newReviewCommand() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "review [FILE]",
		Short: "Say what a change risks, for a pull request",
		Long: "Say what a change risks: what loses data first, then what interrupts, opens a network or widens permissions.\n\n" +
			"The change is a FILE (- for standard input) that `pulumi preview --json --show-sames --show-replacement-steps` or\n" +
			"`--event-log` wrote, or rehearsed: --from and --to name two stack files; --state with --to previews today's program\n" +
			"on the state that `rehearse up --export --passphrase` wrote; --to alone is a first deployment. Markdown goes to\n" +
			"standard output.\n\n" +
			"Exit status: 0 safe, 2 something needs an approval that is missing, 1 error.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.destroy {
				return f.plan(cmd, args)
			}
			return f.review(cmd, args)
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "stack file that is deployed")
	cmd.Flags().StringVar(&f.to, "to", "", "stack file that takes its place")
	cmd.Flags().StringVar(&f.state, "state", "", "state that an earlier rehearsal exported, instead of --from")
	cmd.Flags().StringVar(&f.passphrase, "passphrase", "", "the passphrase of --state")
	cmd.Flags().StringVar(&f.json, "json", "", "write JSON to this file as well")
	cmd.Flags().StringArrayVar(&f.approve, "approve", nil, "approve what happens to this URN, repeatable")
	cmd.Flags().StringVar(&f.message, "message", "", "file with lines `bpa-approve: URN`, such as commit messages")
	cmd.Flags().IntVar(&f.limit, "limit", review.CommentLimit, "write at most this many characters")
	cmd.Flags().StringVar(&f.date, "date", "", "look at versions as on this day (default: today)")
	cmd.Flags().BoolVar(&f.destroy, "destroy", false, "say what `pulumi destroy` would meet, from `pulumi stack export` or --to")
	cmd.MarkFlagsMutuallyExclusive("from", "state")
	return cmd
}

func (f reviewFlags) review(cmd *cobra.Command, args []string) error {
	approved, err := f.approvals()
	if err != nil {
		return err
	}
	on, err := dayOf(f.date, time.Time{})
	if err != nil {
		return err
	}
	text, charts, err := f.preview(cmd, args)
	if err != nil {
		return err
	}
	preview, err := stackdoc.ReadPreview(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("review: %w", err)
	}
	r, err := review.New(preview, review.Options{Date: on, Approved: approved, Charts: charts})
	if err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), r.Markdown(f.limit))
	if err := f.writeJSON(r); err != nil {
		return err
	}
	if missing := r.Missing(); len(missing) > 0 {
		return status{fmt.Errorf("review: %d changes need approval", len(missing)), needsApproval}
	}
	return nil
}

// plan says what destroying a stack would meet.
func (f reviewFlags) plan(cmd *cobra.Command, args []string) error {
	var state []byte
	var err error
	switch {
	case f.to != "" && len(args) == 0:
		var o rehearsal.Options
		if o, err = platform.Options(f.to, "", io.Discard); err != nil {
			return err
		}
		var result *rehearsal.Result
		if result, err = rehearsal.Up(cmd.Context(), o); err == nil {
			state = result.State
		}
	case f.to == "" && len(args) == 1:
		state, err = readInput(cmd, args[0])
	default:
		err = errors.New("review --destroy: give either a FILE that `pulumi stack export` wrote, or --to")
	}
	if err != nil {
		return err
	}
	plan, err := review.NewPlan(state)
	if err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), plan.Markdown())
	return f.writeJSON(plan)
}

func (f reviewFlags) writeJSON(v any) error {
	if f.json == "" {
		return nil
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(f.json, append(b, '\n'), 0o600)
}

// approvals are those of the flags and of the message.
func (f reviewFlags) approvals() ([]string, error) {
	if f.message == "" {
		return f.approve, nil
	}
	b, err := os.ReadFile(f.message)
	if err != nil {
		return nil, fmt.Errorf("--message: %w", err)
	}
	return append(f.approve, review.Approvals(string(b))...), nil
}

// preview reads the engine's JSON, or rehearses it. The charts of its releases are those that the program has left in the
// project, or those of the rehearsal.
func (f reviewFlags) preview(cmd *cobra.Command, args []string) ([]byte, review.Charts, error) {
	if len(args) == 1 {
		if f.from+f.to+f.state != "" {
			return nil, nil, errors.New("review: give either a FILE, or --from, --state and --to")
		}
		text, err := readInput(cmd, args[0])
		return text, chartsHere, err
	}
	if f.to == "" {
		return nil, nil, errors.New("review: give a FILE that `pulumi preview --json` wrote (- for standard input), or --to")
	}
	result, err := f.rehearse(cmd.Context())
	if err != nil {
		return nil, nil, err
	}
	return result.Digest, func(path string) *chart.Chart { return result.Charts[path] }, nil
}

// chartsHere loads a chart that the program has left in the project. A preview may come from another machine, so none is no
// mistake.
func chartsHere(path string) *chart.Chart {
	root, err := projectHere()
	if err != nil || !strings.HasPrefix(path, "./") {
		return nil
	}
	loaded, err := chart.Load(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return nil
	}
	return loaded
}

// rehearse previews --to on what --from deploys, or on --state. A preview that fails is in the JSON.
func (f reviewFlags) rehearse(ctx context.Context) (*rehearsal.Result, error) {
	var base rehearsal.Base
	stack := ""
	if f.from != "" {
		before, err := platform.Options(f.from, "", io.Discard)
		if err != nil {
			return nil, err
		}
		base.Program, stack = &before, before.Stack
	}
	if f.state != "" {
		var err error
		if base.State, err = readState(f.state); err != nil {
			return nil, fmt.Errorf("--state: %w", err)
		}
	}
	after, err := platform.Options(f.to, stack, io.Discard)
	if err != nil {
		return nil, err
	}
	after.Passphrase = f.passphrase
	result, err := rehearsal.Digest(ctx, base, after)
	if len(result.Digest) > 0 {
		return result, nil
	}
	return nil, err
}

// readInput reads a file, or standard input for -.
func readInput(cmd *cobra.Command, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(path)
}
