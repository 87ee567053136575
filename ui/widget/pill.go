package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"calla/phone/cause"
)

// Pill is the button that shows an account and its status: mark, name, word, address.
type Pill struct {
	pressable
	shape             Shape
	title, word, line string
	leads             bool // it opens a page, not a menu
	picks, picked     bool // it is one of several, and the one that was chosen
}

// NewPill returns an empty pill.
func NewPill(tapped func()) *Pill {
	p := &Pill{}
	p.OnTapped = tapped
	p.ExtendBaseWidget(p)
	return p
}

// Set changes what it shows.
func (p *Pill) Set(shape Shape, title, word, line string) {
	if p.shape != shape || p.title != title || p.word != word || p.line != line {
		p.shape, p.title, p.word, p.line = shape, title, word, line
		p.Refresh()
	}
}

// Leads shows that a press opens a page and not a menu.
func (p *Pill) Leads() { p.leads = true }

// Picks shows that a press chooses it, and whether it is chosen.
func (p *Pill) Picks(picked bool) { p.picks, p.picked = true, picked }

// Word returns the status as shown.
func (p *Pill) Word() string { return p.word }

// Line returns the second line.
func (p *Pill) Line() string { return p.line }

// FocusGained implements fyne.Focusable.
func (p *Pill) FocusGained() { p.gainFocus(p) }

// TypedKey implements fyne.Focusable.
func (p *Pill) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyDown {
		p.press()
		return
	}
	p.typedKey(p, ev)
}

// TypedRune implements fyne.Focusable.
func (p *Pill) TypedRune(r rune) { p.typedRune(p, r) }

// AccessibilityLabel implements fyne.Accessible.
func (p *Pill) AccessibilityLabel() string {
	all := wordOf(cause.Cause{Kind: cause.AccountOfCall, Account: p.title}) + ", " + p.word
	if p.line != "" {
		all += ", " + p.line
	}
	if p.picked {
		all += ", " + word(cause.WidgetChosen)
	}
	return all
}

// CreateRenderer implements fyne.Widget.
func (p *Pill) CreateRenderer() fyne.WidgetRenderer {
	r := &pillRenderer{
		p: p, box: newBox(HeightTarget / 2), mark: NewMark(Ring, 11),
		title: NewText("").Bold(), word: NewText("").Color(ColorMuted).Sized(SizeCaption),
		line: NewText("").Color(ColorMuted).Sized(SizeCaption), chevron: NewIcon("chevron-down", ColorMuted, 18),
	}
	r.Refresh()
	return r
}

type pillRenderer struct {
	p                 *Pill
	box               *box
	mark              *Mark
	title, word, line *Text
	chevron           *Icon
}

func (r *pillRenderer) Destroy() {}
func (r *pillRenderer) MinSize() fyne.Size {
	return fyne.NewSize(160, max(HeightTarget, r.title.MinSize().Height+r.line.MinSize().Height+4))
}

func (r *pillRenderer) Objects() []fyne.CanvasObject {
	return append(r.box.objects(), r.mark, r.title, r.word, r.line, r.chevron)
}

func (r *pillRenderer) Layout(size fyne.Size) {
	r.box.resize(size)
	r.mark.Resize(fyne.NewSquareSize(11))
	r.mark.Move(fyne.NewPos(16, (size.Height-11)/2))
	r.chevron.Resize(fyne.NewSquareSize(18))
	r.chevron.Move(fyne.NewPos(size.Width-18-12, (size.Height-18)/2))
	left, room := float32(38), size.Width-38-36
	word := r.word.MinSize()
	title := r.title.MinSize()
	// A name that has no room beside the word has the first line for itself; the word begins the second one.
	below := r.p.word != "" && title.Width+8+word.Width > room
	words := r.p.line
	if below && words != "" {
		words = "· " + words
	}
	r.line.SetText(words)
	line := r.line.MinSize()
	y := (size.Height - title.Height) / 2 // in the middle, where there is no second line
	if words != "" || below {
		y -= (line.Height - 3) / 2
	}
	title.Width = min(title.Width, room)
	r.title.Move(fyne.NewPos(left, y))
	r.title.Resize(title)
	beside := float32(0)
	if below {
		word.Width = min(word.Width, room)
		r.word.Move(fyne.NewPos(left, y+title.Height-3))
		beside = word.Width + 4
	} else {
		r.word.Move(fyne.NewPos(left+title.Width+8, y+title.Height-word.Height-1))
	}
	r.word.Resize(word)
	r.line.Move(fyne.NewPos(left+beside, y+title.Height-3))
	r.line.Resize(fyne.NewSize(max(0, room-beside), line.Height))
}

func (r *pillRenderer) Refresh() {
	r.box.paint(&r.p.pressable, ColorSurface, ColorOutline)
	r.mark.Set(r.p.shape)
	r.title.SetText(r.p.title)
	r.word.SetText(r.p.word)
	switch {
	case r.p.picked:
		r.chevron.Set("check", ColorAccent)
	case r.p.picks:
		r.chevron.Hide()
	case r.p.leads:
		r.chevron.Set("chevron-right", ColorMuted)
	}
	r.Layout(r.p.BaseWidget.Size())
	canvas.Refresh(r.p)
}
