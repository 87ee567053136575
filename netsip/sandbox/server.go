package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// Options are what a Server is made of; the zero value of each field is its default.
type Options struct {
	Users   map[string]string // name → password of the users there are at the start
	AnyUser bool              // names that are not in Users may register as well, without a password
	Domain  string            // of the addresses of record; "sandbox.invalid"
	Realm   string            // of the challenges; Domain
	// offered, the strongest first: "SHA-512-256", "SHA-256", "MD5" and their "-sess" forms; SHA-256 and MD5
	Algorithms []string

	ChallengeCalls bool // INVITE outside a dialog needs credentials too (407)

	// the registrar gives a Service-Route (RFC 3608), and requests outside dialogs that do not follow it get 403
	ServiceRoute bool
	Path         string // value of the Path that an edge proxy seems to have put into REGISTER (RFC 3327); "" = none

	MinExpires    time.Duration // shorter registrations get 423; 10 s
	MaxExpires    time.Duration // what is granted at most, and without a wish; 1 h
	NonceLifetime time.Duration // after it credentials are stale; 5 min
	PingInterval  time.Duration // WebSocket Ping to each client, which then has as long to answer; 0 = no Ping

	// accept browser pages of any origin; otherwise only of the same host, and clients that are no browser
	AnyOrigin bool

	MaxConnections int // 1024
	MaxBindings    int // of one user: 16

	Logger *slog.Logger // nil = none; methods, status codes and names, never contents
}

// Server is a SIP server over WebSocket. Its methods may be called from any goroutine.
type Server struct {
	options Options
	log     *slog.Logger
	http    *http.Server
	running sync.WaitGroup // goroutines and HTTP handlers

	mu          sync.Mutex // guards all below
	closed      bool
	url         string // of the first Listen
	hosts       []string
	pipes       *pipeListener
	users       map[string]string
	bindings    map[string][]*binding // by user
	contacts    map[string]*binding   // by contact URI
	temporary   map[string]*binding   // by user part of the temporary GRUU
	connections map[string]*connection
	open        int                   // HTTP requests and connections being served
	idle        map[net.Conn]struct{} // accepted connections that a fault keeps waiting
	transaction map[string]*serverTransaction
	branches    map[string]*branch
	nonces      nonceBook
	faults      Faults
	observers   []*func(Event)
}

// New makes a Server that serves nobody until Listen or Dial.
func New(o Options) *Server {
	setDefault(&o.Domain, "sandbox.invalid")
	setDefault(&o.Realm, o.Domain)
	setDefault(&o.MinExpires, 10*time.Second)
	setDefault(&o.MaxExpires, time.Hour)
	setDefault(&o.NonceLifetime, 5*time.Minute)
	setDefault(&o.MaxConnections, 1024)
	setDefault(&o.MaxBindings, 16)
	if len(o.Algorithms) == 0 {
		o.Algorithms = []string{"SHA-256", "MD5"}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		options:     o,
		log:         o.Logger,
		users:       make(map[string]string),
		bindings:    make(map[string][]*binding),
		contacts:    make(map[string]*binding),
		temporary:   make(map[string]*binding),
		connections: make(map[string]*connection),
		idle:        make(map[net.Conn]struct{}),
		transaction: make(map[string]*serverTransaction),
		branches:    make(map[string]*branch),
	}
	s.nonces.init()
	s.faults.server = s
	for name, password := range o.Users {
		s.users[name] = password
	}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	return s
}

func setDefault[T comparable](field *T, value T) {
	if zero := *new(T); *field == zero {
		*field = value
	}
}

// Listen serves a TCP address, such as "127.0.0.1:0", until Close, and returns the address it got.
func (s *Server) Listen(addr string) (net.Addr, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox: listen: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = listener.Close()
		return nil, fmt.Errorf("sandbox: listen: %w", net.ErrClosed)
	}
	if s.url == "" {
		s.url = "ws://" + listener.Addr().String() + "/"
	}
	s.hosts = append(s.hosts, listener.Addr().String())
	s.serveListener(listener)
	return listener.Addr(), nil
}

func (s *Server) serveListener(l net.Listener) {
	s.running.Go(func() {
		if err := s.http.Serve(lines{l, &s.running}); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("sandbox: serve", "err", err)
		}
	})
}

// URL gives the address for clients: "ws://127.0.0.1:5443/" after Listen, before it "ws://" and the
// domain, which Dial takes.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == "" {
		return "ws://" + s.options.Domain + "/"
	}
	return s.url
}

// Domain gives the domain of the addresses of record.
func (s *Server) Domain() string { return s.options.Domain }

// Dial opens a connection to the server over net.Pipe, whatever the host in url; the WebSocket that is spoken over it
// has the real handshake, and wss no TLS. It is what Dial of netsip's Options is to be, and works inside
// testing/synctest bubbles.
func (s *Server) Dial(context.Context, string) (net.Conn, error) { return s.pipe() }

// pipe gives the client's end of a new connection.
func (s *Server) pipe() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.faults.refuses() {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: errRefused}
	}
	if s.pipes == nil {
		s.pipes = &pipeListener{ends: make(chan net.Conn, s.options.MaxConnections), done: make(chan struct{})}
		s.serveListener(s.pipes)
	}
	ours, theirs := net.Pipe()
	select {
	case s.pipes.ends <- ours:
		return theirs, nil
	default:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: errRefused}
	}
}

// AddUser adds a user, or changes the password of one.
func (s *Server) AddUser(name, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[name] = password
}

// Close ends all connections and waits until everything the Server started has ended.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, tx := range s.transaction {
		tx.stop()
	}
	clear(s.transaction)
	for _, b := range s.branches {
		b.timer.Stop()
	}
	clear(s.branches)
	s.faults.stop()
	connections := slices.Collect(maps.Values(s.connections))
	for _, c := range connections {
		c.closeWith(websocket.CloseGoingAway, "sandbox closes")
	}
	late := time.AfterFunc(2*closeTimeout, func() { // clients that do not take the close frame
		for _, c := range connections {
			c.cut()
		}
	})
	defer late.Stop()
	for conn := range s.idle {
		_ = conn.Close()
	}
	s.mu.Unlock()
	_ = s.http.Close()
	s.running.Wait()
}

// Event is one message on its way.
type Event struct {
	At         time.Time
	Sent       bool         // by the server; otherwise received
	Connection string       // stays the same for one WebSocket
	User       string       // who has a binding over this connection, "" before there is one
	Message    *sip.Message // nil where Err is not; read only
	Frame      []byte       // as it came or goes; read only
	Err        error        // of parsing
}

// Observe has f called with every message, one at a time and in order, before the server acts on it. f
// must not call the server. The returned function ends it.
func (s *Server) Observe(f func(Event)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &f
	s.observers = append(s.observers, entry)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, o := range s.observers {
			if o == entry {
				s.observers = append(s.observers[:i:i], s.observers[i+1:]...)
				return
			}
		}
	}
}

func (s *Server) observe(e Event) {
	for _, f := range s.observers {
		(*f)(e)
	}
}

// Send writes a frame to a user's newest connection as it is, whatever it holds. The answers are seen by
// observers; the server does nothing with them.
func (s *Server) Send(user string, frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.live(user)
	if len(list) == 0 {
		return fmt.Errorf("sandbox: send: %q has no binding", user)
	}
	list[len(list)-1].connection.queue(frame)
	return nil
}

// ours tells whether a URI is at this server: its domain, or an address it listens on.
func (s *Server) ours(u sip.URI) bool {
	if strings.EqualFold(u.Host, s.options.Domain) {
		return true
	}
	for _, host := range s.hosts {
		name, port, _ := net.SplitHostPort(host)
		if strings.Trim(u.Host, "[]") == name && (u.Port == 0 || strconv.Itoa(u.Port) == port) {
			return true
		}
	}
	return false
}

// token makes a random text of 16 characters for tags, branches and names of connections.
func token() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// pipeListener accepts the ends that Dial makes.
type pipeListener struct {
	ends chan net.Conn
	once sync.Once
	done chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.ends:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() {
		close(l.done)
		for {
			select {
			case conn := <-l.ends:
				_ = conn.Close()
			default:
				return
			}
		}
	})
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
