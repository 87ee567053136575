package ui

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/phone"
	"calla/ui/form"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// atWork is a real phone whose answers wait for the test: widgets belong to its goroutine.
type atWork struct {
	*phone.Phone
	done chan func()
}

func (w atWork) SaveAccount(a account.Account, s account.Secret, p account.SecretPlace, done func(error)) {
	w.Phone.SaveAccount(a, s, p, func(err error) { w.done <- func() { done(err) } })
}

// TestFieldsTakeEffectAtOnce: a field of each kind is edited in the form over a real phone. What was typed is in
// the account's file, secrets are in the keyring and nowhere else, and the next REGISTER has it, without a restart.
func TestFieldsTakeEffectAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("registers a dozen times")
	}
	server := sandbox.New(sandbox.Options{Users: map[string]string{"alice": "wonderland"}})
	t.Cleanup(server.Close)
	registers := make(chan string, 1000)
	server.Observe(func(e sandbox.Event) {
		if e.Message != nil && !e.Sent && strings.HasPrefix(string(e.Frame), "REGISTER ") {
			registers <- string(e.Frame)
		}
	})
	dir := t.TempDir()
	store, _, err := account.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	keyring := new(account.Session)
	p, err := phone.New(phone.Options{
		Store: store, Keeper: account.NewKeeper(keyring, new(account.Session), account.NewSecretsFile(dir)),
		Version: "test", Dial: server.Dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		_ = store.Close()
	})
	w := atWork{p, make(chan func(), 1)}
	acc, err := account.New(config.Config{
		URI: "sip:alice@" + server.Domain(), Password: "wonderland", WSServers: []config.Server{{WSURI: server.URL()}},
		StunServers: []string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(test.NewTempApp(t), w, Options{})
	a.pace.do = func(func()) {}
	t.Cleanup(func() { a.pace.set(tempo{}) })
	bare, secret := account.SplitSecret(acc.Config)
	acc.Config = bare
	w.SaveAccount(acc, secret, account.SecretKeyring, func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	})
	(<-w.done)()

	// registered waits for a REGISTER with this in it.
	registered := func(what, want string) {
		t.Helper()
		limit := time.After(20 * time.Second)
		for {
			select {
			case frame := <-registers:
				if strings.Contains(frame, want) {
					return
				}
			case <-limit:
				t.Fatalf("%s: no REGISTER has %q", what, want)
			}
		}
	}
	registered("at first", "username=\"alice\"")
	text := func(name, s string) func(*form.Page) {
		return func(f *form.Page) { uitest.Type(t, f.Object(), name, s) }
	}
	focused := func() *widget.Entry { return a.main.win.Canvas().Focused().(*widget.Entry) }
	// adds presses the button that adds a row to a list and types into it.
	adds := func(label, s string) func(*form.Page) {
		return func(f *form.Page) {
			uitest.Press(t, f.Object(), label)
			focused().SetText(s)
		}
	}
	choose := func(name string, i int) func(*form.Page) {
		return func(f *form.Page) { uitest.Input(t, f.Object(), name).(*widget.Select).Choose(i) }
	}
	turn := func(name string) func(*form.Page) {
		return func(f *form.Page) { test.Tap(uitest.Input(t, f.Object(), name).(*widget.Switch)) }
	}
	logFile := filepath.Join(t.TempDir(), "calla.log")
	for _, c := range []struct {
		what     string
		edit     func(*form.Page)
		file     string // stands in the account's file then
		secret   string // is kept in the keyring then
		register string // stands in the next REGISTER then
	}{
		{
			"text", text("display_name", "Alice at work"), `"display_name":"Alice at work"`, "",
			"\"Alice at work\" <sip:alice@",
		},
		{"seconds", text("register_expires", "120"), `"register_expires":120`, "", "Expires: 120"},
		{"milliseconds", text("calla.ice_gathering_timeout", "900"), `"ice_gathering_timeout":900`, "", ""},
		{"boolean", turn("hack_ip_in_contact"), `"hack_ip_in_contact":true`, "", "@192.0.2."},
		{"switch", turn("session_timers"), `"session_timers":false`, "", ""},
		{"choice", choose("calla.reliable_provisional", 2), `"reliable_provisional":"off"`, "", ""},
		{"level", choose("log.level", 3), `"level":"debug"`, "", ""},
		{"headers", adds("Add a header field", "X-Team: blue"), `"extra_headers":["X-Team: blue"]`, "", "X-Team: blue"},
		{"servers", adds("Add a server", "ws://other.invalid"), `"ws_uri":"ws://other.invalid"`, "", "sip:alice@"},
		{"STUN", func(f *form.Page) {
			choose("stun_servers", 2)(f)
			for _, e := range uitest.LaidOut[*widget.Entry](f.Object()) {
				if e.PlaceHolder == "stun:stun.example.com" {
					e.SetText("stun:127.0.0.1:9")
				}
			}
		}, `"stun_servers":["stun:127.0.0.1:9"]`, "", ""},
		{"TURN", func(f *form.Page) {
			adds("Add a TURN server", "turn:127.0.0.1:9")(f)
			for _, e := range uitest.LaidOut[*widget.Entry](f.Object()) {
				switch e.PlaceHolder {
				case "User name":
					e.SetText("al")
				case "Credential":
					e.SetText("t0p")
				}
			}
		}, `"username":"al"`, "t0p", ""},
		{"file", text("calla.log_file", logFile), `"log_file":"`, "", ""},
		{"secret", func(f *form.Page) {
			server.AddUser("alice", "n3w")
			text("password", "n3w")(f)
		}, `"display_name"`, "n3w", "Authorization: "},
	} {
		for len(registers) > 0 {
			<-registers
		}
		a.update(p.State())
		a.main.editAccount(acc.ID)
		f := a.main.page.(*form.Page)
		f.ShowAll()
		uitest.Settle(a.main.win)
		c.edit(f)
		a.main.keys.combos.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyS, Modifier: ctrl})
		select {
		case done := <-w.done:
			done()
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: not saved; shown %q", c.what, uitest.Texts(f.Object()))
		}
		if a.main.page != nil {
			t.Fatalf("%s: the form is still open; shown %q", c.what, uitest.Texts(f.Object()))
		}
		if got := compact(t, filepath.Join(dir, "accounts.json")); !strings.Contains(got, c.file) {
			t.Errorf("%s: the file is %s, without %s", c.what, got, c.file)
		}
		if c.secret != "" && !kept(t, keyring, acc.ID, c.secret) {
			t.Errorf("%s: not in the keyring", c.what)
		}
		if c.register != "" {
			registered(c.what, c.register)
		}
	}
	waitFile(t, logFile)
	for _, secret := range []string{"wonderland", "n3w", "t0p"} {
		if strings.Contains(compact(t, filepath.Join(dir, "accounts.json")), secret) {
			t.Errorf("a secret is in the file")
		}
	}
}

// compact reads a JSON file without its white space.
func compact(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// kept tells whether a secret is in the keyring.
func kept(t *testing.T, keyring account.Secrets, id, want string) bool {
	t.Helper()
	s, err := keyring.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range s.Values {
		if secret.Reveal() == want {
			return true
		}
	}
	return false
}

// waitFile waits until something is in a file.
func waitFile(t *testing.T, path string) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
	}
	t.Errorf("nothing is in %s", path)
}
