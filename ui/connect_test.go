package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// threeCalls is the State with one call that talks and two on hold.
func threeCalls() phone.State {
	s := twoCalls()
	s.Calls = append(s.Calls, phone.CallState{
		ID: "c3", AccountID: "office", Account: "Office", Phase: phone.PhaseEstablished, Name: "Carol Jones",
		Address: "carol@example.com", Started: time.Now().Add(-time.Minute),
		Connected: time.Now().Add(-50 * time.Second), Held: true, Secure: true, Encrypted: true, Codec: "PCMA",
	})
	return s
}

// pressing presses a key.
func pressing(key fyne.KeyName, m fyne.KeyModifier) func(*opened) {
	return func(o *opened) { shortcut(o, key, m) }
}

// callIs puts a call into another phase.
func callIs(number int, phase phone.Phase) func(*phone.State) {
	return func(s *phone.State) { s.Calls[number].Phase = phase }
}

// TestConnectTheseTwoIsOffered wherever two calls are up that can be connected, by a button between the cards and by
// its key, and nowhere else.
func TestConnectTheseTwoIsOffered(t *testing.T) {
	handed := func(failed bool) func(*phone.State) {
		return func(s *phone.State) {
			s.Calls[1].Transfer = &phone.TransferState{
				To: "Bob", Cause: cause.Cause{Kind: cause.TransferRinging, To: "Bob"}, Failed: failed,
			}
		}
	}
	for _, c := range []struct {
		name    string
		state   phone.State
		change  func(*phone.State)
		offered bool
		key     []string
	}{
		{"one call", inPhase(phone.PhaseEstablished), nil, false, nil},
		{"two", twoCalls(), nil, true, []string{"connect c1 c2"}},
		{"two on hold", twoCalls(), func(s *phone.State) {
			s.Calls[0].Active, s.Calls[0].Held = false, true
		}, true, []string{"connect c1 c2"}},
		{"the other one has the sound", twoCalls(), func(s *phone.State) {
			s.Calls[0].Active, s.Calls[0].Held, s.Calls[1].Active, s.Calls[1].Held = false, true, true, false
		}, true, []string{"connect c2 c1"}},
		{"one that only rings there", twoCalls(), callIs(0, phone.PhaseRinging), false, nil},
		{"one that rings here", twoCalls(), callIs(1, phone.PhaseIncoming), false, nil},
		{"one that is ending", twoCalls(), callIs(1, phone.PhaseEnding), false, nil},
		{"one on its way to somebody else", twoCalls(), handed(false), false, nil},
		{"one that came back from there", twoCalls(), handed(true), true, []string{"connect c1 c2"}},
		{"one was made to ask about the other", asking(), nil, false, []string{"complete c1"}},
		{"three", threeCalls(), nil, false, nil},
		{"three, of which one ends", threeCalls(), callIs(1, phone.PhaseEnding), true, []string{"connect c1 c3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			if c.change != nil {
				c.change(&c.state)
			}
			o.update(c.state)
			offered := false
			for _, b := range uitest.LaidOut[*widget.Button](o.main.others.object) {
				if b.Label() == "Connect these two" && b.Visible() {
					offered = true
					o.tap(b)
				}
			}
			if offered != c.offered {
				t.Errorf("offered: %t", offered)
			}
			if offered {
				o.expect(t, c.key...)
			}
			o.stands()
			shortcut(o, fyne.KeyK, ctrl|shift)
			o.expect(t, c.key...)
		})
	}
}

// TestTransferSheetListsTheOtherCallsFirst: each can be connected with the call by one press, and the sheet follows
// what becomes of it.
func TestTransferSheetListsTheOtherCallsFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		state phone.State
		open  func(*opened)
		rows  []string
	}{
		{"one call", inPhase(phone.PhaseEstablished), pressing(fyne.KeyT, ctrl), nil},
		{"two", twoCalls(), pressing(fyne.KeyT, ctrl), []string{"Maria Ortiz"}},
		{"two, to ask first", twoCalls(), pressing(fyne.KeyT, ctrl|shift), []string{"Maria Ortiz"}},
		{"three", threeCalls(), pressing(fyne.KeyT, ctrl), []string{"Maria Ortiz", "Carol Jones"}},
		{
			"three, by the key to connect", threeCalls(), pressing(fyne.KeyK, ctrl|shift),
			[]string{"Maria Ortiz", "Carol Jones"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.state)
			c.open(o)
			if o.main.sheet == nil {
				t.Fatal("no sheet")
			}
			rows := uitest.LaidOut[*widget.Row](o.main.win.Canvas().Overlays().Top())
			var names []string
			for _, r := range rows {
				names = append(names, r.Title())
			}
			if len(names) != len(c.rows) {
				t.Fatalf("lists %q", names)
			}
			for i, name := range c.rows {
				if names[i] != name {
					t.Errorf("lists %q", names)
				}
			}
			if len(rows) == 0 {
				return
			}
			o.tap(rows[0])
			o.expect(t, "connect c1 c2")
			s := c.state
			s.Refusal = &phone.Refusal{ID: "x1", CallID: "c1", Cause: cause.Cause{Kind: cause.TransferNotConnected}}
			o.update(s)
			if o.main.sheet == nil {
				t.Fatal("it closes though nothing was asked")
			}
			s.Refusal = nil
			s.Calls[0].Transfer = &phone.TransferState{
				To: "Maria Ortiz", Cause: cause.Cause{Kind: cause.TransferAsking, To: "Maria Ortiz"},
			}
			o.update(s)
			if o.main.sheet != nil {
				t.Error("it stays while the two are being connected")
			}
		})
	}
}
