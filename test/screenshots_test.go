package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/account"
	"calla/phone/journal"
	"calla/test/peers"
)

// wholeForm is a height at which the account form shows all of its fields.
const wholeForm = 6900

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
			w := prepareWindowAt(t, peers.StartKamailio(t), wholeForm)
			settings := account.DefaultSettings()
			settings.Theme = theme
			settings.Window = account.Size{Width: 360, Height: 640}
			saveSettings(t, filepath.Join(w.home, "config", "calla"), settings)
			saveContacts(t, filepath.Join(w.home, "config", "calla"))
			p := &photographer{window: w, dir: dir, theme: string(theme)}
			w.start()
			bob := browser.Open(t, "bob")
			bob.Register(w.k.URL, "bob", w.k.Domain, w.k.Password, nil)
			carol := browser.Open(t, "carol")
			carol.Register(w.k.URL, "carol", w.k.Domain, w.k.Password, nil)
			p.setUp()
			p.pages()
			p.people()
			p.calls(bob, carol)
			p.twoCalls(bob, carol)
			p.wide()
			p.trouble()
			p.d.Press("ctrl+q")
			if err := p.Wait(t, 10*time.Second); err != nil {
				t.Error(err)
			}
			profile := t.TempDir()
			saveSettings(t, profile, settings)
			p.start("--profile", profile)
			p.tryOut()
		})
	}
}

// saveSettings writes the settings that the program will find in the folder of a profile.
func saveSettings(t *testing.T, profile string, s account.Settings) {
	t.Helper()
	store, _, err := account.Open(profile)
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

// saveContacts puts people into the journal of a profile.
func saveContacts(t *testing.T, profile string) {
	t.Helper()
	j := journal.Open(journal.Options{Dir: profile})
	defer j.Close()
	contact := func(name, organisation, label, address string, favourite bool) journal.Contact {
		return journal.Contact{
			Name: name, Organisation: organisation, Favourite: favourite,
			Addresses: []journal.ContactAddress{{Address: address, Label: label}},
		}
	}
	bob := contact("Bob Marsh", "Marsh & Sons", "work", "bob", true)
	bob.Addresses = append(bob.Addresses, journal.ContactAddress{Address: "+49 171 99887766", Label: "mobile"})
	bob.Note = "At the desk until four."
	_, err := j.SaveContacts(t.Context(), []journal.Contact{
		bob, contact("Anna Klein", "", "home", "+49 30 901820", false),
		contact("Boris Weiß", "Night desk", "", "4713", false),
		contact("Maria Ortiz", "Clinic", "work", "+34 91 555 0142", true), contact("שלום כהן", "", "", "4714", false),
	})
	if err != nil {
		t.Fatal(err)
	}
}

type photographer struct {
	*window
	dir, theme string
}

// take photographs the main window.
func (p *photographer) take(name string) { p.takeOf(p.id, name) }

// takeWhole photographs the main window once it is drawn: the picture is of so many octets at least then.
func (p *photographer) takeWhole(name string, octets int64) {
	peers.Until(p.t, 20*time.Second, "all of "+name+" to be drawn", func() bool {
		p.take(name)
		info, err := os.Stat(filepath.Join(p.dir, name+"-"+p.theme+".png"))
		return err == nil && info.Size() > octets // a window that is empty yet is far less
	})
}

func (p *photographer) takeOf(id, name string) {
	settle()
	p.d.Screenshot(id, filepath.Join(p.dir, name+"-"+p.theme+".png"))
}

// setUp goes through the first run.
func (p *photographer) setUp() {
	p.take("first-run")
	p.d.Press("Tab", "Tab", "Tab", "Tab", "Tab", "space") // to "Paste a JsSIP configuration"
	settle()
	p.d.Type("{ uri: 'sip:alice@example.test', ws_servers: '" + p.k.URL +
		"', use_preloaded_route: true, session_timers: false }")
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
			// the last one before it is left
			p.d.Screenshot(p.id, filepath.Join(p.dir, "wizard-3-check-"+p.theme+".png"))
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
		{"ctrl+comma", "settings"}, {"ctrl+shift+comma", "accounts"}, {"F1", "shortcuts"}, {"ctrl+j", "history"},
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

// people opens the contacts, one of them, and whom a text at the keypad may mean.
func (p *photographer) people() {
	p.d.Press("ctrl+b")
	p.take("contacts")
	p.d.Type("bob")
	settle()
	p.d.Press("Return")
	p.take("contact")
	p.d.Press("Escape") // back to all of them
	settle()
	p.d.Press("Escape")
	settle()
	p.d.Type("bo")
	settle()
	p.d.Press("Down")
	p.take("suggestions")
	p.d.Press("Escape", "BackSpace", "BackSpace")
	settle()
}

// form opens the account from the list of accounts and shows all of its form.
func (p *photographer) form() {
	p.d.Press("Tab", "Tab", "space")
	p.take("account-form")
	p.d.Press("Tab", "Tab", "space")
	p.take("account-menu")
	p.d.Press("Down", "Return") // Show all settings
	p.d.Size(p.id, 360, wholeForm)
	p.takeWhole("account-form-all", 300_000)
	p.d.Size(p.id, 360, 640)
	settle()
	p.d.Press("Escape")
	settle()
	p.d.Press("ctrl+i")
	p.take("account-details")
	p.d.Press("Escape")
	settle()
}

// calls calls JsSIP and is called.
func (p *photographer) calls(bob, carol *peers.Page) {
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
	p.take("incoming")
	carol.Do("call", map[string]any{"target": "sip:alice@" + p.k.Domain, "hz": 700})
	carol.Wait("progress", 15*time.Second)
	peers.Until(p.t, 10*time.Second, "two windows", func() bool { return len(p.d.Windows("is calling$")) == 2 })
	settle()
	p.d.ScreenshotAround(filepath.Join(p.dir, "several-callers-"+p.theme+".png"), p.d.Windows("is calling$")...)
	carol.Do("hangup", nil)
	bob.Do("hangup", nil)
	settle()
	p.take("missed")
	p.d.Press("Tab", "Tab", "Tab", "Tab", "space") // Close
	settle()
}

// twoCalls holds a call, takes a second one beside it, and is about to transfer.
func (p *photographer) twoCalls(bob, carol *peers.Page) {
	p.d.Focus(p.id)
	p.d.Press("ctrl+l")
	p.d.Type("bob")
	p.d.Press("Return")
	bob.Wait("incoming", 15*time.Second)
	bob.Do("answer", map[string]any{"hz": 1000})
	bob.WaitTone(440, 15*time.Second)
	p.d.Press("ctrl+shift+p")
	p.take("call-held")
	p.d.Press("ctrl+shift+p")
	settle()
	carol.Do("call", map[string]any{"target": "sip:alice@" + p.k.Domain, "hz": 700})
	carol.Wait("progress", 15*time.Second)
	popup := p.d.Window("is calling$", 10*time.Second)
	p.takeOf(popup, "waiting-window")
	p.take("call-waiting")
	p.d.Focus(p.id)
	p.d.Press("F2")
	carol.Wait("confirmed", 15*time.Second)
	p.take("two-calls")
	p.d.Press("ctrl+t")
	p.take("transfer")
	p.d.Press("Escape")
	settle()
	p.d.Size(p.id, 1100, 700)
	p.take("wide-two-calls")
	p.d.Size(p.id, 360, 640)
	carol.Do("hangup", nil)
	p.take("one-of-two-ended")
	bob.Do("hangup", nil)
	settle()
	p.d.Press("ctrl+l") // leaves the card of the call that ended
	settle()
}

// tryOut does with the robots of the sandbox what needs several of them.
func (p *photographer) tryOut() {
	p.d.Press("Tab", "Tab", "Tab", "Tab", "space") // Try it now
	peers.Until(p.t, 30*time.Second, "the call to the echo",
		func() bool { return strings.Count(p.Output.String(), "sound device opened") >= 2 })
	p.d.Press("ctrl+shift+t")
	p.d.Type("tone")
	p.take("ask-first")
	p.d.Press("Return")
	settle()
	p.take("asking-first")
	p.hangUp(1)
	p.hangUp(2)
	p.dial("transfer")
	settle()
	settle()
	p.take("asked-to-call")
	p.d.Press("F8")
	p.hangUp(3)
	p.dial("forward")
	settle()
	p.take("call-instead")
	p.d.Press("ctrl+l")
	settle()
	p.take("robots")
	p.d.Type("message")
	p.d.Press("Tab", "space") // the button beside the number
	settle()
	p.d.Type("Is the parcel here?")
	p.d.Press("Return")
	settle()
	p.take("conversation")
	p.d.Press("ctrl+e")
	p.take("messages")
	p.d.Press("Escape")
	settle()
}

// hangUp ends the call that is shown, the nth of all.
func (p *photographer) hangUp(n int) {
	p.d.Press("F4")
	peers.Until(p.t, 15*time.Second, "the call to end",
		func() bool { return strings.Count(p.Output.String(), "call ended") >= n })
	settle()
}

// dial calls a number from anywhere.
func (p *photographer) dial(number string) {
	p.d.Press("ctrl+l")
	settle()
	p.d.Type(number)
	p.d.Press("Return")
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
