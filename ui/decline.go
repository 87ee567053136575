package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

// readyTexts are what a caller can be told with a refusal without typing.
func readyTexts() []string {
	return []string{tell.Word(cause.DeclineCallBack), tell.Word(cause.DeclineMeeting), tell.Word(cause.DeclineWrite)}
}

// declineBox is Decline with, beside it, the other ways to refuse the call that ring returns.
func declineBox(
	a *app, decline *widget.Button, ring func() phone.CallState,
) (box fyne.CanvasObject, more *widget.Button) {
	more = widget.NewButton("", "chevron-down", widget.End, nil).High(widget.HeightMain).
		Named(tell.Word(cause.DeclineOtherWays))
	more.OnTapped = func() { a.menuAbout(ring(), declineMenu(a, ring()), more) }
	return layout.Border(nil, nil, nil, layout.Padded(0, 0, 2, 0, more), decline), more
}

// declineMenu is the ways to refuse a call. Each does nothing once that does not ring any more.
func declineMenu(a *app, c phone.CallState) *fyne.Menu {
	texts := fyne.NewMenuItem(tell.Word(cause.DeclineWithText), nil)
	var items []*fyne.MenuItem
	for _, text := range readyTexts() {
		items = append(items, fyne.NewMenuItem(text, func() { a.phone.DeclineWithText(c.ID, text) }))
	}
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tell.Word(cause.DeclineOwnText), func() { a.main.openRefusal(c, true) }))
	texts.ChildMenu = fyne.NewMenu("", items...)
	return fyne.NewMenu("",
		fyne.NewMenuItem(tell.Word(cause.DeclineBusy), func() { a.phone.DeclineBusy(c.ID) }),
		texts,
		fyne.NewMenuItem(tell.Word(cause.DeclineForward), func() { a.main.openRefusal(c, false) }),
		fyne.NewMenuItem(tell.Word(cause.DeclineIgnore), func() { a.phone.Ignore(c.ID) }),
	)
}

// refusalSheet asks what a caller is to be told, or whom to call instead.
type refusalSheet struct {
	main   *mainWindow
	call   phone.CallState
	text   bool // what to tell; else whom to call
	told   string
	entry  *widget.Entry
	people *suggest.List // whom the entry may mean
	chosen bound         // whom it does, where that was suggested
	field  *widget.Field
	button *widget.Button
}

// openRefusal opens the sheet in the main window, in front; it closes with the call.
func (m *mainWindow) openRefusal(c phone.CallState, text bool) {
	if !isStill(m.app.state, c.ID, phone.PhaseIncoming) {
		return
	}
	r := &refusalSheet{main: m, call: c, text: text}
	of, label, button := cause.ForwardCall, tell.Word(cause.ForwardTo), tell.Word(cause.ForwardDo)
	help := tell.Word(cause.ForwardMeans)
	r.entry = widget.NewEntry(tell.Word(cause.DialWanted))
	if text {
		of, label, button = cause.DeclineCall, tell.Word(cause.DeclineText), tell.Word(cause.IncomingDecline)
		help = tell.Word(cause.DeclineTextMeans)
		r.entry = widget.NewEntry(tell.Word(cause.DeclineTextExample))
	} else {
		r.entry.OnPaste = pastedTarget
	}
	r.field = widget.NewField(label, "", help, r.entry)
	r.button = widget.NewButton(button, "phone-down", widget.Filled, m.meant(button, r.refuse)).High(widget.HeightMain)
	r.entry.OnSubmitted = func(string) { r.refuse() }
	content := layout.Column(10, r.field.Box)
	r.entry.OnChanged = func(string) { r.field.SetBad("") }
	if !text {
		r.suggest()
		content.Add(r.people.Object)
	}
	m.openSheet(tell.WordOf(cause.Cause{Kind: of, Party: tell.Who(c.Name, c.Address)}), content, r.button)
	m.sheet.call, m.sheet.phase = c.ID, c.Phase
	m.toFront("")
	m.win.Canvas().Focus(r.entry)
}

// suggest has whom the text may mean shown below the field.
func (r *refusalSheet) suggest() {
	r.people = r.main.suggestionsInSheet(r.entry, func(b bound) { r.chosen = b })
	r.entry.OnChanged = func(s string) {
		r.field.SetBad("")
		r.people.Follow(s)
	}
}

// refuse refuses the call as the sheet says.
func (r *refusalSheet) refuse() {
	typed := strings.TrimSpace(r.entry.Text)
	if r.text {
		r.main.closeSheet()
		r.main.app.phone.DeclineWithText(r.call.ID, typed)
		return
	}
	if typed == "" {
		r.bad(tell.Word(cause.ForwardNobody))
		return
	}
	to, why := r.main.app.phone.ReadDialled(r.call.AccountID, r.chosen.orTyped(typed)).ToTransfer()
	if why != nil {
		r.bad(tell.Of(*why).Advice())
		return
	}
	r.told = ""
	if refused := r.main.app.state.Refusal; refused != nil {
		r.told = refused.ID
	}
	r.main.sheet.follow = r.follow
	r.main.app.phone.Forward(r.call.ID, to)
}

// follow tells why the call was not forwarded. Where it was, the sheet closes with it.
func (r *refusalSheet) follow(s phone.State) {
	if refused := s.Refusal; refused != nil && refused.CallID == r.call.ID && refused.ID != r.told {
		r.told, r.main.refused = refused.ID, refused.ID
		r.bad(tell.Of(refused.Cause).Advice())
	}
}

func (r *refusalSheet) bad(words string) {
	r.field.SetBad(words)
	r.main.sheet.fit()
	r.main.win.Canvas().Focus(r.entry)
}
