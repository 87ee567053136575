package ui

import (
	"cmp"
	"context"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// numberFace is the theme of the number field: big type without a box around it.
type numberFace struct {
	widget.Look
	size float32
}

// largestNumber is the size of type that the field has room for.
const largestNumber = 38

// drawn is the size of its type.
func (n *numberFace) drawn() float32 { return min(n.size*max(n.Text, 1), largestNumber) }

// Size implements fyne.Theme.
func (n *numberFace) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return n.drawn()
	case theme.SizeNameInputRadius:
		return 0 // round corners would come inside what is cut off
	case theme.SizeNameInnerPadding: // the field is as high for small type, which stands in its middle
		line := fyne.MeasureText("0", n.drawn(), fyne.TextStyle{}).Height
		return max(4, (numberHeight-line)/2)
	}
	return n.Look.Size(name)
}

// Color implements fyne.Theme.
func (n *numberFace) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameInputBackground, theme.ColorNameInputBorder:
		return color.Transparent
	}
	return n.Look.Color(name, v)
}

// numberRow is the number in the middle of its line with the button for messages at the end. A press beside the number
// puts the keyboard into it.
func (d *dialPane) numberRow() *fyne.Container {
	ground := widget.NewGround(d.focus)
	// Fyne draws the border of a field that has the keyboard in the colour of its cursor: it is cut off.
	unboxed := container.NewClip(container.New(layout.Func{
		Min: func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, numberHeight) },
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			o[0].Move(fyne.NewPos(-numberBorder, -numberBorder))
			o[0].Resize(size.AddWidthHeight(2*numberBorder, 2*numberBorder))
		},
	}, d.big))
	unboxed.ExtendBaseWidget(unboxed) // which Fyne does only when it is asked how large it is
	return container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(o[1].MinSize().Width+o[2].MinSize().Width, numberHeight)
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			end := o[2].MinSize()
			o[0].Resize(size)
			o[2].Move(fyne.NewPos(size.Width-end.Width, (size.Height-end.Height)/2))
			o[2].Resize(end)
			room := size.Width - end.Width
			text := cmp.Or(d.number.Text, d.number.PlaceHolder)
			if face := numberSize(d.number.Text, d.number.PlaceHolder, room-2*numberMargin); face != d.face.size {
				d.face.size = face
				d.number.Refresh() // of d.big, Fyne would make fonts anew
			}
			beside := d.face.Size(theme.SizeNameInnerPadding) - numberBorder
			w := fyne.MeasureText(text, d.face.drawn(), fyne.TextStyle{}).Width + 2*beside + 4 // the cursor
			x := (size.Width - w) / 2
			if x+w > room {
				x = max(0, room-w)
			}
			o[1].Move(fyne.NewPos(x, 0))
			o[1].Resize(fyne.NewSize(min(w, room), size.Height))
		},
	}, ground, unboxed, d.write)
}

// Of the number field: what is left beside the number at least, and what is cut off it all around.
const (
	numberMargin = 8
	numberBorder = 3
)

// numberSize is the size of type in which a number has room, or before there is one what is to be typed; the longest
// number scrolls.
func numberSize(text, wanted string, room float32) float32 {
	if text == "" {
		return cmp.Or(widget.FittingSize(wanted, room, false, widget.SizeTitle, widget.SizeStrong), widget.SizeCaption)
	}
	return cmp.Or(widget.FittingSize(text, room, false, widget.SizeNumber, 24, widget.SizeTitle), widget.SizeStrong)
}

// nameSearch finds who a number is, beside the window: whatever is typed meanwhile does not wait for it.
type nameSearch struct {
	app    *app
	of     string // what was asked for last: the account and the text
	words  string // who that is; "" = nobody, or not known yet
	cancel context.CancelFunc
	found  func()
}

// follow asks who a text means at an account, unless that has been asked.
func (n *nameSearch) follow(accountID string, r phone.Reading) {
	of := accountID + " " + r.To.URI.String()
	if r.Problem != nil || r.Text == "" {
		of = ""
	}
	if of == n.of {
		return
	}
	if n.cancel != nil {
		n.cancel()
	}
	n.of, n.words, n.cancel = of, "", nil
	if of == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	n.app.aside(func() {
		name, contact := n.app.phone.NameOf(ctx, accountID, r.To)
		cancel()
		fyne.Do(func() {
			if n.of == of && name != "" {
				n.words = nameWords(name, contact)
				n.found()
			}
		})
	})
}

// nameWords tell whose number it is: the name of a contact, or the one that its last call showed.
func nameWords(name string, contact bool) string {
	if contact {
		return tell.SafeLine(name)
	}
	return tell.WordOf(cause.Cause{Kind: cause.NameLastTime, Party: tell.SafeLine(name)})
}
