package test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/ws"
	"calla/test/peers"
)

// handshakes are the GETs that a Kamailio received, with their times.
func (l *lab) handshakes() []peers.Seen {
	var all []peers.Seen
	for _, m := range l.Messages(l.t) {
		if m.Received && strings.HasPrefix(m.Text, "GET ") {
			all = append(all, m)
		}
	}
	return all
}

// count tells how many requests of a method a user sent to this Kamailio.
func (l *lab) count(user, method string) int {
	n := 0
	for _, m := range l.Messages(l.t) {
		if m.Received && strings.HasPrefix(m.Text, method+" ") && strings.Contains(strings.Join(m.Header("From"), ""),
			":"+user+"@") {
			n++
		}
	}
	return n
}

// TestOriginReachesKamailio: the header is in the handshake, and only when it is configured.
func TestOriginReachesKamailio(t *testing.T) {
	l := newLab(t, peers.Watch{})
	l.agent("alice", map[string]any{"calla.origin": "https://app.example.com"}).registered()
	l.agent("bob", nil).registered()
	l.of("bob", "REGISTER", 2) // what came before that is written down too
	all := l.handshakes()
	if len(all) != 2 {
		t.Fatalf("%d handshakes", len(all))
	}
	contains(t, all[0], "Origin", "https://app.example.com")
	contains(t, all[0], "Sec-WebSocket-Protocol", "sip")
	if got := all[1].Header("Origin"); got != nil {
		t.Errorf("Origin: %v", got)
	}
}

// TestCertificatesAtKamailio: a Kamailio that wants a certificate gets the configured one, and its own is trusted by
// calla.tls_ca alone.
func TestCertificatesAtKamailio(t *testing.T) {
	ours, theirs := peers.NewAuthority(t, "Authority of clients"), peers.NewAuthority(t, "Authority of servers")
	l := newLab(t, peers.Watch{Authority: theirs, Clients: ours})
	certificate, key := ours.Issue(t, "desk 7")
	whole := map[string]any{
		"ws_servers": l.SecureURL, "calla.tls_ca": theirs.File, "calla.client_certificate": certificate,
		"calla.client_key": key,
	}
	l.agent("alice", whole).registered()
	peers.Until(t, 30*time.Second, "a handshake", func() bool { return len(l.Handshakes()) > 0 })
	if got := l.Handshakes(); len(got) != 1 || got[0].Certificate != "desk 7" {
		t.Errorf("handshakes %+v", got)
	}
	for _, missing := range []string{"calla.tls_ca", "calla.client_certificate"} {
		values := map[string]any{"connection_recovery_min_interval": 30}
		for name, v := range whole {
			if name != missing && (name != "calla.client_key" || missing != "calla.client_certificate") {
				values[name] = v
			}
		}
		a := l.agent("mallory", values)
		var dial *ws.DialError
		peers.Until(t, 30*time.Second, "failure without "+missing,
			func() bool { return errors.As(a.state().Err, &dial) })
		if dial.Stage != ws.StageTLS {
			t.Errorf("without %s: %v", missing, dial)
		}
	}
	if got := l.Handshakes(); len(got) != 1 {
		t.Errorf("handshakes %+v", got)
	}
}

// TestProxyLeadsToKamailio: the connection goes through the proxy, which knows the way to a name nobody else knows.
func TestProxyLeadsToKamailio(t *testing.T) {
	l := newLab(t, peers.Watch{})
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var asked, logins []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked, logins = append(asked, r.Method+" "+r.Host), append(logins, r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		far, err := net.Dial("tcp", u.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer far.Close()
		near, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer near.Close()
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, near); far.Close() }()
		_, _ = io.Copy(near, far)
	}))
	t.Cleanup(proxy.CloseClientConnections)
	l.agent("alice", map[string]any{
		"ws_servers":  "ws://pbx.invalid:8088/ws",
		"calla.proxy": "http://al@" + strings.TrimPrefix(proxy.URL, "http://"), "calla.proxy_password": "open sesame",
	}).registered()
	contains(t, l.handshakes()[0], "Host", "pbx.invalid:8088")
	contains(t, l.of("alice", "REGISTER", 2), "Authorization", `username="alice"`)
	mu.Lock()
	defer mu.Unlock()
	login := "Basic " + base64.StdEncoding.EncodeToString([]byte("al:open sesame"))
	if len(asked) != 1 || asked[0] != "CONNECT pbx.invalid:8088" || logins[0] != login {
		t.Errorf("the proxy was asked %v with %v", asked, logins)
	}
}

// TestServersByWeightWithFailoverAndRecovery: the heavier of two Kamailios is used, when it dies the other, and when
// it is back the heavier again, unless fail_back is off.
func TestServersByWeightWithFailoverAndRecovery(t *testing.T) {
	heavy, light := newLab(t, peers.Watch{}), newLab(t, peers.Watch{})
	servers := func(more map[string]any) map[string]any {
		v := map[string]any{
			"ws_servers": []any{
				map[string]any{"ws_uri": light.URL, "weight": 1},
				map[string]any{"ws_uri": heavy.URL, "weight": "10"},
			},
			"connection_recovery_min_interval": 1, "connection_recovery_max_interval": 2,
		}
		for name, value := range more {
			v[name] = value
		}
		return v
	}
	back := heavy.agent("back", servers(nil)).registered()
	stays := heavy.agent("stays", servers(map[string]any{"calla.fail_back": false})).registered()
	if n := len(light.Messages(t)); n != 0 {
		t.Errorf("%d messages at the lighter server", n)
	}
	heavy.of("back", "REGISTER", 2)
	heavy.Kill(t)
	light.of("back", "REGISTER", 2)
	light.of("stays", "REGISTER", 2)
	back.registered()
	stays.registered()
	before := heavy.count("back", "REGISTER")
	heavy.Restart(t)
	heavy.loop.Do(back.RetryNow)
	heavy.loop.Do(stays.RetryNow)
	peers.Until(t, 30*time.Second, "registration at the heavier server again",
		func() bool { return heavy.count("back", "REGISTER") > before })
	peers.Until(t, 30*time.Second, "the heavier server in use", func() bool { return back.state().Server == heavy.URL })
	if at := stays.state().Server; at != light.URL {
		t.Errorf("without fail_back it is at %s", at)
	}
	light.Kill(t)
	peers.Until(t, 30*time.Second, "registration of the other there, too",
		func() bool { return stays.state().Server == heavy.URL })
}

// TestEqualWeightsShareTheServers: among equal weights each is chosen by chance.
func TestEqualWeightsShareTheServers(t *testing.T) {
	a, b := newLab(t, peers.Watch{}), newLab(t, peers.Watch{})
	for i := range 20 { // all at one: once in 500,000 runs
		a.agent(fmt.Sprint("user", i), map[string]any{"register": false, "ws_servers": []any{a.URL, b.URL}})
	}
	peers.Until(t, 30*time.Second, "all connections",
		func() bool { return len(a.handshakes())+len(b.handshakes()) >= 20 })
	if len(a.handshakes()) == 0 || len(b.handshakes()) == 0 {
		t.Errorf("%d and %d connections", len(a.handshakes()), len(b.handshakes()))
	}
}

// TestRecoveryIntervalsAtKamailio: a server that refuses is asked again after k times the minimum, never later than
// the maximum and a second of jitter. What is held here is that both are heeded at all: on a machine that does other
// things too an attempt may be seen late, so the first and the last are judged.
func TestRecoveryIntervalsAtKamailio(t *testing.T) {
	refusing := peers.Watch{Changes: []string{
		"\t\tws_handle_handshake();",
		"\t\txhttp_reply(\"500\", \"Out of order\", \"text/plain\", \"no\");",
	}}
	for _, test := range []struct{ least, most, attempts int }{{1, 1, 6}, {2, 2, 3}} {
		l := newLab(t, refusing)
		l.agent("alice", map[string]any{
			"connection_recovery_min_interval": test.least,
			"connection_recovery_max_interval": test.most,
		})
		peers.Until(t, 30*time.Second, "attempts", func() bool { return len(l.handshakes()) >= test.attempts })
		all := l.handshakes()[:test.attempts]
		took, gaps := all[len(all)-1].At.Sub(all[0].At), time.Duration(len(all)-1)
		from := gaps*time.Duration(test.least)*time.Second - time.Second
		to := gaps*time.Duration(test.most+1)*time.Second + 10*time.Second
		if took < from || took > to {
			t.Errorf("%d intervals of %d to %d s: %v", gaps, test.least, test.most, took)
		}
	}
}

// TestKeepAliveAtKamailio: Pings come in at the configured interval.
func TestKeepAliveAtKamailio(t *testing.T) {
	l := newLab(t, peers.Watch{})
	began := time.Now()
	l.agent("alice", map[string]any{"calla.keep_alive_interval": 1}).registered()
	peers.Until(t, 60*time.Second, "three Pings", func() bool { return l.Pings() >= 3 })
	if took := time.Since(began); took < 2900*time.Millisecond || took > 24*time.Second { // else the first after 25 s
		t.Errorf("three Pings in %v", took)
	}
}

// TestTraceShowsWhatKamailioReceived: with trace_sip every message is in the log, byte for byte but for the secrets, at
// the lowest level even.
func TestTraceShowsWhatKamailioReceived(t *testing.T) {
	l := newLab(t, peers.Watch{})
	a := l.agent("alice", map[string]any{"trace_sip": true, "log.level": "error"}).registered()
	s := a.call("nobody")
	l.reach(s, netsip.SessionEnded)
	l.Request(t, "ACK") // the last message; the server writes down what it has seen a little later
	a.mu.Lock()
	trace := strings.Join(a.logs, "\n")
	a.mu.Unlock()
	seen := 0
	for _, m := range l.Messages(t) {
		if strings.HasPrefix(m.Text, "GET ") || strings.HasPrefix(m.Text, "HTTP/") ||
			!strings.Contains(m.Text, "alice@") {
			continue
		}
		text := m.Text
		for _, v := range m.Header("Authorization") {
			text = strings.Replace(text, v, "‹hidden›", 1)
		}
		if i := strings.Index(text, "a=ice-pwd:"); i >= 0 {
			end := strings.Index(text[i:], "\r\n")
			text = text[:i] + "a=ice-pwd:‹hidden›" + text[i+end:]
		}
		if !strings.Contains(trace, strings.TrimRight(text, "\r\n")) {
			t.Errorf("not in the trace:\n%s\nthe trace:\n%s", text, trace)
		}
		seen++
	}
	if seen < 7 {
		t.Errorf("%d messages", seen)
	}
}
