package config

import (
	"encoding/json"
	"os"
	"testing"
)

func TestNormalizeTargetAgreesWithJsSIP(t *testing.T) {
	data, err := os.ReadFile("../../../shared/spec/vectors.json")
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
