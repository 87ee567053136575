package ws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/config"
)

// httpProxy is a proxy on loopback that leads every tunnel to one server, whatever name is asked for.
type httpProxy struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // targets of CONNECT
	logins []string // Proxy-Authorization
	refuse int      // status to refuse with; 0 = let through
}

func newHTTPProxy(t *testing.T, to string) *httpProxy {
	t.Helper()
	p := &httpProxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked, p.logins = append(p.asked, r.Method+" "+r.Host), append(p.logins, r.Header.Get("Proxy-Authorization"))
		refuse := p.refuse
		p.mu.Unlock()
		if refuse != 0 {
			w.WriteHeader(refuse)
			return
		}
		far, err := net.Dial("tcp", to)
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
		_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(far, near); far.Close() }()
		_, _ = io.Copy(near, far)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *httpProxy) seen() (asked, logins []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked, p.logins
}

func TestDialGoesThroughTheProxy(t *testing.T) {
	server := webServer(t)
	cert, pool := certificate(t, "pbx.example.com", time.Now().Add(time.Hour))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	proxy := newHTTPProxy(t, server.Listener.Addr().String())
	cfg, err := config.Config{
		URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://pbx.example.com"}},
		Calla: config.Additions{Proxy: "http://al%20ice:geheim%3A@" + strings.TrimPrefix(proxy.URL, "http://") + "/"},
	}.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(cfg.Calla.Proxy, "geheim") || cfg.Calla.ProxyPassword.Reveal() != "geheim:" {
		t.Fatalf("proxy %s", cfg.Calla.Proxy)
	}
	const url = "wss://pbx.example.com:8443/ws"
	conn, timings, err := (&Dialer{Config: cfg.Calla, TLS: &tls.Config{RootCAs: pool}}).Dial(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	asked, logins := proxy.seen()
	if len(asked) != 1 || asked[0] != "CONNECT pbx.example.com:8443" || logins[0] != "Basic YWwgaWNlOmdlaGVpbTo=" {
		t.Errorf("proxy was asked %q with %q", asked, logins)
	}
	if timings.TCP <= 0 || timings.TLS <= 0 {
		t.Errorf("timings %+v", timings)
	}
}

func TestProxyIsNotUsedOnTheWayToThisComputer(t *testing.T) {
	server := webServer(t)
	server.Start()
	proxy := newHTTPProxy(t, server.Listener.Addr().String())
	config := config.Config{Calla: config.Additions{Proxy: proxy.URL}}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		conn, _, err := (&Dialer{Config: config.Calla}).Dial(t.Context(), "ws://"+host+":"+port+"/ws")
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if asked, _ := proxy.seen(); len(asked) != 0 {
		t.Errorf("proxy was asked %q", asked)
	}
}

func TestProxyFailuresNameTheProxy(t *testing.T) {
	proxy := newHTTPProxy(t, "127.0.0.1:1")
	host := strings.TrimPrefix(proxy.URL, "http://")
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for _, test := range []struct {
		proxy  string
		refuse int
		status int
		words  string
	}{
		{host, 407, 407, "407 Proxy Authentication Required"},
		{host, 403, 403, "403 Forbidden"},
		{host, 0, 502, "502 Bad Gateway"},
		{"127.0.0.1:1", 0, 0, "connection refused"},
		{"no-such-proxy.invalid", 0, 0, "no such host"},
		{mute.Addr().String(), 0, 0, "timeout"},
	} {
		proxy.mu.Lock()
		proxy.refuse = test.refuse
		proxy.mu.Unlock()
		patience := 30 * time.Second
		if test.words == "timeout" {
			patience = time.Second
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, _, err := (&Dialer{Config: config.Additions{
			Proxy:         "http://u@" + test.proxy,
			ProxyPassword: "geheim",
		}}).Dial(ctx, "wss://pbx.example.com/ws")
		cancel()
		var dial *DialError
		var told *ProxyError
		if !errors.As(err, &dial) || !errors.As(err, &told) {
			t.Fatalf("%s: %v", test.proxy, err)
		}
		if !strings.HasPrefix(told.Proxy, strings.Split(test.proxy, ":")[0]) || told.StatusCode != test.status ||
			!strings.Contains(err.Error(), test.words) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", test.proxy, err)
		}
		if dial.Timeout != (test.words == "timeout") {
			t.Errorf("%s: timeout %v", test.proxy, dial.Timeout)
		}
	}
}

// The environment is read once in a process, so this test runs in one of its own.
func TestEnvironmentNamesTheProxy(t *testing.T) {
	const inner = "CALLA_TEST_PROXY"
	if os.Getenv(inner) == "" {
		server := webServer(t)
		server.Start()
		proxy := newHTTPProxy(t, server.Listener.Addr().String())
		run := exec.Command(os.Args[0], "-test.run=^TestEnvironmentNamesTheProxy$")
		run.Env = append(os.Environ(), inner+"=1", "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY=http://127.0.0.1:1",
			"NO_PROXY=direct.invalid")
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if asked, _ := proxy.seen(); len(asked) != 1 || asked[0] != "CONNECT pbx.example.com:80" {
			t.Errorf("proxy was asked %q", asked)
		}
		return
	}
	dial := func(url string, a config.Additions) error {
		conn, _, err := (&Dialer{Config: a}).Dial(t.Context(), url)
		if err == nil {
			conn.Close()
		}
		return err
	}
	if err := dial("ws://pbx.example.com/ws", config.Additions{}); err != nil {
		t.Error(err)
	}
	var proxy *ProxyError
	if err := dial("wss://pbx.example.com/ws", config.Additions{}); !errors.As(err, &proxy) ||
		proxy.Proxy != "127.0.0.1:1" {
		t.Error(err)
	}
	var dns *net.DNSError
	if err := dial("wss://direct.invalid/ws", config.Additions{}); !errors.As(err, &dns) ||
		errors.As(err, &proxy) && proxy.Proxy == "" {
		t.Error(err)
	}
	proxy = nil
	if err := dial("wss://other.invalid/ws", config.Additions{Proxy: config.ProxyNone}); !errors.As(err, &dns) ||
		errors.As(err, &proxy) {
		t.Error(err)
	}
}

func TestOriginIsInTheHandshake(t *testing.T) {
	origins := make(chan []string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origins <- r.Header["Origin"]
		upgrader := websocket.Upgrader{
			Subprotocols: []string{"sip"},
			CheckOrigin:  func(*http.Request) bool { return true },
		}
		if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
			conn.Close()
		}
	}))
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http")
	for _, want := range []string{"https://app.example.com", ""} {
		conn, _, err := (&Dialer{Config: config.Additions{Origin: want}}).Dial(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if got := <-origins; strings.Join(got, "|") != want || want == "" && got != nil {
			t.Errorf("Origin %q, want %q", got, want)
		}
	}
}

// pemFiles writes a certificate and its key, apart and together.
func pemFiles(t *testing.T, cert tls.Certificate) (certificate, key, both string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	c := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	k := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("c.pem", c), write("k.pem", k), write("both.pem", append(c, k...))
}

func TestClientCertificateAndAuthorityAreUsed(t *testing.T) {
	server := webServer(t)
	cert, _ := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	ours, trusted := certificate(t, "alice", time.Now().Add(time.Hour))
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: trusted,
	}
	server.StartTLS()
	ca, _, _ := pemFiles(t, cert)
	certificate, key, both := pemFiles(t, ours)
	url := "wss" + strings.TrimPrefix(server.URL, "https") + "/ws"
	for _, a := range []config.Additions{
		{TLSCA: ca, ClientCertificate: certificate, ClientKey: key},
		{TLSCA: ca, ClientCertificate: both},
	} {
		conn, _, err := (&Dialer{Config: a}).Dial(t.Context(), url)
		if err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		conn.Close()
	}
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, test := range []struct {
		a         config.Additions
		parameter string
		words     string
	}{
		{config.Additions{ClientCertificate: both}, "", "unknown authority"},
		{config.Additions{TLSCA: ca}, "", "certificate required"},
		{config.Additions{TLSCA: missing}, "calla.tls_ca", missing + ": no such file"},
		{config.Additions{TLSCA: key}, "calla.tls_ca", key + ": has no certificate"},
		{
			config.Additions{TLSCA: ca, ClientCertificate: missing},
			"calla.client_certificate",
			missing + ": no such file",
		},
		{
			config.Additions{TLSCA: ca, ClientCertificate: certificate, ClientKey: missing},
			"calla.client_key",
			missing + ": no such file",
		},
		{config.Additions{TLSCA: ca, ClientCertificate: certificate, ClientKey: ca}, "calla.client_key", ca + ": tls:"},
		{
			config.Additions{TLSCA: ca, ClientCertificate: certificate},
			"calla.client_certificate",
			certificate + ": tls:",
		},
	} {
		_, _, err := (&Dialer{Config: test.a}).Dial(t.Context(), url)
		var dial *DialError
		var file *FileError
		if !errors.As(err, &dial) || dial.Stage != StageTLS || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%+v: %v", test.a, err)
		}
		if errors.As(err, &file) != (test.parameter != "") || file != nil && file.Parameter != test.parameter {
			t.Errorf("%+v: %v", test.a, err)
		}
	}
}
