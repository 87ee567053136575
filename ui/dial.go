package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calla/phone"
	"calla/ui/widget"
)

// dialPane is where a number is put together and called.
type dialPane struct {
	app    *app
	number *widget.Entry
	face   *numberFace
	big    *container.ThemeOverride
	ground *widget.Panel
	note   *widget.Text
	call   *widget.Button
	back   *widget.Button
	write  *widget.Button // a message to the number, or the list of them
	last   string         // what was called last, to be recalled
	object fyne.CanvasObject
}

func newDialPane(a *app) *dialPane {
	d := &dialPane{app: a, face: &numberFace{look: a.look, size: widget.SizeTitle}}
	d.number = widget.NewEntry("Name or number")
	d.number.OnChanged = d.changed
	d.number.OnSubmitted = func(string) { d.dial() }
	d.number.OnFocus = func(on bool) {
		if on {
			d.prepare()
		}
	}
	d.big = container.NewThemeOverride(d.number, d.face)
	d.ground = widget.NewPanel(d.big, "", "", widget.RadiusCard, 0, 0)
	d.note = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption).Align(fyne.TextAlignCenter).Shrink(120)
	d.write = widget.NewButton("", "message", widget.Quiet, d.writeTo).Named("Write a message")
	d.call = widget.NewButton("Call", "phone", widget.Call, d.dial).High(widget.HeightMain)
	d.back = widget.NewButton("", "backspace", widget.Outlined, d.backspace).High(widget.HeightMain).Named("Delete the last character")
	keys := keyGrid(keypad(true, func(r rune) { d.typed(string(r)) }))
	actions := border(nil, nil, nil, row(0, padded(0, 0, 8, 0, d.back)), d.call)
	d.object = container.New(layoutFunc{min: dialMin, place: placeDial}, border(nil, nil, nil, container.NewCenter(d.write), d.ground), d.note, keys, actions)
	return d
}

func dialMin(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[2].MinSize().Width+2*widget.Margin, 52+20+12+o[2].MinSize().Height+12+widget.HeightMain+widget.Margin)
}

// placeDial puts keys and Call at the bottom, where nothing that appears above moves them, and the number
// into the middle of what is left.
func placeDial(o []fyne.CanvasObject, size fyne.Size) {
	const top, note = 52, 20
	w := min(size.Width-2*widget.Margin, 420)
	x := (size.Width - w) / 2
	keys := min(4*64+3*8, size.Height-top-note-16-12-widget.HeightMain-widget.Margin)
	y := size.Height - widget.Margin - widget.HeightMain
	o[3].Move(fyne.NewPos(x, y))
	o[3].Resize(fyne.NewSize(w, widget.HeightMain))
	y -= keys + 12
	o[2].Move(fyne.NewPos(x, y))
	o[2].Resize(fyne.NewSize(w, keys))
	number := max(4, (y-top-note)/2-4)
	o[0].Move(fyne.NewPos(x, number))
	o[0].Resize(fyne.NewSize(w, top))
	o[1].Move(fyne.NewPos(x, number+top+2))
	o[1].Resize(fyne.NewSize(w, note))
}

// update draws what of the State concerns dialling.
func (d *dialPane) update(s phone.State) {
	a, ok := currentAccount(s)
	able := ok && canDial(a)
	note := ""
	switch {
	case d.app.main.adding && able:
		note = "The call that is up is put on hold."
	case !ok:
		note = "Add an account to make calls."
	case !able && a.Status == phone.StatusOff:
		note = "This account is switched off."
	case !able:
		note = "Calls can go out once the account is connected."
	case d.number.Text == "" && d.last != "":
		note = "Enter brings back " + safeLine(d.last)
	}
	d.note.SetText(note)
	d.write.SetEnabled(ok)
	d.call.SetEnabled(able && (d.number.Text != "" || d.last != ""))
	d.back.SetEnabled(d.number.Text != "")
}

// changed follows each change of the number.
func (d *dialPane) changed(text string) {
	if clean := pastedTarget(text); clean != text {
		d.number.SetText(clean)
		return
	}
	if size := numberSize(text); size != d.face.size {
		d.face.size = size
		d.big.Refresh()
	}
	d.update(d.app.state)
	d.prepare()
}

// prepare lets the phone gather candidates while somebody types.
func (d *dialPane) prepare() {
	if a, ok := currentAccount(d.app.state); ok && d.number.Text != "" {
		d.app.phone.Prepare(a.ID)
	}
}

// numberSize makes the type smaller for what is long.
func numberSize(text string) float32 {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return widget.SizeTitle
	case n <= 15:
		return widget.SizeNumber
	case n <= 22:
		return widget.SizeTitle
	}
	return widget.SizeStrong
}

// pastedTarget makes one line of what was pasted or typed: junk around a number goes, the number stays.
// What it means is for the phone to find out.
func pastedTarget(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', isDirectional(r), r == '\u200b', r == '\ufeff':
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, text)
}

// typed adds characters at the end, wherever the focus is.
func (d *dialPane) typed(s string) {
	d.number.SetText(d.number.Text + s)
	d.number.CursorColumn = utf8.RuneCountInString(d.number.Text)
	d.number.Refresh()
}

func (d *dialPane) backspace() {
	if text := []rune(d.number.Text); len(text) > 0 {
		d.number.SetText(string(text[:len(text)-1]))
		d.number.CursorColumn = len(text) - 1
		d.number.Refresh()
	}
}

// dial calls the number; with an empty field it brings back the last one, to be called by a second
// press.
func (d *dialPane) dial() {
	target := strings.TrimSpace(d.number.Text)
	if target == "" {
		if d.last != "" {
			d.fill(d.last)
		}
		return
	}
	a, ok := currentAccount(d.app.state)
	if !ok || !canDial(a) {
		return
	}
	d.last = target
	d.app.phone.Dial(a.ID, target)
	d.number.SetText("")
	if d.app.main.adding {
		d.app.main.setAdding(false)
	}
}

// writeTo opens the conversation with the number, or the list of conversations where there is none.
func (d *dialPane) writeTo() {
	to := strings.TrimSpace(d.number.Text)
	a, ok := currentAccount(d.app.state)
	if to == "" || !ok {
		d.app.main.openMessages()
		return
	}
	d.number.SetText("")
	d.app.main.openConversation(a.ID, to)
}

// fill puts a number into the field without calling it.
func (d *dialPane) fill(target string) {
	d.number.SetText(target)
	d.number.CursorColumn = utf8.RuneCountInString(d.number.Text)
	d.number.Refresh()
}

// inUse tells whether somebody is putting a number together.
func (d *dialPane) inUse() bool {
	return d.number.Text != "" || d.app.main.win.Canvas().Focused() == d.number
}

func (d *dialPane) focus() {
	if c := d.app.main.win.Canvas(); c != nil {
		c.Focus(d.number)
	}
}

// numberFace is the theme of the number field: big type on a plain ground.
type numberFace struct {
	look
	size float32
}

// Size implements fyne.Theme.
func (n *numberFace) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return n.size
	case theme.SizeNameInputRadius:
		return widget.RadiusCard
	}
	return n.look.Size(name)
}
