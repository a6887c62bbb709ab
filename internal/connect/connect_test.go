package connect_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/connect"
)

// host is the API's name. No such server is asked: the session leads to one on this machine.
const host = "abc.gr7.us-west-2.eks.amazonaws.com"

// TestMain is the AWS CLI with its plugin where a test starts it as such: it forwards the local port to $REMOTE.
func TestMain(m *testing.M) {
	if os.Getenv("REMOTE") == "" {
		os.Exit(m.Run())
	}
	os.Exit(plugin())
}

// plugin prints what session-manager-plugin 1.2.707 prints, and forwards until it is interrupted, or $ONCE connections have ended.
func plugin() int {
	args := strings.Join(os.Args[1:], " ")
	var port int
	_, parameters, _ := strings.Cut(args, "localPortNumber=")
	if _, err := fmt.Sscan(
		parameters,
		&port,
	); err != nil ||
		!strings.Contains(args, "ssm start-session --region us-west-2 --target i-1 ") ||
		!strings.Contains(args, "AWS-StartPortForwardingSessionToRemoteHost --parameters host="+host+",portNumber=443,") {
		fmt.Fprintln(os.Stderr, "unexpected arguments:", args)
		return 252
	}
	if os.Getenv("DENIED") != "" {
		fmt.Fprintln(os.Stderr, "An error occurred (AccessDeniedException) when calling the StartSession operation")
		return 254
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return 1
	}
	fmt.Printf("\nStarting session with SessionId: user-%d\nPort %d opened for sessionId user-%d.\nWaiting for connections...\n",
		os.Getpid(), port, os.Getpid())
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Printf("\nConnection accepted for session [user-%d]\n", os.Getpid())
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", os.Getenv("REMOTE"))
				if err != nil {
					return
				}
				defer server.Close()
				go func() { _, _ = io.Copy(server, client) }()
				_, _ = io.Copy(client, server)
			}()
		}
	}()
	<-interrupted
	return 0
}

// cloud is a stack that comes up step by step.
type cloud struct {
	mu              sync.Mutex
	bastion, server string
	online          bool
	ended           []string
	environment     []string
	err             error
}

func (c *cloud) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *cloud) Bastion(context.Context) (id string, err error) {
	c.set(func() { id, err = c.bastion, c.err })
	return id, err
}

func (c *cloud) Online(context.Context, string) (on bool, err error) {
	c.set(func() { on = c.online })
	return on, nil
}

func (c *cloud) Endpoint(context.Context) (name string, err error) {
	c.set(func() { name = c.server })
	return name, nil
}

func (c *cloud) Environment(context.Context) ([]string, error) { return c.environment, nil }

func (c *cloud) End(_ context.Context, session string) error {
	c.set(func() { c.ended = append(c.ended, session) })
	return nil
}

// log is written by the connection and read by the test.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// tools puts the stand-ins for the CLI and its plugin alone on PATH.
func tools(t *testing.T, names ...string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	for _, name := range names {
		require.NoError(t, os.Symlink(self, filepath.Join(dir, name)))
	}
	t.Setenv("PATH", dir)
}

// api is the server that the session leads to, and its client by way of the proxy.
func api(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	t.Cleanup(server.Close)
	return server
}

func options(c *cloud, server *httptest.Server, out io.Writer) connect.Options {
	c.environment = append(c.environment, "REMOTE="+server.Listener.Addr().String())
	return connect.Options{Cloud: c, Region: "us-west-2", Address: "127.0.0.1:0", Wait: time.Millisecond, Log: out}
}

func client(t *testing.T, c *connect.Connection) *http.Client {
	t.Helper()
	proxy, err := url.Parse("http://" + c.Address())
	require.NoError(t, err)
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyURL(proxy), DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the test server's certificate names another host
	}}
}

func get(t *testing.T, c *http.Client, address string) (string, error) {
	t.Helper()
	response, err := c.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return string(b), err
}

func TestAClientWaitsForTheBastionAndTheClusterAndReachesTheAPI(t *testing.T) {
	tools(t, "aws", "session-manager-plugin")
	stack, out := &cloud{}, &log{}
	c, err := connect.Open(context.Background(), options(stack, api(t), out))
	require.NoError(t, err)
	defer c.Close()

	answer := make(chan string, 1)
	go func() {
		text, err := get(t, client(t, c), "https://"+host+"/healthz")
		answer <- fmt.Sprint(text, err)
	}()
	for _, step := range []struct {
		waits string
		next  func()
	}{
		{"waiting for the bastion to run", func() { stack.bastion = "i-1" }},
		{"waiting for the bastion i-1 to register with Systems Manager", func() { stack.online = true }},
		{"waiting for the cluster's endpoint", func() { stack.server = host }},
	} {
		require.Eventually(t, func() bool { return strings.Contains(out.String(), step.waits) }, 10*time.Second, time.Millisecond)
		stack.set(step.next)
	}
	assert.Equal(t, "ok<nil>", <-answer)

	_, err = get(t, client(t, c), "https://another.example.com/")
	require.ErrorContains(t, err, "Forbidden", "the proxy is no way into the rest of the VPC")
	_, err = get(t, &http.Client{}, "http://"+c.Address())
	require.NoError(t, err)
}

func TestTheSessionIsOpenedAgainAndNoneIsLeft(t *testing.T) {
	tools(t, "aws", "session-manager-plugin")
	stack, out := &cloud{bastion: "i-1", online: true, server: host}, &log{}
	c, err := connect.Open(context.Background(), options(stack, api(t), out))
	require.NoError(t, err)
	require.NoError(t, c.Ready(context.Background()))

	// The plugin dies, as it does where a laptop sleeps.
	_, pid, found := strings.Cut(children(t), ":")
	require.True(t, found)
	var n int
	_, err = fmt.Sscan(pid, &n)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(n, syscall.SIGKILL))
	require.Eventually(t, func() bool { return strings.Count(out.String(), "open: "+host) == 2 }, 10*time.Second, time.Millisecond)
	text, err := get(t, client(t, c), "https://"+host+"/")
	require.NoError(t, err)
	assert.Equal(t, "ok", text)

	c.Close()
	assert.Contains(t, out.String(), "the session on i-1 ended: signal: killed")
	assert.Len(t, stack.ended, 2, "Systems Manager is told of the one that was killed, too")
	assert.Equal(t, fmt.Sprintf("user-%d", n), stack.ended[0])
	assert.Empty(t, children(t), "no process is left")
}

// children are the processes that this one has started and that still run: ":PID" each.
func children(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", os.Getpid(), os.Getpid()))
	if err != nil {
		t.Skip("only Linux lists a process's children")
	}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", os.Getpid()))
	require.NoError(t, err)
	list := string(b)
	for _, task := range tasks {
		b, err := os.ReadFile(task)
		if err == nil && string(b) != list {
			list += string(b)
		}
	}
	if fields := strings.Fields(list); len(fields) > 0 {
		return ":" + fields[0]
	}
	return ""
}

// What is on its way is waited for, what an `up` makes is not: it would never begin.
func TestACommandStartsWithAnOpenWayOrWithWhatItHasToMake(t *testing.T) {
	for name, test := range map[string]struct {
		stack    *cloud
		settling time.Duration
		says     string
	}{
		"all is there":                 {&cloud{bastion: "i-1", online: true, server: host}, time.Hour, "open: " + host + " by way of i-1"},
		"no bastion":                   {&cloud{server: host}, time.Hour, "waiting for the bastion to run"},
		"no cluster":                   {&cloud{bastion: "i-1", online: true}, time.Hour, "waiting for the cluster's endpoint"},
		"a bastion that does not call": {&cloud{bastion: "i-1", server: host}, time.Millisecond, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tools(t, "aws", "session-manager-plugin")
			out := &log{}
			o := options(test.stack, api(t), out)
			o.Settling = test.settling
			c, err := connect.Open(context.Background(), o)
			require.NoError(t, err)
			defer c.Close()
			c.Settle(context.Background())
			assert.Contains(t, out.String(), test.says)
		})
	}
}

func TestWhatKeepsTheWayClosedIsSaid(t *testing.T) {
	t.Run("a tool that is missing", func(t *testing.T) {
		tools(t, "aws")
		_, err := connect.Open(context.Background(), options(&cloud{}, api(t), io.Discard))
		require.ErrorContains(t, err, "session-manager-plugin is not on PATH: install it from https://docs.aws.amazon.com/")
	})
	t.Run("a port that is taken", func(t *testing.T) {
		tools(t, "aws", "session-manager-plugin")
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer taken.Close()
		o := options(&cloud{}, api(t), io.Discard)
		o.Address = taken.Addr().String()
		_, err = connect.Open(context.Background(), o)
		require.ErrorContains(t, err, "address already in use")
		require.ErrorContains(t, err, "it serves one stack at a time")
	})
	t.Run("a session that is refused", func(t *testing.T) {
		tools(t, "aws", "session-manager-plugin")
		out := &log{}
		o := options(&cloud{bastion: "i-1", online: true, server: host, environment: []string{"DENIED=1"}}, api(t), out)
		c, err := connect.Open(context.Background(), o)
		require.NoError(t, err)
		defer c.Close()
		require.Eventually(
			t,
			func() bool { return strings.Contains(out.String(), "AccessDeniedException") },
			10*time.Second,
			time.Millisecond,
		)
	})
	t.Run("an account that does not answer", func(t *testing.T) {
		tools(t, "aws", "session-manager-plugin")
		out := &log{}
		o := options(&cloud{err: errors.New("ExpiredToken")}, api(t), out)
		o.Patience = 20 * time.Millisecond
		c, err := connect.Open(context.Background(), o)
		require.NoError(t, err)
		defer c.Close()
		require.Error(t, c.Ready(context.Background()))
		assert.Contains(t, out.String(), "looking for the bastion: ExpiredToken; trying again")
	})
	t.Run("a stack without a bastion", func(t *testing.T) {
		tools(t, "aws", "session-manager-plugin")
		o := options(&cloud{}, api(t), io.Discard)
		o.Patience = 100 * time.Millisecond
		c, err := connect.Open(context.Background(), o)
		require.NoError(t, err)
		defer c.Close()
		_, err = get(t, client(t, c), "https://"+host+"/")
		require.ErrorContains(t, err, "Gateway Timeout")
		require.ErrorContains(t, c.Ready(context.Background()), "still waiting for the bastion to run")
	})
}
