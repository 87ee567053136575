package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/widget"
)

// otherCalls are the cards of the calls that are up but not the one shown: a press on one brings it to the
// front and holds the one that talks. For a while, a call that ended meanwhile stands there too.
type otherCalls struct {
	app    *app
	cards  []*otherCall
	ended  *widget.Row
	object *fyne.Container
}

// otherCall is the card of one call.
type otherCall struct {
	call phone.CallState
	row  *widget.Row
}

func newOtherCalls(a *app) *otherCalls {
	o := &otherCalls{app: a, object: padded(8, 0, widget.Margin, widget.Margin, column(6))}
	o.ended = widget.NewRow("phone-down", a.phone.DismissEnded).Does()
	o.object.Hide()
	return o
}

// update draws the calls but the one shown; with adding, that one too.
func (o *otherCalls) update(s phone.State, shown phone.CallState, live, adding bool, now time.Time) {
	var calls []phone.CallState
	for _, c := range s.Calls {
		if live && c.Phase != phone.PhaseIncoming && (c.ID != shown.ID || adding) {
			calls = append(calls, c)
		}
	}
	for len(o.cards) < len(calls) {
		card := &otherCall{}
		card.row = widget.NewRow("pause", func() { o.press(card.call) }).Does()
		o.cards = append(o.cards, card)
	}
	o.cards = o.cards[:len(calls)]
	box := o.object.Objects[0].(*fyne.Container)
	want := len(calls)
	if live && s.Ended != nil {
		want++
	}
	if len(box.Objects) != want || want > 0 && (box.Objects[want-1] == o.ended) != (live && s.Ended != nil) {
		box.RemoveAll()
		for _, c := range o.cards {
			box.Add(c.row)
		}
		if live && s.Ended != nil {
			box.Add(o.ended)
		}
	}
	for i, c := range calls {
		o.cards[i].call = c
	}
	if s.Ended != nil {
		o.ended.Set("phone-down", who(s.Ended.Name, s.Ended.Address), s.Ended.Words, "Close", 0)
	}
	o.object.Hidden = want == 0
	o.tick(now)
}

// tick moves the timers.
func (o *otherCalls) tick(now time.Time) {
	for _, card := range o.cards {
		c := card.call
		icon, does := "phone", "Back"
		if c.Held {
			icon = "pause"
			does = "Resume"
			if someTalks(o.app.state) {
				does = "Swap"
			}
		}
		if c.Phase == phone.PhaseEnding {
			icon, does = "phone-down", ""
		}
		card.row.Set(icon, who(c.Name, c.Address), callWords(c, now)+dotted(safeLine(c.Account)), does, 0)
		card.row.SetEnabled(c.Phase != phone.PhaseEnding)
	}
}

// press brings a call to the front.
func (o *otherCalls) press(c phone.CallState) {
	m := o.app.main
	m.setAdding(false)
	if c.Held {
		o.app.phone.Swap(c.ID)
		return
	}
	m.front = c.ID
	m.redraw()
}
