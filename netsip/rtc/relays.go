package rtc

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5"
)

// How long a TURN server may take.
const (
	relayAnswers = 900 * time.Millisecond // to say anything at all
	relayGives   = 5 * time.Second        // to give a relay, once it has said something
	relayAgain   = 200 * time.Millisecond // within which pion asks a server once for each address of ours
)

// Way is how TURN servers are reached over TCP and TLS. Its methods may be called from any goroutine.
type Way interface {
	// DialTCP opens a TCP connection to host:port, directly or through a proxy, until the context ends.
	DialTCP(ctx context.Context, address string) (net.Conn, error)
	// Trust is the TLS of a client that connects to host.
	Trust(host string) (*tls.Config, error)
}

// RelayFailure is a TURN server that gives no relay, and why.
type RelayFailure struct {
	URI string // as it is configured
	// Err is a *net.DNSError, a *stun.TurnError, an error of TLS or the system; context.DeadlineExceeded where the
	// server has not answered.
	Err   error
	After time.Duration // how long there has been no answer; 0 = it failed for another reason
}

// RelayError tells why no TURN server gives a relay.
type RelayError struct {
	Failures []RelayFailure
}

// Error implements error.
func (e *RelayError) Error() string {
	var all []string
	for _, f := range e.Failures {
		all = append(all, f.URI+": "+f.Err.Error())
	}
	return strings.Join(all, "; ")
}

// relays are the TURN servers of one path: they are reached by what the configuration says of trust and proxies,
// which pion knows nothing of, and it is known of each what became of it, which pion only logs.
type relays struct {
	alive context.Context
	way   Way
	begun time.Time
	lost  func(relayed netip.AddrPort) // a relay that a server gave is gone; called from any goroutine

	mu      sync.Mutex
	servers []*relayServer
}

// relayServer is one TURN URI with what became of it. What is not configuration is guarded by relays.mu.
type relayServer struct {
	written              string // as it is configured
	uri                  stun.URI
	username, credential string

	addresses []netip.AddrPort // what its name stands for, of a server over UDP
	dialled   time.Time        // last
	answered  bool             // it has said something
	relayed   bool             // it has given a relay
	err       error            // why it has not
}

func newRelays(alive context.Context, c *Config, lost func(netip.AddrPort)) *relays {
	r := &relays{alive: alive, way: c.Way, begun: time.Now(), lost: lost}
	if r.way == nil {
		r.way = plainWay{}
	}
	for _, s := range c.ICEServers {
		for _, written := range s.URLs {
			uri, err := stun.ParseURI(written)
			if err == nil && isTURN(uri) {
				r.servers = append(r.servers, &relayServer{
					written: written, uri: *uri, username: s.Username, credential: s.Credential,
				})
			}
		}
	}
	return r
}

// byDatagrams tells whether TURN is spoken in datagrams of UDP. Pion itself asks such a server, over a socket of ours;
// all else looks to it like a stream, which we dial.
func (s *relayServer) byDatagrams() bool {
	return s.uri.Scheme == stun.SchemeTypeTURN && s.uri.Proto == stun.ProtoTypeUDP
}

// streamSuffix makes the names by which pion has us dial servers: none that anybody could look up (RFC 6761 section
// 6.4).
const streamSuffix = ".turn.invalid"

// uris are the STUN and TURN servers as pion gets them.
func (r *relays) uris(c *Config) []*stun.URI {
	var all []*stun.URI
	for _, s := range c.ICEServers {
		for _, written := range s.URLs {
			if uri, err := stun.ParseURI(written); err == nil && !isTURN(uri) {
				all = append(all, uri)
			}
		}
	}
	for i, s := range r.servers {
		uri := s.uri
		uri.Username, uri.Password = s.username, s.credential
		if !s.byDatagrams() {
			uri.Host, uri.Proto = strconv.Itoa(i)+streamSuffix, stun.ProtoTypeTCP // pion prefers TCP to TLS
		}
		all = append(all, &uri)
	}
	return all
}

func isTURN(uri *stun.URI) bool {
	return uri.Scheme == stun.SchemeTypeTURN || uri.Scheme == stun.SchemeTypeTURNS
}

// failures are the servers that give no relay, as far as is known by now.
func (r *relays) failures() []RelayFailure {
	r.mu.Lock()
	defer r.mu.Unlock()
	waited := time.Since(r.begun)
	var all []RelayFailure
	for _, s := range r.servers {
		patience := relayAnswers
		if s.answered {
			patience = relayGives
		}
		switch {
		case s.relayed:
		case s.err != nil:
			all = append(all, RelayFailure{URI: s.written, Err: s.err})
		case waited >= patience:
			all = append(all, RelayFailure{URI: s.written, Err: context.DeadlineExceeded, After: patience})
		}
	}
	return all
}

// promising tells whether it is worth waiting for a relay beyond the cap of gathering, where sound has no other way.
func (r *relays) promising() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	waited := time.Since(r.begun)
	return slices.ContainsFunc(r.servers, func(s *relayServer) bool {
		return s.err == nil && (waited < relayAnswers || s.answered && waited < relayGives)
	})
}

// failed notes why a server gives no relay.
func (r *relays) failed(s *relayServer, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.alive.Err() == nil && !s.relayed {
		s.err = err
	}
}

// relayNet is the network on which pion looks up TURN servers and speaks to them over UDP.
type relayNet struct {
	transport.Net
	relays *relays
}

// over is a network with TURN servers on it.
func (r *relays) over(n transport.Net) transport.Net { return &relayNet{n, r} }

// ResolveUDPAddr is net.ResolveUDPAddr. A server is missing when it has no address of any family.
func (n *relayNet) ResolveUDPAddr(network, address string) (*net.UDPAddr, error) {
	found, err := n.Net.ResolveUDPAddr(network, address)
	r := n.relays
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.servers {
		if !s.byDatagrams() || address != net.JoinHostPort(s.uri.Host, strconv.Itoa(s.uri.Port)) {
			continue
		}
		var dns *net.DNSError
		switch {
		case err == nil:
			s.addresses = append(s.addresses, unmapped(found))
			if errors.As(s.err, &dns) {
				s.err = nil
			}
		case errors.As(err, &dns) && len(s.addresses) == 0 && r.alive.Err() == nil:
			s.err = err
		}
	}
	return found, err
}

// ListenPacket is how pion opens the socket for one TURN server over UDP.
func (n *relayNet) ListenPacket(network, address string) (net.PacketConn, error) {
	return newRelaySocket(n, network, address)
}

// Dial opens the way to the server that pion has by a name of ours: by TCP, TLS or DTLS. Pion asks for one connection
// for each address of ours, and one is enough.
func (r *relays) Dial(_, address string) (net.Conn, error) {
	number, _, _ := strings.Cut(address, streamSuffix)
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(r.servers) {
		return nil, errors.New("dial TURN: no such server")
	}
	s := r.servers[i]
	r.mu.Lock()
	again := time.Since(s.dialled) < relayAgain
	if !again {
		s.dialled = time.Now()
	}
	r.mu.Unlock()
	if again {
		return nil, errors.New("dial TURN: under way already")
	}
	ctx, cancel := context.WithTimeout(r.alive, relayGives)
	defer cancel()
	conn, err := DialStream(ctx, r.way, s.uri)
	if err != nil {
		r.failed(s, err)
		return nil, err
	}
	r.mu.Lock()
	s.answered = true
	r.mu.Unlock()
	return &relayStream{Conn: conn, talk: relayTalk{relays: r, servers: []*relayServer{s}}}, nil
}

// DialStream opens the way to a STUN or TURN server as a stream: by TCP, by TLS or, as of turns: with transport=udp, by
// DTLS.
func DialStream(ctx context.Context, way Way, uri stun.URI) (net.Conn, error) {
	secure := uri.Scheme == stun.SchemeTypeTURNS || uri.Scheme == stun.SchemeTypeSTUNS
	address := net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	if secure && uri.Proto == stun.ProtoTypeUDP {
		return dialDTLS(ctx, way, uri.Host, address)
	}
	conn, err := way.DialTCP(ctx, address)
	if err != nil || !secure {
		return conn, err
	}
	config, err := way.Trust(uri.Host)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return client, nil
}

// plainWay reaches servers directly and trusts whom the system trusts.
type plainWay struct{}

func (plainWay) DialTCP(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}

func (plainWay) Trust(host string) (*tls.Config, error) {
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}, nil
}
