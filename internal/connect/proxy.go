package connect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// accept serves clients until the listener is closed.
func (c *Connection) accept(ctx context.Context) {
	for {
		conn, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.log("%v", err)
			continue
		}
		c.done.Go(func() { c.serve(ctx, conn) })
	}
}

// serve answers one CONNECT, to the stack's own API and nothing else: who reaches the loopback interface of this machine gets no
// way into the VPC.
func (c *Connection) serve(ctx context.Context, client net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	defer client.Close()
	reader := bufio.NewReader(client)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	if request.Method != http.MethodConnect {
		refuse(client, http.StatusMethodNotAllowed, "this proxy answers CONNECT alone")
		return
	}
	port, host, err := c.open(ctx)
	if err != nil {
		refuse(client, http.StatusGatewayTimeout, err.Error())
		return
	}
	if request.Host != net.JoinHostPort(host, "443") {
		refuse(client, http.StatusForbidden, "this proxy leads to "+host+" alone")
		return
	}
	dialer := net.Dialer{Timeout: 30 * time.Second}
	server, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		refuse(client, http.StatusBadGateway, err.Error())
		return
	}
	defer server.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	both(ctx, client, reader, server)
}

// both copies both ways until one side has ended.
func both(ctx context.Context, client net.Conn, fromClient io.Reader, server net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer cancel()
		_, _ = io.Copy(server, fromClient) // either side may close at any time
	}()
	_, _ = io.Copy(client, server)
	cancel()
	<-ended
}

func refuse(client io.Writer, code int, text string) {
	text += "\n"
	fmt.Fprintf(client, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		code, http.StatusText(code), len(text), text)
}
