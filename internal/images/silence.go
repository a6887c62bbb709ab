package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// silenceLimit is how long a registry may neither send nor take a byte.
const silenceLimit = time.Minute

// silenceError is a registry that stopped answering.
type silenceError struct {
	host  string
	limit time.Duration
}

// Error names the registry.
func (e *silenceError) Error() string {
	return fmt.Sprintf("%s has neither sent nor taken a byte for %s", e.host, e.limit)
}

// silentHost is the registry that an error says has stopped answering, or "".
func silentHost(err error) string {
	var silent *silenceError
	if errors.As(err, &silent) {
		return silent.host
	}
	return ""
}

// listening ends requests on which nothing moves. A transfer may take hours, as long as its bytes come.
type listening struct {
	http.RoundTripper
	limit time.Duration
}

// RoundTrip implements http.RoundTripper.
func (t listening) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	w := &watch{ctx: ctx, limit: t.limit, timer: time.AfterFunc(t.limit, func() { cancel(&silenceError{r.URL.Host, t.limit}) })}
	r = r.Clone(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = sending{r.Body, w}
	}
	answer, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		w.end()
		err = w.cause(err)
		cancel(nil)
		return nil, err
	}
	w.pause()
	answer.Body = &receiving{answer.Body, w, cancel}
	return answer, nil
}

// watch counts the time in which the registry is waited for. While this side has not read on, its silence is its own.
type watch struct {
	ctx   context.Context
	limit time.Duration
	lock  sync.Mutex
	timer *time.Timer
	over  bool
}

func (w *watch) wait() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if !w.over {
		w.timer.Reset(w.limit)
	}
}

func (w *watch) pause() { w.timer.Stop() }

func (w *watch) end() {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.over = true
	w.timer.Stop()
}

// cause is the silence that an error comes of, or the error.
func (w *watch) cause(err error) error {
	if cause := context.Cause(w.ctx); err != nil && silentHost(cause) != "" {
		return cause
	}
	return err
}

// sending is the body of a request: the registry is waited for between two reads of it.
type sending struct {
	io.ReadCloser
	watch *watch
}

// Read implements io.Reader.
func (b sending) Read(p []byte) (int, error) {
	b.watch.pause()
	defer b.watch.wait()
	return b.ReadCloser.Read(p)
}

// receiving is the body of an answer: the registry is waited for while it is read.
type receiving struct {
	io.ReadCloser
	watch  *watch
	cancel context.CancelCauseFunc
}

// Read implements io.Reader.
func (b *receiving) Read(p []byte) (int, error) {
	b.watch.wait()
	defer b.watch.pause()
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.watch.cause(err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *receiving) Close() error {
	b.watch.end()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
