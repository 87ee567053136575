package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
)

// recorded is the State with one call that is recorded.
func recorded(paused bool) phone.State {
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Active = true
	s.Calls[0].Recording = &phone.RecordingState{File: "/home/alice/Calla Recordings/x.wav", Paused: paused}
	return s
}

// TestRecordingShowsAndIsEnded: the sign stands where the timer does, in the card of another call too, and the button
// and its key do what is to be done next.
func TestRecordingShowsAndIsEnded(t *testing.T) {
	held := twoCalls()
	held.Calls[1].Recording = &phone.RecordingState{File: "x.wav"}
	member := conference()
	member.Calls[2].Recording = &phone.RecordingState{File: "x.wav", Paused: true}
	for _, c := range []struct {
		name        string
		state       phone.State
		label, sign string
		key         []string
	}{
		{"not recorded", inPhase(phone.PhaseEstablished), "Record", "", []string{"record c1 true"}},
		{"recorded", recorded(false), "Recording", "Recording", []string{"record c1 false"}},
		{"paused", recorded(true), "Paused", "Recording paused", []string{"record c1 false"}},
		{"another call is", held, "Record", "", []string{"record c1 true"}},
		{"another of the conference is", member, "Paused", "Recording paused", []string{"record c1 false"}},
		{"it rings there", inPhase(phone.PhaseRinging), "Record", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.state)
			p := o.main.call
			if p.record.Label() != c.label || p.record.On() != (c.sign != "") {
				t.Errorf("the button says %q, filled %t", p.record.Label(), p.record.On())
			}
			if words := uitest.Texts(p.person); c.sign == "" && strings.Contains(words, "Recording") ||
				!strings.Contains(words, c.sign) {
				t.Errorf("shown: %q", words)
			}
			shortcut(o, fyne.KeyR, ctrl|shift)
			o.expect(t, c.key...)
		})
	}
	o := open(t, Options{})
	o.update(held)
	if line := o.main.others.cards[0].row.Line(); !strings.Contains(line, "Recording") {
		t.Errorf("the card says %q", line)
	}
	o.update(recorded(false))
	o.main.call.recordMenu().Items[0].Action()
	o.main.call.recordMenu().Items[1].Action()
	o.update(recorded(true))
	o.main.call.recordMenu().Items[0].Action()
	o.expect(t, "pause c1 true", "record c1 false", "pause c1 false")
}

// TestFolderOfRecordings is kept when it is entered, and when the field is left.
func TestFolderOfRecordings(t *testing.T) {
	for _, c := range []struct {
		name, before, typed string
		enter, saved        bool
	}{
		{"entered", "", "/data/calls", true, true},
		{"left", "", "/data/calls", false, true},
		{"emptied", "/data/calls", "", true, true},
		{"blanks around it", "", "  /data/calls ", true, true},
		{"as it was", "/data/calls", "/data/calls", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{Size: account.Size{Width: minWidth, Height: minHeight}})
			o.phone.settings.Recordings = c.before
			p := newRecordingsPanel(o.app)
			if p.folder.Text != c.before {
				t.Errorf("shows %q", p.folder.Text)
			}
			p.folder.SetText(c.typed)
			if c.enter {
				p.folder.OnSubmitted(c.typed)
			} else {
				p.folder.OnFocus(false)
			}
			var want []string
			if c.saved {
				want = []string{"settings"}
			}
			o.expect(t, want...)
			if got := o.phone.settings.Recordings; got != strings.TrimSpace(c.typed) {
				t.Errorf("kept %q", got)
			}
		})
	}
}
