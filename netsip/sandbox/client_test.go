package sandbox

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// client is a scripted SIP client: it sends what a test tells it, and collects what comes.
type client struct {
	t       *testing.T
	s       *Server
	ws      *websocket.Conn
	user    string
	contact string
	callID  string // of REGISTER
	seq     int
	deaf    atomic.Bool   // leaves Pings unanswered
	pongs   chan struct{} // one for each Pong
	in      chan *sip.Message
	ended   chan error // one error, when the connection has ended
}

// in virtual time, with a server that has alice and bob.
func bubble(t *testing.T, o Options, test func(t *testing.T, s *Server)) {
	synctest.Test(t, func(t *testing.T) {
		if o.Users == nil {
			o.Users = map[string]string{"alice": "wonder", "bob": "builder"}
		}
		o.Domain = "example.com"
		s := New(o)
		defer s.Close()
		test(t, s)
	})
}

// opened opens a WebSocket to the server over net.Pipe.
func opened(ctx context.Context, s *Server) (*websocket.Conn, *http.Response, error) {
	release := func() bool { return true }
	dial := func(context.Context, string, string) (net.Conn, error) {
		conn, err := s.Dial(ctx, "")
		if err == nil {
			release = context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	dialer := websocket.Dialer{NetDialContext: dial, NetDialTLSContext: dial, Subprotocols: []string{"sip"}}
	defer func() { release() }()
	return dialer.DialContext(ctx, "ws://example.com/", nil)
}

func dial(t *testing.T, s *Server, user string) *client {
	t.Helper()
	ws, _, err := opened(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, s, user, ws)
}

func newClient(t *testing.T, s *Server, user string, ws *websocket.Conn) *client {
	host := strings.ToLower(fmt.Sprintf("%s-%s.invalid", user, token()))
	c := &client{
		t: t, s: s, ws: ws, user: user, contact: "sip:" + user + "@" + host + ";transport=ws", callID: token(),
		in: make(chan *sip.Message, 1000), ended: make(chan error, 1), pongs: make(chan struct{}, 100),
	}
	ws.SetPongHandler(func(string) error { c.pongs <- struct{}{}; return nil })
	pong := ws.PingHandler()
	ws.SetPingHandler(func(payload string) error {
		if c.deaf.Load() {
			return nil
		}
		return pong(payload)
	})
	go func() {
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				c.ended <- err
				return
			}
			m, err := sip.Parse(data)
			if err != nil {
				t.Errorf("server sent a malformed message: %v\n%s", err, data)
				continue
			}
			c.in <- m
		}
	}()
	t.Cleanup(func() { _ = ws.Close() })
	return c
}

// send sends a message.
func (c *client) send(m *sip.Message) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, m.Bytes()); err != nil {
		c.t.Fatal(err)
	}
}

// next waits for the next message.
func (c *client) next() *sip.Message {
	c.t.Helper()
	select {
	case m := <-c.in:
		return m
	case <-time.After(10 * time.Minute):
		c.t.Fatalf("%s waits in vain", c.user)
		return nil
	}
}

// expect waits for a response of a status, skipping provisional ones unless one is wanted.
func (c *client) expect(status int) *sip.Message {
	c.t.Helper()
	for {
		m := c.next()
		if m.StatusCode < 200 && m.StatusCode != status && !m.IsRequest() {
			continue
		}
		if m.StatusCode != status {
			c.t.Fatalf("%s got %q, wants %d", c.user, firstLine(m), status)
		}
		return m
	}
}

// expectRequest waits for a request of a method, skipping what is not a request.
func (c *client) expectRequest(method string) *sip.Message {
	c.t.Helper()
	for {
		if m := c.next(); m.Method == method {
			return m
		} else if m.IsRequest() {
			c.t.Fatalf("%s got %q, wants %s", c.user, firstLine(m), method)
		}
	}
}

// quiet holds that nothing comes for a while.
func (c *client) quiet(d time.Duration) {
	c.t.Helper()
	select {
	case m := <-c.in:
		c.t.Fatalf("%s got %q, wants nothing", c.user, firstLine(m))
	case <-time.After(d):
	}
}

func firstLine(m *sip.Message) string {
	line, _, _ := strings.Cut(m.String(), "\r\n")
	return line
}

// request makes a request outside a dialog.
func (c *client) request(method, uri string) *sip.Message {
	c.t.Helper()
	u, err := sip.ParseURI(uri)
	if err != nil {
		c.t.Fatal(err)
	}
	c.seq++
	m := sip.NewRequest(method, u)
	m.Add("Via", "SIP/2.0/WS "+c.user+".invalid;branch="+newBranch())
	m.Add("Max-Forwards", "69")
	m.Add("To", "<"+uri+">")
	m.Add("From", "<sip:"+c.user+"@example.com>;tag="+token())
	m.Add("Call-ID", token())
	m.Add("CSeq", fmt.Sprintf("%d %s", c.seq, method))
	m.Add("Contact", "<"+c.contact+">")
	return m
}

// registerRequest makes a REGISTER with Contact parameters, which start with ";".
func (c *client) registerRequest(params string) *sip.Message {
	m := c.request("REGISTER", "sip:example.com")
	m.Set("To", "<sip:"+c.user+"@example.com>")
	m.Set("Call-ID", c.callID)
	m.Set("Contact", "<"+c.contact+">"+params)
	m.Add("Supported", "path, gruu, outbound")
	return m
}

// authorize repeats a request with credentials for the first challenge whose algorithm is known.
func (c *client) authorize(req, challenged *sip.Message, password string) *sip.Message {
	c.t.Helper()
	header, answer := "WWW-Authenticate", "Authorization"
	if challenged.StatusCode == 407 {
		header, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	list, err := sip.ParseChallenges(challenged.Get(header))
	if err != nil {
		c.t.Fatal(err)
	}
	get := func(name string) string { v, _ := list[0].Params.Get(name); return v }
	hash := func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
	if get("algorithm") == "SHA-256" {
		hash = func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	}
	m := req.Clone()
	c.seq++
	m.Set("CSeq", fmt.Sprintf("%d %s", c.seq, m.Method))
	m.Set("Via", "SIP/2.0/WS "+c.user+".invalid;branch="+newBranch())
	uri := m.RequestURI.String()
	response := hash(hash(c.user+":"+get("realm")+":"+password) + ":" + get("nonce") + ":00000001:cc:auth:" +
		hash(m.Method+":"+uri))
	m.Set(answer, fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", `+
		`algorithm=%s, qop=auth, cnonce="cc", nc=00000001`,
		c.user, get("realm"), get("nonce"), uri, response, get("algorithm")))
	return m
}

// register registers with the password and returns the 200.
func (c *client) register(password, params string) *sip.Message {
	c.t.Helper()
	req := c.registerRequest(params)
	c.send(req)
	c.send(c.authorize(req, c.expect(401), password))
	return c.expect(200)
}

// registered gives a client that has registered.
func registered(t *testing.T, s *Server, user, password string) *client {
	t.Helper()
	c := dial(t, s, user)
	c.register(password, ";expires=600")
	return c
}

// respond answers a request, with a To tag of the client's and its Contact.
func (c *client) respond(req *sip.Message, status int) *sip.Message {
	c.t.Helper()
	m := sip.NewResponse(req, status, "")
	if req.ToTag() == "" && status > 100 {
		m.Set("To", req.Get("To")+";tag="+c.user+"-tag")
	}
	for _, route := range req.Lines("Record-Route") {
		m.Add("Record-Route", route)
	}
	m.Add("Contact", "<"+c.contact+">")
	c.send(m)
	return m
}

// inDialog makes a request of the caller within the dialog that a response made.
func (c *client) inDialog(method string, response *sip.Message) *sip.Message {
	c.t.Helper()
	contacts, err := response.Contacts()
	if err != nil || len(contacts) != 1 {
		c.t.Fatalf("response without one Contact: %v", err)
	}
	m := c.request(method, contacts[0].URI.String())
	m.Set("To", response.Get("To"))
	m.Set("From", response.Get("From"))
	m.Set("Call-ID", response.CallID())
	cseq, _ := response.CSeq()
	if method != "ACK" {
		cseq.Seq++
	}
	cseq.Method = method
	m.Set("CSeq", cseq.String())
	routes := response.Values("Record-Route")
	for _, route := range routes { // there is one proxy only: no order to reverse
		m.Prepend("Route", route)
	}
	return m
}

// call has c call a user who answers, and returns the 200 and the INVITE as the callee saw it.
func call(c, callee *client) (ok, invite *sip.Message) {
	c.t.Helper()
	c.send(c.request("INVITE", "sip:"+callee.user+"@example.com"))
	invite = callee.expectRequest("INVITE")
	callee.respond(invite, 180)
	c.expect(180)
	callee.respond(invite, 200)
	ok = c.expect(200)
	c.send(c.inDialog("ACK", ok))
	callee.expectRequest("ACK")
	return ok, invite
}

// dialError dials and gives the error and HTTP status.
func dialError(s *Server, timeout time.Duration) (status int, protocol string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	ws, resp, err := opened(ctx, s)
	if resp != nil {
		status = resp.StatusCode
	}
	if err == nil {
		protocol = ws.Subprotocol()
		_ = ws.Close()
	}
	return status, protocol, err
}
