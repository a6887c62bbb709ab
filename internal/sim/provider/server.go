package provider

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// maxMessage is the largest message between engine and provider, as the engine itself allows.
const maxMessage = 400 << 20

// Verb is what an operation does to a cloud.
type Verb string

// The verbs of operations.
const (
	Create Verb = "create"
	Update Verb = "update"
	Delete Verb = "delete"
)

// Operation is one change of a simulated cloud.
type Operation struct {
	Verb Verb
	// ID is known from the start of an update or deletion, and after a creation.
	Package, Type, ID string
	URN               resource.URN
	// Inputs as plain data, of a deletion those that the resource has. They hold secrets: show them to nobody.
	Inputs map[string]any
	// Nodes are those that the operation replaces, in their order, once it is over.
	Nodes []string
	// Outcome is how the operation ends. Before it calls next, a middleware may change it.
	Outcome Outcome
}

// Middleware surrounds every operation: what happens in the cloud happens in next. It may take time, or fail before or
// after.
type Middleware func(ctx context.Context, op *Operation, next func() error) error

// Server runs simulated providers on loopback ports.
type Server struct {
	store     *Store
	packages  map[string]*Package
	ports     map[string]int
	listeners []net.Listener

	mu             sync.Mutex
	servers        map[*grpc.Server]bool // of the connections that are open
	stopped        bool
	idle           *sync.Cond // of mu: underWay has become 0
	underWay       int
	liftProtection bool
	middleware     []Middleware
	date           time.Time
	workDir        string
	registry       string
	inside         bool
}

// NewServer returns a server for the given packages. Start is not needed: every package is served when it returns.
func NewServer(packages ...*Package) (*Server, error) {
	s := &Server{store: newStore(), packages: map[string]*Package{}, ports: map[string]int{}, servers: map[*grpc.Server]bool{}}
	s.idle = sync.NewCond(&s.mu)
	for _, p := range packages {
		s.packages[p.Name] = p
		if _, err := s.Handle(p.Name, func() pulumirpc.ResourceProviderServer { return newWire(newProvider(s, p)) }); err != nil {
			s.Stop()
			return nil, err
		}
	}
	return s, nil
}

// Handle serves a provider on a loopback port of its own and returns the port. Each instance that the engine has of it is made
// by instance.
func (s *Server) Handle(name string, instance func() pulumirpc.ResourceProviderServer) (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("rehearsal: %s: %w", name, err)
	}
	s.listeners = append(s.listeners, listener)
	s.ports[name] = listener.Addr().(*net.TCPAddr).Port
	go s.accept(listener, instance)
	return s.ports[name], nil
}

// Ports returns the port of each package.
func (s *Server) Ports() map[string]int { return s.ports }

// Store returns what exists.
func (s *Server) Store() *Store { return s.store }

// LiftProtection makes the clouds overlook deletion protection (RDS, load balancers, Atlas), so that a rehearsal can
// clean up after itself. The program never does this.
func (s *Server) LiftProtection() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.liftProtection = true
}

func (s *Server) protectionLifted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.liftProtection
}

// Use adds a middleware around those that are there.
func (s *Server) Use(m Middleware) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.middleware = append(s.middleware, m)
}

// Settle waits until no operation is under way: a cloud finishes what an engine that is gone had asked for.
func (s *Server) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.underWay > 0 {
		s.idle.Wait()
	}
}

func (s *Server) perform(ctx context.Context, op *Operation, next func() error) error {
	s.mu.Lock()
	middleware := slices.Clone(s.middleware)
	s.underWay++
	s.mu.Unlock()
	defer s.performed()
	for _, m := range middleware {
		inner := next
		next = func() error { return m(ctx, op, inner) }
	}
	return next()
}

// operate performs an operation, during which the store is the request's alone.
func (s *Server) operate(ctx context.Context, op *Operation, r *Request, do func() error) error {
	return s.perform(ctx, op, func() error {
		return s.store.transact(func(v *View) error {
			r.Store = v
			return do()
		})
	})
}

func (s *Server) performed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.underWay--; s.underWay == 0 {
		s.idle.Broadcast()
	}
}
