package ui

import (
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// incomingCard tells who calls, for which account and until when, and takes Answer, Decline or Ignore.
// It stands in a window of its own and, while another page is open, in the main window.
type incomingCard struct {
	app   *app
	call  phone.CallState
	dead  deadSpell
	whole int // seconds from when it was first shown to AnswerBy

	avatar                  *widget.Avatar
	name, address, account  *widget.Text
	countdown               *widget.Countdown
	answer, decline, ignore *widget.Button
	instead                 *widget.Button // ends the call that is up and answers
	others                  *widget.Button // the other ways to decline
	object                  fyne.CanvasObject
}

// mostAddress is the height that an address may take: a longer one scrolls.
func mostAddress() float32 {
	return 5 * fyne.MeasureText("M", widget.Scaled(widget.SizeBody), fyne.TextStyle{}).Height
}

func newIncomingCard(a *app) *incomingCard {
	c := &incomingCard{app: a, avatar: widget.NewAvatar(56, 56), countdown: widget.NewCountdown()}
	c.name = widget.NewText("").Sized(widget.SizeTitle).Bold().Shrink(100)
	c.address = widget.NewParagraph("")
	c.account = widget.NewText("").Color(widget.ColorMuted).Sized(13).Shrink(100)
	c.decline = widget.NewButton(tell.Word(cause.IncomingDecline), "phone-down", widget.End,
		c.alive(func(id string) { a.phone.Decline(id) })).High(widget.HeightMain)
	c.answer = widget.NewButton(tell.Word(cause.IncomingAnswer), "phone", widget.Call,
		c.alive(a.answer)).High(widget.HeightMain)
	c.ignore = widget.NewButton(tell.Word(cause.IncomingIgnore), "", widget.Quiet,
		c.alive(func(id string) { a.phone.Ignore(id) })).High(widget.HeightDense)
	c.instead = widget.NewButton(tell.Word(cause.IncomingEndAnswer), "", widget.Quiet,
		c.alive(c.endAndAnswer)).High(widget.HeightDense)
	var decline fyne.CanvasObject
	decline, c.others = declineBox(a, c.decline, func() phone.CallState { return c.call })
	first, second := answerOrder(decline, c.answer)
	c.object = layout.Column(12,
		layout.Border(nil, nil, layout.Padded(0, 0, 0, 12, container.NewCenter(c.avatar)),
			layout.Padded(0, 0, 8, 0, container.NewCenter(c.countdown)),
			layout.Column(0, c.name, layout.Limited(mostAddress, c.address), c.account)),
		layout.Equal(10, first, second),
		container.NewCenter(layout.Row(24, c.ignore, c.instead)))
	return c
}

// answerOrder puts Decline left and Answer right; Windows users expect the button that says yes first.
func answerOrder(decline, answer fyne.CanvasObject) (first, second fyne.CanvasObject) {
	if runtime.GOOS == "windows" {
		return answer, decline
	}
	return decline, answer
}

// alive makes a press do something only where it was meant for this call.
func (c *incomingCard) alive(f func(callID string)) func() {
	return func() {
		if c.app.meant(&c.dead, c.call.ID) {
			f(c.call.ID)
		}
	}
}

// has tells whether one of its buttons is what has the keyboard.
func (c *incomingCard) has(focused fyne.Focusable) bool {
	for _, b := range []*widget.Button{c.answer, c.decline, c.others, c.ignore, c.instead} {
		if focused == b {
			return true
		}
	}
	return false
}

func (c *incomingCard) update(call phone.CallState, now time.Time) {
	if c.call.ID != call.ID {
		c.whole = 0
		if !call.AnswerBy.IsZero() {
			c.whole = tell.SecondsLeft(call.AnswerBy, now)
		}
	}
	c.call = call
	c.name.SetText(tell.Who(call.Name, call.Address))
	c.address.SetText(whoBelow(call, c.name.Text(), c.name.Size().Width))
	c.address.Hidden = c.address.Text() == ""
	account := ""
	if len(c.app.state.Accounts) > 1 {
		account = tell.WordOf(cause.Cause{Kind: cause.IncomingFor, Account: tell.SafeLine(call.Account)})
	}
	if !call.AnswersAt.IsZero() {
		account = joined(account, tell.Word(cause.IncomingByItself))
	}
	c.account.SetText(account)
	c.account.Hidden = account == ""
	busy := someTalks(c.app.state)
	c.instead.Hidden = !busy
	if busy {
		c.answer.Set(tell.Word(cause.IncomingHoldAnswer), "")
	} else {
		c.answer.Set(tell.Word(cause.IncomingAnswer), "phone")
	}
	c.avatar.SetName(tell.Who(call.Name, call.Address))
	c.tick(now)
}

// endAndAnswer ends the call that talks and takes this one.
func (c *incomingCard) endAndAnswer(id string) {
	for _, other := range c.app.state.Calls {
		if other.Phase == phone.PhaseEstablished && !other.Held {
			c.app.main.end(other.ID)
		}
	}
	c.app.answer(id)
}

func (c *incomingCard) tick(now time.Time) {
	c.countdown.Hidden = c.call.AnswerBy.IsZero()
	if !c.countdown.Hidden {
		c.countdown.Set(max(0, tell.SecondsLeft(c.call.AnswerBy, now)), c.whole)
	}
}
