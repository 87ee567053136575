package netsip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// The server's end of a connection: a WebSocket server over net.Pipe whose every message a test reads and writes.

// dial is the DialFunc: net.Pipe to a wire of ours.
func (b *bench) dial(ctx context.Context, url string) (net.Conn, error) {
	b.dials <- url
	b.mu.Lock()
	refuse, protocol := b.refuse, b.protocol
	frozen := b.frozen != "" && strings.Contains(url, b.frozen)
	b.mu.Unlock()
	near, far := net.Pipe()
	if refuse != nil {
		var answer *httpAnswer
		if err := refuse(url); errors.As(err, &answer) {
			go answer.serve(far)
			return near, nil
		} else if err != nil {
			return nil, err
		}
	}
	if frozen {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	w := &wire{
		b: b, url: url, in: make(chan *sip.Message, 1000), gone: make(chan struct{}),
		pings: make(chan time.Time, 1000),
	}
	go w.serve(far, protocol)
	return near, nil
}

// httpAnswer is how a server refuses the upgrade.
type httpAnswer struct {
	status     int
	retryAfter string
}

func (a *httpAnswer) Error() string { return "HTTP " + itoa(a.status) }

// serve gives the answer to the request that comes.
func (a *httpAnswer) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", a.status,
			http.StatusText(a.status), a.retryAfter)
	}
}

// wire is the server's end of one connection.
type wire struct {
	b       *bench
	url     string
	conn    *websocket.Conn
	in      chan *sip.Message
	pings   chan time.Time
	gone    chan struct{} // closed when the connection has ended
	closing int           // close code of the user agent
	mu      sync.Mutex
	deaf    bool // does not answer Pings
	kind    int  // of the last frame; read it after the message
}

// next returns the next connection the user agent makes.
func (b *bench) next() *wire {
	b.Helper()
	select {
	case w := <-b.accepted:
		synctest.Wait()
		return w
	case <-time.After(time.Hour):
		b.Fatal("no connection")
		return nil
	}
}

func (w *wire) serve(conn net.Conn, protocol string) {
	defer close(w.gone)
	defer conn.Close()
	buffered := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	req, err := http.ReadRequest(buffered.Reader)
	if err != nil {
		return
	}
	upgrader := websocket.Upgrader{
		Subprotocols: []string{protocol},
		CheckOrigin:  func(*http.Request) bool { return true },
	}
	w.conn, err = upgrader.Upgrade(&hijacked{conn: conn, buffered: buffered}, req, nil)
	if err != nil {
		return
	}
	w.conn.SetPingHandler(func(data string) error {
		select {
		case w.pings <- time.Now():
		default: // a long test that does not look
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.deaf {
			return nil
		}
		return w.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	w.b.accepted <- w
	for {
		kind, data, err := w.conn.ReadMessage()
		if err != nil {
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				w.closing = closed.Code
			}
			return
		}
		m, err := sip.Parse(data)
		if err != nil {
			m = &sip.Message{Method: "UNREADABLE", Body: data}
		}
		w.mu.Lock()
		w.kind = kind
		w.mu.Unlock()
		if m.Method == "ACK" && w.b.repeats(w, string(data)) {
			continue
		}
		w.in <- m
	}
}

// repeats tells whether an ACK is one that another wire has had: see dialog.acknowledgeAgain. It is noted, and no test
// that does not ask for it is told.
func (b *bench) repeats(w *wire, ack string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.acks == nil {
		b.acks = map[string]*wire{}
	}
	first := b.acks[ack]
	if first == nil {
		b.acks[ack] = w
		return false
	}
	if first != w {
		b.repeated++
	}
	return first != w
}

func (w *wire) close() {
	_ = w.conn.Close()
	<-w.gone
}

// expect returns the next message of the user agent, which must be "METHOD" or "CODE METHOD".
func (w *wire) expect(want string) *sip.Message {
	w.b.Helper()
	select {
	case m := <-w.in:
		if got := title(m); got != want {
			w.b.Fatalf("user agent sent %s, want %s:\n%s", got, want, m)
		}
		return m
	case <-time.After(2 * time.Hour):
		w.b.Fatalf("user agent did not send %s", want)
		return nil
	}
}

// quiet requires that the user agent sends nothing for d.
func (w *wire) quiet(d time.Duration) {
	w.b.Helper()
	time.Sleep(d)
	synctest.Wait()
	select {
	case m := <-w.in:
		w.b.Fatalf("user agent sent %s, want nothing:\n%s", title(m), m)
	default:
	}
}

func title(m *sip.Message) string {
	if m.IsRequest() {
		return m.Method
	}
	seq, _ := m.CSeq()
	return fmt.Sprintf("%d %s", m.StatusCode, seq.Method)
}

// sendRaw sends one text frame.
func (w *wire) sendRaw(text string) {
	w.b.Helper()
	if err := w.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		w.b.Fatalf("send: %v", err)
	}
}

// sendBinary sends one message in a binary frame: its body may be no UTF-8.
func (w *wire) sendBinary(m *sip.Message) {
	w.b.Helper()
	if err := w.conn.WriteMessage(websocket.BinaryMessage, m.Bytes()); err != nil {
		w.b.Fatalf("send: %v", err)
	}
}

func (w *wire) send(m *sip.Message) {
	w.b.Helper()
	w.sendRaw(m.String())
}

// reply answers a request of the user agent; lines are header fields, a last element starting with "v=" a
// description. A To tag is added above 100 unless the lines bring one by "To-Tag: x".
func (w *wire) reply(req *sip.Message, code int, lines ...string) *sip.Message {
	w.b.Helper()
	m := sip.NewResponse(req, code, "")
	tag := "far"
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "To-Tag":
			tag = value
		case strings.HasPrefix(line, "v="):
			m.Add("Content-Type", "application/sdp")
			m.Body = []byte(line)
		default:
			m.Add(name, value)
		}
	}
	if code > 100 && m.ToTag() == "" && tag != "" {
		m.Set("To", m.Get("To")+";tag="+tag)
	}
	w.send(m)
	return m
}

// hijacked lets gorilla upgrade a net.Conn that was read by hand.
type hijacked struct {
	conn     net.Conn
	buffered *bufio.ReadWriter
	header   http.Header
}

func (h *hijacked) Header() http.Header {
	if h.header == nil {
		h.header = http.Header{}
	}
	return h.header
}

func (h *hijacked) Write(p []byte) (int, error) { return h.conn.Write(p) }

func (h *hijacked) WriteHeader(int) {}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, h.buffered, nil
}
