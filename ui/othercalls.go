package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// otherCalls are the cards of the calls that are up but not the one shown: a press on one brings it to the
// front and holds the one that talks. For a while, a call that ended meanwhile stands there too.
type otherCalls struct {
	app    *app
	cards  []*otherCall
	ended  *widget.Row
	offers [maxInstead]*widget.Row // whom the far end of the ended one wants called
	join   *widget.Button          // connects the call that is shown with the one on the card
	merge  *widget.Button          // brings them together
	bar    *fyne.Container         // of these two
	group  *conferenceGroup        // where the call that is shown is in the conference
	waits  *widget.Row             // the conference, where it is not
	dead   deadSpell
	object *fyne.Container
}

// otherCall is the card of one call.
type otherCall struct {
	call phone.CallState
	row  *widget.Row
}

func newOtherCalls(a *app) *otherCalls {
	o := &otherCalls{app: a, object: layout.Padded(8, 0, widget.Margin, widget.Margin, layout.Column(6))}
	o.ended = widget.NewRow("phone-down", o.meant("close", a.phone.DismissEnded)).Does()
	for i := range o.offers {
		o.offers[i] = widget.NewRow("phone", o.meant("instead", func() { o.callInstead(i) })).Does()
	}
	o.join = widget.NewButton(tell.Word(cause.OthersConnect), "transfer", widget.Outlined,
		o.meant("connect", a.main.connectTwo)).High(widget.HeightDense)
	o.merge = widget.NewButton(tell.Word(cause.ConferenceTitle), "", widget.Outlined,
		o.meant("merge", a.main.merge)).High(widget.HeightDense)
	o.bar = layout.Equal(8, o.merge, o.join)
	o.group = newConferenceGroup(o)
	o.waits = widget.NewRow("pause", o.meant("swap", o.toConference)).Does()
	o.object.Hide()
	return o
}

// meant makes a press do something only where it was meant for the card that stands there.
func (o *otherCalls) meant(deed string, f func()) func() {
	return func() {
		if o.app.meant(&o.dead, deed) {
			f()
		}
	}
}

// standing names the cards in their order.
func (o *otherCalls) standing(s phone.State) string {
	all := ""
	for _, c := range o.cards {
		all += c.call.ID + " "
	}
	all += strings.Join(s.Conference, " ")
	if o.bar.Visible() {
		all += fmt.Sprint(o.join.Visible(), o.merge.Label(), o.merge.Visible())
	}
	if s.Ended != nil {
		all += "ended " + s.Ended.CallID
	}
	return all
}

// update draws the calls but the one shown; with adding, that one too. A call that ended is told here while another one
// is up, and while a number is typed.
func (o *otherCalls) update(s phone.State, shown phone.CallState, live, adding bool, now time.Time) {
	var calls []phone.CallState
	for _, c := range s.Calls {
		if live && c.Phase != phone.PhaseIncoming && (c.ID != shown.ID || adding) &&
			!slices.Contains(s.Conference, c.ID) {
			calls = append(calls, c)
		}
	}
	for len(o.cards) < len(calls) {
		card := &otherCall{}
		card.row = widget.NewRow("pause", o.meant("swap", func() { o.press(card.call) })).Does()
		o.cards = append(o.cards, card)
	}
	o.cards = o.cards[:len(calls)]
	var rows []fyne.CanvasObject
	members := conferring(s, shown)
	switch {
	case !live || len(s.Conference) == 0:
	case len(members) > 0 && !adding:
		o.group.update(members, now)
		rows = append(rows, o.group.object)
	default:
		rows = append(rows, o.waits)
	}
	for _, c := range o.cards {
		rows = append(rows, c.row)
	}
	if o.updateBar(s); o.bar.Visible() && live && !adding {
		rows = append(rows, o.bar)
	}
	if s.Ended != nil && (live || s.Ended.CallID == o.app.main.above) {
		rows = append(rows, o.updateEnded(*s.Ended)...)
	}
	if box := o.object.Objects[0].(*fyne.Container); !slices.Equal(box.Objects, rows) {
		box.Objects = rows
		box.Refresh()
	}
	for i, c := range calls {
		o.cards[i].call = c
	}
	o.object.Hidden = len(rows) == 0
	o.tick(now)
}

// updateBar offers what can be done with the calls together. The keys of an open keypad need its room.
func (o *otherCalls) updateBar(s phone.State) {
	ids, label := o.app.main.mergeable(s)
	_, _, ok := o.app.main.two(s)
	o.merge.Set(label, "")
	o.merge.Hidden, o.join.Hidden = len(ids) == 0, !ok
	o.bar.Hidden = o.app.main.call.keys || o.merge.Hidden && o.join.Hidden
	o.bar.Refresh()
}

// updateEnded tells how a call ended while another is up, and offers whom its far end names in its place.
func (o *otherCalls) updateEnded(e phone.EndedCall) []fyne.CanvasObject {
	name := tell.Who(e.Name, e.Address)
	o.ended.Set("phone-down", name, tell.Of(e.Cause).Headline(), tell.Word(cause.EndedClose), 0)
	rows := []fyne.CanvasObject{o.ended}
	instead := tell.WordOf(cause.Cause{Kind: cause.EndedInsteadOf, Party: name})
	for i, r := range e.Redirect {
		if i < maxInstead {
			o.offers[i].Set("phone", tell.Who(r.Name, r.Address), instead, tell.Word(cause.EndedCall), 0)
			rows = append(rows, o.offers[i])
		}
	}
	return rows
}

func (o *otherCalls) callInstead(i int) {
	if e := o.app.state.Ended; e != nil && i < len(e.Redirect) {
		o.app.phone.CallRedirect(e.Redirect[i].URI, false)
	}
}

// tick moves the timers.
func (o *otherCalls) tick(now time.Time) {
	o.group.tick(now)
	if s := o.app.state; len(s.Conference) > 0 {
		members := conferring(s, phone.CallState{ID: s.Conference[0]})
		does := tell.Word(cause.CallResume)
		if someTalks(s) {
			does = tell.Word(cause.OthersSwap)
		}
		if !onHold(members) { // the keypad is open to add a call
			does = tell.Word(cause.OthersBack)
		}
		o.waits.Set("pause", tell.Word(cause.ConferenceTitle), namesOf(members), does, 0)
	}
	for _, card := range o.cards {
		c := card.call
		icon, does := "phone", tell.Word(cause.OthersBack)
		if c.Held {
			icon = "pause"
			does = tell.Word(cause.CallResume)
			if someTalks(o.app.state) {
				does = tell.Word(cause.OthersSwap)
			}
		}
		if c.Phase == phone.PhaseEnding {
			icon, does = "phone-down", ""
		}
		card.row.Set(icon, tell.Who(c.Name, c.Address), tell.Call(c, now)+tell.Dotted(tell.SafeLine(c.Account)), does,
			0)
		card.row.SetEnabled(c.Phase != phone.PhaseEnding)
	}
}

// toConference brings the conference to the front.
func (o *otherCalls) toConference() {
	o.app.main.setAdding(false)
	s := o.app.state
	if len(s.Conference) > 0 && onHold(conferring(s, phone.CallState{ID: s.Conference[0]})) {
		o.app.phone.Swap(s.Conference[0])
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
