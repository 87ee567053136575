package ui

import (
	"cmp"
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

// newPerson makes the words of who it is: the name, the address in as many lines as it takes, and how the call stands.
// Where not all of the address has room, it scrolls.
func (p *callPane) newPerson() {
	p.name = widget.NewText("").Sized(widget.SizeTitle).Bold().Align(fyne.TextAlignCenter).Shrink(120)
	p.address = widget.NewParagraph("").Color(widget.ColorMuted).Align(fyne.TextAlignCenter)
	p.below = container.NewVScroll(p.address)
	p.state = widget.NewText("").Sized(widget.SizeTitle).Align(fyne.TextAlignCenter).Shrink(120)
	p.person = container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			h := float32(0)
			if o[0].Visible() {
				h = o[0].MinSize().Height
			}
			if o[1].Visible() {
				h += p.underName() + p.room
			}
			if o[2].Visible() {
				h += aboveState + o[2].MinSize().Height
			}
			return fyne.NewSize(120, h)
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			y, name, state := float32(0), o[0].MinSize().Height, o[2].MinSize().Height
			for _, line := range []struct {
				o        fyne.CanvasObject
				above, h float32
			}{{o[0], 0, name}, {o[1], p.underName(), p.room}, {o[2], aboveState, state}} {
				if line.o.Visible() {
					line.o.Move(fyne.NewPos(0, y+line.above))
					line.o.Resize(fyne.NewSize(size.Width, line.h))
					y += line.above + line.h
				}
			}
		},
	}, p.name, p.below, p.state)
}

// aboveState is what is between the state and the line above it.
const aboveState = 8

// underName is what is between the name and the line below it.
func (p *callPane) underName() float32 {
	if p.brief {
		return 0 // the name is in that line
	}
	return 2
}

// lineHeight is that of a line of a size of type.
func lineHeight(size float32) float32 {
	return fyne.MeasureText("M", widget.Scaled(size), fyne.TextStyle{}).Height
}

// personIn makes the words of who it is fit into a height, if they can, and returns their own: a long address scrolls
// where it would take more than is left to it or two lines, and then the timer goes beside it. left is what of the
// height is of no use to anything else.
func (p *callPane) personIn(width, height, left float32) float32 {
	p.width = width
	p.tick(time.Now())
	p.state.SetSize(cmp.Or(widget.FittingSize(p.state.Text(), width, false, widget.SizeTitle, widget.SizeStrong),
		widget.SizeBody))
	p.address.Resize(fyne.NewSize(width, 0)) // a paragraph knows its height by its width
	line := lineHeight(widget.SizeBody)
	want := p.address.MinSize().Height
	state := aboveState + p.state.MinSize().Height
	room := height - p.underName()
	if !p.brief {
		room -= p.name.MinSize().Height
	}
	if p.address.Text() == "" {
		want = 0
	}
	if tight := !p.keys && room-state < min(want, 2*line); tight != p.tight {
		p.tight = tight
		p.tick(time.Now())
		p.address.Resize(fyne.NewSize(width, 0))
		want = p.address.MinSize().Height
	}
	if !p.keys && !p.tight {
		room -= state
	}
	room = min(room, max(room-height+left, 2*line))
	p.room = min(want, max(line, line*float32(int(room/line))))
	return p.person.MinSize().Height
}

// tick moves what goes with time.
func (p *callPane) tick(now time.Time) {
	words := tell.Call(p.call, now)
	if p.call.Phase == phone.PhaseIncoming && !p.call.AnswerBy.IsZero() {
		p.ringing.Set(max(0, tell.SecondsLeft(p.call.AnswerBy, now)), p.whole)
	}
	// With the keypad open, or with much to tell, there is room for one line less.
	var below []string
	if p.keys || p.tight {
		below = append(below, words)
	}
	if p.brief {
		below = append(below, p.name.Text())
	}
	if who := p.whoBelow(); who != "" {
		below = append(below, who)
	}
	p.name.Hidden, p.state.Hidden = p.brief, p.keys || p.tight
	if len(below) == 0 {
		p.below.Hide()
	} else {
		p.below.Show()
	}
	p.address.SetText(strings.Join(below, " · "))
	p.state.SetText(words)
}

// whoBelow is what stands below the name of the call.
func (p *callPane) whoBelow() string {
	if len(p.members) > 0 {
		return "" // the card tells who is in it
	}
	return whoBelow(p.call, p.name.Text(), p.width)
}

// whoBelow is what stands below the name that heads a call in a width, 0: that is not known yet: the whole address, and
// what the far end calls itself where that is not to be believed. An address that heads the call is not told again,
// unless it is too long for that.
func whoBelow(c phone.CallState, name string, width float32) string {
	whole := tell.WholeAddress(c.Address, c.URI)
	if whole == name && (width == 0 || widget.FittingSize(whole, width, true, widget.SizeTitle) > 0) {
		whole = ""
	}
	if c.Claims == "" {
		return whole
	}
	return tell.WordOf(cause.Cause{Kind: cause.CallsItself, Party: tell.SafeLine(c.Claims)}) + tell.Dotted(whole)
}

// digitsShown is how many of the digits that were sent have room: the last ones.
const digitsShown = 16

// digitsWords shows what was dialled in the call.
func digitsWords(c phone.CallState) string {
	digits := c.Digits
	if cut := len(digits) - digitsShown; cut > 0 {
		digits = "…" + digits[cut:]
	}
	switch {
	case digits == "":
		return tell.Word(cause.CallNoDigits)
	case c.ByInfo:
		return tell.WordOf(cause.Cause{Kind: cause.CallDigitsByInfo, Text: digits})
	}
	return digits
}

// digitLine is the line of the digits, as high with digits in it as without.
func digitLine(digits *widget.Text) fyne.CanvasObject {
	return container.New(layout.Func{
		Min: func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, digitHeight()) },
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			o[0].Move(fyne.NewPos(0, 0))
			o[0].Resize(fyne.NewSize(size.Width, digitHeight()))
		},
	}, digits)
}

// digitSize is the size of type of the digits: they are large already where text is drawn large, and leave the keys
// their room.
func digitSize() float32 { return max(widget.SizeBody, widget.SizeTitle/widget.TextFactor()) }

// digitHeight is the height of their line.
func digitHeight() float32 { return lineHeight(digitSize()) }
