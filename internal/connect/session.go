package connect

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// document of Systems Manager that forwards to a host behind the instance. It is AWS's own, in every region.
const document = "AWS-StartPortForwardingSessionToRemoteHost"

var (
	// started is what the session plugin prints with the session's id, and forwards what it prints when its port listens.
	started  = regexp.MustCompile(`Starting session with SessionId: (\S+)`)
	forwards = regexp.MustCompile(`Waiting for connections|Port \d+ opened`)
)

// session forwards a local port to the API until it ends, and returns why it did.
func (c *Connection) session(ctx context.Context, instance, host string) error {
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	environment, err := c.o.Cloud.Environment(ctx)
	if err != nil {
		return fmt.Errorf("credentials for the AWS CLI: %w", err)
	}
	cmd := exec.Command("aws", "ssm", "start-session", "--region", c.o.Region, "--target", instance, "--document-name", document,
		"--parameters", fmt.Sprintf("host=%s,portNumber=443,localPortNumber=%d", host, port))
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the plugin is a child of the CLI
	stderr := &tail{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	id, ended := "", make(chan struct{})
	stop := context.AfterFunc(ctx, func() { interrupt(cmd, ended) })
	defer stop()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := started.FindStringSubmatch(lines.Text()); m != nil {
			id = m[1]
		}
		if forwards.MatchString(lines.Text()) {
			c.log("open: %s by way of %s", host, instance)
			c.opened(port, host)
			forwardsOnce(stdout)
			break
		}
	}
	err = cmd.Wait()
	close(ended)
	c.end(id)
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		return fmt.Errorf("the session on %s ended by itself: %s", instance, stderr.String())
	}
	return fmt.Errorf("the session on %s ended: %w: %s", instance, err, stderr.String())
}

// forwardsOnce drains what the plugin says of each connection.
func forwardsOnce(stdout io.Reader) { _, _ = io.Copy(io.Discard, stdout) }

// end makes sure that no session stays open in Systems Manager: a plugin that was killed has not said goodbye.
func (c *Connection) end(session string) {
	if session == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.o.Cloud.End(ctx, session); err != nil {
		c.log("session %s may stay open: %v", session, err)
	}
}

// grace is how long the plugin may take to end a session.
const grace = 5 * time.Second

// interrupt ends the CLI and its plugin.
func interrupt(cmd *exec.Cmd, ended <-chan struct{}) {
	group := -cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGINT) // it may have ended
	select {
	case <-ended:
	case <-time.After(grace):
		_ = syscall.Kill(group, syscall.SIGKILL)
	}
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// tail keeps the end of what a command prints.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	const most = 500
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
