package faults

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/ws/wstest"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/test/peers"
)

// The way to a server over TCP on loopback: its name, its certificate, and what else may answer in its place.

const wayName = "sip.test"

// authority issues certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	_, a.cert, a.key = a.make(t, "An authority", time.Hour)
	return a
}

// issue makes a certificate for a name.
func (a *authority) issue(t *testing.T, name string, lasts time.Duration) tls.Certificate {
	t.Helper()
	der, _, key := a.make(t, name, lasts)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) make(t *testing.T, name string, lasts time.Duration) (
	der []byte, cert *x509.Certificate, key *ecdsa.PrivateKey,
) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lasts),
		BasicConstraintsValid: true, DNSNames: []string{name},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		template.IsCA, template.DNSNames, parent, signer = true, nil, template, key
	}
	der, err = x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return der, cert, key
}

// way is alice, and what is between her and the server.
type way struct {
	*testing.T
	names  wstest.Names
	server *server
	loop   *loop.Loop
	ua     *netsip.UserAgent
	port   string

	mu       sync.Mutex
	listener net.Listener
	cert     *tls.Certificate // nil = no TLS
	portal   string           // answers in the place of the server; "" = none
	told     bytes.Buffer     // to the portal
	conns    []net.Conn
	work     sync.WaitGroup
}

// newWay lays one; alice starts when she is told to.
func newWay(t *testing.T, trusts *authority) *way {
	t.Helper()
	w := &way{T: t, server: startServer(t, "127.0.0.1:0"), loop: loop.New()}
	w.listen("127.0.0.1:0")
	w.names.Set(wayName, "127.0.0.1")
	scheme, o := "ws", netsip.Options{Loop: w.loop, Media: agreeable{}, Resolver: w.names.Resolver()}
	if trusts != nil {
		scheme, o.TLS = "wss", &tls.Config{RootCAs: x509.NewCertPool()}
		o.TLS.RootCAs.AddCert(trusts.cert)
		w.shows(trusts.issue(t, wayName, time.Hour))
	}
	o.Config = config.Config{
		URI: "sip:alice@" + w.server.Domain(), Password: password,
		WSServers: []config.Server{{WSURI: scheme + "://" + wayName + ":" + w.port + "/"}},
	}
	o.Config.Calla.Proxy = config.ProxyNone
	var err error
	if w.ua, err = netsip.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.end)
	return w
}

func (w *way) end() {
	stopped := make(chan struct{})
	w.loop.Do(func() { w.ua.Stop(func() { close(stopped) }) })
	<-stopped
	w.loop.Stop()
	_ = w.listener.Close()
	w.cut()
	w.names.Close()
	w.work.Wait()
}

// listen has the way begin at an address.
func (w *way) listen(address string) {
	w.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		w.Fatal(err)
	}
	w.listener = l
	_, w.port, _ = net.SplitHostPort(l.Addr().String())
	w.work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			w.work.Go(func() { w.pass(conn) })
		}
	})
}

// pass leads one connection to the server, or to the portal.
func (w *way) pass(conn net.Conn) {
	w.mu.Lock()
	cert, portal := w.cert, w.portal
	w.conns = append(w.conns, conn)
	w.mu.Unlock()
	if cert != nil {
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*cert}})
	}
	defer conn.Close()
	if portal != "" {
		buffer := make([]byte, 4096)
		n, _ := conn.Read(buffer)
		w.mu.Lock()
		w.told.Write(buffer[:n])
		w.mu.Unlock()
		_, _ = io.WriteString(conn, portal)
		return
	}
	far, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(w.server.URL(), "ws://"), "/"))
	if err != nil {
		return
	}
	defer far.Close()
	w.work.Go(func() {
		_, _ = io.Copy(far, conn)
		_ = far.Close()
	})
	_, _ = io.Copy(conn, far)
}

// shows has the server show a certificate from now on.
func (w *way) shows(c tls.Certificate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cert = &c
}

// behind has a portal answer, or none.
func (w *way) behind(portal string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.portal = portal
}

// cut breaks all connections.
func (w *way) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

func (w *way) start() { w.loop.Do(w.ua.Start) }

// state is alice's.
func (w *way) state() (s netsip.State) {
	w.loop.Do(func() { s = w.ua.State() })
	return s
}

// registered waits until she is registered, and returns how long that took.
func (w *way) registered() time.Duration {
	w.Helper()
	began := time.Now()
	peers.Until(w, patience, "registered", func() bool {
		s := w.state()
		return s.Flow == netsip.FlowConnected && s.Registration == netsip.Registered
	})
	return time.Since(began)
}

// lost waits until a dial has failed for a cause.
func (w *way) lost(kind cause.Kind) {
	w.Helper()
	peers.Until(w, patience, string(kind), func() bool {
		s := w.state()
		return s.Err != nil && doctor.Explain(s.Err, doctor.Subject{}).Kind == kind
	})
}

// TestF07NamesCannotBeLookedUp, or lead elsewhere.
//
// Holds: faults
// Holds: old-addresses
func TestF07NamesCannotBeLookedUp(t *testing.T) {
	for _, v := range []struct {
		name  string
		fault wstest.Fault
	}{
		{"NXDOMAIN", wstest.NoSuch},
		{"SERVFAIL", wstest.Fails},
		{"REFUSED", wstest.Refuses},
		{"no address", wstest.Nothing},
		{"no answer", wstest.Silent},
		{"no name server", wstest.Unreached},
	} {
		fault{
			name: "F07", done: "the server's name cannot be looked up for a second at the start: " + v.name,
			required: "registered within 5 s of its being mended", figure: "from there to being registered",
			limit: 5 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			w := newWay(t, nil)
			w.names.Break(v.fault)
			w.start()
			time.Sleep(time.Second)
			w.names.Break(wstest.Well)
			return w.registered()
		})
		fault{
			name: "F07", done: "the connection is lost while the server's name cannot be looked up: " + v.name,
			required: "registered within 5 s, where the server was reached last and with the same name in its " +
				"certificate",
			figure: "until registered", limit: 5 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			w := newWay(t, newAuthority(t))
			w.start()
			w.registered()
			w.names.Break(v.fault)
			w.cut()
			peers.Until(t, patience, "the loss", func() bool { return w.state().LastLeft.Err != nil })
			return w.registered()
		})
	}
	fault{
		name: "F07", done: "the server moves to another address, and its name with it",
		required: "registered within 5 s", figure: "until registered", limit: 5 * time.Second, quick: 1, beside: true,
	}.try(t, func(t *testing.T) time.Duration {
		w := newWay(t, nil)
		w.start()
		w.registered()
		_ = w.listener.Close()
		w.names.Set(wayName, "127.0.0.2")
		w.listen("127.0.0.2:" + w.port)
		w.cut()
		peers.Until(t, patience, "the loss", func() bool { return w.state().LastLeft.Err != nil })
		return w.registered()
	})
}

// TestF14TheCertificateChanges while a connection is up: that one stays, and the next one is verified.
//
// Holds: faults
func TestF14TheCertificateChanges(t *testing.T) {
	for _, v := range []struct {
		name string
		make func(t *testing.T, ours *authority) tls.Certificate
		kind cause.Kind // why the next connection is not made; "" = it is
	}{
		{"it expires", func(t *testing.T, ours *authority) tls.Certificate {
			return ours.issue(t, wayName, -time.Minute)
		}, cause.CertificateExpired},
		{"another authority issued it", func(t *testing.T, _ *authority) tls.Certificate {
			return newAuthority(t).issue(t, wayName, time.Hour)
		}, cause.CertificateUntrusted},
		{"it is of another name", func(t *testing.T, ours *authority) tls.Certificate {
			return ours.issue(t, "other.test", time.Hour)
		}, cause.CertificateOfAnother},
		{"it is renewed", func(t *testing.T, ours *authority) tls.Certificate {
			return ours.issue(t, wayName, 2*time.Hour)
		}, ""},
	} {
		fault{
			name: "F14", done: "the server's certificate changes: " + v.name,
			required: "the connection stays; the next one is verified, and made within 5 s of a good certificate",
			figure:   "from the good certificate to being registered", limit: 5 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			ours := newAuthority(t)
			w := newWay(t, ours)
			w.start()
			w.registered()
			w.shows(v.make(t, ours))
			since := time.Now()
			w.loop.Do(w.ua.Register)
			w.server.until(t, since, "a REGISTER", sandbox.Received("REGISTER"))
			if s := w.state(); s.Flow != netsip.FlowConnected || s.LastLeft.Err != nil {
				t.Errorf("the connection did not stay: %v", s.LastLeft.Err)
			}
			w.cut()
			if v.kind != "" {
				w.lost(v.kind)
				w.shows(ours.issue(t, wayName, time.Hour))
			} else {
				peers.Until(t, patience, "the loss", func() bool { return w.state().LastLeft.Err != nil })
			}
			return w.registered()
		})
	}
	fault{
		name: "F14", done: "the server's certificate expires 2 s after the connection",
		required: "the connection stays, and the next one is refused until the certificate is renewed",
		figure:   "from the renewal to being registered", limit: 5 * time.Second, quick: 1, beside: true,
	}.try(t, func(t *testing.T) time.Duration {
		ours := newAuthority(t)
		w := newWay(t, ours)
		lasts := 8 * time.Second // in which any machine connects
		if soaking() {
			lasts = 2 * time.Second
		}
		expires := time.Now().Add(lasts)
		w.shows(ours.issue(t, wayName, lasts))
		w.start()
		w.registered()
		time.Sleep(time.Until(expires) + time.Second) // the time of certificates has whole seconds
		if s := w.state(); s.Flow != netsip.FlowConnected || s.LastLeft.Err != nil {
			t.Errorf("the connection did not stay: %v", s.LastLeft.Err)
		}
		w.cut()
		w.lost(cause.CertificateExpired)
		w.shows(ours.issue(t, wayName, time.Hour))
		return w.registered()
	})
}

// TestF16ACaptivePortal answers in the place of the server.
//
// Holds: faults
func TestF16ACaptivePortal(t *testing.T) {
	answer := func(status, header, body string) string {
		return "HTTP/1.1 " + status + "\r\n" + header + "Content-Type: text/html\r\nConnection: close\r\n\r\n" + body
	}
	for _, v := range []struct {
		name   string
		portal string
		before bool // it is there before the phone
	}{
		{"302", answer("302 Found", "Location: http://portal.test/\r\n", ""), false},
		{"200 with a page", answer("200 OK", "", "<html>Sign in"), false},
		{"511", answer("511 Network Authentication Required", "", "<html>Sign in"), false},
		{"302 from the start", answer("302 Found", "Location: http://portal.test/\r\n", ""), true},
		{"511 from the start", answer("511 Network Authentication Required", "", ""), true},
		{"a certificate of its own name", "", false},
	} {
		fault{
			name: "F16", done: "a captive portal answers: " + v.name,
			required: "it is told that the network may ask for a sign-in, or whose certificate it is; no credential " +
				"is sent; registered within 5 s of its being gone",
			figure: "from there to being registered", limit: 5 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			var ours *authority
			kind := cause.SomethingElseAnswered
			if v.portal == "" {
				ours, kind = newAuthority(t), cause.CertificateOfAnother
			}
			w := newWay(t, ours)
			if !v.before {
				w.start()
				w.registered()
			}
			if v.portal == "" {
				w.shows(ours.issue(t, "portal.test", time.Hour))
			} else {
				w.behind(v.portal)
			}
			w.cut()
			if v.before {
				w.start()
			}
			w.lost(kind)
			if soaking() {
				time.Sleep(3 * time.Second)
			}
			w.mu.Lock()
			told := w.told.String()
			w.mu.Unlock()
			for _, secret := range []string{password, "REGISTER", "uthorization", "alice"} {
				if strings.Contains(told, secret) {
					t.Errorf("the portal was told %q: %q", secret, told)
				}
			}
			w.behind("")
			if ours != nil {
				w.shows(ours.issue(t, wayName, time.Hour))
			}
			return w.registered()
		})
	}
}
