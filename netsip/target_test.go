package netsip

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestNormalizeTargetAgreesWithJsSIP(t *testing.T) {
	data, err := os.ReadFile("../../shared/spec/vectors.json")
	if err != nil {
		t.Skip("the vectors taken from JsSIP do not stand beside this checkout")
	}
	var vectors struct {
		Official []struct{ Input, Want string } `json:"normalize_target_official"`
		Observed []struct {
			Input, JsSIP string
			Later        string `json:"jssip_3_13_8"`
		} `json:"normalize_target_observed"`
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Official {
		checkTarget(t, v.Input, v.Want)
	}
	better := map[string]string{ // where JsSIP throws, or lets a line break through
		"50%25":             "sip:50%25@jssip.net",
		"%F1":               "sip:%F1@jssip.net",
		"bob\r\nX: y@x.com": "REJECT",
	}
	for _, v := range vectors.Observed {
		want := v.JsSIP + v.Later
		if b, is := better[v.Input]; is {
			want = b
		}
		checkTarget(t, v.Input, want)
	}
}

func checkTarget(t *testing.T, in, want string) {
	t.Helper()
	got := "REJECT"
	if u, ok := NormalizeTarget(in, "jssip.net"); ok {
		got = u.String()
	}
	if got != want {
		t.Errorf("%q: got %s, want %s", in, got, want)
	}
}

func TestNormalizeTarget(t *testing.T) {
	for _, test := range []struct{ in, domain, want string }{
		{"bob", "example.com:5070;foo=bar", "sip:bob@example.com:5070;foo=bar"},
		{"bob@EX.com:5070;Transport=TCP;X=Y", "d", "sip:bob@ex.com:5070;transport=tcp;x=Y"},
		{"100%", "d", "sip:100%25@d"},
		{"%", "d", "sip:%25@d"},
		{"%e2%82%ac", "d", "sip:%E2%82%AC@d"},
		{"a@b@c", "d", "sip:a%40b@c"},
		{"+", "d", "sip:+@d"},
		{"1+2", "d", "sip:1+2@d"},
		{"bob", "", "REJECT"},
		{"()", "d", "REJECT"},
		{"a%0d%0ab", "d", "REJECT"},
		{"a\x00b", "d", "REJECT"},
		{"a@h\n", "d", "REJECT"},
		{"a@h:70000", "d", "REJECT"},
		{"a@[::1", "d", "REJECT"},
	} {
		got := "REJECT"
		if u, ok := NormalizeTarget(test.in, test.domain); ok {
			got = u.String()
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.in, got, test.want)
		}
	}
}

func TestDialTarget(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{" bob ", "sip:bob@d.example"},
		{"<sip:bob@x.com>", "sip:bob@x.com"},
		{`"Bob \"B\"" <sip:bob@x.com>`, "sip:bob@x.com"},
		{"sip:bob@x.com", "sip:bob@x.com"},
		{"sip://bob@x.com", "sip:bob@x.com"},
		{"SIPS:bob@x.com", "sip:bob@x.com"},
		{"SIP:sip:bob@x.com", "sip:sip:bob@x.com"},
		{"sip:0201 12@x.com", "sip:020112@x.com"},
		{"tel:+1 (212) 555-1212", "sip:+12125551212@d.example"},
		{"tel:+1-212-555-1212;ext=5", "sip:+12125551212@d.example"},
		{"tel:7042;phone-context=+1-914-555", "sip:+19145557042@d.example"},
		{"tel:7042;phone-context=example.com", "sip:7042@d.example"},
		{"callto://+492012345", "sip:+492012345@d.example"},
		{"callto:bob@x.com", "sip:bob@x.com"},
		{"+49\u00a0201\u2009/ 123\u201345\u221267", "sip:+492011234567@d.example"},
		{"\u202a+49 201 12345\u202c", "sip:+4920112345@d.example"},
		{"+49 (0) 201 12345", "sip:+4920112345@d.example"},
		{"(0201) 123.45", "sip:020112345@d.example"},
		{"*21#", "sip:*21%23@d.example"},
		{"#21# @ x.com ", "sip:%2321%23@x.com"},
		{"0201 12@x.com", "sip:020112@x.com"},
		{"Bob Smith", "sip:Bob%20Smith@d.example"},
		{"iñaki@x.com", "sip:i%C3%B1aki@x.com"},
		{"bob@x.com;transport=TCP;method=BYE", "sip:bob@x.com;transport=tcp"},
		{"#999/?:1234", "sip:%23999/?:1234@d.example"},
		{"bob\r\n", "sip:bob@d.example"},
		{"", ""},
		{"<>", ""},
		{" - ", ""},
		{"bob\r\nRoute: <sip:evil>", ""},
		{"bob\x00", ""},
		{"bob%0d%0aRoute: x", ""},
		{"bob?Route=%3Csip:evil%3E", ""},
		{"sip:bob@x.com?Route=%3Csip:evil%3E", ""},
		{"<sip:bob@x.com?Subject=x>", ""},
		{"bob@x.com>;a=b", ""},
		{"http://x.com/bob", ""},
		{"mailto:bob@x.com", ""},
		{"bob@x.com\tb", ""},
	} {
		u, err := DialTarget(test.in, "d.example")
		if test.want == "" {
			var wrong *TargetError
			if !errors.As(err, &wrong) || wrong.Text != test.in || wrong.Reason == "" {
				t.Errorf("%q: got %s, %v, want an error", test.in, u, err)
			}
			continue
		}
		if err != nil || u.String() != test.want {
			t.Errorf("%q: got %s, %v, want %s", test.in, u, err, test.want)
		}
	}
}

func FuzzDialTarget(f *testing.F) {
	for _, s := range []string{"bob", "tel:+1 (2)", "%", "a@b@c", "<sip:x@[::1]>", "+49(0)1", "bob?a=b", "x@y;method=BYE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := DialTarget(s, "example.com")
		if err != nil {
			return
		}
		if text := u.String(); u.Scheme != "sip" || u.Headers != "" || strings.ContainsAny(text, "\r\n\x00 <>\"") {
			t.Fatalf("%q became %q", s, text)
		}
	})
}
