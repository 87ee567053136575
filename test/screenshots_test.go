package test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"calla/account"
	"calla/test/peers"
)

// TestScreenshots photographs every window of the real program, light and dark, into the folder that
// CALLA_SCREENSHOTS names: docs/screenshots, by `make screenshots`.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CALLA_SCREENSHOTS")
	if dir == "" {
		t.Skip("CALLA_SCREENSHOTS names no folder (make screenshots)")
	}
	browser := peers.StartChromium(t)
	for _, theme := range []account.Theme{account.ThemeLight, account.ThemeDark} {
		t.Run(string(theme), func(t *testing.T) {
			w := prepareWindow(t)
			settings := account.DefaultSettings()
			settings.Theme = theme
			settings.Window = account.Size{Width: 360, Height: 640}
			saveSettings(t, w.home, settings)
			p := &photographer{window: w, dir: dir, theme: string(theme)}
			w.start()
			bob := browser.Open(t, "bob")
			bob.Register(w.k.URL, "bob", w.k.Domain, w.k.Password, nil)
			p.setUp()
			p.pages()
			p.calls(bob)
			p.wide()
			p.trouble()
		})
	}
}

// saveSettings writes the settings that the program will find.
func saveSettings(t *testing.T, home string, s account.Settings) {
	t.Helper()
	store, _, err := account.Open(filepath.Join(home, "config", "calla"))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SaveSettings(s); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

type photographer struct {
	*window
	dir, theme string
}

// take photographs the main window.
func (p *photographer) take(name string) { p.takeOf(p.id, name) }

func (p *photographer) takeOf(id, name string) {
	settle()
	p.d.Screenshot(id, filepath.Join(p.dir, name+"-"+p.theme+".png"))
}

// setUp goes through the first run.
func (p *photographer) setUp() {
	p.take("first-run")
	p.d.Press("Tab", "Tab", "Tab", "Tab", "space") // to "Paste a JsSIP configuration"
	settle()
	p.d.Type("{ uri: 'sip:alice@example.test', ws_servers: '" + p.k.URL + "', use_preloaded_route: true, session_timers: false }")
	p.take("paste-configuration")
	p.d.Press("Escape")
	settle()
	p.d.Press("Tab", "space") // on to "Enter address and password"
	settle()
	p.d.Type("alice@" + p.k.Domain)
	p.d.Press("Tab")
	p.d.Type(p.k.Password)
	p.d.Press("Tab")
	p.d.Type("Alice")
	p.take("wizard-1-who")
	p.d.Press("Return")
	settle()
	p.d.Press("ctrl+a")
	p.d.Type(p.k.URL)
	p.take("wizard-2-server")
	p.d.Press("Return")
	settle()
	p.pressUntil("Return", "the account to be saved and registered", func() bool {
		if len(p.files("accounts.json")) == 0 {
			p.d.Screenshot(p.id, filepath.Join(p.dir, "wizard-3-check-"+p.theme+".png")) // the last one before it is left
			return false
		}
		return true
	})
	p.take("wizard-4-sound")
	p.d.Press("Return")
	p.take("wizard-5-ready")
	p.d.Press("Return")
	p.take("keypad")
}

// pages opens what the keys open.
func (p *photographer) pages() {
	for _, page := range []struct{ key, name string }{
		{"ctrl+comma", "settings"}, {"ctrl+shift+comma", "accounts"}, {"F1", "shortcuts"},
	} {
		p.d.Press(page.key)
		p.take(page.name)
		if page.name == "accounts" {
			p.form()
		}
		p.d.Press("Escape")
		settle()
	}
}

// form opens the account from the list of accounts and pages through its form.
func (p *photographer) form() {
	p.d.Press("Tab", "Tab", "space")
	p.take("account-form")
	for _, name := range []string{"account-form-2", "account-form-3"} {
		p.d.Wheel(p.id, 180, 400, 14)
		p.take(name)
	}
	p.d.Press("Escape")
	settle()
}

// calls calls JsSIP and is called.
func (p *photographer) calls(bob *peers.Page) {
	voice := filepath.Join(p.t.TempDir(), "voice.wav")
	writeTone(p.t, voice, 440, 60)
	p.pulse.Play(p.t, peers.Mouth, voice)
	p.d.Focus(p.id)
	p.d.Press("ctrl+l")
	p.d.Type("bob")
	p.take("number")
	p.d.Press("Return")
	bob.Wait("incoming", 15*time.Second)
	p.take("ringing")
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 15*time.Second)
	p.take("call")
	p.d.Press("ctrl+d", "1", "2", "3")
	p.take("call-keypad")
	p.d.Press("ctrl+d", "ctrl+shift+m")
	p.take("call-muted")
	p.d.Press("F4")
	bob.Wait("ended", 15*time.Second)
	p.take("ended")
	bob.Do("call", map[string]any{"target": "sip:alice@" + p.k.Domain, "hz": 1000})
	bob.Wait("progress", 15*time.Second)
	popup := p.d.Window("is calling$", 10*time.Second)
	p.takeOf(popup, "incoming-window")
	p.d.Move(popup, 800, 100) // off the main window
	p.take("incoming")
	bob.Do("hangup", nil)
	settle()
	p.take("missed")
	p.d.Press("Tab", "Tab", "Tab", "Tab", "space") // Close
	settle()
}

// wide photographs the window at the width that engineers give it.
func (p *photographer) wide() {
	p.d.Size(p.id, 1100, 700)
	p.take("wide")
	p.d.Size(p.id, 360, 560)
	p.take("smallest")
}

// trouble takes the server away.
func (p *photographer) trouble() {
	p.k.Stop()
	settle()
	settle()
	p.take("server-gone")
}
