package rtc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"

	"calla/netsip"
)

// turnServer is a TURN server on the loopback with one user, "u" and "secret". Who has no room is "crowd".
type turnServer struct {
	*turn.Server
	conns               *accepted
	udp, tcp, tls, dtls string // host:port
}

// authority vouches for "localhost" and 127.0.0.1.
type authority struct {
	roots       *x509.CertPool
	certificate tls.Certificate
}

func newAuthority(t *testing.T, names ...string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			form.IPAddresses = append(form.IPAddresses, ip)
		} else {
			form.DNSNames = append(form.DNSNames, name)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{x509.NewCertPool(), tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}}
	a.roots.AddCert(parsed)
	return a
}

func newTURNServer(t *testing.T, certificate tls.Certificate) turnServer {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	loopback := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	packets, err := net.ListenUDP("udp4", loopback)
	must(err)
	plain, err := net.Listen("tcp4", "127.0.0.1:0")
	must(err)
	secure, err := tls.Listen("tcp4", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	must(err)
	datagrams, err := dtls.ListenWithOptions("udp4", loopback, dtls.WithCertificates(certificate))
	must(err)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	relay := &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"}
	conns := new(accepted)
	s, err := turn.NewServer(turn.ServerConfig{
		Realm: "calla", LoggerFactory: quiet,
		AuthHandler: func(a *turn.RequestAttributes) (string, []byte, bool) {
			known := a.Username == "u" || a.Username == "crowd"
			return a.Username, turn.GenerateAuthKey(a.Username, a.Realm, "secret"), known
		},
		QuotaHandler:      func(username, _ string, _ net.Addr) bool { return username != "crowd" },
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: packets, RelayAddressGenerator: relay}},
		ListenerConfigs: []turn.ListenerConfig{
			{Listener: conns.of(plain), RelayAddressGenerator: relay},
			{Listener: conns.of(secure), RelayAddressGenerator: relay},
			{Listener: datagrams, RelayAddressGenerator: relay},
		},
	})
	must(err)
	t.Cleanup(func() { _ = s.Close() })
	return turnServer{
		s, conns, packets.LocalAddr().String(), plain.Addr().String(), secure.Addr().String(),
		datagrams.Addr().String(),
	}
}

// die ends the server as a crash does: with its sockets.
func (s turnServer) die(t *testing.T) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.conns.mu.Lock()
	defer s.conns.mu.Unlock()
	for _, c := range s.conns.all {
		_ = c.Close()
	}
}

// accepted are the connections that listeners have accepted.
type accepted struct {
	mu  sync.Mutex
	all []net.Conn
}

func (a *accepted) of(l net.Listener) net.Listener { return acceptor{l, a} }

type acceptor struct {
	net.Listener
	accepted *accepted
}

func (a acceptor) Accept() (net.Conn, error) {
	c, err := a.Listener.Accept()
	if err == nil {
		a.accepted.mu.Lock()
		defer a.accepted.mu.Unlock()
		a.accepted.all = append(a.accepted.all, c)
	}
	return c, err
}

// trusting reaches servers directly and trusts an authority.
type trusting struct {
	plainWay
	roots *x509.CertPool
}

func (w trusting) Trust(host string) (*tls.Config, error) {
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: w.roots}, nil
}

// closedPort is one of the loopback where nothing listens, nor will before the test ends: it is that of connections.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for range 100 {
		stream, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stream.Close() })
		ours := stream.LocalAddr().(*net.TCPAddr)
		packets, err := net.DialUDP("udp4", &net.UDPAddr{IP: ours.IP, Port: ours.Port},
			&net.UDPAddr{IP: ours.IP, Port: 1})
		if err == nil {
			t.Cleanup(func() { packets.Close() })
			return ours.String()
		}
	}
	t.Fatal("no port is free for TCP and UDP")
	return ""
}

// silentPort takes datagrams and answers none.
func silentPort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
}

func refusedWith(code stun.ErrorCode) func(error) bool {
	return func(err error) bool {
		var refused *stun.TurnError
		return errors.As(err, &refused) && refused.ErrorCodeAttr.Code == code
	}
}

// TestWithoutARelayNobodyIsCalled and no call is answered, where sound may go over TURN alone: the description is
// refused with 480, and each server that gives no relay is named with what it lacks.
//
// Holds: relay-only
func TestWithoutARelayNobodyIsCalled(t *testing.T) {
	vouched := newAuthority(t, "localhost", "127.0.0.1")
	server, stranger := newTURNServer(
		t,
		vouched.certificate,
	), newTURNServer(
		t,
		newAuthority(t, "127.0.0.1").certificate,
	)
	another := newAuthority(t, "turn.example.org")
	elsewhere := newTURNServer(t, another.certificate)
	leaf, err := x509.ParseCertificate(another.certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	vouched.roots.AddCert(leaf)
	unknownAuthority := func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }
	byDTLS := func(s turnServer) string { return "turns:" + s.dtls + "?transport=udp" }
	otherName := func(err error) bool { return errors.As(err, new(x509.HostnameError)) }
	dns := func(err error) bool { return errors.As(err, new(*net.DNSError)) }
	closed := func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
	for _, v := range []struct {
		name     string
		uri      string
		user     string
		password string
		why      func(error) bool
	}{
		{"wrong password", "turn:" + server.udp, "u", "wrong", refusedWith(401)},
		{"wrong password by TCP", "turn:" + server.tcp + "?transport=tcp", "u", "wrong", refusedWith(401)},
		{"unknown user by TLS", "turns:" + server.tls, "nobody", "secret", refusedWith(401)},
		{"quota", "turn:" + server.udp, "crowd", "secret", refusedWith(486)},
		{"quota by TCP", "turn:" + server.tcp + "?transport=tcp", "crowd", "secret", refusedWith(486)},
		{"silent", "turn:" + silentPort(t), "u", "secret", func(err error) bool {
			return errors.Is(err, context.DeadlineExceeded)
		}},
		{"closed port", "turn:" + closedPort(t), "u", "secret", closed},
		{"closed port of TCP", "turn:" + closedPort(t) + "?transport=tcp", "u", "secret", closed},
		{"closed port of TLS", "turns:" + closedPort(t), "u", "secret", closed},
		{"no such name", "turn:no-such-host.invalid", "u", "secret", dns},
		{"no such name for TLS", "turns:no-such-host.invalid", "u", "secret", dns},
		{"certificate of a stranger", "turns:" + stranger.tls, "u", "secret", unknownAuthority},
		{"certificate of a stranger by DTLS", byDTLS(stranger), "u", "secret", unknownAuthority},
		{"certificate of another name", "turns:" + elsewhere.tls, "u", "secret", otherName},
		{"certificate of another name by DTLS", byDTLS(elsewhere), "u", "secret", otherName},
		{"no TLS at all", "turns:" + server.tcp, "u", "secret", func(err error) bool { return err != nil }},
	} {
		t.Run(v.name, func(t *testing.T) {
			e := newTestEngine(t, Config{
				RelayOnly: true, IncludeLoopback: true, Way: trusting{roots: vouched.roots}, Codecs: codecs(),
				ICEServers: []ICEServer{{URLs: []string{v.uri}, Username: v.user, Credential: v.password}},
			})
			s := newTestSession(t, e)
			defer s.Close()
			_, err := s.Offer(t.Context())
			refusedByRelay(t, err, v.uri, v.why)

			far := newTestSession(t, newTestEngine(t, Config{IncludeLoopback: true, Codecs: codecs()}))
			defer far.Close()
			offer, err := far.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			callee := newTestSession(t, e)
			defer callee.Close()
			if _, err := callee.SetOffer(t.Context(), offer); err != nil {
				t.Fatal(err)
			}
			answer, err := callee.Answer(t.Context())
			if answer != nil {
				t.Errorf("answered\n%s", answer)
			}
			refusedByRelay(t, err, v.uri, v.why)
		})
	}
}

func refusedByRelay(t *testing.T, err error, uri string, why func(error) bool) {
	t.Helper()
	var refusal *netsip.MediaError
	var relay *RelayError
	if !errors.As(err, &refusal) || refusal.StatusCode != 480 || refusal.Fault != netsip.MediaFaultNoRelay ||
		!errors.As(err, &relay) || len(relay.Failures) != 1 {
		t.Fatalf("error %v", err)
	}
	if f := relay.Failures[0]; f.URI != uri || !why(f.Err) ||
		(f.After != 0) != errors.Is(f.Err, context.DeadlineExceeded) {
		t.Errorf("%s gives no relay: %v after %v", f.URI, f.Err, f.After)
	}
}

// TestRelaysAreReachedEveryWay: by UDP, TCP, TLS and DTLS, with the configured authority, by name and by address; where
// one of several servers gives a relay the call goes on over it, and the others are told.
//
// Holds: relay-only
func TestRelaysAreReachedEveryWay(t *testing.T) {
	vouched := newAuthority(t, "localhost", "127.0.0.1")
	server := newTURNServer(t, vouched.certificate)
	byName := func(address string) string { return "localhost" + address[strings.LastIndex(address, ":"):] }
	good := func(uri ...string) ICEServer { return ICEServer{URLs: uri, Username: "u", Credential: "secret"} }
	bad := func(uri string) ICEServer {
		return ICEServer{URLs: []string{uri}, Username: "crowd", Credential: "secret"}
	}
	udp, tcp := "turn:"+server.udp, "turn:"+server.tcp+"?transport=tcp"
	const nobody = "turn:no-such-host.invalid"
	for _, v := range []struct {
		name    string
		servers []ICEServer
		failed  []string
	}{
		{"UDP", []ICEServer{good("turn:" + server.udp)}, nil},
		{"UDP by name", []ICEServer{good("turn:" + byName(server.udp))}, nil},
		{"TCP", []ICEServer{good("turn:" + server.tcp + "?transport=tcp")}, nil},
		{"TLS", []ICEServer{good("turns:" + server.tls)}, nil},
		{"TLS by name", []ICEServer{good("turns:" + byName(server.tls) + "?transport=tcp")}, nil},
		{"DTLS", []ICEServer{good("turns:" + server.dtls + "?transport=udp")}, nil},
		{"DTLS by name", []ICEServer{good("turns:" + byName(server.dtls) + "?transport=udp")}, nil},
		{"the second of two", []ICEServer{good("turn:" + closedPort(t)), good(udp)}, []string{"turn:"}},
		{"the first of two", []ICEServer{good("turns:" + server.tls), bad(udp)}, []string{udp}},
		{"one user of two", []ICEServer{bad(udp), good(udp)}, []string{udp}},
		{"beside one that is silent", []ICEServer{good("turn:"+silentPort(t), "turn:"+server.udp)}, []string{"turn:"}},
		{"beside a name that is none", []ICEServer{good(nobody, tcp)}, []string{nobody}},
	} {
		t.Run(v.name, func(t *testing.T) {
			engine := func() *Engine {
				return newTestEngine(t, Config{
					RelayOnly: true, IncludeLoopback: true, Way: trusting{roots: vouched.roots}, ICEServers: v.servers,
					Codecs: codecs(),
				})
			}
			p := &pair{T: t, a: newTestSession(t, engine()), b: newTestSession(t, engine())}
			defer p.b.Close()
			defer p.a.Close()
			offer, answer := p.offer(p.a, p.b)
			for _, sdp := range []string{offer, answer} {
				if !strings.Contains(sdp, " typ relay raddr 0.0.0.0 rport 0") || strings.Contains(sdp, " typ host") {
					t.Errorf("candidates of\n%s", sdp)
				}
			}
			until(t, "a path", func() bool { return p.a.State() == Connected && p.b.State() == Connected })
			until(t, "the other servers to be told", func() bool { return len(p.a.RelayFailures()) == len(v.failed) })
			for i, f := range p.a.RelayFailures() {
				if !strings.HasPrefix(f.URI, v.failed[i]) || f.Err == nil {
					t.Errorf("told of %s: %v", f.URI, f.Err)
				}
			}
		})
	}
}

// TestARelayThatIsGoneIsTold at once, by the server's closed port, its end of the connection or its own word, and once.
//
// Holds: relay-only
func TestARelayThatIsGoneIsTold(t *testing.T) {
	vouched := newAuthority(t, "localhost", "127.0.0.1")
	for _, v := range []struct {
		name string
		uri  func(turnServer) string
	}{
		{"UDP", func(s turnServer) string { return "turn:" + s.udp }},
		{"UDP by name", func(s turnServer) string { return "turn:localhost" + s.udp[strings.LastIndex(s.udp, ":"):] }},
		{"TCP", func(s turnServer) string { return "turn:" + s.tcp + "?transport=tcp" }},
		{"TLS", func(s turnServer) string { return "turns:" + s.tls }},
		{"TLS by name", func(s turnServer) string { return "turns:localhost" + s.tls[strings.LastIndex(s.tls, ":"):] }},
	} {
		t.Run(v.name, func(t *testing.T) {
			server := newTURNServer(t, vouched.certificate)
			engine := newTestEngine(t, Config{
				RelayOnly: true, IncludeLoopback: true, Way: trusting{roots: vouched.roots}, Codecs: codecs(),
				ICEServers: []ICEServer{{URLs: []string{v.uri(server)}, Username: "u", Credential: "secret"}},
			})
			p := &pair{T: t, a: newTestSession(t, engine), b: newTestSession(t, engine)}
			defer p.b.Close()
			defer p.a.Close()
			lost := make(chan struct{}, 10)
			p.a.OnRelayLost(func() { lost <- struct{}{} })
			p.offer(p.a, p.b)
			until(t, "a path", func() bool { return p.a.State() == Connected && p.b.State() == Connected })
			server.die(t)
			until(t, "the loss", func() bool {
				_ = p.a.WriteAudio(make([]byte, 160), 160)
				return len(lost) > 0
			})
			for range 20 {
				_ = p.a.WriteAudio(make([]byte, 160), 160)
				time.Sleep(time.Millisecond)
			}
			if len(lost) != 1 {
				t.Errorf("told %d times", len(lost))
			}
		})
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("no %s", what)
		}
	}
}

// TestMessagesOfAStreamAreFound wherever it is cut, between sound, and not beyond what is none.
func TestMessagesOfAStreamAreFound(t *testing.T) {
	short, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassErrorResponse),
		stun.ErrorCodeAttribute{Code: 486, Reason: []byte("quota")})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodRefresh, stun.ClassSuccessResponse))
	if err != nil {
		t.Fatal(err)
	}
	sound := append([]byte{0x40, 0, 0, 5}, make([]byte, 8)...) // of 5 octets, padded
	long := append([]byte{0, 1, 0xF0, 0, 0x21, 0x12, 0xA4, 0x42}, make([]byte, 12+0xF000)...)
	for _, v := range []struct {
		name   string
		stream [][]byte
		want   int
	}{
		{"a message", [][]byte{short.Raw}, 1},
		{"two", [][]byte{short.Raw, empty.Raw}, 2},
		{"sound between", [][]byte{empty.Raw, sound, sound, short.Raw, sound}, 2},
		{"one that is too long to matter", [][]byte{empty.Raw, long, short.Raw}, 2},
		{"something else", [][]byte{empty.Raw, []byte("HTTP/1.1 "), {0xFF, 0xFF, 0xFF, 0xFF}, short.Raw}, 1},
		{"cut off", [][]byte{empty.Raw, short.Raw[:21]}, 1},
	} {
		t.Run(v.name, func(t *testing.T) {
			var all []byte
			for _, part := range v.stream {
				all = append(all, part...)
			}
			for _, piece := range []int{1, 2, 3, 7, 20, 21, 1000, len(all)} {
				var f frames
				found := 0
				for rest := all; len(rest) > 0; {
					n := min(piece, len(rest))
					f.feed(rest[:n], func(m []byte) {
						if _, ok := readSTUN(m); ok {
							found++
						}
					})
					rest = rest[n:]
				}
				if found != v.want {
					t.Errorf("in pieces of %d: %d messages, want %d", piece, found, v.want)
				}
			}
		})
	}
}
