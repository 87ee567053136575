package netsip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
	"calla/netsip/trace"
)

// The scripted far end: a WebSocket server over net.Pipe whose every message a test reads and writes.

// bench is one user agent and the servers it dials, in virtual time.
type bench struct {
	*testing.T
	loop   *loop.Loop
	ua     *UserAgent
	media  *fakeMedia
	config config.Config

	accepted chan *wire // connections as they are made
	dials    chan string
	refuse   func(url string) error // set before a dial; nil accepts
	protocol string
	frozen   string     // a server whose URL has this accepts the connection and says nothing
	mu       sync.Mutex // of refuse, protocol, frozen
	invites  []*Session // as OnInvite told
	onInvite func(*Session)
	wiretap  *trace.Trace
	read     *trace.Subscription // of wiretap
	seen     []trace.Entry       // that were read
	untraced bool
	logger   *slog.Logger
	tune     func(*Options) // before New; nil = nothing
}

// testConfig is an account that does not register, to keep ladders short.
func testConfig() config.Config {
	return config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://a.example.com/ws"}},
		Password: "secret", Register: config.Off, InstanceID: "8f1fa16a-1165-4a96-8341-785b1ef24f12",
	}
}

// ladder runs a test in virtual time with a started user agent.
func ladder(t *testing.T, config config.Config, script func(b *bench)) {
	t.Helper()
	ladderWith(t, config, func(*bench) {}, script)
}

// ladderWith prepares the bench before the user agent starts.
func ladderWith(t *testing.T, config config.Config, prepare, script func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, config)
		prepare(b)
		b.start()
		script(b)
	})
}

// listening is ladder with other listeners.
func listening(t *testing.T, config config.Config, tune func(b *bench, o *Options), script func(b *bench)) {
	t.Helper()
	ladderWith(t, config, func(b *bench) { b.tune = func(o *Options) { tune(b, o) } }, script)
}

func newBench(t *testing.T, config config.Config) *bench {
	b := &bench{
		T: t, loop: loop.New(), media: &fakeMedia{}, config: config, protocol: "sip",
		accepted: make(chan *wire, 100), dials: make(chan string, 10000), wiretap: trace.New(tapEntries, tapOctets),
	}
	b.read = b.wiretap.Subscribe(true)
	t.Cleanup(b.end)
	return b
}

func (b *bench) start() {
	b.Helper()
	var err error
	o := Options{
		Loop: b.loop, Config: b.config, Media: b.media, Dial: b.dial, UserAgent: "Calla/0.0.0", Logger: b.logger,
		Rand: rand.New(rand.NewPCG(1, 2)),
		OnInvite: func(s *Session) {
			b.invites = append(b.invites, s)
			if b.onInvite != nil {
				b.onInvite(s)
			}
		},
	}
	if !b.untraced {
		o.Trace = b.wiretap.Source("alice")
	}
	if b.tune != nil {
		b.tune(&o)
	}
	b.ua, err = New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.loop.Do(b.ua.Start)
}

// What a bench keeps of its wire until somebody reads it.
const (
	tapEntries = 100_000
	tapOctets  = 256 << 20
)

// traced is what has gone over the wire so far.
func (b *bench) traced() []trace.Entry {
	for {
		e, missed, ok := b.read.Take()
		if missed > 0 {
			b.Errorf("%d entries of the trace were missed", missed)
		}
		if !ok {
			return b.seen
		}
		b.seen = append(b.seen, e)
	}
}

// end stops everything and waits for it, so that the bubble can end.
func (b *bench) end() {
	if b.ua != nil {
		done := make(chan struct{})
		b.loop.Do(func() { b.ua.Stop(func() { close(done) }) })
		<-done
	}
	b.loop.Stop()
	for len(b.accepted) > 0 {
		(<-b.accepted).close()
	}
}

// do runs f on the loop.
func (b *bench) do(f func()) { b.loop.Do(f) }

// until waits, in virtual time, for a condition on the loop's state.
func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	for range 4000 {
		synctest.Wait()
		met := false
		b.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("never happened: %s", what)
}

func (b *bench) setRefuse(f func(url string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = f
}

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
		w.in <- m
	}
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

const (
	farContact = "Contact: <sip:bob@192.0.2.1;transport=ws>"
	offerSDP   = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\n"
	answerSDP  = "v=0\r\no=- 2 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendrecv\r\n"
	holdSDP    = "v=0\r\no=- 2 3 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=sendonly\r\n"
)

// far is a phone behind the server that calls the user agent, or was called by it.
type far struct {
	w         *wire
	callID    string
	tag       string
	remoteTag string // the user agent's
	target    string // its Contact, once known
	seq       int
	branch    int
}

// caller is a phone that will call.
func (w *wire) caller() *far {
	return &far{w: w, callID: "call-1@far", tag: "from-far", target: "sip:alice@example.com"}
}

// callee is the phone that answered an INVITE of the user agent with resp.
func (w *wire) callee(invite, resp *sip.Message) *far {
	contacts, err := invite.Contacts()
	if err != nil {
		w.b.Fatal(err)
	}
	return &far{
		w: w, callID: invite.CallID(), tag: resp.ToTag(), remoteTag: invite.FromTag(),
		target: contacts[0].URI.String(), seq: 100,
	}
}

// request makes a request of the phone; lines as in reply.
func (f *far) request(method string, lines ...string) *sip.Message {
	f.w.b.Helper()
	if method != "ACK" && method != "CANCEL" {
		f.seq++
		f.branch++
	}
	to := "<sip:alice@example.com>"
	if f.remoteTag != "" {
		to += ";tag=" + f.remoteTag
	}
	uri, err := sip.ParseURI(f.target)
	if err != nil {
		f.w.b.Fatal(err)
	}
	m := sip.NewRequest(method, uri)
	m.Add("Via", fmt.Sprintf("SIP/2.0/WSS proxy.example.com;branch=z9hG4bKfar%d", f.branch))
	m.Add("Max-Forwards", "70")
	m.Add("From", "\"Bob\" <sip:bob@example.com>;tag="+f.tag)
	m.Add("To", to)
	m.Add("Call-ID", f.callID)
	m.Add("CSeq", fmt.Sprintf("%d %s", f.seq, method))
	for _, line := range lines {
		if strings.HasPrefix(line, "v=") {
			m.Add("Content-Type", "application/sdp")
			m.Body = []byte(line)
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		if name == "Body" { // its Content-Type is a line of its own
			m.Body = []byte(value)
			continue
		}
		m.Set(name, value)
	}
	return m
}

// learn takes the user agent's tag and Contact out of its response.
func (f *far) learn(resp *sip.Message) {
	f.remoteTag = resp.ToTag()
	if contacts, err := resp.Contacts(); err == nil && len(contacts) > 0 {
		f.target = contacts[0].URI.String()
	}
}

// established calls bob and lets him answer.
func (b *bench) established(w *wire, lines ...string) (*Session, *sip.Message, *far) {
	b.Helper()
	s := b.call("bob", CallOptions{})
	invite := w.expect("INVITE")
	resp := w.reply(invite, 200, append([]string{farContact, answerSDP}, lines...)...)
	w.expect("ACK")
	b.until("established", func() bool { return s.state == SessionEstablished })
	return s, invite, w.callee(invite, resp)
}

// answered lets bob call and the user agent answer.
func (b *bench) answered(w *wire, lines ...string) (*Session, *far) {
	b.Helper()
	f := w.caller()
	f.ring(append([]string{farContact, offerSDP}, lines...)...)
	s := b.lastInvite()
	b.do(s.Answer)
	f.learn(w.expect("200 INVITE"))
	w.send(f.request("ACK"))
	b.until("established", func() bool { return s.state == SessionEstablished })
	return s, f
}

// ring sends an INVITE and sees it ring.
func (f *far) ring(lines ...string) *sip.Message {
	f.w.b.Helper()
	invite := f.request("INVITE", lines...)
	f.w.send(invite)
	f.w.expect("100 INVITE")
	f.w.expect("180 INVITE")
	return invite
}

func (b *bench) lastInvite() *Session {
	b.Helper()
	var s *Session
	b.do(func() {
		if len(b.invites) > 0 {
			s = b.invites[len(b.invites)-1]
		}
	})
	if s == nil {
		b.Fatal("no call came in")
	}
	return s
}

func (b *bench) call(target string, o CallOptions) *Session {
	b.Helper()
	var s *Session
	var err error
	b.do(func() { s, err = b.ua.Call(target, o) })
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func (b *bench) state() State {
	var s State
	b.do(func() { s = b.ua.State() })
	return s
}

// ended waits for the end of a call and checks by whom and why.
func (b *bench) ended(s *Session, by Party, cause string) *End {
	b.Helper()
	b.until("end of the call", func() bool { return s.state == SessionEnded })
	var end *End
	b.do(func() { end = s.End() })
	if end.By != by || end.Cause != cause {
		b.Fatalf("ended by %v with %q (%v), want %v with %q", end.By, end.Cause, end.Err, by, cause)
	}
	return end
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
func (h *hijacked) WriteHeader(int)             {}
func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, h.buffered, nil
}

// fakeMedia makes media sessions that agree to everything unless told otherwise.
type fakeMedia struct {
	mu       sync.Mutex
	sessions []*fakeSession
	next     fakeSession // what new ones are like
	err      error
}

func (m *fakeMedia) NewMediaSession() (MediaSession, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	s := &fakeSession{
		offerErr: m.next.offerErr, answerErr: m.next.answerErr, setOfferErr: m.next.setOfferErr,
		setAnswerErr: m.next.setAnswerErr, delay: m.next.delay, padding: m.next.padding,
	}
	m.sessions = append(m.sessions, s)
	return s, nil
}

func (m *fakeMedia) last() *fakeSession {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions[len(m.sessions)-1]
}

// fakeSession notes the steps of the offer/answer exchange.
type fakeSession struct {
	offerErr, answerErr, setOfferErr, setAnswerErr error
	delay                                          time.Duration // of every step
	padding                                        int           // octets by which descriptions are longer

	mu      sync.Mutex
	steps   []string // "offer", "answer", "set offer", "set answer", "close"
	busy    bool
	version int
	held    bool
	restart bool
	path    func(bool)
}

func (s *fakeSession) step(ctx context.Context, name string, err error) error {
	s.mu.Lock()
	if s.busy {
		s.mu.Unlock()
		panic("two steps of one media session at a time")
	}
	s.busy = true
	s.steps = append(s.steps, name)
	s.mu.Unlock()
	if s.delay > 0 {
		select {
		case <-time.After(s.delay):
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	s.mu.Lock()
	s.busy = false
	s.mu.Unlock()
	return err
}

func (s *fakeSession) description() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	direction, transport := "sendrecv", "1"
	if s.held {
		direction = "sendonly"
	}
	if s.restart {
		transport = "2"
	}
	s.restart = false
	return fmt.Appendf(nil, "v=0\r\no=- 7 %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF "+
		"0\r\na=%s\r\na=ice-ufrag:%s\r\n",
		s.version, direction, transport)
}

func (s *fakeSession) Rollback(ctx context.Context) error { return s.step(ctx, "rollback", nil) }

func (s *fakeSession) SetHold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
}

func (s *fakeSession) RestartICE() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restart = true
}

func (s *fakeSession) OnPath(told func(bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.path = told
}

func (s *fakeSession) Offer(ctx context.Context) ([]byte, error) {
	if err := s.step(ctx, "offer", s.offerErr); err != nil {
		return nil, err
	}
	return s.padded(), nil
}

func (s *fakeSession) padded() []byte {
	d := s.description()
	if s.padding > 0 {
		d = append(d, "a=x:"+strings.Repeat("x", s.padding)+"\r\n"...)
	}
	return d
}

func (s *fakeSession) Answer(ctx context.Context) ([]byte, error) {
	if err := s.step(ctx, "answer", s.answerErr); err != nil {
		return nil, err
	}
	return s.padded(), nil
}

func (s *fakeSession) SetOffer(ctx context.Context, sdp []byte) (RemoteMedia, error) {
	return remoteMedia(sdp), s.step(ctx, "set offer", s.setOfferErr)
}

func (s *fakeSession) SetAnswer(ctx context.Context, sdp []byte) (RemoteMedia, error) {
	return remoteMedia(sdp), s.step(ctx, "set answer", s.setAnswerErr)
}

// remoteMedia is what a description with one stream wants.
func remoteMedia(sdp []byte) RemoteMedia {
	for _, d := range []MediaDirection{SendOnly, RecvOnly, Inactive} {
		if strings.Contains(string(sdp), "a="+d.String()) {
			return RemoteMedia{Direction: d, Held: !d.Receives()}
		}
	}
	return RemoteMedia{}
}

func (s *fakeSession) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append(s.steps, "close")
	return nil
}

func (s *fakeSession) history() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.steps, ", ")
}
