package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/ui/layout"
	"calla/ui/widget"
)

// lock is a padlock with a word: closed and told by name, or open.
type lock struct {
	what   string
	icon   *widget.Icon
	word   *widget.Text
	object *fyne.Container
}

func newLock(what string) *lock {
	l := &lock{what: what, icon: widget.NewIcon("lock", widget.ColorMuted, 14)}
	l.word = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	l.object = layout.Row(3, container.NewCenter(l.icon), container.NewCenter(l.word))
	return l
}

// set shows the lock closed or open; known is false while that cannot be told.
func (l *lock) set(known, closed bool, closedWord, openWord string) {
	l.object.Hidden = !known && openWord != "WS"
	if closed {
		l.icon.Set("lock", widget.ColorMuted)
		l.word.SetText(closedWord)
		return
	}
	l.icon.Set("lock-open", widget.ColorBad)
	l.word.SetText(openWord)
}
