package ui

import (
	"bytes"
	"errors"
	"image/png"
	"slices"
	"strings"
	"testing"

	"calla/account"
	"calla/phone"
	"calla/phone/autostart"
	"calla/ui/desktop"
	"calla/ui/uitest"
)

// TestAClosedWindowEndsNoCallAndIsFoundAgain: closing it never ends a call without asking; where there is a tray it
// goes there, and comes back when the tray goes.
func TestAClosedWindowEndsNoCallAndIsFoundAgain(t *testing.T) {
	talking := phone.State{Calls: []phone.CallState{{
		ID: "c1", Phase: phone.PhaseEstablished, Active: true, Name: "Bob",
	}}}
	for _, c := range []struct {
		name   string
		tray   bool
		told   bool
		s      phone.State
		asks   string // title of the sheet, "" = none
		hidden bool   // at once
	}{
		{"with a tray", true, true, phone.State{}, "", true},
		{"with a tray, the first time", true, false, phone.State{}, "Calla goes on in the tray.", false},
		{"without a tray or a window manager", false, true, phone.State{}, "Quit Calla?", false},
		{"in a call, with a tray", true, true, talking, "Quit and end the call?", false},
		{"in a call, without one", false, true, talking, "Quit and end the call?", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			a := o.app
			o.phone.settings.ClosingTold = c.told
			a.update(c.s)
			a.trayCame(c.tray)
			a.closeMain()
			if asks := a.main.sheet != nil; asks != (c.asks != "") || a.hidden != c.hidden {
				t.Errorf("hidden %v, asks %v", a.hidden, asks)
			}
			if c.asks != "" {
				if said := uitest.Texts(a.main.sheet.layer.object); !strings.Contains(said, c.asks) {
					t.Errorf("asks %q", said)
				}
				return
			}
			a.trayCame(false)
			if a.hidden {
				t.Error("the tray has gone and the window did not come back")
			}
			if did := o.phone.took(); slices.Contains(did, "hang up c1") {
				t.Errorf("%q", did)
			}
		})
	}
}

// TestWhatIsChosenInTheTrayIsDone: as in the window.
func TestWhatIsChosenInTheTrayIsDone(t *testing.T) {
	for _, c := range []struct {
		name string
		p    desktop.TrayPress
		want []string
	}{
		{"show", desktop.TrayPress{Deed: desktop.TrayShow}, nil},
		{"quiet", desktop.TrayPress{Deed: desktop.TrayQuiet, On: true}, []string{"quiet true"}},
		{"loud", desktop.TrayPress{Deed: desktop.TrayQuiet}, []string{"quiet false"}},
		{"account", desktop.TrayPress{Deed: desktop.TrayAccount, Account: "a2"}, []string{"use a2"}},
		{"call", desktop.TrayPress{Deed: desktop.TrayCall, To: desktop.Recent{
			Name: "Bob", AccountID: "a2", URI: "sip:bob@b.example", After: ",1",
		}}, []string{"redial a2 sip:bob@b.example ,1"}},
		{"quit in a call", desktop.TrayPress{Deed: desktop.TrayQuit}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.app.update(phone.State{Calls: []phone.CallState{{ID: "c1", Phase: phone.PhaseEstablished, Active: true}}})
			o.phone.took()
			o.app.hidden = true
			o.app.chosen(c.p)
			o.expect(t, c.want...)
			if asks := o.app.main.sheet != nil; asks != (c.p.Deed == desktop.TrayQuit) {
				t.Errorf("asks: %v", asks)
			}
			shows := []desktop.TrayDeed{desktop.TrayShow, desktop.TrayQuit, desktop.TrayCall}
			if shown := !o.app.hidden; shown != slices.Contains(shows, c.p.Deed) {
				t.Errorf("shown: %v", shown)
			}
		})
	}
}

// TestTheTraysPicturesDiffer: the mark's three shapes, by their form alone.
func TestTheTraysPicturesDiffer(t *testing.T) {
	open(t, Options{})
	var all [][]byte
	shapes := []desktop.Shape{desktop.ShapeRegistered, desktop.ShapeUnregistered, desktop.ShapeCall}
	for i := range 2 * len(shapes) {
		s := shapes[i%len(shapes)]
		raw := trayPicture(s, i >= len(shapes))
		picture, err := png.Decode(bytes.NewReader(raw))
		if err != nil || picture.Bounds().Dx() < 64 {
			t.Fatalf("%s: %v", s, err)
		}
		if slices.ContainsFunc(all, func(other []byte) bool { return bytes.Equal(other, raw) }) {
			t.Errorf("%s looks like another", s)
		}
		all = append(all, raw)
	}
	if ico := icon(all[0], 64); !bytes.HasPrefix(ico, []byte{0, 0, 1, 0, 1, 0, 64, 64}) ||
		!bytes.HasSuffix(ico, all[0]) {
		t.Errorf("%x", ico[:22])
	}
}

// login is a log-in of the test's.
type login struct {
	status autostart.Status
	err    error
}

func (l *login) Status() (autostart.Status, error) { return l.status, nil }
func (l *login) Set(s autostart.Status) error {
	if l.err == nil {
		l.status = s
	}
	return l.err
}

// TestTheSwitchesOfTheLogInTellTheTruth: they stand as the system has it, whatever was asked of it.
func TestTheSwitchesOfTheLogInTellTheTruth(t *testing.T) {
	for _, c := range []struct {
		name   string
		before autostart.Status
		err    error
		press  func(p *autostartPanel)
		after  autostart.Status
		told   bool // of what went wrong
	}{
		{
			"on",
			autostart.Status{},
			nil, func(p *autostartPanel) { p.on.OnTapped() },
			autostart.Status{On: true},
			false,
		},
		{
			"hidden",
			autostart.Status{On: true},
			nil, func(p *autostartPanel) { p.hidden.OnTapped() },
			autostart.Status{On: true, Hidden: true},
			false,
		},
		{
			"off",
			autostart.Status{On: true, Hidden: true},
			nil, func(p *autostartPanel) { p.on.OnTapped() },
			autostart.Status{},
			false,
		},
		{
			"refused",
			autostart.Status{},
			errors.New("the disk is full"), func(p *autostartPanel) { p.on.OnTapped() },
			autostart.Status{},
			true,
		},
		{
			"another's file",
			autostart.Status{},
			&autostart.ForeignError{Place: "/x"},
			func(p *autostartPanel) { p.on.OnTapped() },
			autostart.Status{},
			true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &login{c.before, c.err}
			o := open(t, Options{Autostart: l})
			p := newAutostartPanel(o.app)
			o.finish()
			c.press(p)
			o.finish()
			if p.on.On() != c.after.On || p.hidden.On() != c.after.Hidden || l.status != c.after {
				t.Errorf("on %v, hidden %v, is %+v", p.on.On(), p.hidden.On(), l.status)
			}
			if p.state.Visible() != c.told {
				t.Errorf("tells %q", p.state.Text())
			}
		})
	}
}

// TestNotificationsCanBeSwitchedOff: and stay so.
func TestNotificationsCanBeSwitchedOff(t *testing.T) {
	o := open(t, Options{})
	o.phone.settings = account.DefaultSettings()
	o.app.main.change(func(s *account.Settings) { s.Notifications = false })
	if o.phone.settings.Notifications {
		t.Error("they are still on")
	}
}
