package ws

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// webServer is a real one on loopback: paths /ws and /chat are WebSockets, /silent says nothing.
func webServer(t *testing.T) *httptest.Server {
	t.Helper()
	hang := make(chan struct{})
	mux := http.NewServeMux()
	upgrade := func(protocol string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			upgrader := websocket.Upgrader{Subprotocols: []string{protocol}}
			conn, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer conn.Close()
			_, _, _ = conn.ReadMessage()
		}
	}
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Sec-Websocket-Protocol") != "sip" || r.Header.Get("Sec-Websocket-Extensions") != "" {
			t.Errorf("upgrade request %v", r.Header)
		}
		upgrade("sip")(w, r)
	})
	mux.HandleFunc("/chat", upgrade("chat"))
	mux.HandleFunc("/forbidden", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "40")
		w.WriteHeader(503)
	})
	mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { <-hang })
	server := httptest.NewUnstartedServer(mux)
	server.Config.ErrorLog = log.New(discard{}, "", 0)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	return server
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func dialFailure(t *testing.T, url string, config *tls.Config, patience time.Duration) *DialError {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := (&Dialer{TLS: config}).Dial(ctx, url)
	if err == nil {
		conn.Close()
		t.Fatalf("%s: connected", url)
	}
	var dial *DialError
	if !errors.As(err, &dial) || dial.URL != url {
		t.Fatalf("%s: %v", url, err)
	}
	return dial
}

func TestDialFailuresNameTheirStage(t *testing.T) {
	server := webServer(t)
	server.Start()
	ws := "ws" + strings.TrimPrefix(server.URL, "http")
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel only, as a frozen server does
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for _, c := range []struct {
		url     string
		stage   DialStage
		status  int
		timeout bool
	}{
		{"ws://no-such-host.invalid/ws", StageDNS, 0, false},
		{"ws://127.0.0.1:1", StageTCP, 0, false}, // where nobody is
		{"ws://" + mute.Addr().String(), StageHTTP, 0, true},
		{"wss://" + mute.Addr().String(), StageTLS, 0, true},
		{"wss://" + strings.TrimPrefix(ws, "ws://"), StageTLS, 0, false},
		{ws + "/silent", StageHTTP, 0, true},
		{ws + "/nothing", StageHTTP, 404, false},
		{ws + "/forbidden", StageHTTP, 403, false},
		{ws + "/busy", StageHTTP, 503, false},
		{ws + "/chat", StageSubprotocol, 0, false},
	} {
		patience := 30 * time.Second
		if c.timeout {
			patience = 2 * time.Second
		}
		e := dialFailure(t, c.url, nil, patience)
		if e.Stage != c.stage || e.Status != c.status || e.Timeout != c.timeout {
			t.Errorf("%s: stage %v, status %d, timeout %v: %v", c.url, e.Stage, e.Status, e.Timeout, e.Err)
		}
		if c.status == 503 && e.RetryAfter != 40*time.Second {
			t.Errorf("%s: Retry-After %v", c.url, e.RetryAfter)
		}
	}
	conn, timings, err := (&Dialer{}).Dial(context.Background(), ws+"/ws")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if timings.TCP <= 0 || timings.HTTP <= 0 || timings.TLS != 0 {
		t.Errorf("timings %+v", timings)
	}
}

// certificate is a self-signed one for a name and time.
func certificate(t *testing.T, name string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: until.Add(-48 * time.Hour),
		NotAfter: until,
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestDialRefusesBadCertificatesAndOldTLS(t *testing.T) {
	for _, c := range []struct {
		name   string
		host   string
		until  time.Time
		trust  bool
		oldTLS bool
		check  func(error) bool // nil = connects
	}{
		{name: "good", host: "127.0.0.1", until: time.Now().Add(time.Hour), trust: true},
		{"expired", "127.0.0.1", time.Now().Add(-time.Hour), true, false, func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == x509.Expired
		}},
		{"unknown authority", "127.0.0.1", time.Now().Add(time.Hour), false, false, func(err error) bool {
			var e x509.UnknownAuthorityError
			return errors.As(err, &e)
		}},
		{"wrong name", "pbx.local", time.Now().Add(time.Hour), true, false, func(err error) bool {
			var e x509.HostnameError
			return errors.As(err, &e)
		}},
		{"TLS 1.1", "127.0.0.1", time.Now().Add(time.Hour), true, true, func(err error) bool { return err != nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := webServer(t)
			cert, pool := certificate(t, c.host, c.until)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			if c.oldTLS {
				server.TLS.MinVersion, server.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			}
			server.StartTLS()
			if !c.trust {
				pool = x509.NewCertPool()
			}
			url := "wss" + strings.TrimPrefix(server.URL, "https") + "/ws"
			config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10}
			if c.check == nil {
				conn, timings, err := (&Dialer{TLS: config}).Dial(context.Background(), url)
				if err != nil {
					t.Fatal(err)
				}
				conn.Close()
				if timings.TLS <= 0 {
					t.Errorf("timings %+v", timings)
				}
				return
			}
			e := dialFailure(t, url, config, 30*time.Second)
			if e.Stage != StageTLS || !c.check(e) {
				t.Errorf("stage %v: %v", e.Stage, e.Err)
			}
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if _, _, err := (&Dialer{}).Dial(ctx, "ws://"+mute.Addr().String()); err == nil ||
		time.Since(start) >= dialTimeout { // and so by itself
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

// lateDeadline is a connection on which a deadline in the future comes after one in the past, where there is one.
type lateDeadline struct {
	net.Conn
	past chan struct{} // closed by the first of those
	once sync.Once
}

func (c *lateDeadline) SetDeadline(t time.Time) error {
	if t.Before(time.Now()) {
		defer c.once.Do(func() { close(c.past) })
		return c.Conn.SetDeadline(t)
	}
	select {
	case <-c.past:
	case <-time.After(100 * time.Millisecond):
	}
	return c.Conn.SetDeadline(t)
}

// TestACancelledDialIsOverWhateverComesAfter: the deadline of the handshake, which is set later, does not bring it
// back.
func TestACancelledDialIsOverWhateverComesAfter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	near, far := net.Pipe()
	defer func() { _ = far.Close() }()
	go func() { _, _ = io.Copy(io.Discard, far) }()
	d := Dialer{Way: func(context.Context, string) (net.Conn, error) {
		cancel()
		return &lateDeadline{Conn: near, past: make(chan struct{})}, nil
	}}
	began := time.Now()
	if conn, _, err := d.Dial(ctx, "ws://example.com"); err == nil {
		conn.Close()
		t.Fatal("a cancelled dial succeeded")
	}
	if took := time.Since(began); took >= dialTimeout {
		t.Errorf("it went on for %v", took)
	}
}

// Kamailio and others take no fragments: a message is one frame, however large.
func TestLargeMessageIsOneFrame(t *testing.T) {
	first := make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{Subprotocols: []string{"sip"}}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.Close() }()
		head := make([]byte, 10)
		_, _ = io.ReadFull(ws.NetConn(), head)
		first <- head
	}))
	defer server.Close()
	var pool sync.Pool
	for _, buffers := range []*sync.Pool{nil, &pool} {
		for _, size := range []int{100, 5000, sip.MaxMessageSize} {
			conn, _, err := (&Dialer{Buffers: buffers}).Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"))
			if err != nil {
				t.Fatal(err)
			}
			if err := conn.socket.WriteMessage(websocket.TextMessage, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
			head := <-first
			length := int(head[1] & 0x7f)
			switch length {
			case 126:
				length = int(binary.BigEndian.Uint16(head[2:]))
			case 127:
				length = int(binary.BigEndian.Uint64(head[2:]))
			}
			if head[0] != 0x81 || length != size {
				t.Errorf("%d octets: frame of %d, first octet %#x", size, length, head[0])
			}
			conn.Close()
		}
	}
}

func TestDialErrorStages(t *testing.T) {
	stages := dialStages{start: time.Now()}
	e := stages.classify(errors.New("x"), &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"90"}}})
	if e.Stage != StageHTTP || e.Status != 503 || e.RetryAfter != 90*time.Second {
		t.Errorf("%+v", e)
	}
	if text := (&DialError{URL: "ws://h", Stage: StageHTTP, Status: 404}).Error(); !strings.Contains(text, "404") {
		t.Error(text)
	}
}
