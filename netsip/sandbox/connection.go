package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

const (
	// what is longer closes the connection (1009); above MaxMessageSize it is answered 513
	readLimit    = 2 * sip.MaxMessageSize
	unsentLimit  = 512 // frames; a client that takes none for so long is cut
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second // for the other side's close frame
)

var errRefused = errors.New("connection refused")

// frame is one WebSocket message or control message to write.
type frame struct {
	kind int
	data []byte
}

// connection is one WebSocket. Its fields are constant but for those of the Server's mutex.
type connection struct {
	server *Server
	id     string
	ws     *websocket.Conn
	remote *net.TCPAddr // nil over a pipe
	out    chan frame
	done   chan struct{} // closed by cut
	end    sync.Once

	pending int    // transactions in progress; of the server's mutex
	user    string // of the newest binding; of the server's mutex
}

// serve answers an HTTP request: with a WebSocket, where no fault is in the way.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.running.Add(1)
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
		s.running.Done()
	}()
	full := s.open >= s.options.MaxConnections
	s.open++
	fault := s.faults.takeConnect()
	s.mu.Unlock()

	switch {
	case fault.Refuse:
		s.hold(w, 0)
		return
	case fault.Stall:
		s.hold(w, 24*time.Hour)
		return
	case fault.HTTPStatus != 0:
		for name, values := range fault.Header {
			w.Header()[name] = values
		}
		http.Error(w, http.StatusText(fault.HTTPStatus), fault.HTTPStatus)
		return
	case full:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	case !websocket.IsWebSocketUpgrade(r):
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "this is a SIP server for WebSocket clients (RFC 7118)", http.StatusUpgradeRequired)
		return
	case !slices.Contains(websocket.Subprotocols(r), "sip"):
		http.Error(w, `the WebSocket subprotocol "sip" is required`, http.StatusBadRequest)
		return
	}
	s.upgrade(w, r, fault)
}

// hold takes the TCP connection over, says nothing for a while and closes it.
func (s *Server) hold(w http.ResponseWriter, d time.Duration) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	s.mu.Lock()
	s.idle[conn] = struct{}{}
	if s.closed {
		d = 0
	}
	s.mu.Unlock()
	_ = conn.SetReadDeadline(time.Now().Add(d))
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
	s.mu.Lock()
	delete(s.idle, conn)
	s.mu.Unlock()
}

func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, fault ConnectFault) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"sip"}, HandshakeTimeout: writeTimeout}
	if s.options.AnyOrigin {
		upgrader.CheckOrigin = func(*http.Request) bool { return true }
	}
	var header http.Header
	if fault.Subprotocol != "" {
		upgrader.Subprotocols = nil
		header = http.Header{"Sec-Websocket-Protocol": {fault.Subprotocol}}
		if fault.Subprotocol == NoSubprotocol {
			header = nil
		}
	}
	ws, err := upgrader.Upgrade(w, r, header)
	if err != nil {
		s.log.Debug("sandbox: handshake", "err", err)
		return
	}
	c := &connection{server: s, id: token(), ws: ws, out: make(chan frame, unsentLimit), done: make(chan struct{})}
	c.remote, _ = ws.RemoteAddr().(*net.TCPAddr)
	s.mu.Lock()
	if s.closed || fault.Cut {
		s.mu.Unlock()
		_ = ws.Close()
		return
	}
	s.connections[c.id] = c
	if fault.Line != (Line{}) {
		c.become(fault.Line)
	}
	s.running.Go(c.write)
	if fault.CloseCode != 0 {
		c.closeWith(fault.CloseCode, "")
	}
	s.mu.Unlock()
	c.read()
	c.cut()
	s.mu.Lock()
	s.lost(c)
	s.mu.Unlock()
}

// read dispatches what comes, in order, until the connection ends.
func (c *connection) read() {
	c.ws.SetReadLimit(readLimit)
	// Control messages are answered by the writer, so that reading never waits for a write: over
	// net.Pipe two ends that answer each other's Ping would wait for ever.
	c.ws.SetPingHandler(func(payload string) error {
		c.server.faults.wait(c)
		c.enqueue(frame{websocket.PongMessage, []byte(payload)})
		return nil
	})
	c.ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		c.closeWith(code, "")
		return nil
	})
	c.ws.SetPongHandler(func(string) error { return c.expectLife() })
	_ = c.expectLife()
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			c.server.log.Debug("sandbox: connection ended", "connection", c.id, "err", err)
			return
		}
		_ = c.expectLife()
		c.server.faults.wait(c)
		c.server.receive(c, data)
	}
}

// expectLife gives the client until the answer to the next Ping is due.
func (c *connection) expectLife() error {
	if c.server.options.PingInterval == 0 {
		return nil
	}
	return c.ws.SetReadDeadline(time.Now().Add(2 * c.server.options.PingInterval))
}

// write is the connection's one writer.
func (c *connection) write() {
	var ping <-chan time.Time
	if interval := c.server.options.PingInterval; interval > 0 {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		ping = ticker.C
	}
	for {
		var f frame
		select {
		case f = <-c.out:
		case <-ping:
			f = frame{websocket.PingMessage, []byte("sandbox")}
		case <-c.done:
			return
		}
		c.server.faults.wait(c)
		deadline := time.Now().Add(writeTimeout)
		var err error
		if f.kind == websocket.TextMessage || f.kind == websocket.BinaryMessage {
			_ = c.ws.SetWriteDeadline(deadline)
			err = c.ws.WriteMessage(f.kind, f.data)
		} else {
			err = c.ws.WriteControl(f.kind, f.data, deadline)
		}
		if f.kind == websocket.CloseMessage {
			_ = c.ws.SetReadDeadline(time.Now().Add(closeTimeout))
		}
		if err != nil {
			c.cut()
			return
		}
	}
}

// enqueue hands a frame to the writer, and cuts the connection of a client that takes none.
func (c *connection) enqueue(f frame) {
	select {
	case c.out <- f:
	default:
		c.cut()
	}
}

// queue sends one message, as text where it is UTF-8.
func (c *connection) queue(data []byte) {
	kind := websocket.TextMessage
	if !utf8.Valid(data) {
		kind = websocket.BinaryMessage
	}
	c.enqueue(frame{kind, data})
}

func (c *connection) closeWith(code int, reason string) {
	c.enqueue(frame{websocket.CloseMessage, websocket.FormatCloseMessage(code, reason)})
}

// cut ends the connection without a word.
func (c *connection) cut() {
	c.end.Do(func() {
		close(c.done)
		_ = c.ws.Close()
	})
}

// gone tells whether the connection was cut, if not yet forgotten.
func (c *connection) gone() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// lost forgets a connection that has ended: its bindings, and the transactions it was part of.
func (s *Server) lost(c *connection) {
	delete(s.connections, c.id)
	for user, list := range s.bindings {
		for _, b := range slices.Clone(list) {
			if b.connection == c {
				s.unbind(user, b)
			}
		}
	}
	if s.closed {
		return
	}
	for _, tx := range s.transaction {
		if tx.connection == c {
			tx.cancel(nil)
		}
	}
	for _, b := range s.branches {
		if b.connection == c {
			b.fail(430)
		}
	}
}
