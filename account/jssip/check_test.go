package jssip

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"calla/netsip/config"
)

// checked runs Check and returns what it prints.
func checked(t *testing.T, text string) map[string]any {
	t.Helper()
	data, err := json.Marshal(Check([]byte(text), 0))
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	var printed map[string]any
	if err := json.Unmarshal(data, &printed); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return printed
}

// configText is a configuration that is whole but for one parameter.
func configText(param, input string) string {
	members := map[string]string{"uri": `"sip:alice@example.com"`, "ws_servers": `"ws://localhost:12345"`}
	members[param] = input
	var b strings.Builder
	for name, v := range members {
		if v != "<absent>" {
			fmt.Fprintf(&b, "%s: %s,\n", name, v)
		}
	}
	return "{" + b.String() + "}"
}

func TestCheckAgreesWithJsSIP(t *testing.T) {
	data, err := os.ReadFile("../../../shared/spec/vectors.json")
	if err != nil {
		t.Skip("the vectors taken from JsSIP do not stand beside this checkout")
	}
	var vectors struct {
		Config []struct {
			Param, Input, Want string
			JsSIP              struct{ Value any } `json:"jssip_0_4_4"`
		}
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Config {
		t.Run(v.Param+" "+v.Input, func(t *testing.T) {
			text := configText(v.Param, v.Input)
			printed := checked(t, text)
			if strings.HasPrefix(v.Want, "EITHER") {
				return
			}
			if strings.HasPrefix(v.Want, "REJECT") {
				if printed["ok"] != false || printed["parameter"] != v.Param || printed["reason"] == "" {
					t.Fatalf("got %v, want it refused", printed)
				}
				return
			}
			if printed["ok"] != true {
				t.Fatalf("got %v, want it accepted", printed)
			}
			got, want := printed["config"].(map[string]any)[v.Param], v.JsSIP.Value
			switch v.Param {
			case "no_answer_timeout":
				want = want.(float64) / 1000
			case "password":
				if want != nil {
					if revealed := Check([]byte(text), 0).Config.Password.Reveal(); revealed != want {
						t.Errorf("password %q, want %q", revealed, want)
					}
					want = "hidden"
				}
			case "authorization_user", "display_name":
				want = fmt.Sprint(want) // text, whatever JavaScript leaves it
			case "turn_servers":
				want = hideCredentials(v.Want, want)
			case "ws_servers":
				for _, s := range want.([]any) {
					if s := s.(map[string]any); s["weight"] == "5" {
						s["weight"] = 5.0
					}
				}
			case "stun_servers":
				if strings.Contains(v.Want, "lower-cased scheme") {
					want = []any{"stun:s.example.com"}
				}
			}
			if want == "<random uuid v4>" {
				random := `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
				if !regexp.MustCompile(random).MatchString(got.(string)) {
					t.Errorf("got %v, want a random UUID", got)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// hideCredentials returns what is printed for the TURN servers of a vector.
func hideCredentials(note string, v any) any {
	list, is := v.([]any)
	if !is {
		list = []any{v}
	}
	shown := []any{}
	for _, s := range list {
		o := s.(map[string]any)
		urls, is := o["urls"].([]any)
		if !is {
			urls = []any{o["urls"]}
		}
		shown = append(shown, map[string]any{"urls": urls, "username": o["username"], "credential": "hidden"})
	}
	return shown
}

func TestCheckPrintsEveryParameter(t *testing.T) {
	printed := checked(t, `{
		uri: 'sip:f%61keUA@jssip.net',
		password: '1234ññññ',
		ws_servers: 'ws://localhost:12345',
		display_name: 'Fake UA ð→€ł !!!',
		authorization_user: 'fakeUA',
		instance_id: 'uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12',
		registrar_server: 'registrar.jssip.NET:6060;TRansport=TCP',
		register_expires: 600, register: false,
		connection_recovery_min_interval: 2, connection_recovery_max_interval: 30,
		use_preloaded_route: true, no_answer_timeout: 60000,
		stun_servers: ['stun:stun.l.google.com:19302'],
		turn_servers: [{urls: 'turn:example.org', username: 'u', credential: 'p'},
			{urls: 'turn:example.org?transport=udp', username: 'u', credential: 'p'}],
		hack_via_tcp: false, hack_via_ws: true, hack_ip_in_contact: false
	}`)
	want := map[string]any{"ok": true, "config": map[string]any{
		"uri": "sip:fakeUA@jssip.net",
		"ws_servers": []any{map[string]any{
			"ws_uri": "ws://localhost:12345", "sip_uri": "<sip:localhost:12345;transport=ws;lr>", "weight": 0.0,
			"status": 0.0, "scheme": "WS",
		}},
		"authorization_user":               "fakeUA",
		"connection_recovery_max_interval": 30.0, "connection_recovery_min_interval": 2.0,
		"display_name":       "Fake UA ð→€ł !!!",
		"hack_ip_in_contact": false, "hack_via_tcp": false, "hack_via_ws": true,
		"instance_id":       "8f1fa16a-1165-4a96-8341-785b1ef24f12",
		"log":               map[string]any{"builtinEnabled": true, "level": 2.0, "connector": nil},
		"no_answer_timeout": 60000.0, "password": "hidden", "register": false, "register_expires": 600.0,
		"registrar_server": "sip:registrar.jssip.net:6060;transport=tcp",
		"stun_servers":     []any{"stun:stun.l.google.com:19302"}, "trace_sip": false,
		"turn_servers": []any{
			map[string]any{"urls": []any{"turn:example.org"}, "username": "u", "credential": "hidden"},
			map[string]any{"urls": []any{"turn:example.org?transport=udp"}, "username": "u", "credential": "hidden"},
		},
		"use_preloaded_route": true,
		"authorization_jwt":   nil, "ha1": nil, "realm": "", "contact_uri": "", "user_agent": "",
		"extra_headers":  []any{},
		"session_timers": true, "session_timers_force_refresher": false, "session_timers_refresh_method": "UPDATE",
		"calla": map[string]any{
			"ice_gathering_timeout": 500.0, "ice_transport_policy": "all", "keep_alive_interval": 25.0,
			"reliable_provisional": "supported",
			"fail_back":            true, "force_rport": false, "origin": "", "client_certificate": "",
			"client_key": "", "tls_ca": "",
			"proxy": "", "proxy_password": nil, "log_file": "", "log_command": "",
			"dial_rules": []any{}, "forward_always": "", "forward_busy": "", "forward_no_answer": "",
			"forward_after": 20.0, "auto_answer": nil, "auto_answer_domains": []any{},
			"codecs": []any{},
		},
	}}
	own := want["config"].(map[string]any)["calla"].(map[string]any)
	for _, p := range config.Parameters() { // those that Calla got since
		name, added := strings.CutPrefix(p.Name, "calla.")
		if _, named := own[name]; added && !named {
			empty := map[config.Kind]any{
				config.KindSecret: nil, config.KindBoolean: p.Default == "true",
				config.KindChoice: p.Default,
			}
			value, ok := empty[p.Kind]
			if !ok {
				value = ""
			}
			own[name] = value
		}
	}
	if diff := cmp.Diff(want, printed); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestCheckPrintsRefusals(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{lalala: 'lololo'}`, `{"ok":false,"parameter":"uri","value":null,"reason":"is missing"}`},
		{`{register: 1}`, `{"ok":false,"parameter":"uri","value":null,"reason":"is missing"}`},
		{configText("register", "1"), `{"ok":false,"parameter":"register","value":1,"reason":"must be true or false"}`},
		{
			configText("register_expires", "Infinity"),
			`{"ok":false,"parameter":"register_expires","value":"Infinity","reason":"must be a whole number above 0"}`,
		},
		{
			configText("ws_servers", "{ws_uri:'ws://h'}"),
			`{"ok":false,"parameter":"ws_servers","value":{"ws_uri":"ws://h"},` +
				`"reason":"must be a list: put the object in square brackets, [{…}]"}`,
		},
		{
			configText("password", `"geheim\nx"`),
			`{"ok":false,"parameter":"password","value":"hidden","reason":"has a line break in it"}`,
		},
		{
			configText("turn_servers", `{urls:'http://x', username:'u', credential:'geheim', pass:'geheim'}`),
			`{"ok":false,"parameter":"turn_servers",` +
				`"value":{"credential":"hidden","pass":"hidden","urls":"http://x","username":"u"},` +
				`"reason":"must begin with turn: or turns:"}`,
		},
		{"", `{"ok":false,"parameter":"","value":null,"reason":"is empty"}`},
		{
			"[]", `{"ok":false,"parameter":"","value":null,` +
				`"reason":"holds no configuration: no object with uri and ws_servers or sockets"}`,
		},
	} {
		data, err := json.Marshal(Check([]byte(test.text), 0))
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, data, test.want)
		}
	}
}
