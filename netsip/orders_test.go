package netsip

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// An address that is dialled, written to, redirected or transferred to writes nothing into our request but itself:
// headers and a method in it are dropped, or it is refused.
//
// Holds: dialled-headers
func TestDialledAddressesKeepNoHeaders(t *testing.T) {
	var plain []string // header fields of a request to an address without any
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.call("bob", CallOptions{})
		plain = namesOf(w.expect("INVITE"))
	})
	for _, c := range []struct {
		name, target string
	}{
		{"a route", "bob?Route=<sip:x>"},
		{"a route of an address", "sip:bob@example.com?Route=%3Csip:evil%3E"},
		{"a route in angle brackets", "<sip:bob@example.com?Route=%3Csip:evil%3E>"},
		{"a call to replace", "sip:bob@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc"},
		{"a body", "sip:bob@example.com?body=v%3D0"},
		{"credentials", "sip:bob@example.com?Authorization=Digest%20x"},
		{"who calls", "sip:bob@example.com?From=sip:boss@example.com&P-Asserted-Identity=sip:boss@example.com"},
		{"a line break", "sip:bob@example.com?Subject=x%0d%0aRoute:%20sip:evil"},
		{"headers of a number", "tel:+4930123456?Route=sip:evil"},
		{"headers of a short number", "1000?Replaces=a"},
		{"headers in the user", "bob?Subject=x@example.com"},
		{"a method", "sip:bob@example.com;method=BYE"},
		{"a method in capitals", "sip:bob@example.com;METHOD=REGISTER?Contact=*"},
		{"an empty header part", "sip:bob@example.com?"},
		{"sips with headers", "sips:bob@example.com?Route=sip:evil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				var err error
				b.do(func() { _, err = callText(b.ua, c.target, CallOptions{}) })
				if err != nil {
					var bad *config.TargetError
					if !errors.As(err, &bad) || bad.Reason == "" {
						t.Errorf("refused with %v", err)
					}
					return
				}
				m := w.expect("INVITE")
				if got := namesOf(m); !slices.Equal(got, plain) {
					t.Errorf("header fields %v, want %v", got, plain)
				}
				_, method := m.RequestURI.Params.Get("method")
				to, _ := m.To()
				if m.RequestURI.Headers != "" || method || to.URI.Headers != "" || m.RequestURI.Host != "example.com" {
					t.Errorf("INVITE:\n%s", m)
				}
				if user := m.RequestURI.User; user != "bob" && user != "+4930123456" && user != "1000" {
					t.Errorf("calls %q", user)
				}
			})
		})
	}
}

func namesOf(m *sip.Message) (names []string) {
	for _, h := range m.Headers {
		names = append(names, h.Name)
	}
	return names
}

// What the engine is handed as an address is held to the same: text of others comes to it parsed.
//
// Holds: dialled-headers
func TestParsedAddressesKeepNoHeaders(t *testing.T) {
	for _, c := range []struct {
		name, uri string
	}{
		{"a route", "sip:bob@example.com?Route=%3Csip:evil%3E"},
		{"Replaces", "sip:bob@example.com?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc"},
		{"a method", "sip:bob@example.com;method=BYE"},
		{"a method and headers", "sip:bob@example.com;Method=INVITE;user=phone?Subject=x"},
		{"a body", "sip:bob@example.com?body=x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				uri, err := sip.ParseURI(c.uri)
				if err != nil {
					t.Fatal(err)
				}
				b.do(func() {
					if _, err := b.ua.Call(sip.Address{URI: uri}, CallOptions{}); err != nil {
						t.Error(err)
					}
					b.ua.ask("OPTIONS", uri, nil, nil, func(*sip.Message, error) {}, func(error) {})
				})
				for range 2 {
					m := <-w.in
					if s := m.RequestURI.String() + m.Get("To"); strings.Contains(s, "?") ||
						strings.Contains(strings.ToLower(s), "method") || m.Has("Replaces") || m.Has("Route") {
						t.Errorf("%s:\n%s", m.Method, m)
					}
				}
			})
		})
	}
}
