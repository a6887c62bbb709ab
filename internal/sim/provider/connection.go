package provider

import (
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// accept gives every connection a server of its own: the engine opens one for each instance of a provider, which has its own
// settings, and what the SDK's server agrees on with the engine holds for one instance.
func (s *Server) accept(listener net.Listener, instance func() pulumirpc.ResourceProviderServer) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // Stop has closed the listener
		}
		server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
		pulumirpc.RegisterResourceProviderServer(server, instance())
		if !s.begin(server) {
			_ = conn.Close()
			return
		}
		go func() {
			_ = server.Serve(only(conn)) // ends, with an error, when the connection does
			s.end(server)
		}()
	}
}

// begin remembers a server, so that Stop ends it. It reports whether there still is something to serve.
func (s *Server) begin(server *grpc.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.servers[server] = true
	return true
}

func (s *Server) end(server *grpc.Server) {
	server.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.servers, server)
}

// Stop ends every provider. The engine must be done with them.
func (s *Server) Stop() {
	s.mu.Lock()
	s.stopped = true
	servers := s.servers
	s.servers = map[*grpc.Server]bool{}
	s.mu.Unlock()
	for _, listener := range s.listeners {
		_ = listener.Close()
	}
	for server := range servers {
		server.Stop()
	}
}

// oneConnection is a listener that accepts a connection which is there already, and ends with it.
type oneConnection struct {
	conns chan net.Conn
	addr  net.Addr
	close func()
}

// only makes a listener of a connection.
func only(conn net.Conn) net.Listener {
	l := &oneConnection{conns: make(chan net.Conn, 1), addr: conn.LocalAddr()}
	l.close = sync.OnceFunc(func() { close(l.conns) })
	l.conns <- &ending{Conn: conn, end: l.close}
	return l
}

// Accept implements net.Listener.
func (l *oneConnection) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (l *oneConnection) Close() error {
	l.close()
	return nil
}

// Addr implements net.Listener.
func (l *oneConnection) Addr() net.Addr { return l.addr }

// ending is a connection that says when it is closed.
type ending struct {
	net.Conn

	end func()
}

// Close implements net.Conn.
func (c *ending) Close() error {
	c.end()
	return c.Conn.Close()
}
