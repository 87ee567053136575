package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// conference is the State with three calls that hear each other.
func conference() phone.State {
	s := threeCalls()
	s.Calls[1].Name = "Maria Ortiz de la Fuente y Albornoz"
	for i := range s.Calls {
		s.Calls[i].Active, s.Calls[i].Held = true, false
		s.Conference = append(s.Conference, s.Calls[i].ID)
	}
	return s
}

// conferenceOfFour is the State with a conference that is full, one of it on hold.
func conferenceOfFour() phone.State {
	s := conference()
	s.Calls = append(s.Calls, phone.CallState{
		ID: "c4", AccountID: "office", Account: "Office", Phase: phone.PhaseEstablished, Address: "+49 30 901820",
		Started: time.Now().Add(-time.Minute), Connected: time.Now().Add(-20 * time.Second), Held: true,
	})
	s.Conference = append(s.Conference, "c4")
	return s
}

// conferenceWaits is the State with a conference on hold and one call that talks.
func conferenceWaits() phone.State {
	s := conference()
	s.Calls[1].Active, s.Calls[1].Held, s.Calls[2].Active, s.Calls[2].Held = false, true, false, true
	s.Conference = []string{"c2", "c3"}
	return s
}

// button finds what has these words.
func (o *opened) button(label string) *widget.Button {
	for _, b := range uitest.LaidOut[*widget.Button](o.main.home) {
		if b.Label() == label && b.Visible() {
			return b
		}
	}
	return nil
}

// TestConferenceIsOneGroupOfCards: who is in it stands in one card, with what can be done with each; what is done with
// the call that is shown is done with all.
func TestConferenceIsOneGroupOfCards(t *testing.T) {
	o := open(t, Options{})
	o.update(conference())
	var names []string
	for _, r := range o.main.others.group.rows {
		names = append(names, r.name.Text())
	}
	if want := []string{"Bob Marsh", "Maria Ortiz de la Fuente y Albornoz", "Carol Jones"}; !slices.Equal(names, want) {
		t.Errorf("in the card: %q", names)
	}
	if len(o.main.others.cards) != 0 {
		t.Error("a member has a card of its own too")
	}
	for _, c := range []struct {
		name string
		do   func()
		want []string
	}{
		{"split", func() { o.tap(o.main.others.group.rows[1].split) }, []string{"split c2"}},
		{"drop", func() { o.tap(o.main.others.group.rows[2].drop) }, []string{"hang up c3"}},
		{"hold", func() { o.tap(o.main.call.hold) }, []string{"hold conference true"}},
		{"hold, by its key", func() { o.char('h') }, []string{"hold conference true"}},
		{"end", func() { o.tap(o.main.call.end) }, []string{"hang up c1", "hang up c2", "hang up c3"}},
		{"end, by its key", func() { o.key(fyne.KeyF4) }, []string{"hang up c1", "hang up c2", "hang up c3"}},
		{"mute", func() { o.tap(o.main.call.mute) }, []string{"mute c1 true"}},
		{"digits", func() { o.main.call.send("5") }, []string{"dtmf c1 5", "dtmf c2 5", "dtmf c3 5"}},
		{"to leave three", func() { o.tap(o.main.call.transfer) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.stands()
			c.do()
			o.expect(t, c.want...)
		})
	}
	if texts := uitest.Texts(o.main.call.person); !strings.Contains(texts, "Conference") ||
		strings.Contains(texts, "bob@example.com") {
		t.Errorf("shown: %q", texts)
	}
	o.update(inPhase(phone.PhaseEstablished))
	if o.main.call.end.Label() != "End" || o.main.call.transfer.Label() != "Transfer" {
		t.Error("what is left of the conference stays on the buttons")
	}
}

// TestAMemberTellsItsOwnProblemAlone: what is wrong with our devices is no news of each member.
func TestAMemberTellsItsOwnProblemAlone(t *testing.T) {
	for name, c := range map[string]struct {
		kind   cause.Kind
		action cause.Action
		told   bool
	}{
		"reconnecting":         {cause.Reconnecting, cause.ActionNone, true},
		"hold refused":         {cause.HoldRefused, cause.ActionNone, true},
		"microphone silent":    {cause.MicrophoneSilent, cause.ActionChooseDevice, false},
		"microphone gone":      {cause.MicrophoneAbsent, cause.ActionChooseDevice, false},
		"another device":       {cause.DeviceStandsIn, cause.ActionChooseDevice, false},
		"nothing, all is well": {"", cause.ActionNone, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, s := open(t, Options{}), conference()
			for i := range s.Calls {
				if c.kind != "" {
					s.Calls[i].Problem = &cause.Cause{Kind: c.kind, Action: c.action}
				}
			}
			o.update(s)
			for _, r := range o.main.others.group.rows {
				words := tell.Of(cause.Cause{Kind: c.kind}).Short
				if told := c.kind != "" && r.line.Text() == words; told != c.told {
					t.Errorf("%s: %q", r.name.Text(), r.line.Text())
				}
			}
		})
	}
}

// TestConferenceThatWaitsIsOneCard while another call talks, and a press on it goes back.
func TestConferenceThatWaitsIsOneCard(t *testing.T) {
	o := open(t, Options{})
	o.update(conferenceWaits())
	row := o.main.others.waits
	if got := row.Title() + "|" + row.Line() + "|" + row.End(); got !=
		"Conference|Maria Ortiz de la Fuente y Albornoz, Carol Jones|Swap" {
		t.Errorf("card: %s", got)
	}
	o.tap(row)
	o.expect(t, "swap c2")
	s := conferenceWaits()
	s.Calls = s.Calls[1:]
	o.update(s)
	if o.main.call.hold.Label() != "Resume" {
		t.Errorf("on hold it offers %q", o.main.call.hold.Label())
	}
	o.tap(o.main.call.hold)
	o.expect(t, "hold conference false")
	if b := o.main.call.transfer; b.Label() != "Leave them" || b.Disabled() {
		t.Errorf("two cannot be left to each other: %q", b.Label())
	}
	o.tap(o.main.call.transfer)
	o.expect(t, "leave conference")
}

// TestBringingTogetherIsOffered where there are calls that can be, with a button and by its key.
func TestBringingTogetherIsOffered(t *testing.T) {
	five := conferenceOfFour()
	five.Calls = append(five.Calls, inPhase(phone.PhaseEstablished).Calls[0])
	five.Calls[4].ID = "c5"
	in := func(ids ...string) func(*phone.State) { return func(s *phone.State) { s.Conference = ids } }
	for _, c := range []struct {
		name   string
		state  phone.State
		change func(*phone.State)
		label  string
		want   []string
	}{
		{"one call", inPhase(phone.PhaseEstablished), nil, "", nil},
		{"two", twoCalls(), nil, "Conference", []string{"confer c1 c2"}},
		{"three", threeCalls(), nil, "Conference", []string{"confer c1 c2 c3"}},
		{"somebody is asked", asking(), nil, "Conference", []string{"confer c1 c2"}},
		{"three, one of which rings there", threeCalls(), func(s *phone.State) {
			s.Calls[2].Phase = phone.PhaseRinging
		}, "Conference", []string{"confer c1 c2"}},
		{"a call beside a conference", conferenceWaits(), nil, "Add to the conference", []string{"confer c1"}},
		{"a conference beside a call", threeCalls(), in("c1", "c2"), "Add to the conference", []string{"confer c3"}},
		{"all are in it", conference(), nil, "", nil},
		{"it is full", five, nil, "", nil},
		{"the other is on its way to somebody else", twoCalls(), func(s *phone.State) {
			ringing := cause.Cause{Kind: cause.TransferRinging, To: "x"}
			s.Calls[1].Transfer = &phone.TransferState{To: "x", Cause: ringing}
		}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			if c.change != nil {
				c.change(&c.state)
			}
			o.update(c.state)
			found := ""
			for _, label := range []string{"Conference", "Add to the conference"} {
				if b := o.button(label); b != nil {
					found = label
					o.tap(b)
				}
			}
			if found != c.label {
				t.Errorf("offers %q", found)
			}
			o.expect(t, c.want...)
			shortcut(o, fyne.KeyG, ctrl|shift)
			o.expect(t, c.want...)
		})
	}
}

// TestConferenceCoversNothing: in the smallest window who it is and End are there, whoever is in it.
func TestConferenceCoversNothing(t *testing.T) {
	long := conferenceOfFour()
	for i := range long.Calls {
		long.Calls[i].Name = strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 4)
		long.Calls[i].Problem = &cause.Cause{Kind: cause.Reconnecting}
	}
	for name, s := range map[string]phone.State{
		"three": conference(), "four": conferenceOfFour(), "it waits": conferenceWaits(),
		"long names and trouble": long,
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{Size: account.Size{Width: minWidth, Height: minHeight}})
			o.update(s)
			uitest.Settle(o.main.win)
			place := fyne.CurrentApp().Driver().AbsolutePositionForObject
			p := o.main.call
			top := place(o.main.top).Y + o.main.top.Size().Height
			if y := place(p.person).Y; y < top-1 {
				t.Errorf("who it is begins at %.0f, below what ends at %.0f", y, top)
			}
			if end := place(p.actions).Y + p.actions.Size().Height; end > minHeight || !p.end.Visible() {
				t.Errorf("End ends at %.0f", end)
			}
			if a, b := place(p.person).Y+p.person.MinSize().Height, place(p.toggles).Y; a > b {
				t.Errorf("who it is ends at %.0f, the buttons begin at %.0f", a, b)
			}
			for _, r := range o.main.others.group.rows {
				if right := place(r.drop).X + r.drop.Size().Width; right > minWidth {
					t.Errorf("Drop ends at %.0f", right)
				}
			}
		})
	}
}
