package ui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

// newStrips makes the strips that tell of transfers and of digits that are to be sent.
func (p *callPane) newStrips() {
	p.connect = widget.NewButton(tell.Word(cause.ConsultConnectThem), "", widget.Filled,
		p.meant(p.connectThem)).High(widget.HeightDense)
	p.abandon = widget.NewButton(tell.Word(cause.ConsultBack), "", widget.Outlined,
		p.meant(p.cancelConsult)).High(widget.HeightDense)
	p.consult, p.handing, p.hears = newStrip(p.abandon, p.connect), newStrip(), newStrip()
	p.goOn = widget.NewButton(tell.Word(cause.DigitsSend), "", widget.Filled,
		p.meant(func() { p.app.phone.ContinuePostDial(p.call.ID) })).High(widget.HeightDense)
	p.drop = widget.NewButton(tell.Word(cause.DigitsCancel), "", widget.Outlined,
		p.meant(func() { p.app.phone.CancelPostDial(p.call.ID) })).High(widget.HeightDense)
	p.after = newStrip(p.drop, p.goOn)
}

// meant makes a press in a strip do something only where it was meant for that strip.
func (p *callPane) meant(f func()) func() {
	return func() {
		if p.app.meant(&p.told, "strip-of "+p.call.ID) {
			f()
		}
	}
}

// standing names the strips that are shown: with each that comes or goes, the others move.
func (p *callPane) standing() string {
	all := p.call.ID
	for i, s := range []fyne.CanvasObject{
		p.problem.object, p.hears.object, p.after.object, p.handing.object, p.consult.object,
		p.goOn, p.talking.object,
	} {
		if s.Visible() {
			all += fmt.Sprint(" ", i)
		}
	}
	if p.problem.button.Visible() {
		all += p.problem.button.Label()
	}
	if p.connect.Disabled() {
		all += " asking"
	}
	return all
}

// consultation finds the call that was made to ask first, and the call that waits for it, where c is one of
// the two.
func consultation(s phone.State, c phone.CallState) (asked, waits phone.CallState, ok bool) {
	for _, a := range s.Calls {
		if a.ConsultFor == "" || a.ID != c.ID && a.ConsultFor != c.ID {
			continue
		}
		for _, w := range s.Calls {
			if w.ID == a.ConsultFor {
				return a, w, true
			}
		}
	}
	return phone.CallState{}, phone.CallState{}, false
}

// updateStrips tells who waits while somebody is asked, and how a transfer goes.
func (p *callPane) updateStrips(c phone.CallState) {
	words := ""
	asked, waits, ok := consultation(p.app.state, c)
	if ok {
		first, second := tell.Who(waits.Name, waits.Address), tell.Who(asked.Name, asked.Address)
		words = tell.WordOf(cause.Cause{Kind: cause.ConsultWaits, Party: first, To: second})
		if asked.Phase == phone.PhaseEstablished {
			words = tell.WordOf(cause.Cause{Kind: cause.ConsultConnect, Party: first, To: second})
		}
		p.connect.SetEnabled(asked.Phase == phone.PhaseEstablished && (waits.Transfer == nil || waits.Transfer.Failed))
		p.abandon.Set(tell.WordOf(cause.Cause{Kind: cause.ConsultBackTo, Party: shortName(first)}), "")
	}
	p.consult.show(widget.Triangle, words)
	words, shape := "", widget.Dots
	transfer := c.Transfer
	if transfer == nil && ok {
		transfer = waits.Transfer
	}
	if transfer != nil {
		words = tell.Of(transfer.Cause).Headline()
		if transfer.Failed {
			shape = widget.Cross
		}
	}
	told := p.app.main.refused // in a sheet
	if r := p.app.state.Refusal; r != nil && r.CallID == c.ID && p.app.main.sheet == nil && r.ID != told {
		words, shape = tell.Of(r.Cause).Advice(), widget.Cross
	}
	p.handing.show(shape, words)
}

// shortName is a name that fits on half a button.
func shortName(name string) string {
	if first, _, more := strings.Cut(name, " "); more {
		name = first
	}
	name, _, _ = strings.Cut(name, "@")
	return name
}

func (p *callPane) connectThem() {
	if asked, _, ok := consultation(p.app.state, p.call); ok && asked.Phase == phone.PhaseEstablished {
		p.app.phone.CompleteTransfer(asked.ID)
	}
}

// two are the call that is shown and the other one, where there are but these two that were answered, both can be
// connected, and neither was made to ask about the other: then a strip offers it.
func (m *mainWindow) two(s phone.State) (shown, other phone.CallState, ok bool) {
	shown, _ = m.shownCall(s)
	others := connectable(s, shown)
	if _, _, asks := consultation(s, shown); asks || len(others) != 1 || !canConnect(shown) ||
		slices.Contains(s.Conference, shown.ID) {
		return shown, other, false
	}
	return shown, others[0], true
}

// connectable are the calls that one can be connected with.
func connectable(s phone.State, c phone.CallState) (others []phone.CallState) {
	for _, o := range s.Calls {
		if o.ID != c.ID && canConnect(o) {
			others = append(others, o)
		}
	}
	return others
}

// canConnect tells whether a call has been answered and is not on its way to somebody else.
func canConnect(c phone.CallState) bool {
	return c.Phase == phone.PhaseEstablished && (c.Transfer == nil || c.Transfer.Failed)
}

// connectTwo connects the two calls that are up.
func (m *mainWindow) connectTwo() {
	if shown, other, ok := m.two(m.app.state); ok {
		m.app.phone.Connect(shown.ID, other.ID)
	}
}

// connect connects the two calls that are up, also where one was made to ask about the other; of more, it asks which.
func (m *mainWindow) connect() {
	shown, _ := m.shownCall(m.app.state)
	_, _, asks := consultation(m.app.state, shown)
	switch {
	case m.sheet != nil:
	case asks:
		m.call.connectThem()
	case len(connectable(m.app.state, shown)) > 1:
		m.call.openTransfer(false)
	default:
		m.connectTwo()
	}
}

func (p *callPane) cancelConsult() {
	if asked, _, ok := consultation(p.app.state, p.call); ok {
		p.app.main.hungUp = append(p.app.main.hungUp, asked.ID)
		p.app.phone.CancelConsult(asked.ID)
	}
}

// transferSheet asks whom a call is to be handed over to.
type transferSheet struct {
	pane     *callPane
	call     string                 // ID
	account  string                 // ID of the call's
	told     string                 // ID of the refusal that was told last
	before   *phone.TransferState   // of the call when this one was asked for
	asked    bool                   // something was asked for
	others   map[string]*widget.Row // calls that it can be connected with, by ID
	to       *widget.Entry
	people   *suggest.List
	chosen   bound // whom the text in the field means, where it was suggested
	field    *widget.Field
	now, ask *widget.Button
}

// openTransfer asks to whom; Enter hands over at once or, with askFirst, asks there first.
func (p *callPane) openTransfer(askFirst bool) {
	c := p.call
	if c.Phase != phone.PhaseEstablished || !p.app.main.inCall() || c.Transfer != nil && !c.Transfer.Failed {
		return
	}
	t := &transferSheet{
		pane: p, call: c.ID, account: c.AccountID, to: widget.NewEntry(tell.Word(cause.DialWanted)),
		others: map[string]*widget.Row{},
	}
	who := tell.Who(c.Name, c.Address)
	t.field = widget.NewField(tell.Word(cause.HandOverTo), "",
		tell.WordOf(cause.Cause{Kind: cause.HandOverMeans, Party: who}), t.to)
	kinds := [2]widget.ButtonKind{widget.Filled, widget.Outlined}
	if askFirst {
		kinds[0], kinds[1] = kinds[1], kinds[0]
	}
	t.now = widget.NewButton(tell.Word(cause.HandOverNow), "transfer", kinds[0],
		p.app.main.meant("transfer", func() { t.hand(false) })).High(widget.HeightMain)
	t.ask = widget.NewButton(tell.Word(cause.HandOverAsk), "phone", kinds[1],
		p.app.main.meant("ask-first", func() { t.hand(true) })).High(widget.HeightMain)
	t.to.OnPaste = pastedTarget
	t.to.OnSubmitted = func(string) { t.hand(askFirst) }
	t.to.OnChanged = func(s string) {
		t.field.SetBad("")
		if clean := pastedTarget(s); clean != s {
			t.to.SetText(clean)
			return
		}
		t.people.Follow(s)
	}
	m := p.app.main
	t.people = m.suggestionsInSheet(t.to, func(b bound) { t.chosen = b })
	content := layout.Column(10)
	for _, other := range connectable(p.app.state, c) {
		row := widget.NewRow("transfer", m.meant("connect "+other.ID, func() { t.connect(other.ID) })).Does()
		row.Set("transfer", tell.Who(other.Name, other.Address), tell.Call(other, time.Now()),
			tell.Word(cause.HandOverConnect), 0)
		t.others[other.ID] = row
		content.Add(row)
	}
	content.Add(t.field.Box)
	content.Add(t.people.Object)
	m.openSheet(tell.WordOf(cause.Cause{Kind: cause.HandOver, Party: who}), content, t.now, t.ask)
	m.sheet.call, m.sheet.phase, m.sheet.follow = c.ID, c.Phase, t.follow
	m.win.Canvas().Focus(t.to)
}

// follow closes the sheet once the transfer is under way, and tells why it is not. A call that has ended can be chosen
// no longer; nothing moves by that.
func (t *transferSheet) follow(s phone.State) {
	for id, row := range t.others {
		row.SetEnabled(slices.ContainsFunc(s.Calls,
			func(c phone.CallState) bool { return c.ID == id && canConnect(c) }))
	}
	if !t.asked {
		return
	}
	m := t.pane.app.main
	for _, c := range s.Calls {
		if c.ConsultFor == t.call || c.ID == t.call && c.Transfer != nil && (t.before == nil ||
			!reflect.DeepEqual(c.Transfer, t.before)) {
			m.closeSheet()
			return
		}
	}
	if r := s.Refusal; r != nil && r.CallID == t.call && r.ID != t.told {
		t.told, m.refused = r.ID, r.ID
		t.field.SetBad(tell.Of(r.Cause).Advice())
		m.sheet.fit()
		m.win.Canvas().Focus(t.to)
	}
}

// hand hands the call over, or asks first.
func (t *transferSheet) hand(askFirst bool) {
	to := strings.TrimSpace(t.to.Text)
	if to == "" {
		t.field.SetBad(tell.Word(cause.HandOverNobody))
		t.pane.app.main.win.Canvas().Focus(t.to)
		return
	}
	m := t.pane.app.main
	read := t.pane.app.phone.ReadDialled(t.account, t.chosen.orTyped(to))
	address, why := read.ToTransfer()
	if askFirst {
		address, why = read.To, read.Problem
	}
	if why != nil {
		t.field.SetBad(tell.Of(*why).Advice())
		m.sheet.fit()
		m.win.Canvas().Focus(t.to)
		return
	}
	t.watch()
	if askFirst {
		t.pane.app.phone.AskFirst(t.call, address, phone.CallOptions{After: read.PostDial})
		return
	}
	t.pane.app.phone.Transfer(t.call, address)
}

// watch has the sheet follow what becomes of what is asked for now.
func (t *transferSheet) watch() {
	m := t.pane.app.main
	t.asked, t.told, t.before = true, "", nil
	if r := m.app.state.Refusal; r != nil {
		t.told = r.ID
	}
	for _, c := range m.app.state.Calls {
		if c.ID == t.call {
			t.before = c.Transfer
		}
	}
}

// connect connects the call with another that is up.
func (t *transferSheet) connect(other string) {
	t.watch()
	t.pane.app.phone.Connect(t.call, other)
}
