package preflight_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/testkit/tooling"
)

const accountID, accessKey, region = "111122223333", "AKIAEXAMPLE", "us-west-2"

// moto is the emulator that all tests of this package share. It is reset before each.
var moto struct {
	sync.Once
	url *url.URL
	cmd *exec.Cmd
	err error
}

// TestMain sends whatever is not for this machine to a proxy that is not there: no test reaches a real cloud by mistake.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		if err := os.Setenv(name, "http://127.0.0.1:1"); err != nil {
			panic(err)
		}
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if moto.cmd != nil {
		_ = moto.cmd.Process.Kill()
		_ = moto.cmd.Wait()
	}
	os.Exit(code)
}

// motoServer finds the command that tools/moto.sh installs.
func motoServer(t *testing.T) string {
	t.Helper()
	tools, err := engine.Tools()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(tools, "moto-*", "bin", "moto_server"))
	require.NoError(t, err)
	if len(found) == 0 {
		tooling.Missing(t, "no moto: tools/moto.sh installs it")
	}
	return found[len(found)-1]
}

// emulator starts moto once and empties it.
func emulator(t *testing.T) *url.URL {
	t.Helper()
	command := motoServer(t)
	moto.Do(func() { moto.url, moto.err = startMoto(command) })
	require.NoError(t, moto.err)
	answer, err := http.Post(moto.url.String()+"/moto-api/reset", "", nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return moto.url
}

// startMoto lets moto choose a port, which its first lines name.
func startMoto(command string) (*url.URL, error) {
	cmd := exec.Command(command, "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(os.Environ(), "MOTO_ALLOW_NONEXISTENT_REGION=false", "PYTHONUNBUFFERED=1")
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = cmd.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	moto.cmd = cmd
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, at, found := strings.Cut(lines.Text(), "Running on "); found {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return url.Parse(strings.TrimSpace(at))
		}
	}
	return nil, fmt.Errorf("moto ended before it listened: %w", cmd.Wait())
}

// recording is what AWS answers to an operation that moto does not know, in its documented form, or to one that a test
// wants answered otherwise. A nil body lets moto answer.
type recording func(body []byte, r *http.Request) (status int, contentType, text string)

// proxy stands before moto: it answers what is recorded, and refuses what is denied.
type proxy struct {
	recorded map[string]recording
	denied   map[string]bool
	mu       sync.Mutex
	seen     []string
}

// operation names what a request asks for: the target of JSON protocols, the Action of query protocols, or method and
// path.
func operation(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	return r.Method + " " + r.URL.Path
}

func (p *proxy) serve(t *testing.T, behind *url.URL) string {
	t.Helper()
	forward := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		name := operation(r, body)
		p.mu.Lock()
		p.seen = append(p.seen, name)
		p.mu.Unlock()
		if p.denied[name] {
			denial(w, r, name)
			return
		}
		if answer, ok := p.recorded[name]; ok {
			if status, kind, text := answer(body, r); text != "" {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, text)
				return
			}
		}
		if strings.Contains(r.Header.Get("Authorization"), "Credential="+accessKey) {
			r.Header.Set("X-Moto-Account-Id", accountID) // moto tells the account of a role by its credentials alone
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// denial answers as a service does that refuses the caller: EC2 with a code of its own, others as their protocol has it.
func denial(w http.ResponseWriter, r *http.Request, name string) {
	message := "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: " + name
	switch {
	case r.Header.Get("X-Amz-Target") != "", strings.HasPrefix(r.URL.Path, "/addons"), strings.HasPrefix(r.URL.Path, "/cluster"):
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": "AccessDeniedException", "message": message})
	case r.Method == http.MethodHead:
		w.WriteHeader(http.StatusForbidden)
	case strings.Contains(r.Header.Get("Authorization"), "/ec2/"):
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>%s</Message></Error></Errors>"+
			"<RequestID>1</RequestID></Response>", message)
	default:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>%s</Message></Error>"+
			"<RequestId>1</RequestId></ErrorResponse>", message)
	}
}
