package jssip

import (
	"testing"
	"unicode/utf16"
)

// TestPastedEncodings: a configuration is read in each encoding that editors save it in.
//
// Holds: pasted-configuration
func TestPastedEncodings(t *testing.T) {
	const text = `{"uri": "sip:alice@example.com", "ws_servers": "wss://ws.example.com:8443/sip"}`
	var little, big []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	for name, data := range map[string][]byte{
		"UTF-8":                             []byte(text),
		"UTF-8 with a mark":                 []byte("\ufeff" + text),
		"UTF-16, the lower octet first":     little,
		"UTF-16, the higher octet first":    big,
		"UTF-16 with half a character":      append(little, 0x20),
		"characters that have no width":     []byte("\u200b" + text[:1] + "\u2060" + text[1:] + "\u200b"),
		"lines that end as in Windows":      []byte("{\r\n" + text[1:len(text)-1] + "\r\n}\r\n"),
		"lines that end as in an old Mac":   []byte("{\r// x\r" + text[1:len(text)-1] + "\r}\r"),
		"blanks that do not break the line": []byte("\u00a0" + text[:1] + "\u00a0" + text[1:]),
	} {
		if r := Check(data, 0); !r.OK || r.Config.URI != "sip:alice@example.com" {
			t.Errorf("%s: %s", name, r.Reason)
		}
	}
}

// TestOtherNamesAreTold: what other programs and people call a parameter is told with the right name.
//
// Holds: pasted-configuration
func TestOtherNamesAreTold(t *testing.T) {
	const server = `"ws_servers": "wss://ws.example.com"`
	for _, test := range []struct{ id, parameter, rest string }{
		{"websocket_servers", "ws_servers", `"uri": "sip:a@example.com"`},
		{"wsUri", "ws_servers", `"uri": "sip:a@example.com"`},
		{"wss", "ws_servers", `"uri": "sip:a@example.com"`},
		{"serverUrl", "ws_servers", `"uri": "sip:a@example.com"`},
		{"sipUri", "uri", server},
		{"aor", "uri", server},
		{"user", "uri", server},
	} {
		r := Check([]byte(`{"`+test.id+`": "x", `+test.rest+`}`), 0)
		if want := "is missing: " + test.id + ", which is there, is not a parameter; is " + test.parameter +
			" meant?"; r.OK || r.Reason != want {
			t.Errorf("%s: %s", test.id, r.Reason)
		}
	}
	for _, test := range []struct{ id, parameter string }{
		{"pass", "password"},
		{"secret", "password"},
		{"auth_user", "authorization_user"},
		{"expires", "register_expires"},
		{"registrar", "registrar_server"},
		{"stun", "stun_servers"},
	} {
		in, err := Import([]byte(`{"uri": "sip:a@example.com", `+server+`, "`+test.id+`": "x"}`), 0)
		if err != nil || len(in.Ignored) != 1 ||
			in.Ignored[0].Reason != "is not a parameter: "+test.parameter+" is probably meant" {
			t.Errorf("%s: %v, %v", test.id, in.Ignored, err)
		}
	}
}
