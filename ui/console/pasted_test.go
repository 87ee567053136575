package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigCheckTellsWhatIsToBeFilledIn: by name, with what it comes from and where that stands, beside the result and
// in it.
//
// Holds: pasted-configuration
func TestConfigCheckTellsWhatIsToBeFilledIn(t *testing.T) {
	for _, test := range []struct{ name, text, told string }{
		{
			"of the environment", "({\n uri: 'a@b', ws_servers: 'ws://h',\n password: process.env.SIP_PASSWORD })",
			":3:2: password: to be filled in (it comes from SIP_PASSWORD)",
		},
		{
			"of a field", "class A { a() { new JsSIP.UA({ uri: 'a@b', ws_servers: 'ws://h', password: this.secret " +
				"}) } }",
			":1:66: password: to be filled in (it comes from this.secret)",
		},
		{
			"of a template", "({ uri: 'a@b', ws_servers: 'ws://h', password: '<?= $secret ?>' })",
			":1:38: password: to be filled in (a template puts $secret there)",
		},
		{
			"of a choice", "({ uri: 'a@b', ws_servers: 'ws://h', display_name: away ? 'A' : 'B' })",
			":1:38: display_name: to be filled in (it depends on away)",
		},
		{
			"of a call", "({ uri: 'a@b', ws_servers: 'ws://h', password: decrypt('geheim') })",
			":1:38: password: to be filled in (it comes from decrypt(…))",
		},
		{
			"left blank", `{"uri": "a@b", "ws_servers": "ws://h", "password": "<your password>"}`,
			":1:40: password: to be filled in (the text has <your password> there)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, errs, code := ran(t, test.text, "config", "check", "-")
			if code != ExitOK || !strings.Contains(errs, "calla: -"+test.told+"\n") ||
				!strings.Contains(out, `"to_fill":[{"parameter":"`) {
				t.Errorf("exit code %d, told %s%s", code, errs, out)
			}
			if strings.Contains(errs+out, "geheim") {
				t.Error("a secret is told")
			}
		})
	}
}

// TestOneOfSeveralAgentsIsChosen: what holds several configurations is refused with the list of them until --agent says
// which.
//
// Holds: pasted-configuration
func TestOneOfSeveralAgentsIsChosen(t *testing.T) {
	for _, test := range []struct{ name, text string }{
		{"two agents", "var a = new JsSIP.UA({ uri: 'alice@a', ws_servers: 'ws://a' });\nvar b = new JsSIP.UA({ " +
			"uri: 'bob@b', ws_servers: 'ws://b' });"},
		{"a list", `[{"uri": "alice@a", "ws_servers": "ws://a"}, {"uri": "bob@b", "ws_servers": "ws://b"}]`},
		{"by name", "export const phones = { first: { uri: 'alice@a', ws_servers: 'ws://a' }, second: { uri: " +
			"'bob@b', ws_servers: 'ws://b' } };"},
		{"one in a function", "new UA({ uri: 'alice@a', ws_servers: 'ws://a' }); function spare() { return new UA({ " +
			"uri: 'bob@b', ws_servers: 'ws://b' }) }"},
		{"a loop", "['alice@a', 'bob@b'].map(uri => new JsSIP.UA({ uri, ws_servers: 'ws://' + uri.split('@')[1] }))"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := answered(t, test.text, "config", "check", "-")
			reason, _ := got["reason"].(string)
			if got["ok"] != false || !strings.Contains(reason, "two") || len(got["agents"].([]any)) != 2 {
				t.Fatalf("%v", got)
			}
			_, errs, _ := ran(t, test.text, "config", "check", "-")
			for n, uri := range map[string]string{"1": "alice@a", "2": "bob@b"} {
				if !strings.Contains(errs, "--agent "+n+" is "+uri) {
					t.Errorf("%s is not offered: %s", uri, errs)
				}
				got := answered(t, test.text, "config", "check", "--agent", n, "-")
				if config, _ := got["config"].(map[string]any); config["uri"] != "sip:"+uri {
					t.Errorf("%s: %v", n, got)
				}
			}
			if got := answered(t, test.text, "config", "check", "--agent", "3", "-"); got["ok"] != false ||
				got["reason"] == "" {
				t.Errorf("%v", got)
			}
			if _, errs, code := ran(t, test.text, "register", "--config", "-"); code != ExitInvalid ||
				!strings.Contains(errs, "--agent N") {
				t.Errorf("register: exit code %d, %s", code, errs)
			}
		})
	}
}

// TestImportedConfigurationLacksNoAddress: a command that needs an account says what is to be filled in, and where.
func TestImportedConfigurationLacksNoAddress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte("<script>new JsSIP.UA({ uri: 'sip:1@' + location.host,\nws_servers: "+
		"'wss://h' })</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := ran(t, "", "register", "--config", file)
	if code != ExitInvalid || !strings.Contains(errs,
		"page.html:1:24: uri: to be filled in (it is made of the address of the page)") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}
