package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// whole returns a configuration with the mandatory parameters, and one more.
func whole(name string, v any) map[string]any {
	values := map[string]any{"uri": "sip:alice@example.com", "ws_servers": "wss://example.com"}
	if group, part, nested := strings.Cut(name, "."); nested {
		values[group] = map[string]any{part: v}
	} else if name != "" {
		values[name] = v
	}
	return values
}

// normalized parses and normalises.
func normalized(values map[string]any) (Config, error) {
	c, _, err := Parse(values, nil)
	if err != nil {
		return Config{}, err
	}
	return c.Normalize()
}

func list(v ...any) []any { return v }

func TestRecoveryIntervalsAreCompared(t *testing.T) {
	for _, test := range []struct {
		min, max any
		ok       bool
	}{{31, nil, false}, {nil, 1, false}, {30, nil, true}, {7, 7, true}, {"8", 7, false}} {
		values := whole("connection_recovery_min_interval", test.min)
		values["connection_recovery_max_interval"] = test.max
		_, err := normalized(values)
		var wrong *Error
		if test.ok && err != nil || !test.ok && (!errors.As(err, &wrong) ||
			wrong.Parameter != "connection_recovery_max_interval") {
			t.Errorf("min %v, max %v: %v", test.min, test.max, err)
		}
	}
}

func TestContradictionsNameTheirParameter(t *testing.T) {
	turn := map[string]any{"urls": "turn:t", "username": "u", "credential": "p"}
	for _, test := range []struct {
		calla map[string]any
		turn  any
		wrong string
	}{
		{map[string]any{"ice_transport_policy": "relay"}, nil, "calla.ice_transport_policy"},
		{map[string]any{"ice_transport_policy": "relay"}, turn, ""},
		{map[string]any{"client_key": "/k"}, nil, "calla.client_key"},
		{map[string]any{"client_key": "/k", "client_certificate": "/c"}, nil, ""},
	} {
		values := whole("calla", test.calla)
		values["turn_servers"] = test.turn
		_, err := normalized(values)
		var wrong *Error
		if errors.As(err, &wrong) != (test.wrong != "") || wrong != nil && wrong.Parameter != test.wrong {
			t.Errorf("%v: %v", test.calla, err)
		}
	}
}

func TestMandatoryParametersComeFirst(t *testing.T) {
	_, _, err := Parse(map[string]any{"register": 1}, nil)
	var wrong *Error
	if !errors.As(err, &wrong) || wrong.Parameter != "uri" {
		t.Errorf("got %v, want an error for uri", err)
	}
	_, _, err = Parse(map[string]any{"register": 1, "uri": "a@b"}, nil)
	if !errors.As(err, &wrong) || wrong.Parameter != "ws_servers" {
		t.Errorf("got %v, want an error for ws_servers", err)
	}
	if _, err := (Config{RegisterExpires: -1}).Normalize(); !errors.As(err, &wrong) || wrong.Parameter != "uri" {
		t.Errorf("got %v, want an error for uri", err)
	}
}

func TestUnknownAndWrongLogParametersAreTold(t *testing.T) {
	values := whole("lalala", "lololo")
	values["log"] = map[string]any{"level": "loud", "builtinEnabled": 1, "connector": struct{}{}, "colour": true}
	c, ignored, err := Parse(values, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range ignored {
		names = append(names, i.Parameter)
	}
	want := []string{"lalala", "log.builtinEnabled", "log.colour", "log.connector", "log.level"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if c, err = c.Normalize(); err != nil || c.Log.Level != LogNormal || !c.Log.BuiltinEnabled.Enabled() {
		t.Errorf("log %+v, %v", c.Log, err)
	}
	values["log"] = "debug"
	if _, ignored, err = Parse(values, nil); err != nil ||
		!slices.ContainsFunc(ignored, func(i Ignored) bool { return i.Parameter == "log" }) {
		t.Errorf("log as text: %v, %v", ignored, err)
	}
}

func TestNormalizeLeavesTheGivenConfigAlone(t *testing.T) {
	c := Config{URI: "Alice@EXAMPLE.com", WSServers: []Server{{WSURI: "WSS://h"}}, StunServers: []string{"STUN:a"}}
	if _, err := c.Normalize(); err != nil {
		t.Fatal(err)
	}
	if c.URI != "Alice@EXAMPLE.com" || c.WSServers[0].WSURI != "WSS://h" || c.StunServers[0] != "STUN:a" {
		t.Errorf("changed to %+v", c)
	}
}

func TestServerRoute(t *testing.T) {
	for _, test := range []struct{ in, scheme, want string }{
		{"wss://sip-ws.Example.com:8443/sip?KEY=1234", "WSS", "<sip:sip-ws.example.com:8443;transport=ws;lr>"},
		{"ws://[2001:db8::1]:8080/x", "WS", "<sip:[2001:db8::1]:8080;transport=ws;lr>"},
		{"http://h", "WS", ""},
	} {
		s := Server{WSURI: test.in}
		if s.Scheme() != test.scheme || s.SIPURI() != test.want {
			t.Errorf("%s: %s %s", test.in, s.Scheme(), s.SIPURI())
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(`{"uri":"sip:alice@example.com","ws_servers":[{"ws_uri":"wss://h","weight":"5"}],"register_expires":"300"}`)
	f.Add(`{"uri":"a@b","ws_servers":"ws://[::1]",` +
		`"turn_servers":{"urls":"x","username":"u","credential":"p"},"stun_servers":[]}`)
	f.Add(`{"uri":"a@b","ws_servers":["ws://h"],"log":{"level":9},` +
		`"display_name":"\u00fc\\","calla":{"ice_gathering_timeout":1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		values, err := decodeObject([]byte(text))
		if err != nil {
			return
		}
		c, err := normalized(values)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) {
				t.Fatalf("%v is not a ConfigError", err)
			}
			return
		}
		for _, s := range []string{
			c.URI, c.DisplayName, c.AuthorizationUser, c.RegistrarServer,
			c.WSServers[0].SIPURI(),
		} {
			if s != c.DisplayName && s == "" || strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("%q came through", s)
			}
		}
		again, err := c.Normalize()
		if err != nil {
			t.Fatalf("normalise again: %v", err)
		}
		if diff := again.Differences(c); diff != nil {
			t.Fatalf("normalising again changed %v", diff)
		}
	})
}
