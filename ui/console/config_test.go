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

	"calla/netsip/config"
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
	if want := map[any]int{true: ExitOK, false: ExitInvalid}[object["ok"]]; code != want ||
		strings.Count(out, "\n") != 1 {
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
				checkNormalized(t, got["config"].(map[string]any)[v.Param],
					normalizedAs(v.Param, v.Want, v.JsSIP.Value))
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

// Every parameter there is stands in the output, whether it was given or not, and no secret does.
func TestConfigCheckPrintsEveryParameter(t *testing.T) {
	const secret = "n0t-t0-be-seen"
	groups := map[string]map[string]any{}
	given := map[string]any{
		"uri": "alice@example.com", "ws_servers": "wss://example.com",
		"turn_servers": map[string]any{"urls": "turn:h", "username": "u", "credential": secret},
	}
	for _, p := range config.Parameters() {
		if p.Kind != config.KindSecret {
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
	for _, p := range config.Parameters() {
		group, part, nested := strings.Cut(p.Name, ".")
		value, is := printed.Config[group]
		if parts, isObject := value.(map[string]any); nested && isObject {
			value, is = parts[part]
		}
		if !is || p.Kind == config.KindSecret && value != "hidden" {
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
		"var server = 'wss://h.example';\nvar ua = new JsSIP.UA({ uri: 'alice@example.com', ws_servers: server " +
			"});\nua.start();",
		"import JsSIP from 'jssip';\nconst socket = new JsSIP.WebSocketInterface('wss://h.example');\nconst ua = " +
			"new JsSIP.UA({ sockets: [socket], uri: 'alice@example.com' });",
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
		"50%25": "sip:50%25@jssip.net", "%F1": "sip:%F1@jssip.net", "bob\r\nX: y@x.com": "REJECT",
		"bob@ex.com?X=1": "REJECT", "mailto:bob@x.com": "REJECT",
		"tel:+1 (212) 555-1212": "sip:+12125551212@jssip.net", " bob ": "sip:bob@jssip.net",
		"<sip:bob@x.com>": "sip:bob@x.com",
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
		"bob": "sip:bob@jssip.net", "100%": "sip:100%25@jssip.net", "%": "sip:%25@jssip.net",
		"%zz": "sip:%25zz@jssip.net", "bob@h:5070;transport=TCP": "sip:bob@h:5070;transport=tcp",
		"+49 (0)30 12-34": "sip:+49301234@jssip.net", "*21#": "sip:*21%23@jssip.net", "bob@": "REJECT", "@h": "REJECT",
		"-": "REJECT", "": "REJECT", "bob@h.": "REJECT", "a\x00b": "REJECT",
	} {
		checkDialled(t, in, want)
	}
	if got := answered(t, "", "config", "target", "--uri", "alice@h:5070;foo=bar",
		"bob"); got["uri"] != "sip:bob@h:5070;foo=bar" {
		t.Errorf("a target belongs to %v", got)
	}
	got := answered(t, "", "config", "target", "--uri", "alice@h", "Tel.: 555-1234,,12 (work)")
	if got["uri"] != "sip:5551234@h" || got["postdial"] != ",,12" || got["left_out"] != "Tel.: (work)" {
		t.Errorf("digits for after the answer give %v", got)
	}
	if got := answered(t, "", "config", "target", "--uri", "alice@h", "555-1234 x12"); got["ok"] != false ||
		got["instead"] != "5551234,12" {
		t.Errorf("an extension gives %v", got)
	}
	if got := answered(t, "", "config", "target", "--uri", "alice", "bob"); got["ok"] != false ||
		!strings.Contains(got["reason"].(string), "--uri") {
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
