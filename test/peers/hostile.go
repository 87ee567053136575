package peers

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// HostileDomain is the domain of a Hostile server.
const HostileDomain = "hostile.test"

// Hostile is a SIP server over WebSocket on loopback that does what a test says. Unless the test says otherwise, it
// makes every handshake and takes every registration.
type Hostile struct {
	URL string // ws://127.0.0.1:port
	// Handshake may answer the request that makes a WebSocket by itself; true when it did. Set before a phone comes.
	Handshake func(conn net.Conn, req *http.Request) bool
	// Register may answer a REGISTER by itself; true when it did. Set before a phone comes.
	Register func(w *Wire, req *sip.Message) bool

	// OnWire is called with each connection before anything is read of it.
	OnWire func(w *Wire)

	t     testing.TB
	wires chan *Wire
}

// Wire is one connection of a phone to a Hostile server.
type Wire struct {
	t       testing.TB
	conn    *websocket.Conn
	writing sync.Mutex
	serial  atomic.Int64
	gone    chan struct{} // closed when the connection has ended
	code    int           // of the phone's Close frame; after gone

	mu       sync.Mutex
	messages []*sip.Message // all of the phone's, in their order
	passed   int            // how many of them Expect has seen
	more     chan struct{}
	forward  func(data []byte) // messages go there in the place of messages; may be nil
}

// StartHostile listens until the test ends.
func StartHostile(t testing.TB) *Hostile { return StartHostileTLS(t, nil) }

// StartHostileTLS is StartHostile with TLS, unless config is nil.
func StartHostileTLS(t testing.TB, config *tls.Config) *Hostile {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &Hostile{URL: "ws://" + l.Addr().String(), t: t, wires: make(chan *Wire, 1000)}
	if config != nil {
		h.URL = "wss://" + l.Addr().String()
		l = tls.NewListener(l, config)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(h.serve), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return h
}

func (h *Hostile) serve(rw http.ResponseWriter, req *http.Request) {
	if h.Handshake != nil {
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		h.Handshake(conn, req)
		return
	}
	up := websocket.Upgrader{Subprotocols: []string{"sip"}, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(rw, req, nil)
	if err != nil {
		return
	}
	w := &Wire{t: h.t, conn: conn, gone: make(chan struct{}), more: make(chan struct{}, 1)}
	if h.OnWire != nil {
		h.OnWire(w)
	}
	h.wires <- w
	w.read(h)
}

// Config writes a configuration of user at this server, with more parameters, and returns its file.
func (h *Hostile) Config(user string, more map[string]any) string {
	h.t.Helper()
	c := map[string]any{
		"uri": "sip:" + user + "@" + HostileDomain, "password": "wonderland", "ws_servers": h.URL,
		"stun_servers": []string{},
	}
	for k, v := range more {
		c[k] = v
	}
	data, err := json.Marshal(c)
	if err != nil {
		h.t.Fatal(err)
	}
	file := filepath.Join(h.t.TempDir(), "config.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return file
}

// Next returns the next connection that a phone makes.
func (h *Hostile) Next(limit time.Duration) *Wire {
	h.t.Helper()
	select {
	case w := <-h.wires:
		return w
	case <-time.After(limit):
		h.t.Fatalf("no phone has connected in %v", limit)
		return nil
	}
}

// Connections tells how many have been made and not been taken by Next.
func (h *Hostile) Connections() int { return len(h.wires) }

func (w *Wire) read(h *Hostile) {
	defer close(w.gone)
	defer w.conn.Close()
	for {
		_, data, err := w.conn.ReadMessage()
		if err != nil {
			if closed, ok := err.(*websocket.CloseError); ok {
				w.code = closed.Code
			}
			return
		}
		m, err := sip.Parse(data)
		if err != nil {
			m = &sip.Message{Method: "UNREADABLE", Body: data}
		}
		w.mu.Lock()
		forward := w.forward
		w.mu.Unlock()
		switch {
		case m.Method == "REGISTER":
			if h.Register == nil || !h.Register(w, m) {
				w.Registered(m)
			}
		case forward != nil:
			forward(data)
			continue
		}
		w.mu.Lock()
		w.messages = append(w.messages, m)
		w.mu.Unlock()
		select {
		case w.more <- struct{}{}:
		default:
		}
	}
}

// Registered takes a registration, as a registrar without any other bindings.
func (w *Wire) Registered(m *sip.Message, lines ...string) {
	lines = append(lines, "Contact: "+m.Get("Contact")+";expires=600")
	if strings.Contains(m.Get("Contact"), "expires=0") || m.Get("Expires") == "0" {
		lines = nil
	}
	w.Reply(m, 200, lines...)
}

// Forward hands all further messages but REGISTER to f; on the reading goroutine.
func (w *Wire) Forward(f func(data []byte)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forward = f
}

// Gone is closed when the connection has ended.
func (w *Wire) Gone() <-chan struct{} { return w.gone }

// CloseCode is that of the phone's Close frame, 0 for none; after Gone.
func (w *Wire) CloseCode() int { return w.code }

// Close ends the connection with a code.
func (w *Wire) Close(code int) {
	_ = w.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = w.conn.Close()
}

// Send sends a message in one frame; false when the connection has ended.
func (w *Wire) Send(data []byte) bool {
	w.writing.Lock()
	defer w.writing.Unlock()
	_ = w.conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
	return w.conn.WriteMessage(websocket.BinaryMessage, data) == nil
}

// Raw writes octets as they are, frames or not.
func (w *Wire) Raw(data []byte) bool {
	w.writing.Lock()
	defer w.writing.Unlock()
	_ = w.conn.NetConn().SetWriteDeadline(time.Now().Add(20 * time.Second))
	_, err := w.conn.NetConn().Write(data)
	return err == nil
}

// Reply answers a request of the phone with header fields; one that begins with "v=" is a description, and "Body: "
// any other body, whose Content-Type is a line of its own.
func (w *Wire) Reply(req *sip.Message, code int, lines ...string) {
	m := sip.NewResponse(req, code, "")
	if code > 100 && m.ToTag() == "" {
		m.Set("To", m.Get("To")+";tag=far")
	}
	addLines(m, lines)
	w.Send(m.Bytes())
}

func addLines(m *sip.Message, lines []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case strings.HasPrefix(line, "v="):
			m.Set("Content-Type", "application/sdp")
			m.Body = []byte(line)
		case name == "Body":
			m.Body = []byte(value)
		case name == "From" || name == "To" || name == "Call-ID" || name == "CSeq" || name == "Contact":
			m.Set(name, value)
		default:
			m.Add(name, value)
		}
	}
}

// Request makes a request to the phone outside any dialog, from mallory, with lines as Reply has them.
func (w *Wire) Request(method string, lines ...string) *sip.Message {
	n := w.serial.Add(1)
	m := sip.NewRequest(method, w.Contact())
	m.Add("Via", fmt.Sprintf("SIP/2.0/WS edge.%s;branch=z9hG4bKm%d", HostileDomain, n))
	m.Add("Max-Forwards", "70")
	m.Add("From", fmt.Sprintf("<sip:mallory@%s>;tag=m%d", HostileDomain, n))
	m.Add("To", "<sip:alice@"+HostileDomain+">")
	m.Add("Call-ID", fmt.Sprintf("m%d@%p", n, w))
	m.Add("CSeq", "1 "+method)
	m.Add("Contact", "<sip:mallory@edge."+HostileDomain+";transport=ws>")
	addLines(m, lines)
	return m
}

// Contact is where the phone has registered.
func (w *Wire) Contact() sip.URI {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.messages {
		if contacts, err := m.Contacts(); m.Method == "REGISTER" && err == nil && len(contacts) > 0 {
			return contacts[0].URI
		}
	}
	return sip.URI{Scheme: "sip", User: "alice", Host: HostileDomain}
}

// Dialog is one with the phone, as the far end has it.
type Dialog struct {
	w             *Wire
	callID        string
	local, remote string // with their tags
	target        sip.URI
	seq           int
}

// Called is the dialog that the phone's INVITE began and Reply answered.
func (w *Wire) Called(invite *sip.Message) *Dialog {
	d := &Dialog{
		w: w, callID: invite.CallID(), local: invite.Get("To") + ";tag=far", remote: invite.Get("From"),
		seq: 100,
	}
	if contacts, err := invite.Contacts(); err == nil && len(contacts) > 0 {
		d.target = contacts[0].URI
	}
	return d
}

// Calling is the dialog that invite of ours began and the phone answered with resp.
func (w *Wire) Calling(invite, resp *sip.Message) *Dialog {
	d := &Dialog{w: w, callID: invite.CallID(), local: invite.Get("From"), remote: resp.Get("To"), seq: 1}
	if contacts, err := resp.Contacts(); err == nil && len(contacts) > 0 {
		d.target = contacts[0].URI
	}
	return d
}

// CallID is the dialog's.
func (d *Dialog) CallID() string { return d.callID }

// Request makes one of the dialog, with lines as Reply has them.
func (d *Dialog) Request(method string, lines ...string) *sip.Message {
	m := d.w.Request(method)
	if method != "ACK" && method != "CANCEL" {
		d.seq++
	}
	m.RequestURI = d.target
	m.Set("From", d.local)
	m.Set("To", d.remote)
	m.Set("Call-ID", d.callID)
	m.Set("CSeq", fmt.Sprintf("%d %s", d.seq, method))
	addLines(m, lines)
	return m
}

// Messages returns all that the phone has sent so far, REGISTER included.
func (w *Wire) Messages() []*sip.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*sip.Message(nil), w.messages...)
}

// Find returns the next message of the phone for which right holds, nil when none has come in time; what comes before
// it is passed over.
func (w *Wire) Find(limit time.Duration, right func(*sip.Message) bool) *sip.Message {
	deadline := time.After(limit)
	for {
		w.mu.Lock()
		for w.passed < len(w.messages) {
			m := w.messages[w.passed]
			w.passed++
			if right(m) {
				w.mu.Unlock()
				return m
			}
		}
		w.mu.Unlock()
		select {
		case <-w.more:
		case <-w.gone:
			w.mu.Lock()
			left := w.passed < len(w.messages)
			w.mu.Unlock()
			if !left {
				return nil
			}
		case <-deadline:
			return nil
		}
	}
}

// Expect is Find of a request, "METHOD", or a response, "CODE METHOD"; none is a failure.
func (w *Wire) Expect(want string) *sip.Message {
	w.t.Helper()
	var passed []string
	m := w.Find(30*time.Second, func(m *sip.Message) bool {
		passed = append(passed, Title(m))
		return Title(m) == want
	})
	if m == nil {
		w.t.Fatalf("the phone did not send %s but %v", want, passed)
	}
	return m
}

// Answer sends a request and returns the final response to it, nil for none in time.
func (w *Wire) Answer(req *sip.Message, limit time.Duration) *sip.Message {
	if !w.Send(req.Bytes()) {
		return nil
	}
	return w.response(req, limit)
}

// Final is the status of the final response to a request that was sent, 0 for none.
func (w *Wire) Final(req *sip.Message) int {
	if m := w.response(req, 30*time.Second); m != nil {
		return m.StatusCode
	}
	return 0
}

func (w *Wire) response(req *sip.Message, limit time.Duration) *sip.Message {
	via, _ := req.TopVia()
	seq, _ := req.CSeq()
	return w.Find(limit, func(m *sip.Message) bool {
		v, err := m.TopVia()
		s, _ := m.CSeq()
		return err == nil && m.StatusCode >= 200 && v.Branch() == via.Branch() && s.Method == seq.Method
	})
}

// Alive holds that the phone answers OPTIONS.
func (w *Wire) Alive(after string) {
	w.t.Helper()
	m := w.Answer(w.Request("OPTIONS"), 30*time.Second)
	if m == nil || m.StatusCode != 200 {
		w.t.Fatalf("after %s OPTIONS is answered with %v", after, m)
	}
}

// Title is "METHOD" or "CODE METHOD".
func Title(m *sip.Message) string {
	if m.IsRequest() {
		return m.Method
	}
	seq, _ := m.CSeq()
	return fmt.Sprintf("%d %s", m.StatusCode, seq.Method)
}
