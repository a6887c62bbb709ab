package images_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/images"
)

// stalling stands before a registry and answers no more where it is told: until the test ends, it neither sends nor reads. Of the
// answer it has sent a part.
func stalling(t *testing.T, backend string, where func(*http.Request) bool, part int64) string {
	t.Helper()
	over := make(chan struct{})
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend})
	forward.FlushInterval = -1
	forward.ModifyResponse = func(answer *http.Response) error {
		if part > 0 && where(answer.Request) {
			answer.Body = &partial{answer.Body, io.LimitReader(answer.Body, part), over}
		}
		return nil
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if part == 0 && where(r) {
			<-over
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) }) // before the server waits for its handlers
	return strings.TrimPrefix(server.URL, "http://")
}

// partial is the beginning of an answer, whose rest does not come.
type partial struct {
	io.Closer
	io.Reader
	over <-chan struct{}
}

// Read implements io.Reader.
func (p *partial) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err != nil {
		<-p.over
	}
	return n, err
}

func TestR14ARegistryThatStopsAnsweringIsAFailureThatNamesIt(t *testing.T) {
	method := func(method, part string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Method == method && strings.Contains(r.URL.Path, part) }
	}
	for name, c := range map[string]struct {
		where  func(*http.Request) bool
		part   int64
		target bool
	}{
		"at first":              {func(*http.Request) bool { return true }, 0, false},
		"at the manifest":       {method(http.MethodGet, "/manifests/"), 0, false},
		"in the manifest":       {method(http.MethodGet, "/manifests/"), 5, false},
		"in a layer":            {method(http.MethodGet, "/blobs/"), 1000, false},
		"the target":            {func(*http.Request) bool { return true }, 0, true},
		"the target in a layer": {method(http.MethodPatch, "/blobs/uploads/"), 0, true},
		"the target at the end": {method(http.MethodPut, "/manifests/"), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, target := startRegistry(t), startRegistry(t)
			sourceImage(t, source, "bpa/kafka:1", 1, 200_000, 1)
			sourceImage(t, source, "bpa/kong:1", 2, 1000, 1)
			silent := ""
			if c.target {
				silent = stalling(t, target, c.where, c.part)
				target = silent
			} else {
				silent = stalling(t, source, c.where, c.part)
				source = silent
			}
			list := writeList(t, source+"/bpa/kafka:1", source+"/bpa/kong:1")
			got := push(t, list, target, images.Options{Silence: 500 * time.Millisecond})
			assert.Equal(t, "images: 0 pushed, 0 already there, 2 failed", got.String())
			first, second, _ := strings.Cut(got.errors, "\n")
			assert.Contains(t, first, "release.txt:1: "+source+"/bpa/kafka:1: after 4 attempts: ")
			assert.Contains(t, second, "release.txt:2: "+source+"/bpa/kong:1: after 1 attempt: ", "it was waited for long enough")
			for _, line := range []string{first, second} {
				assert.Contains(t, line, silent+" has neither sent nor taken a byte for 500ms")
			}
		})
	}
}

func TestR14ARegistryThatComesBackIsAsked(t *testing.T) {
	source := startRegistry(t)
	sourceImage(t, source, "bpa/kafka:1", 1, 1000, 1)
	asked := 0
	once := stalling(t, source, func(r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		asked++
		return asked == 1
	}, 0)
	got := push(t, writeList(t, once+"/bpa/kafka:1"), startRegistry(t), images.Options{Silence: 500 * time.Millisecond})
	assert.Equal(t, "images: 1 pushed, 0 already there, 0 failed", got.String(), got.errors)
	assert.Equal(t, 2, asked)
}
