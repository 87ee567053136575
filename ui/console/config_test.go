package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"calla/netsip"
)

// ran runs the program on arguments and standard input, and returns what it printed and its exit code.
func ran(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = program(args, strings.NewReader(in), &o, &e).Run()
	return o.String(), e.String(), code
}

// answered runs a subcommand that prints one JSON object with ok, which the exit code has to agree with.
func answered(t *testing.T, in string, args ...string) map[string]any {
	t.Helper()
	out, errs, code := ran(t, in, args...)
	var object map[string]any
	if err := json.Unmarshal([]byte(out), &object); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errs)
	}
	if want := map[any]int{true: ExitOK, false: ExitInvalid}[object["ok"]]; code != want || strings.Count(out, "\n") != 1 {
		t.Fatalf("%v: exit code %d\n%s", args, code, out)
	}
	return object
}

// pageConfig is a configuration, as a page's script has it, that is whole but for one parameter.
func pageConfig(param, input string) string {
	members := map[string]string{"uri": `"sip:alice@example.com"`, "ws_servers": `"ws://localhost:12345"`, param: input}
	var b strings.Builder
	b.WriteString("var configuration = {\n")
	for name, v := range members {
		if v != "<absent>" {
			fmt.Fprintf(&b, "  %s: %s,\n", name, v)
		}
	}
	b.WriteString("};\nvar ua = new JsSIP.UA(configuration);\n")
	return b.String()
}

// vectors are what JsSIP was seen to do.
type vectors struct {
	Config []struct {
		Param, Input, Want string
		JsSIP              struct{ Value any } `json:"jssip_0_4_4"`
	}
	Official []struct{ Input, Want string } `json:"normalize_target_official"`
	Observed []struct {
		Input, JsSIP string
		Later        string `json:"jssip_3_13_8"`
	} `json:"normalize_target_observed"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	data, err := os.ReadFile("../../../shared/spec/vectors.json")
	if err != nil {
		t.Skip("the vectors taken from JsSIP do not stand beside this checkout")
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// randomUUID is a UUID of version 4.
const randomUUID = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`

func TestConfigCheckAgreesWithJsSIP(t *testing.T) {
	all := readVectors(t).Config
	if len(all) < 100 {
		t.Fatalf("only %d vectors", len(all))
	}
	for _, v := range all {
		t.Run(v.Param+" "+v.Input, func(t *testing.T) {
			got := answered(t, pageConfig(v.Param, v.Input), "config", "check", "-")
			switch {
			case strings.HasPrefix(v.Want, "EITHER"):
			case strings.HasPrefix(v.Want, "REJECT"):
				if got["ok"] != false || got["parameter"] != v.Param || got["reason"] == "" {
					t.Errorf("got %v, want it refused", got)
				}
			case got["ok"] != true:
				t.Errorf("got %v, want it accepted", got)
			default:
				checkNormalized(t, got["config"].(map[string]any)[v.Param], normalizedAs(v.Param, v.Want, v.JsSIP.Value))
			}
		})
	}
}

// normalizedAs is what is printed in the place of JsSIP's value: seconds, text, numbers, one form of TURN
// server, and no secret.
func normalizedAs(param, note string, v any) any {
	switch param {
	case "no_answer_timeout": // JsSIP keeps milliseconds
		return v.(float64) / 1000
	case "authorization_user", "display_name": // text, whatever JavaScript leaves it
		return fmt.Sprint(v)
	case "password":
		if v != nil {
			return "hidden"
		}
	case "ws_servers":
		for _, s := range v.([]any) {
			if s := s.(map[string]any); s["weight"] == "5" {
				s["weight"] = 5.0
			}
		}
	case "stun_servers":
		if strings.Contains(note, "lower-cased scheme") { // JsSIP refuses it
			return []any{"stun:s.example.com"}
		}
	case "turn_servers":
		return normalizedTurn(v)
	}
	return v
}

func normalizedTurn(v any) any {
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

func checkNormalized(t *testing.T, got, want any) {
	t.Helper()
	if text, is := got.(string); is && want == "<random uuid v4>" && regexp.MustCompile(randomUUID).MatchString(text) {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// ruleRow is an input of a parameter and what becomes of it: JSON, or "refused".
type ruleRow struct{ input, want string }

func TestConfigCheckKeepsTheRules(t *testing.T) {
	for param, rows := range configRules() {
		for _, row := range rows {
			t.Run(param+" "+row.input, func(t *testing.T) {
				got := answered(t, pageConfig(param, row.input), "config", "check", "-")
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
		{`"Alice ¶€ĸøĸø"`, `"Alice ¶€ĸøĸø"`}, {`"\"Bob\""`, "refused"}, {`"a\"b"`, `"a\"b"`}, {`"a\\b"`, `"a\\b"`}, {"0", `"0"`}, {`"a\nb"`, "refused"}, {`"a\u0000b"`, "refused"}, {"{}", "refused"}, {"undefined", `""`},
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
	rules["password"] = []ruleRow{{"0", `"hidden"`}, {`" "`, `"hidden"`}, {`"a\"b\\"`, `"hidden"`}, {"true", `"hidden"`}, {`"a\r\nb"`, "refused"}, {"{}", "refused"}, {"null", "null"}, {"<absent>", "null"}}
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
		{`"wss://SIP.Example.com:8443/sip?KEY=1234"`, "[" + server("wss://SIP.Example.com:8443/sip?KEY=1234", "0", "WSS", "<sip:sip.example.com:8443;transport=ws;lr>") + "]"},
		{`"WSS://h"`, "[" + server("wss://h", "0", "WSS", "<sip:h;transport=ws;lr>") + "]"},
		{`["ws://a",{ws_uri:"wss://b:1",weight:"1.5"}]`, "[" + server("ws://a", "0", "WS", "<sip:a;transport=ws;lr>") + "," + server("wss://b:1", "1.5", "WSS", "<sip:b:1;transport=ws;lr>") + "]"},
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
		{`{urls:["turn:h","turns:h?transport=tcp"],username:"u",credential:"p"}`, turn(`["turn:h","turns:h?transport=tcp"]`)},
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
	rules["session_timers_refresh_method"] = []ruleRow{{`"INVITE"`, `"INVITE"`}, {`"update"`, `"UPDATE"`}, {`"INFO"`, "refused"}, {"1", "refused"}, {"null", `"UPDATE"`}, {"<absent>", `"UPDATE"`}}
	rules["contact_uri"] = []ruleRow{
		{`"sip:alice@phone.example:5070;transport=ws"`, `"sip:alice@phone.example:5070;transport=ws"`}, {`"SIP:phone.example"`, `"sip:phone.example"`}, {`"phone.example"`, "refused"}, {`"sips:phone.example"`, "refused"}, {"7", "refused"}, {"<absent>", `""`},
	}
	rules["user_agent"] = []ruleRow{{`"Door phone 2"`, `"Door phone 2"`}, {`"a\r\nX: y"`, "refused"}, {"{}", "refused"}, {`""`, `"Calla/test"`}, {"<absent>", `"Calla/test"`}}
	rules["extra_headers"] = []ruleRow{
		{`["X-Team:blue","X-Door : 3"]`, `["X-Team: blue","X-Door: 3"]`}, {"[]", "[]"}, {"<absent>", "[]"}, {`["Via: x"]`, "refused"}, {`["X-Team: a\r\nX: b"]`, "refused"}, {`["nonsense"]`, "refused"}, {`"X-Team: blue"`, "refused"},
	}
	for _, param := range []string{"ha1", "authorization_jwt"} {
		rules[param] = []ruleRow{{`"Bearer x"`, `"hidden"`}, {`"a\nb"`, "refused"}, {"{}", "refused"}, {"null", "null"}, {"<absent>", "null"}}
	}
	rules["realm"] = []ruleRow{{`"example.com"`, `"example.com"`}, {"7", `"7"`}, {`"a\nb"`, "refused"}, {"<absent>", `""`}}
}

// Every parameter there is stands in the output, whether it was given or not, and no secret does.
func TestConfigCheckPrintsEveryParameter(t *testing.T) {
	const secret = "n0t-t0-be-seen"
	groups := map[string]map[string]any{}
	given := map[string]any{
		"uri": "alice@example.com", "ws_servers": "wss://example.com", "turn_servers": map[string]any{"urls": "turn:h", "username": "u", "credential": secret},
	}
	for _, p := range netsip.Parameters() {
		if p.Kind != netsip.KindSecret {
			continue
		}
		if group, part, nested := strings.Cut(p.Name, "."); !nested {
			given[p.Name] = secret
		} else if groups[group] == nil {
			groups[group] = map[string]any{part: secret}
			given[group] = groups[group]
		} else {
			groups[group][part] = secret
		}
	}
	text, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	out, errs, code := ran(t, string(text), "config", "check", "-")
	if code != ExitOK || strings.Contains(out+errs, secret) {
		t.Errorf("exit code %d, or a secret is seen: %s%s", code, out, errs)
	}
	var printed struct{ Config map[string]any }
	if err := json.Unmarshal([]byte(out), &printed); err != nil {
		t.Fatal(err)
	}
	for _, p := range netsip.Parameters() {
		group, part, nested := strings.Cut(p.Name, ".")
		value, is := printed.Config[group]
		if parts, isObject := value.(map[string]any); nested && isObject {
			value, is = parts[part]
		}
		if !is || p.Kind == netsip.KindSecret && value != "hidden" {
			t.Errorf("%s is printed as %v", p.Name, value)
		}
	}
}

func TestConfigCheckTakesEveryForm(t *testing.T) {
	const want = "<sip:h.example;transport=ws;lr>"
	for _, text := range []string{
		`{"uri":"alice@example.com","ws_servers":"wss://h.example"}`,
		"uri: 'alice@example.com', ws_servers: ['wss://h.example']",
		"{ uri: 'alice@' + 'example.com', ws_servers: [{ws_uri: 'wss://h.example', weight: 10,}], /* its weight */ }",
		"var server = 'wss://h.example';\nvar ua = new JsSIP.UA({ uri: 'alice@example.com', ws_servers: server });\nua.start();",
		"import JsSIP from 'jssip';\nconst socket = new JsSIP.WebSocketInterface('wss://h.example');\nconst ua = new JsSIP.UA({ sockets: [socket], uri: 'alice@example.com' });",
	} {
		out, _, code := ran(t, text, "config", "check", "-")
		if code != ExitOK || !strings.Contains(out, want) {
			t.Errorf("%s\nexit code %d, %s", text, code, out)
		}
	}
	for _, text := range []string{"", "{", "[]", "for(;;){}", `{"lalala":"lololo"}`} {
		if got := answered(t, text, "config", "check", "-"); got["ok"] != false || got["reason"] == "" {
			t.Errorf("%q is taken for a configuration: %v", text, got)
		}
	}
}

// Only what the page's object holds is printed on standard output; what it holds besides is told beside it.
func TestConfigCheckTellsWhatIsNoParameter(t *testing.T) {
	_, errs, code := ran(t, pageConfig("lalala", "'lololo'"), "config", "check", "-")
	if code != ExitOK || !strings.Contains(errs, "lalala: ignored") {
		t.Errorf("exit code %d, told %q", code, errs)
	}
}

func TestConfigTargetAgreesWithJsSIP(t *testing.T) {
	all := readVectors(t)
	if len(all.Official) != 25 {
		t.Fatalf("%d official targets, want 25", len(all.Official))
	}
	for _, v := range all.Official {
		checkDialled(t, v.Input, v.Want)
	}
	pad := map[string]string{ // where a dial pad does better than JsSIP's function
		"50%25": "sip:50%25@jssip.net", "%F1": "sip:%F1@jssip.net", "bob\r\nX: y@x.com": "REJECT", "bob@ex.com?X=1": "REJECT", "mailto:bob@x.com": "REJECT",
		"tel:+1 (212) 555-1212": "sip:+12125551212@jssip.net", " bob ": "sip:bob@jssip.net", "<sip:bob@x.com>": "sip:bob@x.com",
	}
	for _, v := range all.Observed {
		want := v.JsSIP + v.Later
		if better, is := pad[v.Input]; is {
			want = better
		}
		checkDialled(t, v.Input, want)
	}
}

func TestConfigTarget(t *testing.T) {
	for in, want := range map[string]string{
		"bob": "sip:bob@jssip.net", "100%": "sip:100%25@jssip.net", "%": "sip:%25@jssip.net", "%zz": "sip:%25zz@jssip.net", "bob@h:5070;transport=TCP": "sip:bob@h:5070;transport=tcp",
		"+49 (0)30 12-34": "sip:+49301234@jssip.net", "*21#": "sip:*21%23@jssip.net", "bob@": "REJECT", "@h": "REJECT", "-": "REJECT", "": "REJECT", "bob@h.": "REJECT", "a\x00b": "REJECT",
	} {
		checkDialled(t, in, want)
	}
	if got := answered(t, "", "config", "target", "--uri", "alice@h:5070;foo=bar", "bob"); got["uri"] != "sip:bob@h:5070;foo=bar" {
		t.Errorf("a target belongs to %v", got)
	}
	if got := answered(t, "", "config", "target", "--uri", "alice", "bob"); got["ok"] != false || !strings.Contains(got["reason"].(string), "--uri") {
		t.Errorf("an address without domain gives %v", got)
	}
}

func checkDialled(t *testing.T, in, want string) {
	t.Helper()
	got := answered(t, "", "config", "target", "--uri", "alice@jssip.net", "--", in)
	uri, _ := got["uri"].(string)
	if got["ok"] != true && got["reason"] != "" {
		uri = "REJECT"
	}
	if uri != want {
		t.Errorf("%q: got %v, want %s", in, got, want)
	}
}
