// Package connect reaches the private Kubernetes API of a stack from a machine outside its VPC: it serves an HTTP proxy on
// the loopback interface, behind which a session of AWS Systems Manager forwards to the API through the stack's bastion.
//
// TLS stays between the client and the API: the proxy sees CONNECT and ciphertext. The session is opened by the AWS CLI and its
// session plugin, as Systems Manager's data channel has no other client.
package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"sync"
	"time"
)

// Cloud finds what the way leads through. Each answer is "" or false while there is none yet.
type Cloud interface {
	// Bastion is the id of the running instance.
	Bastion(ctx context.Context) (string, error)
	// Online reports whether Systems Manager can open a session on the instance.
	Online(ctx context.Context, instance string) (bool, error)
	// Endpoint is the host name of the API.
	Endpoint(ctx context.Context) (string, error)
	// Environment is what the AWS CLI needs beside the process's own environment, as KEY=value: credentials of the stack's role.
	Environment(ctx context.Context) ([]string, error)
	// End ends a session that its client has left behind.
	End(ctx context.Context, session string) error
}

// Options of a connection.
type Options struct {
	Cloud Cloud
	// Region of the session.
	Region string
	// Address to listen on, host:port.
	Address string
	// Wait is the time between two looks for what is not there yet. Default: five seconds.
	Wait time.Duration
	// Settling is how long Settle waits. Default: two minutes, in which an instance that has started registers.
	Settling time.Duration
	// Patience is how long a client waits for the way. Default: 30 minutes, in which a control plane is created.
	Patience time.Duration
	// Log gets a line for each thing that a person wants to know.
	Log io.Writer
}

// Connection is the proxy with the session behind it.
type Connection struct {
	o        Options
	listener net.Listener
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu sync.Mutex
	// way is closed when the session forwards, and is another one after it has ended.
	way  chan struct{}
	port int
	host string
	// waiting is what the connection waits for, for who asks.
	waiting string
	// gone is closed, by absent, when something on the way was seen not to exist.
	gone   chan struct{}
	absent func()
}

// Tools returns what is needed and not on PATH, as an error that says where to get it.
func Tools() error {
	var missing []error
	for _, tool := range []struct{ name, from string }{
		{"aws", "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"},
		{
			"session-manager-plugin",
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
		},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			missing = append(missing, fmt.Errorf("%s is not on PATH: install it from %s", tool.name, tool.from))
		}
	}
	return errors.Join(missing...)
}

// Open starts to listen, and to look for the way. It returns at once: the bastion and the cluster may still be created. Close ends
// it.
func Open(ctx context.Context, o Options) (*Connection, error) {
	if o.Wait == 0 {
		o.Wait = 5 * time.Second
	}
	if o.Settling == 0 {
		o.Settling = 2 * time.Minute
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Minute
	}
	if err := Tools(); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w: another `bpactl connect` may run on this machine; "+
			"it serves one stack at a time", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &Connection{o: o, listener: listener, cancel: cancel, way: make(chan struct{}), gone: make(chan struct{})}
	c.absent = sync.OnceFunc(func() { close(c.gone) })
	c.done.Go(func() { c.keep(ctx) })
	c.done.Go(func() { c.accept(ctx) })
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	return c, nil
}

// Address is where the proxy listens.
func (c *Connection) Address() string { return c.listener.Addr().String() }

// Ready waits until the way is open.
func (c *Connection) Ready(ctx context.Context) error {
	_, _, err := c.open(ctx)
	return err
}

// Settle waits until the way is open, until the bastion or the cluster was seen not to exist, or for Options.Settling: what is
// missing may be what the caller is about to make.
func (c *Connection) Settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Settling)
	defer cancel()
	select {
	case <-c.current():
	case <-c.gone:
	case <-ctx.Done():
	}
}

// current is closed once the way of the moment is open.
func (c *Connection) current() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.way
}

// Close ends the session and the proxy, and waits for both.
func (c *Connection) Close() {
	c.cancel()
	c.done.Wait()
}

// open waits for the way and returns its local port, and the host that it leads to.
func (c *Connection) open(ctx context.Context) (port int, host string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Patience)
	defer cancel()
	select {
	case <-c.current():
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.port, c.host, nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		return 0, "", fmt.Errorf("no way to the Kubernetes API: still waiting for %s", c.waiting)
	}
}

func (c *Connection) opened(port int, host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.port, c.host = port, host
	close(c.way)
}

func (c *Connection) closed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.way:
		c.way = make(chan struct{})
	default:
	}
}

// waitFor says once what the connection waits for.
func (c *Connection) waitFor(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting != what {
		c.waiting = what
		c.log("waiting for %s", what)
	}
}

func (c *Connection) log(format string, args ...any) {
	fmt.Fprintf(c.o.Log, "connect: "+format+"\n", args...)
}

// keep holds a session open until the context ends.
func (c *Connection) keep(ctx context.Context) {
	for ctx.Err() == nil {
		instance, host, err := c.find(ctx)
		if err == nil {
			err = c.session(ctx, instance, host)
			c.closed()
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.log("%v; trying again", err)
		}
		sleep(ctx, c.o.Wait)
	}
}

// find waits for the bastion, its registration with Systems Manager, and the API's name.
func (c *Connection) find(ctx context.Context) (instance, host string, err error) {
	for {
		if instance, err = c.o.Cloud.Bastion(ctx); err != nil {
			return "", "", fmt.Errorf("looking for the bastion: %w", err)
		}
		online := false
		if instance != "" {
			if online, err = c.o.Cloud.Online(ctx, instance); err != nil {
				return "", "", fmt.Errorf("asking Systems Manager for %s: %w", instance, err)
			}
		}
		if host, err = c.o.Cloud.Endpoint(ctx); err != nil {
			return "", "", fmt.Errorf("looking for the cluster: %w", err)
		}
		switch {
		case instance == "":
			c.waitFor("the bastion to run")
			c.absent()
		case !online:
			c.waitFor("the bastion " + instance + " to register with Systems Manager")
		case host == "":
			c.waitFor("the cluster's endpoint")
			c.absent()
		default:
			c.waitFor("a session on " + instance)
			return instance, host, nil
		}
		if !sleep(ctx, c.o.Wait) {
			return "", "", ctx.Err()
		}
	}
}

// sleep reports whether the time passed before the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
