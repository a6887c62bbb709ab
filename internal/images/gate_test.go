package images_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// gate stands before a registry, counts what is uploaded, and misbehaves as it is told: it cuts connections, throttles,
// asks for a password, and refuses as ECR does.
type gate struct {
	http.Handler
	host string

	// active are the requests that are being answered.
	active sync.WaitGroup
	lock   sync.Mutex
	// uploadBudget is how many bytes of layers pass until the network is gone for good; negative means all.
	uploadBudget int64
	cut          bool
	// cutUploads and cutDownloads are how many layers are cut off halfway, throttled how many requests get 429.
	cutUploads, cutDownloads, throttled int
	// user and password are asked for where they are set.
	user, password string
	// repositories are those that exist, as ECR has it. Nil means any.
	repositories map[string]bool
	// taken are tags (REPOSITORY:TAG) that somebody else pushes at the last moment: they do not show until they are put,
	// which is refused.
	taken map[string]bool
	// uploaded are the digests of the layers that the registry took, with their number, and changes all requests that
	// are not GET or HEAD.
	uploaded map[string]int
	changes  int
}

func newGate(t *testing.T, backend string) *gate {
	t.Helper()
	g := &gate{uploadBudget: -1, uploaded: map[string]int{}, taken: map[string]bool{}}
	g.Handler = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: backend})
			r.Out.Host = r.In.Host
		},
		ModifyResponse: g.answer,
		ErrorLog:       log.New(io.Discard, "", 0),
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(http.HandlerFunc(g.request))
	t.Cleanup(server.Close)
	g.host = strings.TrimPrefix(server.URL, "http://")
	return g
}

// set changes the gate between requests.
func (g *gate) set(change func(*gate)) {
	g.lock.Lock()
	defer g.lock.Unlock()
	change(g)
}

// forget starts the counts anew, and returns the digests uploaded so far, those of abandoned requests included.
func (g *gate) forget() map[string]int {
	g.active.Wait()
	g.lock.Lock()
	defer g.lock.Unlock()
	before := g.uploaded
	g.uploaded, g.changes = map[string]int{}, 0
	return before
}

func (g *gate) request(w http.ResponseWriter, r *http.Request) {
	g.active.Add(1)
	defer g.active.Done()
	g.lock.Lock()
	status, code, message, cutBody := g.decide(r)
	g.lock.Unlock()
	switch {
	case status < 0:
		panic(http.ErrAbortHandler)
	case status != 0:
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="gate"`)
		}
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
		}
		return
	}
	if r.Method == http.MethodPatch {
		r.Body = &meteredBody{ReadCloser: r.Body, gate: g, cutAt: -1}
		if cutBody {
			r.Body.(*meteredBody).cutAt = r.ContentLength / 2
		}
	}
	// The registry takes what has arrived, even when the client is gone: uploads are counted as they happen.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	g.ServeHTTP(w, r.WithContext(ctx))
}

// decide says how to answer instead of the registry: with a status, by cutting the connection (negative), or not (0).
func (g *gate) decide(r *http.Request) (status int, code, message string, cutBody bool) {
	if g.cut {
		return -1, "", "", false
	}
	if g.throttled > 0 {
		g.throttled--
		return http.StatusTooManyRequests, "TOOMANYREQUESTS", "Rate exceeded", false
	}
	if user, password, _ := r.BasicAuth(); g.user != "" && (user != g.user || password != g.password) {
		return http.StatusUnauthorized, string(transport.UnauthorizedErrorCode), "authentication required", false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		g.changes++
	}
	repository, rest := split(r.URL.Path)
	if g.repositories != nil && repository != "" && !g.repositories[repository] {
		return http.StatusNotFound, "NAME_UNKNOWN", "The repository with name '" + repository + "' does not exist", false
	}
	tag, manifest := strings.CutPrefix(rest, "manifests/")
	if manifest && g.taken[repository+":"+tag] {
		if r.Method == http.MethodPut {
			g.taken[repository+":"+tag] = false // it shows from now on
			return http.StatusBadRequest, "TAG_INVALID", "The image tag '" + tag + "' already exists and cannot be overwritten", false
		}
		return http.StatusNotFound, "MANIFEST_UNKNOWN", "Requested image not found", false
	}
	if r.Method == http.MethodPatch && g.cutUploads > 0 {
		g.cutUploads--
		return 0, "", "", true
	}
	return 0, "", "", false
}

// answer looks at what the registry says.
func (g *gate) answer(r *http.Response) error {
	g.lock.Lock()
	defer g.lock.Unlock()
	repository, rest := split(r.Request.URL.Path)
	if digest := r.Request.URL.Query().Get("digest"); digest != "" && r.StatusCode == http.StatusCreated {
		g.uploaded[digest]++
	}
	if g.repositories != nil && r.StatusCode == http.StatusNotFound && r.Request.Method == http.MethodGet {
		body := `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no image in ` + repository + `"}]}`
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
	if r.Request.Method == http.MethodGet && strings.HasPrefix(rest, "blobs/") && g.cutDownloads > 0 {
		g.cutDownloads--
		r.Body = &meteredBody{ReadCloser: r.Body, gate: g, cutAt: r.ContentLength / 2, free: true}
	}
	return nil
}

// split splits /v2/<repository>/manifests/<tag> into the repository and the rest.
func split(path string) (repository, rest string) {
	path = strings.TrimPrefix(path, "/v2/")
	for _, part := range []string{"manifests/", "blobs/"} {
		if at := strings.Index(path, "/"+part); at >= 0 {
			return path[:at], path[at+1:]
		}
	}
	return "", path
}

var errCut = errors.New("the connection is cut")

// meteredBody counts the bytes of a layer, and fails where the gate cuts the connection.
type meteredBody struct {
	io.ReadCloser
	gate        *gate
	cutAt, read int64
	free        bool
}

// Read implements io.Reader.
func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if b.cutAt >= 0 && b.read >= b.cutAt {
		return 0, errCut
	}
	b.gate.lock.Lock()
	defer b.gate.lock.Unlock()
	if b.free || b.gate.uploadBudget < 0 {
		return n, err
	}
	if b.gate.uploadBudget -= int64(n); b.gate.uploadBudget < 0 {
		b.gate.uploadBudget, b.gate.cut = 0, true
		return 0, errCut
	}
	return n, err
}

// heal ends all trouble.
func (g *gate) heal() {
	g.set(func(g *gate) { g.uploadBudget, g.cut, g.throttled, g.cutUploads, g.cutDownloads = -1, false, 0, 0, 0 })
}
