package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/bpa-on-aws/platform/internal/images"
)

// progress shows how far a push is.
type progress interface {
	// sent is told of bytes, from several goroutines.
	sent(bytes int)
	done(result images.Result)
	finish()
}

// asTerminal returns the file that out is, where it is a terminal.
func asTerminal(out io.Writer) *os.File {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// lines prints a line for every finished image.
type lines struct{ out io.Writer }

func (lines) sent(int) {}

func (l lines) done(r images.Result) {
	if r.State == images.Failed {
		fmt.Fprintf(l.out, "%s: %s\n", r.State, r.Err)
		return
	}
	fmt.Fprintf(l.out, "%s: %s -> %s\n", r.State, r.Source, r.Target.Name())
	l.advise(r)
}

func (l lines) advise(r images.Result) {
	for _, text := range r.Advice {
		fmt.Fprintf(l.out, "note: %s: %s %s\n", r.Place(), r.Source, text)
	}
}

func (lines) finish() {}

// bar counts images, with the bytes that went so far beside it. Failures and advice are printed below it at the end.
type bar struct {
	*progressbar.ProgressBar
	out             io.Writer
	bytes           atomic.Int64
	failed, advised []images.Result
}

func newBar(out io.Writer, total int) *bar {
	return &bar{out: out, ProgressBar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(out), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetDescription("images"), progressbar.OptionSetRenderBlankState(true))}
}

const mebibyte = 1 << 20

func (b *bar) sent(bytes int) {
	before := b.bytes.Add(int64(bytes)) - int64(bytes)
	if after := before + int64(bytes); before/mebibyte != after/mebibyte {
		b.Describe(fmt.Sprintf("images (%d MiB sent)", after/mebibyte))
	}
}

func (b *bar) done(r images.Result) {
	if r.State == images.Failed {
		b.failed = append(b.failed, r)
	} else if len(r.Advice) > 0 {
		b.advised = append(b.advised, r)
	}
	_ = b.Add(1) // the bar is decoration
}

func (b *bar) finish() {
	_ = b.Exit()
	fmt.Fprintln(b.out)
	for _, r := range b.advised {
		lines{b.out}.advise(r)
	}
	for _, r := range b.failed {
		lines{b.out}.done(r)
	}
}
