package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// maxInstead is how many of the addresses that a far end names in its place are offered.
const maxInstead = 3

// endedPane tells for a while how a call ended. Close stands where End stood, so that a second
// click on End does nothing worse.
type endedPane struct {
	app                              *app
	ended                            phone.EndedCall
	asked                            bool         // somebody is to be called from here; what becomes of it is not known
	told                             string       // ID of the refusal that was told here last
	refused                          *cause.Cause // why nobody could be called
	avatar                           *widget.Avatar
	name, address, words, long, note *widget.Text
	again, close, fix, keep          *widget.Button
	// whom the far end wants called gets the digits behind the number, too
	sends   *widget.Switch
	dead    deadSpell
	instead [maxInstead]*widget.Button // whom the far end wants called
	object  fyne.CanvasObject
}

func newEndedPane(a *app) *endedPane {
	p := &endedPane{app: a, avatar: widget.NewAvatar(72, 64)}
	p.name = widget.NewText("").Sized(widget.SizeTitle).Bold().Align(fyne.TextAlignCenter).Shrink(120)
	p.address = widget.NewParagraph("").Color(widget.ColorMuted).Align(fyne.TextAlignCenter)
	p.words = widget.NewParagraph("").Sized(widget.SizeStrong).Bold().Align(fyne.TextAlignCenter)
	p.long = widget.NewText("").Color(widget.ColorMuted).Align(fyne.TextAlignCenter)
	p.note = widget.NewParagraph("").Sized(13).Align(fyne.TextAlignCenter)
	p.again = widget.NewButton(tell.Word(cause.EndedCallAgain), "phone", widget.Call,
		p.meant("call", p.callAgain)).High(widget.HeightMain)
	p.close = widget.NewButton(tell.Word(cause.EndedClose), "", widget.Outlined,
		p.meant("close", a.phone.DismissEnded)).High(widget.HeightMain)
	p.keep = widget.NewButton(tell.Word(cause.EndedAddContact), "plus", widget.Quiet,
		p.meant("add-to-contacts", p.addToContacts)).High(widget.HeightDense)
	card := widget.NewCard(layout.Padded(8, 8, 4, 4, layout.Column(6, p.avatar, p.name, p.address,
		layout.Padded(8, 0, 0, 0, p.words), p.note, p.long, p.keep)))
	buttons := layout.Column(12)
	p.sends = widget.NewSwitch("", "", false, nil)
	p.sends.Hide()
	buttons.Add(p.sends)
	for i := range p.instead {
		kind := widget.Outlined
		if i == 0 {
			kind = widget.Call
		}
		p.instead[i] = widget.NewButton("", "phone", kind,
			p.meant("call-instead", func() { p.callInstead(i) })).High(widget.HeightMain)
		p.instead[i].Hide()
		buttons.Add(p.instead[i])
	}
	p.fix = widget.NewButton(tell.Word(cause.EndedEditAccount), "", widget.Outlined,
		p.meant("fix", func() { a.main.act(p.ended.Cause, p.ended.AccountID) })).High(widget.HeightMain)
	buttons.Add(p.again)
	buttons.Add(p.fix)
	buttons.Add(p.close)
	p.object = container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(o[0].MinSize().Width+2*widget.Margin, 100+o[1].MinSize().Height+2*widget.Margin)
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			w := min(size.Width-2*widget.Margin, 420)
			x := (size.Width - w) / 2
			h := o[1].MinSize().Height
			o[1].Move(fyne.NewPos(x, size.Height-widget.Margin-h))
			o[1].Resize(fyne.NewSize(w, h))
			room := size.Height - 2*widget.Margin - h
			p.avatar.Hidden = false
			o[0].Resize(fyne.NewSize(w, o[0].MinSize().Height))
			if p.avatar.Hidden = o[0].MinSize().Height > room; p.avatar.Hidden {
				o[0].Resize(fyne.NewSize(w, o[0].MinSize().Height))
			}
			card := o[0].MinSize().Height
			o[0].Move(fyne.NewPos(x, max(8, (room-card)/2)))
			o[0].Resize(fyne.NewSize(w, min(card, room)))
		},
	}, layout.Limited(layout.Unlimited, card), buttons)
	return p
}

// meant makes a press do something only where it was meant for this card: the caller may give up at the moment that the
// user presses Ignore.
func (p *endedPane) meant(deed string, f func()) func() {
	return func() {
		if p.app.meant(&p.dead, deed+" "+p.ended.CallID) {
			f()
		}
	}
}

// standing names the card and its buttons: with each that comes or goes, the others move.
func (p *endedPane) standing() string {
	all := p.ended.CallID
	for i, b := range append(p.instead[:], p.again, p.fix, p.keep) {
		if b.Visible() {
			all += fmt.Sprint(" ", i)
		}
	}
	return all
}

// has tells whether one of its buttons is what has the keyboard.
func (p *endedPane) has(focused fyne.Focusable) bool {
	for _, b := range append(p.instead[:], p.again, p.fix, p.close, p.keep) {
		if focused == b {
			return true
		}
	}
	return false
}

func (p *endedPane) update(e phone.EndedCall) {
	if p.ended.CallID != e.CallID {
		p.sends.SetOn(false)
	}
	p.ended = e
	p.avatar.SetName(tell.Who(e.Name, e.Address))
	p.name.SetText(tell.Who(e.Name, e.Address))
	p.address.SetText(tell.Below(e.Name, tell.WholeAddress(e.Address, e.URI), e.Claims))
	p.address.Hidden = p.address.Text() == ""
	told := tell.Of(e.Cause)
	p.words.SetText(told.Headline())
	note, digits := told.Below(), tell.SafeLine(strings.Trim(e.After, ",;"))
	p.again.Hidden = len(e.Redirect) > 0 || e.URI == ""
	p.note.SetColor(widget.ColorText)
	if p.refused != nil {
		note = tell.Of(*p.refused).Advice()
		p.note.SetColor(widget.ColorBad)
	}
	if e.After != "" && !p.again.Hidden {
		note = strings.TrimSpace(note + " " + tell.WordOf(cause.Cause{Kind: cause.EndedSendsAgain, Text: digits}))
	}
	p.note.SetText(note)
	p.note.Hidden = note == ""
	long := accountOfCall(p.app.state, e.Account)
	if e.Duration > 0 {
		long = tell.Timer(e.Duration) + tell.Dotted(long)
	}
	p.long.SetText(long)
	p.long.Hidden = long == ""
	p.keep.Hidden = e.Known || e.URI == "" || p.app.phone.Journal() == nil
	p.fix.Hidden = e.Cause.Action != cause.ActionEditAccount && e.Cause.Action != cause.ActionEnterPassword
	if !p.fix.Hidden {
		p.fix.Set(tell.ProblemAction(e.Cause), "")
	}
	p.again.Set(tell.Word(cause.EndedCallAgain), "phone")
	if e.Incoming {
		p.again.Set(tell.Word(cause.EndedCallBack), "phone")
	}
	for i, b := range p.instead {
		b.Hidden = i >= len(e.Redirect)
		if !b.Hidden {
			who := tell.Who(e.Redirect[i].Name, e.Redirect[i].Address)
			b.Set(tell.WordOf(cause.Cause{Kind: cause.EndedInstead, Party: who}), "phone")
		}
	}
	p.sends.Hidden = e.After == "" || len(e.Redirect) == 0
	p.sends.SetLabel(tell.WordOf(cause.Cause{Kind: cause.EndedSends, Text: digits}))
	p.object.Refresh()
}

// follow notices why nobody could be called from here.
func (p *endedPane) follow(s phone.State) {
	if s.Ended == nil || s.Ended.CallID != p.ended.CallID {
		p.asked, p.refused = false, nil
	}
	if r := s.Refusal; p.asked && r != nil && r.Command == phone.CommandDial && r.ID != p.told {
		p.asked, p.told, p.refused = false, r.ID, &r.Cause
	}
}

func (p *endedPane) callInstead(i int) {
	if i < len(p.ended.Redirect) {
		p.asked = true
		p.app.phone.CallRedirect(p.ended.Redirect[i].URI, p.sends.On() && !p.sends.Hidden)
	}
}

// addToContacts opens the form of a new contact with whom the call was with.
func (p *endedPane) addToContacts() {
	p.app.main.addToContacts(p.ended.Name, p.ended.Address, p.app.main.open)
}

func (p *endedPane) callAgain() {
	p.asked = true
	p.app.phone.Redial(p.ended.AccountID, p.ended.URI, p.ended.After)
}
