package ui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// mostConferred is how many calls a conference can have: the phone tells where one is too many.
const mostConferred = 4

// conferenceGroup is the conference as one card above the call: who is in it, and what can be done with each alone.
type conferenceGroup struct {
	others *otherCalls
	title  *widget.Text
	rows   []*memberRow
	list   *fyne.Container
	object fyne.CanvasObject
}

// memberRow is one call of the conference.
type memberRow struct {
	call        phone.CallState
	name, line  *widget.Text
	split, drop *widget.Button
	object      fyne.CanvasObject
}

func newConferenceGroup(o *otherCalls) *conferenceGroup {
	g := &conferenceGroup{
		others: o, title: widget.NewText("").Color(widget.ColorMuted).Sized(13), list: layout.Column(4),
	}
	column := layout.Column(4, g.title, g.list)
	g.object = widget.NewPanel(column, widget.ColorSurface, widget.ColorLine, widget.RadiusCard,
		12, 8)
	return g
}

func (g *conferenceGroup) newRow() *memberRow {
	r := &memberRow{
		name: widget.NewText("").Bold().Shrink(60),
		line: widget.NewText("").Color(widget.ColorMuted).Sized(13).Shrink(60),
	}
	phone := g.others.app.phone
	r.split = widget.NewButton(tell.Word(cause.ConferenceSplit), "", widget.Outlined, func() {
		g.others.meant("split "+r.call.ID, func() { phone.Split(r.call.ID) })()
	}).High(widget.HeightDense)
	r.drop = widget.NewButton(tell.Word(cause.ConferenceDrop), "", widget.Danger, func() {
		g.others.meant("drop "+r.call.ID, func() { g.others.app.main.end(r.call.ID) })()
	}).High(widget.HeightDense)
	r.object = layout.Border(nil, nil, nil, container.NewCenter(layout.Row(6, r.split, r.drop)),
		layout.Column(0, r.name, r.line))
	return r
}

// update draws who is in it.
func (g *conferenceGroup) update(members []phone.CallState, now time.Time) {
	for len(g.rows) < len(members) {
		g.rows = append(g.rows, g.newRow())
	}
	g.rows = g.rows[:len(members)]
	var rows []fyne.CanvasObject
	for i, r := range g.rows {
		r.call = members[i]
		rows = append(rows, r.object)
	}
	if !slices.Equal(g.list.Objects, rows) {
		g.list.Objects = rows
		g.list.Refresh()
	}
	g.title.SetText(tell.Counted(cause.ConferenceOf, len(members)+1))
	g.tick(now)
}

func (g *conferenceGroup) tick(now time.Time) {
	for _, r := range g.rows {
		c := r.call
		line := tell.Call(c, now)
		if c.Problem != nil && c.Problem.Action != cause.ActionChooseDevice { // our devices' is told once, for all
			line = tell.Of(*c.Problem).Short
		}
		r.name.SetText(tell.Who(c.Name, c.Address))
		r.line.SetText(line)
		up := c.Phase == phone.PhaseEstablished
		r.split.SetEnabled(up)
		r.drop.SetEnabled(up)
	}
}

// conferring are the calls of the conference that c is in; none where it is in none.
func conferring(s phone.State, c phone.CallState) (members []phone.CallState) {
	if !slices.Contains(s.Conference, c.ID) {
		return nil
	}
	for _, m := range s.Calls {
		if slices.Contains(s.Conference, m.ID) {
			members = append(members, m)
		}
	}
	return members
}

// namesOf are the far ends of calls in one line.
func namesOf(calls []phone.CallState) string {
	var names []string
	for _, c := range calls {
		names = append(names, tell.Who(c.Name, c.Address))
	}
	return strings.Join(names, ", ")
}

// onHold tells whether none of some calls has the sound.
func onHold(calls []phone.CallState) bool {
	return !slices.ContainsFunc(calls, func(c phone.CallState) bool { return c.Active })
}

// mergeable are the calls that one press would bring together: those that were answered or, where there is a
// conference, the one that would join it. What it would be called is told with them.
func (m *mainWindow) mergeable(s phone.State) (ids []string, label string) {
	shown, _ := m.shownCall(s)
	in := func(c phone.CallState) bool { return slices.Contains(s.Conference, c.ID) }
	var apart []string
	for _, c := range append([]phone.CallState{shown}, connectable(s, shown)...) {
		if canConnect(c) && !in(c) {
			apart = append(apart, c.ID)
		}
	}
	switch {
	case len(s.Conference) == 0 && len(apart) >= 2 && len(apart) <= mostConferred:
		return apart, tell.Word(cause.ConferenceTitle)
	case len(s.Conference) == 0 || len(s.Conference) >= mostConferred || len(apart) == 0:
		return nil, ""
	case !in(shown) && apart[0] == shown.ID:
		return apart[:1], tell.Word(cause.ConferenceAdd)
	case in(shown) && len(apart) == 1:
		return apart, tell.Word(cause.ConferenceAdd)
	}
	return nil, ""
}

// merge brings together what can be.
func (m *mainWindow) merge() {
	if ids, _ := m.mergeable(m.app.state); m.sheet == nil && len(ids) > 0 {
		m.app.phone.Confer(ids...)
	}
}

// hangUp ends a call, and with one of the conference all of it.
func (m *mainWindow) hangUp(c phone.CallState) {
	members := conferring(m.app.state, c)
	if len(members) == 0 {
		m.end(c.ID)
	}
	for _, member := range members {
		m.end(member.ID)
	}
}

// updateConference draws the pane of a call that is in the conference: it stands for all of it.
func (p *callPane) updateConference(c phone.CallState) {
	p.members = conferring(p.app.state, c)
	if len(p.members) == 0 {
		p.end.Set(tell.Word(cause.CallEnd), "phone-down")
		p.transfer.Set(tell.Word(cause.CallTransfer), "transfer")
		return
	}
	p.name.SetText(tell.Word(cause.ConferenceTitle))
	p.avatar.SetName(tell.Word(cause.ConferenceTitle))
	p.end.Set(tell.Word(cause.ConferenceEnd), "phone-down")
	p.transfer.Set(tell.Word(cause.ConferenceLeave), "transfer")
	p.transfer.SetEnabled(len(p.members) == 2 && canConnect(p.members[0]) && canConnect(p.members[1]))
	p.codec.SetText("")
	p.bars.Hide()
	p.quality.Hide()
	held := onHold(p.members)
	p.hold.SetOn(held)
	if held {
		p.hold.Set(tell.Word(cause.CallResume), "play")
	} else {
		p.hold.Set(tell.Word(cause.CallHold), "pause")
	}
}
