package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/uitest"
)

// TestTheWholeAddressOfACallThatRingsIsSeen, in as many lines as it takes; a very long one scrolls. The buttons stay
// below it, within the window.
func TestTheWholeAddressOfACallThatRingsIsSeen(t *testing.T) {
	shortened, full := strings.Repeat("x", 127)+"…", strings.Repeat("x", 300)+"@e.example"
	long := "reception.of.the.northern.building.second.floor@telephony.department.example.com"
	for _, v := range []struct{ name, who, address, uri, claims, want string }{
		{"short", "Maria Ortiz", "+34 91 555 0142", "", "", "+34 91 555 0142"},
		{"long", "Maria Ortiz", long, "sip:" + long, "", long},
		{"long, without a name", "", long, "sip:" + long, "", long},
		{"short, without a name", "", "bob@example.com", "sip:bob@example.com", "", ""},
		{"shortened by the phone", "", shortened, "sip:" + full, "", full},
		{"endless", "Bob", strings.Repeat("y", 2000), "", "", strings.Repeat("y", 900)},
		{"calls himself somebody", "Bob", long, "sip:" + long, "Police", long},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(phone.PhaseIncoming)
			c := &s.Calls[0]
			c.Name, c.Address, c.URI, c.Claims = v.who, v.address, v.uri, v.claims
			o.update(s)
			w := o.ringing["c1"]
			uitest.Settle(w.win)
			got := w.card.address
			if !strings.Contains(got.Text(), v.want) || v.want == "" && got.Text() != "" ||
				v.claims != "" && !strings.Contains(got.Text(), v.claims) {
				t.Errorf("shows %q, want %q", got.Text(), v.want)
			}
			if have, need := got.Size().Height, got.MinSize().Height; got.Visible() && have < need {
				t.Errorf("%.0f of %.0f of it can be seen", have, need)
			}
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			inside := w.win.Content().Size()
			end := place(w.card.ignore).Y + w.card.ignore.Size().Height
			if end > inside.Height || inside.Height > 400 {
				t.Errorf("the buttons end at %.0f of %.0f", end, inside.Height)
			}
			// A card over a page of the main window shows as much.
			o.main.openSettings()
			o.update(s)
			uitest.Settle(o.main.win)
			f := o.main.float
			if f.address.Text() != got.Text() && !strings.Contains(f.address.Text(), v.want) {
				t.Errorf("over a page it shows %q", f.address.Text())
			}
			if b := place(f.ignore).Y + f.ignore.Size().Height; b > o.main.win.Canvas().Size().Height {
				t.Errorf("over a page the buttons end at %.0f", b)
			}
		})
	}
}

// TestACallThatRingsTellsItsAccountWhereThereAreSeveral, and that it is answered by itself in any case.
func TestACallThatRingsTellsItsAccountWhereThereAreSeveral(t *testing.T) {
	for _, v := range []struct {
		name     string
		accounts int
		itself   bool
		want     string
	}{
		{"one", 1, false, ""},
		{"two", 2, false, "for Office"},
		{"twenty", 20, false, "for Office"},
		{"one, answered by itself", 1, true, "answered by itself"},
		{"two, answered by itself", 2, true, "for Office · answered by itself"},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(phone.PhaseIncoming)
			for len(s.Accounts) < v.accounts {
				s.Accounts = append(s.Accounts, office())
			}
			if v.itself {
				s.Calls[0].AnswersAt = s.Calls[0].AnswerBy
			}
			o.update(s)
			if got := o.ringing["c1"].card.account; got.Text() != v.want || got.Visible() != (v.want != "") {
				t.Errorf("%q, visible: %t, want %q", got.Text(), got.Visible(), v.want)
			}
		})
	}
}

// TestSoundIsNotYetEncryptedBeforeItIs: and no call is said to stay without.
func TestSoundIsNotYetEncryptedBeforeItIs(t *testing.T) {
	for _, v := range []struct {
		name   string
		phase  phone.Phase
		secure bool
		want   string
		shown  bool
	}{
		{"calling", phone.PhaseCalling, false, "No SRTP yet", false},
		{"ringing", phone.PhaseRinging, false, "No SRTP yet", false},
		{"incoming", phone.PhaseIncoming, false, "No SRTP yet", false},
		{"its first second", phone.PhaseEstablished, false, "No SRTP yet", true},
		{"after it", phone.PhaseEstablished, true, "SRTP", true},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(v.phase)
			s.Calls[0].Encrypted = v.secure
			o.update(s)
			l := o.main.call.media
			if l.word.Text() != v.want || l.object.Visible() != v.shown {
				t.Errorf("%q, shown: %t", l.word.Text(), l.object.Visible())
			}
		})
	}
}
