package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// referralCard asks whether to call whom a far end wants called in its place. No answer is No.
type referralCard struct {
	app   *app
	asked phone.Referral
	dead  deadSpell
	whole int // seconds from when it was first shown to Until

	title, name, address *widget.Text
	countdown            *widget.Countdown
	yes, no              *widget.Button
	object               fyne.CanvasObject
}

func newReferralCard(a *app) *referralCard {
	c := &referralCard{app: a, countdown: widget.NewCountdown()}
	c.title = widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)
	c.name = widget.NewText("").Sized(widget.SizeTitle).Bold().Shrink(100)
	c.address = widget.NewText("").Shrink(100)
	c.no = widget.NewButton(tell.Word(cause.ReferralNo), "", widget.Filled, c.decline).High(widget.HeightMain)
	c.yes = widget.NewButton(tell.Word(cause.ReferralCall), "phone", widget.Outlined, c.accept).High(widget.HeightMain)
	c.object = layout.Column(12,
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, container.NewCenter(c.countdown)),
			layout.Column(2, c.title, c.name, c.address)),
		layout.Equal(10, c.no, c.yes))
	return c
}

func (c *referralCard) update(r phone.Referral, now time.Time) {
	if c.asked.ID != r.ID {
		c.whole = tell.SecondsLeft(r.Until, now)
	}
	c.asked = r
	c.title.SetText(tell.WordOf(cause.Cause{Kind: cause.ReferralAsks, Party: tell.SafeLine(r.From)}))
	c.name.SetText(tell.Who(r.Name, r.Address))
	c.address.SetText(tell.AddressBelow(r.Name, r.Address))
	c.address.Hidden = c.address.Text() == ""
	whom := shortName(tell.Who(r.Name, r.Address))
	c.yes.Set(tell.WordOf(cause.Cause{Kind: cause.ReferralCallWhom, Party: whom}), "phone")
	c.tick(now)
}

func (c *referralCard) tick(now time.Time) {
	c.countdown.Set(max(0, tell.SecondsLeft(c.asked.Until, now)), c.whole)
}

// accept says yes, but not to a click that was meant for what stood there before.
func (c *referralCard) accept() {
	if c.app.meant(&c.dead, c.deed()) {
		c.app.phone.AcceptReferral(c.asked.ID)
	}
}

func (c *referralCard) decline() {
	if c.app.meant(&c.dead, c.deed()) {
		c.app.phone.DeclineReferral(c.asked.ID)
	}
}

// deed names the request among what can be dealt with.
func (c *referralCard) deed() string { return "referral " + c.asked.ID }

// has tells whether one of its buttons is what has the keyboard.
func (c *referralCard) has(focused fyne.Focusable) bool { return focused == c.yes || focused == c.no }
