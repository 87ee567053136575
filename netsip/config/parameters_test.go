package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParameterAcceptedForms(t *testing.T) {
	server := func(uri string, weight float64) any {
		return list(map[string]any{"ws_uri": uri, "weight": weight})
	}
	turn := func(username, credential string, urls ...any) any {
		return list(map[string]any{"urls": urls, "username": username, "credential": Secret(credential)})
	}
	for _, test := range []struct {
		name     string
		in, want any
	}{
		{"uri", "alice@example.com", "sip:alice@example.com"},
		{"uri", "SIP:Alice@EXAMPLE.com:5060;transport=WS", "sip:Alice@example.com:5060;transport=ws"},
		{"uri", "sip:a@b;Foo=BAR?X=y", "sip:a@b;foo=BAR"},
		{"uri", "sip:%61lice@example.com", "sip:alice@example.com"},
		{"uri", "sip:i%C3%B1aki@example.com", "sip:i%C3%B1aki@example.com"},
		{"uri", "sip:alice:pw@example.com", "sip:alice:pw@example.com"},
		{"uri", "sip:alice@[2001:db8::1]:5070", "sip:alice@[2001:db8::1]:5070"},
		{"uri", "alice@ex_ample.com", "sip:alice@ex_ample.com"},
		{"uri", "alice@1.2.3.4:65535", "sip:alice@1.2.3.4:65535"},
		{"uri", "alice@1.a-.b_", "sip:alice@1.a-.b_"},
		{"uri", "alice@[::ffff:1.2.3.4]", "sip:alice@[::ffff:1.2.3.4]"},
		{"ws_servers", "WSS://H.example:8443/sip?KEY=1234", server("wss://H.example:8443/sip?KEY=1234", 0)},
		{"ws_servers", list("ws://a"), server("ws://a", 0)},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a"}), server("ws://a", 0)},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": json.Number("-1.5")}), server("ws://a", -1.5)},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": " 2.50 "}), server("ws://a", 2.5)},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": ""}), server("ws://a", 0)},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": math.NaN()}), server("ws://a", 0)},
		{"ws_servers", "ws://[::1]:80/", server("ws://[::1]:80/", 0)},
		{"authorization_user", `al\"ice and\\bob é`, `al\"ice and\\bob é`},
		{"authorization_user", 0, "0"},
		{"connection_recovery_max_interval", "31.0", 31},
		{"connection_recovery_max_interval", json.Number("3e1"), 30},
		{"display_name", `O"Neill \`, `O"Neill \`},
		{"display_name", 0, "0"},
		{"display_name", false, "false"},
		{"display_name", `"`, `"`},
		{"instance_id", "uUiD:8F1FA16A-1165-4a96-8341-785b1ef24f12", "8F1FA16A-1165-4a96-8341-785b1ef24f12"},
		{"log.level", "debug", "debug"},
		{"log.level", 0, "error"},
		{"log.level", 7, "debug"},
		{"log.level", "1", "warn"},
		{"log.builtinEnabled", false, false},
		{"no_answer_timeout", "60", 60},
		{"no_answer_timeout", 60000.0, 60000},
		{"password", 0, Secret("0")},
		{"password", `a"b\c ñ`, Secret(`a"b\c ñ`)},
		{"register", false, false},
		{"register_expires", " +7 ", 7},
		{"registrar_server", "registrar.jssip.NET:6060;TRansport=TCP", "sip:registrar.jssip.net:6060;transport=tcp"},
		{"registrar_server", "SIP:r.example?X=y", "sip:r.example"},
		{"stun_servers", []any{}, []any{}},
		{"stun_servers", "STUNS:S.example:5349", list("stuns:S.example:5349")},
		{
			"turn_servers",
			map[string]any{"urls": "t.example:3478", "username": "u", "credential": "p"},
			turn("u", "p", "turn:t.example:3478"),
		},
		{
			"turn_servers",
			map[string]any{"server": "TURNS:t?transport=TCP", "username": 5, "password": 6},
			turn("5", "6", "turns:t?transport=tcp"),
		},
		{
			"turn_servers",
			map[string]any{"urls": list("a", "turn:[::1]"), "username": "u", "credential": "p"},
			turn("u", "p", "turn:a", "turn:[::1]"),
		},
		{"calla.ice_gathering_timeout", "750", 750},
		{"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": "1e3"}), server("ws://a", 1000)},
		{
			"ws_servers", list(map[string]any{"ws_uri": "ws://a", "weight": "-.5"}, "ws://b"),
			list(map[string]any{"ws_uri": "ws://a", "weight": -0.5},
				map[string]any{"ws_uri": "ws://b", "weight": 0.0}),
		},
		{"connection_recovery_min_interval", "2.", 2},
		{"register_expires", json.Number("1e3"), 1000},
		{"authorization_jwt", "Bearer ey.J0.x", Secret("Bearer ey.J0.x")},
		{"contact_uri", "SIP:Al@H.Example:5090;Transport=WS?X=y", "sip:Al@h.example:5090;transport=ws"},
		{"contact_uri", "sip:[2001:db8::1]", "sip:[2001:db8::1]"},
		{"extra_headers", list("X-A:1", 5, "  x-b :  two: 2 ", nil), list("X-A: 1", "x-b: two: 2")},
		{"extra_headers", list("Supported: 100rel", "Subject: ü"), list("Supported: 100rel", "Subject: ü")},
		{"ha1", "7b33ddc76839924578513358674924f8", Secret("7b33ddc76839924578513358674924f8")},
		{"ha1", 5, Secret("5")},
		{"realm", 5, "5"},
		{"realm", `testrealm@"host".com`, `testrealm@"host".com`},
		{"session_timers", false, false},
		{"session_timers_force_refresher", true, true},
		{"session_timers_refresh_method", "invite", "INVITE"},
		{"session_timers_refresh_method", "Update", "UPDATE"},
		{"user_agent", `Brick 3310 (ü; "x")`, `Brick 3310 (ü; "x")`},
		{"calla.keep_alive_interval", "7", 7},
		{"calla.fail_back", false, false},
		{"calla.force_rport", true, true},
		{"calla.ice_transport_policy", "All", "all"},
		{"calla.reliable_provisional", "Required", "required"},
		{"calla.origin", "HTTPS://App.example:8443/", "https://App.example:8443"},
		{"calla.origin", "null", "null"},
		{"calla.client_certificate", " C:\\certs\\a.pem", `C:\certs\a.pem`},
		{"calla.tls_ca", "/etc/ca.pem", "/etc/ca.pem"},
		{"calla.proxy", "HTTP://proxy.example:8080/", "http://proxy.example:8080"},
		{"calla.proxy", "http://u:p%40ss@[::1]:3128", "http://u@[::1]:3128"},
		{"calla.proxy", "direct", "none"},
		{"calla.proxy_password", 5, Secret("5")},
		{"calla.log_file", "/tmp/calla log", "/tmp/calla log"},
		{"calla.log_command", `jq -c '.'`, `jq -c '.'`},
	} {
		t.Run(fmt.Sprint(test.name, " ", test.in), func(t *testing.T) {
			c, err := normalized(whole(test.name, test.in))
			if err != nil {
				t.Fatal(err)
			}
			p, _ := ParameterNamed(test.name)
			if diff := cmp.Diff(test.want, p.Value(c)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			again, err := c.Normalize()
			if err != nil {
				t.Fatalf("normalise again: %v", err)
			}
			if diff := again.Differences(c); diff != nil {
				t.Errorf("normalising again changed %v", diff)
			}
		})
	}
}

func TestParameterRefusedForms(t *testing.T) {
	refused := map[string][]any{
		"uri": {
			nil, "", list(), 5, true,
			map[string]any{},
			"alice", "sip:example.com", "sips:alice@example.com", "SIPS:alice@example.com",
			"tel:+123", "sip:al ice@example.com", "sip:ñ@example.com", "alice@1.2.3.444", "alice@example.com:99999",
			"alice@example.com:0x",
			"alice@", "@example.com", "a@b@c", "alice@exa..mple", "alice@[::g]", "alice@b\r\nX: y", "alice@b\x00",
			"al%0d%0aice@b", "a%@b", "a#b@c",
			"alice@b;;", "\xff@b", "alice@1a", "alice@a.1com", "alice@-a.b", "alice@_a", "alice@01.2.3.4", "alice@b:0",
			"alice@b:", "alice@b:65536", "alice@[2001:db8::1]:65536", "alice@2001:db8::1", "alice@b.",
			"alice@1.2.3.4.5",
			"alice@b c", "alice @b", "al\x00ice@b", "al%00ice@b",
		},
		"ws_servers": {
			nil, "", list(), 5,
			map[string]any{"ws_uri": "ws://h"},
			"http://h", "h", "ws://u@h", "ws://@h", "ws://h/a b", "ws://", "ws:///x", "ws:h",
			"ws://h:0", "ws://h:99999", "ws://h:", "ws://h:+1", "ws://h#x", "ws://ñ", "ws://h/%zz", "ws://h\r\nX:",
			"ws://h.", "ws://1.2.3.444",
			list("ws://a", ""), list(5), list(nil), list(map[string]any{}), list(map[string]any{"ws_uri": 5}),
			list(map[string]any{"ws_uri": "ws://a", "weight": "x"}),
			list(map[string]any{"ws_uri": "ws://a", "weight": true}),
			list(map[string]any{"ws_uri": "ws://a", "weight": math.Inf(1)}),
			list(map[string]any{"ws_uri": "ws://a", "weight": "1e999"}),
			list(map[string]any{"ws_uri": "ws://a", "weight": "5 kg"}),
			list(map[string]any{"ws_uri": "ws://a", "weight": list(1)}), list(list("ws://a")),
			"WS://u:p@h", "wss://h:65536", "ws://[::1", "ws://[fe80::1%25eth0]",
		},
		"authorization_user": {`al"ice`, `alice\`, `al\é`, "a\nb", "a\x00", "a\x01", list("x"), map[string]any{}},
		"display_name":       {`"Alice"`, `""`, "A\rB", "A\nB", "A\x00", "A\x07", "A\x7f", list("x"), map[string]any{}},
		"instance_id": {
			5, true, "xyz", "urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12", "8f1fa16a116541 968341785b1ef24f12",
			"8f1fa16a-1165-4a96-8341-785b1ef24f1g", "8f1fa16a-11654-a96-8341-785b1ef24f12", "uuid:",
		},
		"password": {list("x"), map[string]any{}, "a\nb", "a\x00b"},
		"registrar_server": {
			5, true, "sip:u@h", "@h", "sips:h", "a b", "h:0x", "h\r\n", "1.2.3.444", "h.", "h:0",
			"h:65536", "sip:", "SIPS:h", list("h"), "h\x00",
		},
		"authorization_jwt": {5, true, list("x"), map[string]any{}, "a\nb"},
		"contact_uri": {
			5, true, list("sip:a@b"),
			map[string]any{},
			"alice@b", "sips:alice@b", "tel:5", "sip:@b", "sip:", "sip:a@b:99999", "sip:a@b.", "sip:a b@c",
			"sip:a@b\r\nX: y", "sip:ñ@b", "<sip:a@b>",
		},
		"extra_headers": {
			"X: 1", 5, true,
			map[string]any{"X": "1"},
			list("X"), list(""), list(": 1"), list("X Y: 1"), list("X: 1\r\nY: 2"), list("X: 1\x00"), list("X: \x07"),
			list("Via: SIP/2.0/WS h"), list("contact: <sip:a@b>"), list("v: x"), list("Content-Length: 5"),
			list("X-A: 1", "From: x"),
		},
		"ha1":                           {list("x"), map[string]any{}, "a\nb", "a\x00"},
		"realm":                         {list("x"), map[string]any{}, "a\nb", "a\x00", "a\x07"},
		"session_timers_refresh_method": {5, true, "BYE", "up date", list("INVITE"), "UPDATE\n"},
		"user_agent":                    {5, true, list("x"), "a\r\nVia: x", "a\x00", "\x1b[1m"},
		"calla.ice_transport_policy":    {5, "relayed", "none", list("all")},
		"calla.reliable_provisional":    {true, false, "yes", 1},
		"calla.origin": {
			5, "example.com", "https://", "https://u@h", "https://h/x", "https://h:0",
			"://h", "https://h\r\nX: y", "ht tp://h",
		},
		"calla.client_certificate": {5, true, " ", "a\nb", "a\x00"},
		"calla.tls_ca":             {5, " ", "a\rb"},
		"calla.proxy": {
			5, true, "proxy:8080", "https://p", "socks5://p", "http://", "http://p:0",
			"http://p:99999", "http://p/x", "http://@p:8", "http://p:8\r\n", "http://u\x00@p",
		},
		"calla.proxy_password": {list("x"), "a\nb"},
		"calla.log_file":       {5, " ", "a\x00"},
		"calla.log_command":    {5, true, `"a`, " ", "a\nb"},
		"stun_servers": {
			5,
			map[string]any{},
			"h", "turn:h", "http://h", "stun:a:b:c", "stun:h?transport=udp", "stun:", "stun://h",
			list("stun:a", ""), list(5), "stun:h:0", "stun:a b",
		},
		"turn_servers": {
			5, "turn:x", list("turn:x"), list(nil),
			map[string]any{},
			map[string]any{"urls": "turn:x", "credential": "p"},
			map[string]any{"urls": "turn:x", "username": "u"},
			map[string]any{"urls": list(), "username": "u", "credential": "p"},
			map[string]any{"url": "turn:x", "username": "u", "credential": "p"},
			map[string]any{"urls": "stun:x", "username": "u", "credential": "p"},
			map[string]any{"urls": "turn:x?transport=tls", "username": "u", "credential": "p"},
			map[string]any{"urls": "turn:x?a=b", "username": "u", "credential": "p"},
			map[string]any{"urls": list("turn:x", ""), "username": "u", "credential": "p"},
			map[string]any{"urls": "turn:x", "username": "u\n", "credential": "p"},
			map[string]any{"urls": "turn:x", "username": "u", "credential": list("p")},
			map[string]any{"urls": "turn://x", "username": "u", "credential": "p"},
			list(map[string]any{"urls": "turn:x", "username": "u", "credential": "p"},
				map[string]any{"urls": "http://x", "username": "u", "credential": "p"}),
		},
	}
	integer := []any{
		0, -1, 1.5, "abc", "5s", "1e3", "0", "-2", "2.5", math.Inf(1), true, false, list(1),
		map[string]any{},
		1e10,
	}
	boolean := []any{0, 1, "true", "false", "1.2.3.4", list(true), map[string]any{}}
	for _, p := range Parameters() {
		switch {
		case p.Kind == KindSeconds || p.Kind == KindMilliseconds:
			refused[p.Name] = integer
		case p.Kind == KindBoolean && !p.Lenient:
			refused[p.Name] = boolean
		}
	}
	for name, values := range refused {
		for _, v := range values {
			t.Run(fmt.Sprintf("%s %q", name, fmt.Sprint(v)), func(t *testing.T) {
				_, err := normalized(whole(name, v))
				var wrong *Error
				if !errors.As(err, &wrong) || wrong.Parameter != name || wrong.Reason == "" {
					t.Errorf("got %v, want an error for %s", err, name)
				}
			})
		}
	}
}

func TestEmptyIsDefault(t *testing.T) {
	bare, err := normalized(whole("instance_id", "8f1fa16a-1165-4a96-8341-785b1ef24f12"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Parameters() {
		for _, empty := range []any{nil, "", list(), math.NaN()} {
			if p.Mandatory || p.Name == "instance_id" || p.Name == "stun_servers" && cmp.Equal(empty, list()) {
				continue
			}
			values := whole(p.Name, empty)
			values["instance_id"] = bare.InstanceID
			c, err := normalized(values)
			if err != nil {
				t.Errorf("%s %v: %v", p.Name, empty, err)
			} else if diff := c.Differences(bare); diff != nil {
				t.Errorf("%s %v: differs in %v", p.Name, empty, diff)
			}
		}
	}
}

func TestDefaultsOfThePage(t *testing.T) {
	c, err := Config{
		URI:       "sip:al%22ice:x@Example.com:5070;foo=bar?X=y",
		WSServers: []Server{{WSURI: "wss://h"}},
	}.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.InstanceID) != 36 {
		t.Errorf("instance_id %q", c.InstanceID)
	}
	c.InstanceID = ""
	want := Config{
		URI: "sip:al%22ice:x@example.com:5070;foo=bar", WSServers: []Server{{WSURI: "wss://h"}},
		AuthorizationUser:             `al\"ice:x`,
		ConnectionRecoveryMaxInterval: 30, ConnectionRecoveryMinInterval: 2, Log: Log{Level: LogNormal},
		NoAnswerTimeout: 60, RegisterExpires: 600, RegistrarServer: "sip:example.com:5070",
		StunServers: []string{"stun:stun.l.google.com:19302"}, SessionTimersRefreshMethod: "UPDATE",
		Calla: Additions{
			ICEGatheringTimeout: 500, KeepAliveInterval: 25, ICETransportPolicy: "all",
			ReliableProvisional: "supported", ForwardAfter: 20,
		},
	}
	if diff := cmp.Diff(want.values(true), c.values(true)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if got := c.Domain(); got != "example.com:5070;foo=bar" {
		t.Errorf("domain %q", got)
	}
}

func TestEveryParameterIsDescribed(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range Parameters() {
		if seen[p.Name] || p.Label == "" || p.Label == p.Name || p.Help == "" || !strings.HasSuffix(p.Help, ".") ||
			p.Group == "" || !strings.HasSuffix(p.Effect, ".") || (p.Default == "") != p.Mandatory {
			t.Errorf("%+v", p)
		}
		seen[p.Name] = true
		if strings.HasPrefix(p.Name, "calla.") != p.Added {
			t.Errorf("%s: whose is it?", p.Name)
		}
	}
	for _, name := range []string{
		"uri", "ws_servers", "authorization_user", "connection_recovery_max_interval",
		"connection_recovery_min_interval", "display_name",
		"hack_ip_in_contact", "hack_via_tcp", "hack_via_ws", "instance_id", "log.builtinEnabled", "log.level",
		"log.connector", "no_answer_timeout",
		"password", "register", "register_expires", "registrar_server", "stun_servers", "trace_sip", "turn_servers",
		"use_preloaded_route",
	} {
		if !seen[name] {
			t.Errorf("%s is not described", name)
		}
	}
}
