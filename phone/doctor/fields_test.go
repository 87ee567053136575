package doctor

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/ws"
	"calla/phone/words"
)

const pasted = "xyzzy: dial tcp: wrapped"

// Holds: problems-and-wizard
func TestEveryFailureNamesTheFieldItIsAbout(t *testing.T) {
	dial := func(stage ws.DialStage, status int, err error) error {
		return &ws.DialError{URL: "wss://sip.example.com:8089/ws", Stage: stage, Status: status, Err: err}
	}
	odd := errors.New(pasted)
	for name, c := range map[string]struct {
		err              error
		parameter, offer string
	}{
		"setting": {
			&config.Error{Parameter: "register_expires", Reason: "is no number"},
			"register_expires", "",
		},
		"unknown name":      {dial(ws.StageDNS, 0, &net.DNSError{IsNotFound: true}), "ws_servers", ""},
		"nothing listens":   {dial(ws.StageTCP, 0, syscall.ECONNREFUSED), "ws_servers", ""},
		"other certificate": {dial(ws.StageTLS, 0, x509.HostnameError{}), "ws_servers", ""},
		"unknown authority": {dial(ws.StageTLS, 0, x509.UnknownAuthorityError{}), "calla.tls_ca", ""},
		"wants a certificate": {
			dial(ws.StageTLS, 0, errors.New("remote error: tls: certificate required")),
			"calla.client_certificate", "",
		},
		"plain server": {
			dial(ws.StageTLS, 0, tls.RecordHeaderError{}), "ws_servers",
			"ws://sip.example.com:8089/ws",
		},
		"odd handshake": {dial(ws.StageTLS, 0, odd), "ws_servers", ""},
		"origin":        {dial(ws.StageHTTP, 403, odd), "calla.origin", ""},
		"wrong path":    {dial(ws.StageHTTP, 404, odd), "ws_servers", ""},
		"no WebSocket":  {dial(ws.StageHTTP, 0, odd), "ws_servers", ""},
		"no SIP":        {dial(ws.StageSubprotocol, 0, odd), "ws_servers", ""},
		"proxy":         {dial(ws.StageTCP, 0, &ws.ProxyError{Proxy: "p:1", Err: odd}), "calla.proxy", ""},
		"file": {dial(ws.StageTLS, 0,
			&ws.FileError{Parameter: "calla.tls_ca", Path: "/x", Err: os.ErrNotExist}), "calla.tls_ca", ""},
		"wrong password": {
			&netsip.StatusError{StatusCode: 401, Err: netsip.ErrRefusedCredentials}, "password",
			"",
		},
		"forbidden":            {&netsip.StatusError{StatusCode: 403}, "password", ""},
		"unknown user":         {&netsip.StatusError{StatusCode: 404}, "uri", ""},
		"moved":                {&netsip.StatusError{StatusCode: 302}, "ws_servers", ""},
		"refused":              {&netsip.StatusError{StatusCode: 420}, "uri", ""},
		"no password":          {netsip.ErrNoPassword, "password", ""},
		"odd, wrapped":         {fmt.Errorf("register: %w", odd), "", ""},
		"connection, wrapped":  {dial(ws.StageTCP, 0, odd), "", ""},
		"closed with an error": {dial(ws.StageClosed, 0, &ws.CloseError{Code: 1006, Err: odd}), "", ""},
	} {
		p := Explain(c.err, Subject{Address: "alice@example.com"})
		if p.Parameter != c.parameter || p.Offer != c.offer {
			t.Errorf("%s: field %q, offer %q; want %q, %q", name, p.Parameter, p.Offer, c.parameter, c.offer)
		}
		if p.Parameter != "" {
			if _, ok := config.ParameterNamed(p.Parameter); !ok {
				t.Errorf("%s: there is no %s", name, p.Parameter)
			}
		}
		told := words.English().Tell(p)
		if all := told.Line() + told.Short; strings.Contains(all, "xyzzy") || strings.Contains(all, "%!") {
			t.Errorf("%s: an error's own text is told: %q", name, all)
		}
	}
}

// Holds: problems-and-wizard
func TestTheOtherSchemeIsOfferedWhereTheServerSpeaksIt(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	bare, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	go func() { // a server of TLS that answers anything else with an alert
		for {
			c, err := bare.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = bufio.NewReader(c).ReadString('\n')
				_, _ = io.WriteString(c, "\x15\x03\x01\x00\x02\x02\x46")
			}()
		}
	}()
	host := func(s string) string { return s[strings.Index(s, "//")+2:] }
	for name, c := range map[string]struct{ dialled, offer string }{
		"plain server on wss":     {"wss://" + host(plain.URL) + "/ws", "ws://" + host(plain.URL) + "/ws"},
		"plain server, no path":   {"wss://" + host(plain.URL), "ws://" + host(plain.URL)},
		"TLS server on ws":        {"ws://" + host(secure.URL) + "/ws", "wss://" + host(secure.URL) + "/ws"},
		"TLS alert on ws":         {"ws://" + bare.Addr().String() + "/", "wss://" + bare.Addr().String() + "/"},
		"plain server as it is":   {"ws://" + host(plain.URL) + "/ws", ""},
		"TLS server, unknown one": {"wss://" + host(secure.URL) + "/ws", ""},
	} {
		_, _, err := new(ws.Dialer).Dial(t.Context(), c.dialled)
		if err == nil {
			t.Fatal(name, "connected")
		}
		if p := Explain(err, Subject{Address: "alice@example.com"}); p.Offer != c.offer {
			t.Errorf("%s: offers %q, want %q (%v)", name, p.Offer, c.offer, err)
		}
	}
}
