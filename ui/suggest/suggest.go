// Package suggest is the list below a field that takes a person: whom what is typed may mean, contacts first and then
// whom the last calls were with.
//
// Typing never waits for it. One question is under way at a time, beside Fyne's goroutine, and what is typed meanwhile
// is asked next: the newest wins. A database that is slow, fails or is not there shows nothing.
// All else here belongs to Fyne's goroutine.
package suggest

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// People is who knows whom a text may mean; *journal.Journal is the real one. Its method may block.
type People interface {
	Suggest(ctx context.Context, text string, n int) ([]journal.Suggestion, error)
}

const (
	mostShown   = 6               // rows
	patience    = 2 * time.Second // for one answer
	longestWord = 128             // characters that are asked for; who types more means no name
)

// List is what stands below one field.
type List struct {
	Object fyne.CanvasObject // hidden while there is nothing to choose

	// Account is what the account with an ID is called, where that is to be told, "" where not; nil: never.
	Account func(id string) string
	// OnTaken is told who was chosen. The field is then to say so; what its change tells the list is not heard.
	OnTaken func(journal.Suggestion)
	// OnSize is told that the list takes another height; nil: nobody needs to know.
	OnSize func()

	people  People
	aside   func(work func())
	rows    []*widget.Option
	box     *fyne.Container
	panel   *widget.Panel
	found   []journal.Suggestion
	shown   int // of found
	marked  int // in found; -1 = none
	wanted  string
	asking  bool
	dropped bool // what is being asked is no longer wanted
	cancel  context.CancelFunc
	hovered bool // the pointer is over a row
	taking  bool
	most    int // rows that there is room for
	field   *widget.Entry
	still   widget.Still
}

// New makes a list that asks people (nil: it stays empty), by work that is done aside.
func New(people People, aside func(work func())) *List {
	l := &List{people: people, aside: aside, box: layout.Column(0), marked: -1, most: mostShown}
	for i := range mostShown {
		row := widget.NewOption(func() {
			if l.still.Is() {
				l.take(i)
			}
		})
		row.OnHover = func(on bool) { l.hovered = on }
		row.Hide()
		l.rows = append(l.rows, row)
		l.box.Add(row)
	}
	l.panel = widget.NewPanel(l.box, widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 4, 4).Floating()
	l.panel.Hide()
	l.Object = l.panel
	return l
}

// Follow shows whom a text may mean that has just been typed.
func (l *List) Follow(text string) {
	text = strings.TrimSpace(text)
	switch {
	case l.taking:
		return
	case text == "" || l.people == nil || len(text) > longestWord*4 || len([]rune(text)) > longestWord:
		l.Hide()
		return
	case text == l.wanted:
		return
	}
	l.wanted, l.marked = text, -1
	l.show(slices.DeleteFunc(l.found, func(s journal.Suggestion) bool { return !saysStill(s, text) }))
	if !l.drop() {
		l.ask()
	}
}

// drop ends the question that is under way; it tells whether there is one.
func (l *List) drop() bool {
	if l.asking {
		l.dropped = true
		l.cancel()
	}
	return l.asking
}

// saysStill tells whether somebody who was found for the text before is meant by the longer one, as far as can be seen.
func saysStill(s journal.Suggestion, text string) bool {
	return strings.Contains(strings.ToLower(s.Name+"\n"+s.Address), strings.ToLower(text))
}

// ask asks for what is wanted.
func (l *List) ask() {
	text, people := l.wanted, l.people
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	l.asking, l.dropped, l.cancel = true, false, cancel
	l.aside(func() {
		found, err := people.Suggest(ctx, text, mostShown)
		if err != nil {
			found = nil
		}
		fyne.Do(func() {
			cancel()
			l.asking = false
			switch {
			case !l.dropped:
				l.show(found)
			case l.wanted != "": // something else was typed meanwhile
				l.ask()
			}
		})
	})
}

// show puts suggestions into the rows. Who was marked is so still where he is among them; else none is.
func (l *List) show(found []journal.Suggestion) {
	before, shown, marked := l.shown, min(len(found), l.most), -1
	if shown > 0 && !slices.Equal(l.found[:l.shown], found[:shown]) {
		l.still.Moved()
	}
	if l.Marked() {
		marked = slices.Index(found[:shown], l.found[l.marked])
	}
	l.found, l.shown, l.marked = found, shown, marked
	for i, row := range l.rows {
		row.Mark(i == marked)
		row.Hidden = i >= l.shown
		if !row.Hidden {
			row.Set(l.words(found[i]))
		}
	}
	if l.shown == before {
		return
	}
	l.box.Refresh()
	if l.shown > 0 {
		l.panel.Show()
	} else {
		l.hovered = false
		l.panel.Hide()
	}
	if l.OnSize != nil {
		l.OnSize()
	}
	if l.shown > 0 && l.field != nil { // as many as there is room for below what is typed
		widget.Reveal(l.panel)
		widget.Reveal(l.field)
	}
}

// words are what a row shows: icon, name, address with its label, account.
func (l *List) words(s journal.Suggestion) (icon, title, line, end string) {
	icon, title, line = "person", tell.Who(s.Name, s.Address), tell.AddressBelow(s.Name, s.Address)
	if s.ContactID == 0 {
		icon = "clock"
	}
	if s.Label != "" {
		line = tell.SafeLine(s.Label) + tell.Dotted(line)
	}
	if s.AccountID != "" && l.Account != nil {
		end = tell.SafeLine(l.Account(s.AccountID))
	}
	return icon, title, line, end
}

// SetRoom bounds the list to a height, from the next answer on: rows that do not fit are left out.
func (l *List) SetRoom(height float32) {
	l.most = max(0, min(mostShown, int((height-8)/widget.OptionHeight())))
}

// Rows is how many are shown.
func (l *List) Rows() int { return l.shown }

// Marked tells whether one is marked, which Enter or Tab takes.
func (l *List) Marked() bool { return l.marked >= 0 }

// Key takes the keys of the field: the arrows mark, Tab takes what is marked, Escape closes the list. Enter takes what
// is marked, too, and is the field's besides: it goes on with what is in it now.
func (l *List) Key(ev *fyne.KeyEvent) (taken bool) {
	if l.shown == 0 {
		if ev.Name == fyne.KeyEscape {
			l.Hide() // nothing is to come any more
		}
		return false
	}
	switch ev.Name {
	case fyne.KeyDown:
		l.mark(l.marked + 1)
	case fyne.KeyUp:
		l.mark(l.marked - 1)
	case fyne.KeyEscape:
		l.Hide()
	case fyne.KeyTab:
		if !l.Marked() {
			return false
		}
		l.take(l.marked)
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.Marked() {
			l.take(l.marked)
		}
		l.Hide()
		return false
	default:
		return false
	}
	return true
}

// mark marks a row. Before the first and after the last one is none: what is typed.
func (l *List) mark(i int) {
	switch {
	case i < -1:
		i = l.shown - 1
	case i >= l.shown:
		i = -1
	}
	l.marked = i
	for n, row := range l.rows {
		row.Mark(n == i)
	}
	switch {
	case i >= 0:
		widget.Reveal(l.rows[i])
	case l.field != nil:
		widget.Reveal(l.field)
	}
}

// take chooses one.
func (l *List) take(i int) {
	if i >= l.shown || l.OnTaken == nil {
		return
	}
	s := l.found[i]
	l.Hide()
	l.taking = true
	defer func() { l.taking = false }()
	l.OnTaken(s)
}

// Hide closes the list, until something else is typed.
func (l *List) Hide() {
	l.wanted = ""
	l.drop()
	l.show(nil)
}

// Left says that the keyboard has left the field: the list closes, unless the pointer has taken the keyboard there to
// press a row.
func (l *List) Left() {
	if !l.hovered {
		l.Hide()
	}
}

// Below connects the list to a field: its keys, and that the keyboard leaves it. What OnKey and OnFocus did before they
// do still. The field's OnChanged is to call Follow.
func (l *List) Below(field *widget.Entry) {
	l.field = field
	key, focus := field.OnKey, field.OnFocus
	field.OnKey = func(ev *fyne.KeyEvent) bool { return l.Key(ev) || key != nil && key(ev) }
	field.TakesTab = l.Marked
	field.OnFocus = func(on bool) {
		if focus != nil {
			focus(on)
		}
		if !on {
			l.Left()
		}
	}
}
