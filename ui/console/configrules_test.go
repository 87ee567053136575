package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// ruleRow is an input of a parameter and what becomes of it: JSON, or "refused".
type ruleRow struct{ input, want string }

// TestConfigCheckKeepsTheRules: of each parameter is told whether it is taken, and what it means. The subcommand runs
// without the command line before it, which takes most of the time otherwise.
func TestConfigCheckKeepsTheRules(t *testing.T) {
	for param, rows := range configRules() {
		for _, row := range rows {
			t.Run(param+" "+row.input, func(t *testing.T) {
				got := checked(t, pageConfig(param, row.input))
				if row.want == "refused" {
					if got["ok"] != false || got["parameter"] != param || got["reason"] == "" {
						t.Errorf("got %v, want it refused", got)
					}
					return
				}
				if got["ok"] != true {
					t.Fatalf("got %v, want it accepted", got)
				}
				var want any
				if err := json.Unmarshal([]byte(row.want), &want); err != nil {
					t.Fatal(err)
				}
				checkNormalized(t, got["config"].(map[string]any)[param], want)
			})
		}
	}
}

// checked is what the subcommand tells of a configuration.
func checked(t *testing.T, in string) (object map[string]any) {
	t.Helper()
	var out, errs bytes.Buffer
	p := program(nil, strings.NewReader(in), &out, &errs)
	s := &session{Program: p, out: newTerminal(&out), errs: newTerminal(&errs)}
	err := (&configCheckCmd{File: "-"}).Run(s)
	if json.Unmarshal(out.Bytes(), &object) != nil || object["ok"] != (err == nil) {
		t.Fatalf("%v: %s%s", err, &out, &errs)
	}
	return object
}

// configRules are the rules of the page's parameters, in examples other than JsSIP's own.
func configRules() map[string][]ruleRow {
	integer := func(def string) []ruleRow {
		return []ruleRow{
			{"7", "7"},
			{`"7"`, "7"},
			{`"7.0"`, "7"},
			{"7.0", "7"},
			{"-7", "refused"},
			{"7.5", "refused"},
			{`"7.5"`, "refused"},
			{`"1e3"`, "refused"},
			{`"7s"`, "refused"},
			{`"0"`, "refused"},
			{"Infinity", "refused"},
			{"false", "refused"},
			{"[7]", "refused"},
			{"{}", "refused"},
			{`""`, def},
			{"null", def},
			{"undefined", def},
			{"NaN", def},
			{"[]", def},
			{"<absent>", def},
		}
	}
	boolean := func(def string) []ruleRow {
		return []ruleRow{
			{"true", "true"},
			{"false", "false"},
			{"1", "refused"},
			{"0", "refused"},
			{`"true"`, "refused"},
			{`"false"`, "refused"},
			{"{}", "refused"},
			{`""`, def},
			{"null", def},
			{"undefined", def},
			{"NaN", def},
			{"[]", def},
			{"<absent>", def},
		}
	}
	rules := map[string][]ruleRow{
		"connection_recovery_min_interval": append(integer("2"), ruleRow{"30", "30"}),
		"connection_recovery_max_interval": append(integer("30"), ruleRow{"2", "2"}, ruleRow{"1", "refused"}),
		"no_answer_timeout":                integer("60"),
		"register_expires":                 integer("600"),
		"hack_ip_in_contact":               append(boolean("false"), ruleRow{`"192.0.2.1"`, "refused"}),
		"hack_via_tcp":                     boolean("false"),
		"hack_via_ws":                      boolean("false"),
		"register":                         boolean("true"),
		"trace_sip":                        boolean("false"),
		"use_preloaded_route":              boolean("false"),
	}
	rules["session_timers"], rules["session_timers_force_refresher"] = boolean("true"), boolean("false")
	addIdentityRules(rules)
	addLaterRules(rules)
	addServerRules(rules)
	return rules
}

func addIdentityRules(rules map[string][]ruleRow) {
	const uuid = "0123abcd-0123-4567-89ab-0123456789ab"
	rules["uri"] = []ruleRow{
		{`"SIP:Bob@EXAMPLE.net:5060;transport=WS"`, `"sip:Bob@example.net:5060;transport=ws"`},
		{`"bob@[2001:DB8::1]:5070"`, `"sip:bob@[2001:db8::1]:5070"`},
		{`"sip:%62ob@h"`, `"sip:bob@h"`},
		{`"sip:bob:pw@h"`, `"sip:bob:pw@h"`},
		{`"sip:bob@h?Route=x"`, `"sip:bob@h"`},
		{`"sips:bob@h"`, "refused"},
		{`"tel:+123"`, "refused"},
		{`"sip:h"`, "refused"},
		{`"bob"`, "refused"},
		{`"sip:b b@h"`, "refused"},
		{`"sip:b\u00f6b@h"`, "refused"},
		{`"sip:bob@h:99999"`, "refused"},
		{`"sip:bob@h:0x"`, "refused"},
		{`"sip:bob@256.1.1.1"`, "refused"},
		{`"sip:bob@h\r\nX: y"`, "refused"},
		{"[]", "refused"},
		{"NaN", "refused"},
		{"{}", "refused"},
	}
	rules["authorization_user"] = []ruleRow{
		{`"bob 1"`, `"bob 1"`},
		{`"b\\\\b"`, `"b\\\\b"`},
		{`"b\\\"b"`, `"b\\\"b"`},
		{`"b\"b"`, "refused"},
		{`"b\\"`, "refused"},
		{`"b\r\nb"`, "refused"},
		{`"b\u0000"`, "refused"},
		{`""`, `"alice"`},
		{"undefined", `"alice"`},
		{"{}", "refused"},
	}
	rules["display_name"] = []ruleRow{
		{`"Alice ¶€ĸøĸø"`, `"Alice ¶€ĸøĸø"`},
		{`"\"Bob\""`, "refused"},
		{`"a\"b"`, `"a\"b"`},
		{`"a\\b"`, `"a\\b"`},
		{"0", `"0"`},
		{`"a\nb"`, "refused"},
		{`"a\u0000b"`, "refused"},
		{"{}", "refused"},
		{"undefined", `""`},
	}
	rules["instance_id"] = []ruleRow{
		{`"` + uuid + `"`, `"` + uuid + `"`},
		{`"UuId:` + strings.ToUpper(uuid) + `"`, `"` + strings.ToUpper(uuid) + `"`},
		{`"urn:uuid:` + uuid + `"`, "refused"},
		{`"` + strings.ReplaceAll(uuid, "-", "") + `"`, "refused"},
		{`"` + uuid + `0"`, "refused"},
		{"7", "refused"},
		{"true", "refused"},
		{`""`, `"<random uuid v4>"`},
		{"<absent>", `"<random uuid v4>"`},
	}
	rules["password"] = []ruleRow{
		{"0", `"hidden"`},
		{`" "`, `"hidden"`},
		{`"a\"b\\"`, `"hidden"`},
		{"true", `"hidden"`},
		{`"a\r\nb"`, "refused"},
		{"{}", "refused"},
		{"null", "null"},
		{"<absent>", "null"},
	}
	rules["registrar_server"] = []ruleRow{
		{`"registrar.jssip.NET:6060;TRansport=TCP"`, `"sip:registrar.jssip.net:6060;transport=tcp"`},
		{`"sip:reg"`, `"sip:reg"`},
		{`"sip:u@reg"`, "refused"},
		{`"sips:reg"`, "refused"},
		{`"re g"`, "refused"},
		{"7", "refused"},
		{"undefined", `"sip:example.com"`},
	}
}

func addServerRules(rules map[string][]ruleRow) {
	server := func(uri, weight, scheme, sip string) string {
		return fmt.Sprintf(`{"ws_uri":%q,"weight":%s,"status":0,"scheme":%q,"sip_uri":%q}`, uri, weight, scheme, sip)
	}
	rules["ws_servers"] = []ruleRow{
		{
			`"wss://SIP.Example.com:8443/sip?KEY=1234"`,
			"[" + server("wss://SIP.Example.com:8443/sip?KEY=1234", "0", "WSS",
				"<sip:sip.example.com:8443;transport=ws;lr>") + "]",
		},
		{`"WSS://h"`, "[" + server("wss://h", "0", "WSS", "<sip:h;transport=ws;lr>") + "]"},
		{
			`["ws://a",{ws_uri:"wss://b:1",weight:"1.5"}]`,
			"[" + server("ws://a", "0", "WS", "<sip:a;transport=ws;lr>") + "," + server("wss://b:1", "1.5", "WSS",
				"<sip:b:1;transport=ws;lr>") + "]",
		},
		{`[{ws_uri:"ws://a",weight:-2}]`, "[" + server("ws://a", "-2", "WS", "<sip:a;transport=ws;lr>") + "]"},
		{`{ws_uri:"ws://a"}`, "refused"},
		{"[]", "refused"},
		{`""`, "refused"},
		{`["ws://a",""]`, "refused"},
		{`[{weight:1}]`, "refused"},
		{`"http://h"`, "refused"},
		{`"ws://"`, "refused"},
		{`"ws:///x"`, "refused"},
		{`"ws://u:p@h"`, "refused"},
		{`"ws://h:70000"`, "refused"},
		{`"ws://h#x"`, "refused"},
		{`[{ws_uri:"ws://a",weight:"x"}]`, "refused"},
		{`[{ws_uri:"ws://a",weight:true}]`, "refused"},
		{"7", "refused"},
	}
	rules["stun_servers"] = []ruleRow{
		{"[]", "[]"},
		{`"stun:h"`, `["stun:h"]`},
		{`["stuns:[::1]:5349"]`, `["stuns:[::1]:5349"]`},
		{`"h"`, "refused"},
		{`"stun:"`, "refused"},
		{`["stun:a",""]`, "refused"},
		{`"stun:a:b:c"`, "refused"},
		{`"stun:h?transport=udp"`, "refused"},
		{`"http://h"`, "refused"},
		{"7", "refused"},
		{"true", "refused"},
		{"<absent>", `["stun:stun.l.google.com:19302"]`},
	}
	turn := func(urls string) string {
		return `[{"urls":` + urls + `,"username":"u","credential":"hidden"}]`
	}
	rules["turn_servers"] = []ruleRow{
		{`{urls:"turn:h",username:"u",credential:"p"}`, turn(`["turn:h"]`)},
		{`[{urls:"h:3478",username:"u",credential:"p"}]`, turn(`["turn:h:3478"]`)},
		{
			`{urls:["turn:h","turns:h?transport=tcp"],username:"u",credential:"p"}`,
			turn(`["turn:h","turns:h?transport=tcp"]`),
		},
		{`[{server:"turn:h",username:"u",password:"p"}]`, turn(`["turn:h"]`)},
		{`{url:"turn:h",username:"u",credential:"p"}`, "refused"},
		{`{urls:"turn:h",username:"u"}`, "refused"},
		{`{urls:"turn:h",username:"",credential:"p"}`, "refused"},
		{`{urls:"stun:h",username:"u",credential:"p"}`, "refused"},
		{`{urls:"turn:h?transport=sctp",username:"u",credential:"p"}`, "refused"},
		{`[{urls:"turn:h",username:"u",credential:"p"},7]`, "refused"},
		{`"turn:h"`, "refused"},
		{"null", "[]"},
	}
	rules["log"] = []ruleRow{
		{`{level:"debug",builtinEnabled:false}`, `{"builtinEnabled":false,"level":3,"connector":null}`},
		{"{level:7}", `{"builtinEnabled":true,"level":3,"connector":null}`},
		{"{level:0}", `{"builtinEnabled":true,"level":0,"connector":null}`},
		{`{level:"loud",builtinEnabled:1}`, `{"builtinEnabled":true,"level":2,"connector":null}`},
		{"{level:-1,connector:function(){}}", `{"builtinEnabled":true,"level":2,"connector":null}`},
		{"<absent>", `{"builtinEnabled":true,"level":2,"connector":null}`},
	}
}

// addLaterRules are those of the parameters that JsSIP got after the page.
func addLaterRules(rules map[string][]ruleRow) {
	rules["session_timers_refresh_method"] = []ruleRow{
		{`"INVITE"`, `"INVITE"`},
		{`"update"`, `"UPDATE"`},
		{`"INFO"`, "refused"},
		{"1", "refused"},
		{"null", `"UPDATE"`},
		{"<absent>", `"UPDATE"`},
	}
	rules["contact_uri"] = []ruleRow{
		{`"sip:alice@phone.example:5070;transport=ws"`, `"sip:alice@phone.example:5070;transport=ws"`},
		{`"SIP:phone.example"`, `"sip:phone.example"`},
		{`"phone.example"`, "refused"},
		{`"sips:phone.example"`, "refused"},
		{"7", "refused"},
		{"<absent>", `""`},
	}
	rules["user_agent"] = []ruleRow{
		{`"Door phone 2"`, `"Door phone 2"`},
		{`"a\r\nX: y"`, "refused"},
		{"{}", "refused"},
		{`""`, `"Calla/test"`},
		{"<absent>", `"Calla/test"`},
	}
	rules["extra_headers"] = []ruleRow{
		{`["X-Team:blue","X-Door : 3"]`, `["X-Team: blue","X-Door: 3"]`},
		{"[]", "[]"},
		{"<absent>", "[]"},
		{`["Via: x"]`, "refused"},
		{`["X-Team: a\r\nX: b"]`, "refused"},
		{`["nonsense"]`, "refused"},
		{`"X-Team: blue"`, "refused"},
	}
	for _, param := range []string{"ha1", "authorization_jwt"} {
		rules[param] = []ruleRow{
			{`"Bearer x"`, `"hidden"`},
			{`"a\nb"`, "refused"},
			{"{}", "refused"},
			{"null", "null"},
			{"<absent>", "null"},
		}
	}
	rules["realm"] = []ruleRow{
		{`"example.com"`, `"example.com"`},
		{"7", `"7"`},
		{`"a\nb"`, "refused"},
		{"<absent>", `""`},
	}
}
