package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/ui/layout"
	"calla/ui/widget"
)

// lock is a padlock with a word.
type lock struct {
	icon   *widget.Icon
	word   *widget.Text
	object *fyne.Container
}

func newLock() *lock {
	l := &lock{icon: widget.NewIcon("lock", widget.ColorMuted, 14)}
	l.word = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	l.object = layout.Row(3, container.NewCenter(l.icon), container.NewCenter(l.word))
	return l
}

// set shows the lock closed or open, and the word for that; bad: open is what it is to stay.
func (l *lock) set(closed, bad bool, word string) {
	color := widget.ColorMuted
	if bad {
		color = widget.ColorBad
	}
	l.icon.Set(map[bool]string{true: "lock", false: "lock-open"}[closed], color)
	l.word.SetText(word)
}
