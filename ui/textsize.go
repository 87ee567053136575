package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// textSizes are the steps in which text grows and shrinks, in percent.
func textSizes() []int { return []int{80, 90, 100, 110, 125, 150, 175, 200} }

// nextTextSize is the step above a size, or below it; the size itself where there is none.
func nextTextSize(now int, larger bool) int {
	next := now
	for _, size := range textSizes() {
		switch {
		case larger && size > now:
			return size
		case !larger && size < now:
			next = size
		}
	}
	return next
}

// setTextSize draws all text in another size, in percent, at once and for good.
func (a *app) setTextSize(percent int) {
	percent = min(max(percent, account.MinTextSize), account.MaxTextSize)
	if percent == a.textSize {
		return
	}
	a.textSize = percent
	a.applyLook()
	a.main.change(func(s *account.Settings) { s.TextSize = percent })
}

// applyLook has everything drawn anew as it is to look now.
func (a *app) applyLook() {
	look := lookOf(a.theme, a.textSize)
	a.main.dial.face.Look = look
	a.fyne.Settings().SetTheme(look)
	for range 2 { // a paragraph knows its height only once it has its width
		a.main.win.Content().Refresh()
		for _, w := range a.ringing {
			w.win.Content().Refresh()
		}
	}
	a.main.redraw()
	for _, w := range a.ringing { // they are as high as what is in them
		w.win.Resize(fyne.NewSize(incomingWidth, w.win.Content().MinSize().Height))
	}
}

// textSizeRow is a line of the settings: how large text is, and how it is made larger and smaller.
type textSizeRow struct {
	app             *app
	word            *widget.Text
	smaller, larger *widget.Button
	object          fyne.CanvasObject
}

func newTextSizeRow(a *app) *textSizeRow {
	r := &textSizeRow{app: a, word: widget.NewText("").Sized(13).Align(fyne.TextAlignCenter)}
	r.smaller = widget.NewButton("A−", "", widget.Outlined,
		func() { r.step(false) }).High(40).Named(tell.Word(cause.TextSmaller))
	r.larger = widget.NewButton("A+", "", widget.Outlined,
		func() { r.step(true) }).High(40).Named(tell.Word(cause.TextLarger))
	r.object = layout.Column(4, widget.NewText(tell.Word(cause.TextSize)).Sized(13),
		layout.Border(nil, nil, r.smaller, r.larger, container.NewStack(r.word)))
	r.show()
	return r
}

func (r *textSizeRow) step(larger bool) {
	r.app.setTextSize(nextTextSize(r.app.textSize, larger))
	r.show()
}

// show tells the size, and which way it can go.
func (r *textSizeRow) show() {
	r.word.SetText(strconv.Itoa(r.app.textSize) + " %")
	r.smaller.SetEnabled(r.app.textSize > account.MinTextSize)
	r.larger.SetEnabled(r.app.textSize < account.MaxTextSize)
}
