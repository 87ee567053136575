package netsip

import (
	"strings"
	"testing"

	"calla/netsip/sip"
)

func FuzzReplaces(f *testing.F) {
	for _, s := range []string{
		"a@b;to-tag=1;from-tag=2", "a;from-tag=2;to-tag=0;early-only;x=y",
		"a;to-tag=;from-tag=2", ";;;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseReplaces(s)
		if err != nil {
			return
		}
		again, err := parseReplaces(r.String())
		if err != nil || again != r || strings.ContainsAny(r.String(), "\r\n\x00,") {
			t.Errorf("%q: %+v, then %+v, %v", s, r, again, err)
		}
		if back := sip.Unescape(escapeHeader(r.String())); back != r.String() {
			t.Errorf("%q comes back as %q", r, back)
		}
	})
}

func FuzzReferTo(f *testing.F) {
	for _, s := range []string{
		"<sip:a@b?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2>", "sip:a@b", "<sip:a@b;method=BYE>", "tel:+1",
		`"x" <sip:a@b?Route=%0d%0a>;p`, "<sip:a@b>, <sip:c@d>",
	} {
		f.Add(s, "<sip:x@y>")
	}
	f.Fuzz(func(t *testing.T, referTo, referredBy string) {
		req := referRequest(referTo, referredBy)
		r, refusal := readReferral(req)
		code := refusal.StatusCode
		if code != 0 {
			if code < 400 || r != nil && code != 0 && r.asked {
				t.Errorf("%q: %d", referTo, code)
			}
			return
		}
		if r.target.URI.Scheme != "sip" || r.target.URI.Headers != "" || strings.ContainsAny(r.replaces, "\r\n\x00,") {
			t.Errorf("%q: %+v", referTo, r)
		}
		if _, given := r.target.URI.Params.Get("method"); given {
			t.Errorf("%q keeps its method", referTo)
		}
		if r.replaces != "" {
			if _, err := parseReplaces(r.replaces); err != nil {
				t.Errorf("%q: %v", referTo, err)
			}
		}
	})
}
