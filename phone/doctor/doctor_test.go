package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/ws"
	"calla/phone/cause"
	"calla/phone/words"
)

const password = "wonderland"

func server(t *testing.T) *sandbox.Server {
	t.Helper()
	s := sandbox.New(sandbox.Options{Users: map[string]string{"alice": password}})
	t.Cleanup(s.Close)
	if _, err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return s
}

func checked(s *sandbox.Server, url string) config.Config {
	return config.Config{
		URI: "sip:alice@" + s.Domain(), Password: password, WSServers: []config.Server{{WSURI: url}},
		StunServers: []string{},
	}
}

// run returns the last report of each step.
func run(t *testing.T, o Options) []Step {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var steps []Step
	Run(ctx, o, func(s Step) {
		if n := len(steps); n > 0 && steps[n-1].ID == s.ID {
			if steps[n-1].Status != Running {
				t.Errorf("step %s reported after its end", s.Check)
			}
			steps[n-1] = s
			return
		}
		steps = append(steps, s)
	})
	for _, s := range steps {
		if s.Status == Running {
			t.Errorf("step %s never ends", s.Check)
		}
		if s.Status == Failed && tell(s.Cause).Title == "" {
			t.Errorf("step %s failed without words", s.Check)
		}
	}
	return steps
}

// tell words a cause as people read it.
func tell(c cause.Cause) words.Told { return words.English().Tell(c) }

func step(steps []Step, check cause.Kind) Step {
	for _, s := range steps {
		if s.Check == check {
			return s
		}
	}
	return Step{}
}

func TestAllStepsOfAGoodAccount(t *testing.T) {
	s := server(t)
	steps := run(t, Options{Config: checked(s, s.URL())})
	for name, want := range map[cause.Kind]Status{
		cause.CheckSettings: OK, cause.CheckName: Skipped, cause.CheckConnection: OK, cause.CheckEncryption: Skipped,
		cause.CheckWebSocket: OK, cause.CheckSIP: OK, cause.CheckRegistration: OK,
	} {
		if got := step(steps, name); got.Status != want {
			t.Errorf("%s: status %v, want %v: %+v", name, got.Status, want, got)
		}
	}
	if n := len(s.Bindings("alice")); n != 0 {
		t.Errorf("the check leaves %d bindings behind", n)
	}
}

func TestALiveRegistrationIsNotDisturbed(t *testing.T) {
	s := server(t)
	loop := loop.New()
	defer loop.Stop()
	c := checked(s, s.URL())
	registered := make(chan struct{}, 8)
	var ua *netsip.UserAgent
	loop.Do(func() {
		var err error
		ua, err = netsip.New(netsip.Options{Loop: loop, Config: c, OnState: func(s netsip.State) {
			if s.Registration == netsip.Registered {
				select {
				case registered <- struct{}{}:
				default:
				}
			}
		}})
		if err != nil {
			t.Error(err)
			return
		}
		ua.Start()
	})
	<-registered
	before := s.Bindings("alice")
	run(t, Options{Config: c})
	after := s.Bindings("alice")
	if len(before) != 1 || len(after) != 1 || before[0].Contact.String() != after[0].Contact.String() {
		t.Errorf("bindings before %v, after %v", before, after)
	}
	loop.Do(func() {
		if state := ua.State(); state.Registration != netsip.Registered {
			t.Errorf("the live account is %v", state.Registration)
		}
	})
}

func TestFailuresNameTheirStep(t *testing.T) {
	s := server(t)
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	const nobody = "127.0.0.1:1"
	wrong := checked(s, s.URL())
	wrong.Password = "wrong"
	stranger := checked(s, s.URL())
	stranger.URI = "sip:mallory@" + s.Domain()
	bad := checked(s, s.URL())
	bad.URI = "alice"
	plain := sandbox.New(sandbox.Options{})
	defer plain.Close()
	if _, err := plain.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	plain.Faults().OnConnect(-1, sandbox.ConnectFault{Subprotocol: sandbox.NoSubprotocol})
	for name, c := range map[string]struct {
		config config.Config
		step   cause.Kind
		short  string
	}{
		"no uri":          {bad, cause.CheckSettings, "Wrong setting"},
		"nothing listens": {checked(s, "ws://"+nobody), cause.CheckConnection, "Nothing listens"},
		"no certificate": {
			checked(s, "wss"+strings.TrimPrefix(secure.URL, "https")), cause.CheckEncryption,
			"Bad certificate",
		},
		"no encryption": {
			checked(s, "wss"+strings.TrimPrefix(web.URL, "http")), cause.CheckEncryption,
			"No encryption",
		},
		"web server": {
			checked(s, "ws"+strings.TrimPrefix(web.URL, "http")+"/ws"), cause.CheckWebSocket,
			"Wrong path",
		},
		"not SIP":        {checked(s, plain.URL()), cause.CheckSIP, "Not a phone server"},
		"wrong password": {wrong, cause.CheckRegistration, "Wrong password"},
		"unknown user":   {stranger, cause.CheckRegistration, ""},
	} {
		t.Run(name, func(t *testing.T) {
			steps := run(t, Options{Config: c.config})
			got := step(steps, c.step)
			if got.Status != Failed || c.short != "" && tell(got.Cause).Short != c.short {
				t.Errorf("%s: %+v", c.step, got)
			}
			for _, other := range steps {
				if other.Status == Failed && other.Check != c.step {
					t.Errorf("%s failed too: %+v", other.Check, other)
				}
			}
		})
	}
}

func TestSTUNAndTURNAreAsked(t *testing.T) {
	s := server(t)
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	c := checked(s, s.URL())
	c.StunServers = []string{"stun:" + silent.LocalAddr().String()}
	c.TurnServers = []config.TurnServer{{
		URLs: []string{"turn:" + silent.LocalAddr().String()}, Username: "u",
		Credential: "c",
	}}
	began := time.Now()
	steps := run(t, Options{Config: c})
	for _, name := range []cause.Kind{cause.CheckSTUN, cause.CheckTURN} {
		if got := step(steps, name); got.Status != Remark || tell(got.Cause).Short != "No answer" {
			t.Errorf("%s of a silent server: %+v", name, got)
		}
	}
	if took := time.Since(began); took > 15*time.Second { // each is waited for for 3 s
		t.Errorf("two silent servers take %v", took)
	}
}

// A server that answers what was not asked is told in 100 tries at most.
func TestStrayAnswersEndTheQuestion(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		near, far := net.Pipe()
		defer far.Close()
		go func() { // whatever is sent, it answers junk
			buf := make([]byte, 1500)
			for {
				if _, err := far.Read(buf); err != nil {
					return
				}
				for range 2 * maxStray {
					if _, err := far.Write([]byte("junk")); err != nil {
						return
					}
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		request, err := stun.Build(stun.TransactionID, stun.BindingRequest)
		if err != nil {
			t.Fatal(err)
		}
		if mapped, err := bind(ctx, near, request, network == "udp"); err == nil || ctx.Err() != nil {
			t.Errorf("%s: %q, %v", network, mapped, err)
		}
		cancel()
		near.Close()
	}
}

func TestEveryDialErrorHasItsSentence(t *testing.T) {
	const url = "wss://sip.example.com:8089/ws"
	expired := &x509.Certificate{NotBefore: time.Unix(0, 0), NotAfter: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)}
	future := &x509.Certificate{NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().Add(2 * time.Hour)}
	failed := func(stage ws.DialStage, err error) error { return &ws.DialError{URL: url, Stage: stage, Err: err} }
	got := func(status int) error {
		return &ws.DialError{URL: url, Stage: ws.StageHTTP, Status: status, Err: errors.New("bad handshake")}
	}
	for want, err := range map[string]error{
		"No connection to the proxy proxy.local:8080.": &ws.DialError{
			URL:   url,
			Stage: ws.StageTCP, Err: &ws.ProxyError{Proxy: "proxy.local:8080", Err: syscall.ECONNREFUSED},
		},
		"The proxy proxy.local:8080 wants a user name and password.": &ws.DialError{
			URL:   url,
			Stage: ws.StageTCP, Err: &ws.ProxyError{
				Proxy: "proxy.local:8080", StatusCode: 407,
				Err: errors.New("answers 407"),
			},
		},
		"The proxy proxy.local:8080 does not let us through (403 Forbidden).": &ws.DialError{
			URL:   url,
			Stage: ws.StageTCP, Err: &ws.ProxyError{
				Proxy: "proxy.local:8080", StatusCode: 403,
				Err: errors.New("answers 403"),
			},
		},
		"The file /c.pem of this account cannot be used.": &ws.DialError{
			URL: url, Stage: ws.StageTLS,
			Err: &ws.FileError{Parameter: "calla.client_certificate", Path: "/c.pem", Err: errors.New("is empty")},
		},
		"sip.example.com wants a certificate of this phone that it trusts.": &ws.DialError{
			URL: url, Stage: ws.StageTLS,
			Err: errors.New("remote error: tls: certificate required"),
		},
		"Can't find the server sip.example.com.": &ws.DialError{
			URL: url, Stage: ws.StageDNS,
			Err: &net.DNSError{IsNotFound: true},
		},
		"This computer seems to be offline.": &ws.DialError{
			URL: url, Stage: ws.StageDNS,
			Err: &net.DNSError{IsTimeout: true},
		},
		"sip.example.com answered, but nothing is listening on port 8089.": &ws.DialError{
			URL: url, Stage: ws.StageTCP,
			Err: syscall.ECONNREFUSED,
		},
		"No answer from sip.example.com:8089 in 5 s.": &ws.DialError{
			URL: url, Stage: ws.StageTCP, Timeout: true,
			Timings: ws.DialTimings{TCP: 5 * time.Second}, Err: context.DeadlineExceeded,
		},
		"The server's certificate expired on 3 Nov 2026.": &ws.DialError{
			URL: url, Stage: ws.StageTLS,
			Err: &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{
				Cert:   expired,
				Reason: x509.Expired,
			}},
		},
		"The server's certificate is not valid before " + future.NotBefore.Format("2 Jan 2006") +
			".": &ws.DialError{
			URL: url, Stage: ws.StageTLS,
			Err: x509.CertificateInvalidError{Cert: future, Reason: x509.Expired},
		},
		"The certificate of sip.example.com is not issued by anyone this computer trusts.": failed(
			ws.StageTLS, x509.UnknownAuthorityError{},
		),
		"The server's certificate is for pbx.local, not sip.example.com.": failed(
			ws.StageTLS, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"pbx.local"}}},
		),
		"The server only offers an encryption that is no longer safe (older than TLS 1.2).": failed(
			ws.StageTLS, errors.New("remote error: tls: protocol version not supported"),
		),
		"The server is a web server, but there is no phone service at /ws (404 Not Found).":                got(404),
		"The server refused the WebSocket connection (403).":                                               got(403),
		"The web server in front of the phone service has a problem (502 Bad Gateway).":                    got(502),
		"Something else answered in the place of the phone service (511 Network Authentication Required).": got(511),
		"sip.example.com took the connection but does not answer.": &ws.DialError{
			URL: url, Stage: ws.StageHTTP, Timeout: true, Err: context.DeadlineExceeded,
		},
		"The server sip.example.com answers with a WebSocket extension that this phone did not offer.": failed(
			ws.StageHTTP, ws.ErrUnofferedExtension,
		),
		"What listens at sip.example.com:8089 answers far more than a phone server does.": failed(
			ws.StageHTTP, ws.ErrEndless,
		),
		"Connected, but the server does not speak SIP on this WebSocket (no 'sip' sub-protocol).": failed(
			ws.StageSubprotocol, errors.New("none"),
		),
		"The connection was cut by the server or a proxy (code 1006).": failed(
			ws.StageClosed, &ws.CloseError{Code: 1006},
		),
		"The server is being restarted.": &ws.CloseError{Code: 1012},
		"The server rejected the user name or password for alice@example.com at 14:52.": &netsip.StatusError{
			Method: "REGISTER", StatusCode: 401, Err: netsip.ErrRefusedCredentials,
		},
		"example.com does not know the user alice.": &netsip.StatusError{
			Method: "REGISTER", StatusCode: 404, Reason: "Not Found",
		},
		"The phone server has a problem of its own (503 Service Unavailable).": &netsip.StatusError{
			Method: "REGISTER", StatusCode: 503, Reason: "Service Unavailable",
		},
		"Connected, but the server does not answer our registration (32 s).": &netsip.TimeoutError{
			Method: "REGISTER", After: 32 * time.Second,
		},
		"A password is needed for alice@example.com.": netsip.ErrNoPassword,
	} {
		p := Explain(err, Subject{Address: "alice@example.com", At: time.Date(2026, 11, 1, 14, 52, 0, 0, time.Local)})
		told := tell(p)
		if told.Title != want {
			t.Errorf("%v: says %q, want %q", err, told.Title, want)
		}
		if told.Short == "" || told.Below() == "" || p.Detail == "" || p.Action == cause.ActionNone {
			t.Errorf("%v: %+v", err, p)
		}
	}
}

func TestUnknownErrorsHaveWordsToo(t *testing.T) {
	for _, err := range []error{
		errors.New("x"), netsip.ErrForeignRealm, netsip.ErrWeakerDigest,
		netsip.ErrUnsupportedChallenge, &netsip.StatusError{StatusCode: 302}, &netsip.StatusError{StatusCode: 499},
	} {
		if p := Explain(err, Subject{Address: "alice@example.com"}); len(tell(p).Title) < 10 || tell(p).Short == "" ||
			p.Detail == "" {
			t.Errorf("%v: %+v", err, p)
		}
	}
}
