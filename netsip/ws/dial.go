// Package ws is one SIP WebSocket (RFC 7118, RFC 6455): a Dialer opens it through TLS and proxies and says at which
// stage that failed, a Flow reads and writes it, keeps it alive and says how it ended. What a server may say is
// bounded everywhere: in a handshake, in a message, in time. It knows nothing of user agents.
package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// subprotocol is what a SIP server over WebSocket speaks (RFC 7118 section 4.1).
const subprotocol = "sip"

// dialTimeout bounds name look-up, TCP, TLS and WebSocket handshake together: a frozen server
// accepts TCP and then says nothing.
const dialTimeout = 5 * time.Second

// MaxRetryAfter bounds how long a server can have itself left alone.
const MaxRetryAfter = 1800 * time.Second

// Sizes of a connection's buffers. A message is written as one frame, since servers such as Kamailio take no
// fragments; so the room for writing is that of the largest message.
const (
	readBuffer  = 1 << 10
	writeBuffer = sip.MaxMessageSize
)

// DialFunc opens the way to the server of url: what a WebSocket is spoken over, TLS included. It runs on a goroutine
// of its own and returns when ctx ends.
type DialFunc func(ctx context.Context, url string) (net.Conn, error)

// Dialer opens WebSockets to SIP servers (RFC 7118) over TCP and TLS: through the configuration's proxy or the
// environment's (HTTP CONNECT), never to this computer itself; with the configured Origin, client certificate and
// authorities. Files are read at every dial, so that a renewed certificate counts. It does not change, and any
// goroutine may use it.
type Dialer struct {
	Config    config.Additions // proxy, Origin, client certificate, authorities
	TLS       *tls.Config      // what Config adds to; nil = the system's authorities
	Way       DialFunc         // in the place of TCP, TLS and proxy; nil = these
	Buffers   *sync.Pool       // room for the frames that connections write; nil = each has room of its own
	Resolver  *net.Resolver    // looks names up; nil = the system's
	Addresses *Addresses       // remembers where servers were reached; nil = nobody does
}

// Conn is an open WebSocket that nobody reads yet. It is made a Flow, or closed.
type Conn struct {
	socket *websocket.Conn
	url    string
}

// Close ends the connection without a word.
func (c *Conn) Close() { _ = c.socket.Close() }

// Dial opens a WebSocket to url within 5 s and requires that the server chose what was offered: the subprotocol
// "sip" (RFC 7118 section 4.1) and no extension. The error is a *DialError that names the stage; the timings hold the
// stages that were reached.
func (d *Dialer) Dial(ctx context.Context, url string) (*Conn, DialTimings, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	stages := dialStages{start: time.Now()}
	socket, way, resp, err := d.open(httptrace.WithClientTrace(ctx, stages.trace()), url)
	timings := stages.timings()
	failure := unoffered(resp)
	if failure == nil && err != nil {
		failure = stages.classify(err, resp)
	}
	if failure == nil {
		if d.Way == nil {
			d.Addresses.note(way.name, way.conn, strings.HasPrefix(strings.ToLower(url), "wss:"))
		}
		return &Conn{socket, url}, timings, nil
	}
	failure.URL, failure.Timings = url, timings
	if socket != nil {
		_ = socket.Close()
	}
	return nil, timings, failure
}

// open dials and shakes hands.
func (d *Dialer) open(ctx context.Context, address string) (*websocket.Conn, *wayTo, *http.Response, error) {
	way := &wayTo{dialer: d, address: address, release: func() bool { return true }}
	defer func() { way.release() }()
	dialer := websocket.Dialer{
		Subprotocols: []string{subprotocol}, NetDialContext: way.open,
		ReadBufferSize: readBuffer, WriteBufferSize: writeBuffer,
	}
	if d.Buffers != nil {
		dialer.WriteBufferPool = d.Buffers
	}
	if d.Way != nil {
		dialer.NetDialTLSContext = way.open
	} else if err := d.prepare(&dialer, way); err != nil {
		return nil, way, nil, err
	}
	var header http.Header
	if d.Config.Origin != "" {
		header = http.Header{"Origin": {d.Config.Origin}}
	}
	socket, resp, err := dialer.DialContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { way.conn.allow(maxTLSHandshake) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { way.conn.allow(maxAnswer) },
	}), address, header)
	return socket, way, resp, err
}

// prepare sets the TLS and the proxy that the configuration asks for.
func (d *Dialer) prepare(dialer *websocket.Dialer, way *wayTo) error {
	config, err := clientTLS(way.address, d.Config, d.TLS)
	if err != nil {
		return err
	}
	proxy, err := proxyOfWay(way.address, d.Config)
	if err != nil {
		return err
	}
	dialer.TLSClientConfig = config
	switch {
	case proxy == nil:
	case proxy.Scheme == "http":
		dialer.NetDialContext = func(ctx context.Context, _, addr string) (net.Conn, error) {
			conn, err := dialThrough(ctx, proxy, addr, way.open)
			way.conn.allow(maxAnswer)
			return conn, err
		}
	default: // the environment may name one of another kind
		dialer.Proxy = http.ProxyURL(proxy)
	}
	return nil
}

// wayTo is the connection below TLS of one dial. Neither gorilla nor a proxy's handshake mind cancellation, or how much
// they read: it does.
type wayTo struct {
	dialer  *Dialer
	address string   // the server's URL
	name    string   // what was dialled: the server, or a proxy, with its port
	conn    *bounded // nil until there is one
	release func() bool
}

// open is the dial function of one dial, called once.
func (w *wayTo) open(ctx context.Context, network, addr string) (net.Conn, error) {
	w.name = addr
	var conn net.Conn
	var err error
	if w.dialer.Way != nil {
		conn, err = w.dialer.Way(ctx, w.address)
	} else {
		conn, err = w.dialer.reach(ctx, network, addr)
	}
	if err != nil {
		return nil, err
	}
	way := &cancellable{Conn: conn}
	w.release = context.AfterFunc(ctx, way.cancel)
	w.conn = &bounded{Conn: way, left: maxAnswer}
	return w.conn, nil
}

// cancellable is a connection whose reads and writes end when it is cancelled, whatever deadline is set afterwards:
// gorilla sets that of the handshake when it has the connection, and the cancellation may have been before.
type cancellable struct {
	net.Conn
	mu   sync.Mutex
	over bool
}

// NetConn is the connection below, as that of tls.Conn.
func (c *cancellable) NetConn() net.Conn { return c.Conn }

func (c *cancellable) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	_ = c.Conn.SetDeadline(time.Unix(1, 0))
}

func (c *cancellable) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	return c.Conn.SetDeadline(t)
}

// dialStages notes when the stages of a dial begin and end, as nanoseconds from its start; zero
// means not yet. The trace's callbacks come from several goroutines.
type dialStages struct {
	start                        time.Time
	dnsStart, dnsDone            atomic.Int64
	tcpStart, tcpDone            atomic.Int64
	tlsStart, tlsDone, firstByte atomic.Int64
}

func (s *dialStages) mark(at *atomic.Int64) {
	at.CompareAndSwap(0, max(1, int64(time.Since(s.start))))
}

func (s *dialStages) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { s.mark(&s.dnsStart) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err == nil {
				s.mark(&s.dnsDone)
			}
		},
		ConnectStart: func(string, string) { s.mark(&s.tcpStart) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				s.mark(&s.tcpDone)
			}
		},
		TLSHandshakeStart: func() { s.mark(&s.tlsStart) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				s.mark(&s.tlsDone)
			}
		},
		GotFirstResponseByte: func() { s.mark(&s.firstByte) },
	}
}

// timings returns what each stage took. A stage that did not end lasts until now.
func (s *dialStages) timings() DialTimings {
	now := int64(time.Since(s.start))
	span := func(from, to int64) time.Duration {
		if to == 0 {
			to = now
		}
		return time.Duration(to - from)
	}
	var t DialTimings
	begun := int64(0)
	if from := s.dnsStart.Load(); from != 0 {
		t.DNS = span(from, s.dnsDone.Load())
		begun = s.dnsDone.Load()
	}
	if from := s.tcpStart.Load(); from != 0 {
		t.TCP = span(from, s.tcpDone.Load())
		begun = s.tcpDone.Load()
	}
	if from := s.tlsStart.Load(); from != 0 {
		t.TLS = span(from, s.tlsDone.Load())
		begun = s.tlsDone.Load()
	}
	if begun != 0 || s.dnsStart.Load() == 0 && s.tcpStart.Load() == 0 {
		t.HTTP = span(begun, 0)
	}
	return t
}

func (s *dialStages) classify(err error, resp *http.Response) *DialError {
	var (
		dns      *net.DNSError
		op       *net.OpError
		cert     *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
		file     *FileError
		proxy    *ProxyError
		deadline net.Error
	)
	e := &DialError{Err: err}
	e.Timeout = errors.Is(err, context.DeadlineExceeded) || errors.As(err, &deadline) && deadline.Timeout()
	switch {
	case resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		e.Stage, e.Status = StageHTTP, resp.StatusCode
		if n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 31); err == nil {
			e.RetryAfter = min(time.Duration(n)*time.Second, MaxRetryAfter)
		}
	case errors.As(err, &dns):
		e.Stage = StageDNS
	case errors.As(err, &proxy):
		e.Stage = StageTCP
	case errors.As(err, &file), errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert):
		e.Stage = StageTLS
	case errors.As(err, &op) && op.Op == "dial":
		e.Stage = StageTCP
	case errors.As(err, &op) && op.Op == "remote error": // of TLS 1.3, which refuses a client after the handshake
		e.Stage = StageTLS
	case s.tlsStart.Load() != 0 && s.tlsDone.Load() == 0:
		e.Stage = StageTLS
	case s.tcpDone.Load() != 0:
		e.Stage = StageHTTP
	case s.tcpStart.Load() != 0:
		e.Stage = StageTCP
	case s.dnsStart.Load() != 0:
		e.Stage = StageDNS
	case errors.Is(err, websocket.ErrBadHandshake):
		e.Stage = StageHTTP
	default:
		e.Stage = StageTCP
	}
	return e
}
