package images

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trip is a registry in the test's own time.
type trip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (t trip) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// slow gives a byte after each pause, as long as nobody gives up.
type slow struct {
	ctx   context.Context
	pause time.Duration
	bytes int
}

// Read implements io.Reader.
func (s *slow) Read(p []byte) (int, error) {
	if s.bytes == 0 {
		return 0, io.EOF
	}
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-time.After(s.pause):
		s.bytes--
		p[0] = 'x'
		return 1, nil
	}
}

// Close implements io.Closer.
func (*slow) Close() error { return nil }

func ask(t *testing.T, registry trip, body io.Reader) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "https://registry.example.com/v2/", body)
	require.NoError(t, err)
	return listening{registry, silenceLimit}.RoundTrip(r)
}

// The clock of these tests is the test's own: an hour takes no time.
func TestR14ATransferMayTakeHoursAndASilenceAMinute(t *testing.T) {
	const almost = 59 * time.Second
	takes := func(pause time.Duration, answer int) trip {
		return func(r *http.Request) (*http.Response, error) {
			for one, more := make([]byte, 1), r.Body != nil; more; {
				select {
				case <-r.Context().Done():
					return nil, r.Context().Err()
				case <-time.After(pause):
				}
				_, err := r.Body.Read(one)
				more = err == nil
			}
			return &http.Response{Body: &slow{r.Context(), pause, answer}}, nil
		}
	}
	t.Run("an hour of slow bytes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			answer, err := ask(t, takes(almost, 60), strings.NewReader(strings.Repeat("x", 60)))
			require.NoError(t, err)
			text, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			assert.Len(t, text, 60)
			assert.NoError(t, answer.Body.Close())
			assert.Greater(t, time.Since(began), time.Hour)
		})
	})
	t.Run("this side is slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			answer, err := ask(t, takes(time.Second, 2), &slow{t.Context(), time.Hour, 2})
			require.NoError(t, err)
			time.Sleep(time.Hour)
			text, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			assert.Len(t, text, 2)
			assert.NoError(t, answer.Body.Close())
		})
	})
	t.Run("a minute of silence", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := ask(t, takes(time.Hour, 0), strings.NewReader("x"))
			assert.EqualError(t, err, "registry.example.com has neither sent nor taken a byte for 1m0s")
			assert.Equal(t, time.Minute, time.Since(began))
			answer, err := ask(t, takes(time.Hour, 1), nil)
			require.NoError(t, err)
			_, err = io.ReadAll(answer.Body)
			assert.EqualError(t, err, "registry.example.com has neither sent nor taken a byte for 1m0s")
			assert.NoError(t, answer.Body.Close())
		})
	})
}
