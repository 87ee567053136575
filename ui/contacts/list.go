package contacts

import (
	"context"
	"maps"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// onePage is how many contacts are shown at once, beside favourites: there may be a hundred thousand.
const onePage = 50

// List is the page that lists all contacts, favourites first, and finds them as one types.
type List struct {
	window Window
	book   Book
	ask    asker

	search         *widget.Entry
	rows           map[person]*widget.Row
	whom           map[*widget.Row]journal.Contact // who stands in each
	box            *fyne.Container
	words          *widget.Text // where there is nobody to show, or why
	earlier, later *widget.Button
	menu           *widget.Button
	scroll         *container.Scroll
	body           fyne.CanvasObject

	after    []*journal.Contact // behind which each page begins, up to the one that is shown
	people   []journal.Contact  // as the rows show them
	still    widget.Still       // of the rows
	of       string             // what the page was searched by
	behind   *journal.Contact   // and where it begins
	last     journal.Contact    // of the page
	revision uint64             // of the contacts that were asked for last
	asked    bool
}

// person is who stands in a row of the list: a favourite stands in two.
type person struct {
	id        int64
	favourite bool // it is among the favourites
}

// found is what a page has.
type found struct {
	favourites, all []journal.Contact
	more            bool
	err             error
}

// NewList makes the page.
func NewList(w Window, b Book) *List {
	l := &List{window: w, book: b, ask: asker{aside: w.Aside}, box: layout.Column(6), after: []*journal.Contact{nil}}
	l.search = widget.NewEntry(tell.Word(cause.ContactsSearchBy)).Named(tell.Word(cause.ContactsSearch))
	l.search.OnChanged = func(string) { l.turn([]*journal.Contact{nil}) }
	l.search.OnSubmitted = func(string) { l.openFirst() }
	l.words = widget.NewParagraph("").Color(widget.ColorMuted)
	l.earlier = widget.NewButton(tell.Word(cause.ContactsBefore), "chevron-left", widget.Outlined,
		func() { l.turn(l.after[:len(l.after)-1]) })
	l.later = widget.NewButton(tell.Word(cause.ContactsAfter), "chevron-right", widget.Outlined, l.goOn).Trailing()
	l.earlier.Hide()
	l.later.Hide()
	add := widget.NewButton("", "plus", widget.Quiet, func() { w.EditContact(journal.Contact{}) }).
		High(widget.HeightDense).Named(tell.Word(cause.ContactsAdd))
	l.menu = widget.NewButton("", "more", widget.Quiet,
		func() {
			widget.ShowMenuUnder(l.moreMenu(), l.menu,
				true)
		}).High(widget.HeightDense).Named(tell.Word(cause.ContactsMore))
	l.scroll = layout.Scrolling(layout.Column(12, l.words, l.box, layout.Equal(8, l.earlier, l.later)))
	top := layout.Centred(640+2*widget.Margin, layout.Padded(4, 4, widget.Margin, widget.Margin,
		layout.Border(nil, nil, nil, layout.Row(0, add, l.menu), l.search)))
	l.body = layout.Border(top, nil, nil, nil, layout.Settled(l.scroll))
	return l
}

// Title implements the window's page.
func (l *List) Title() string { return tell.Word(cause.ContactsTitle) }

// Object implements the window's page.
func (l *List) Object() fyne.CanvasObject { return l.body }

// Close implements the window's page.
func (l *List) Close() bool { return true }

// Start puts the keyboard where one searches.
func (l *List) Start() { l.window.Focus(l.search) }

// Update asks anew when contacts have changed.
func (l *List) Update(s phone.State, _ time.Time) {
	if !l.asked || s.Journal.Contacts != l.revision {
		l.asked, l.revision = true, s.Journal.Contacts
		l.turn(l.after)
	}
}

// turn shows the page behind the last of after.
func (l *List) turn(after []*journal.Contact) {
	l.after = after
	text, behind := l.search.Text, after[len(after)-1]
	l.ask.ask(func(ctx context.Context) func() {
		f := l.read(ctx, text, behind)
		return func() { l.show(text, behind, f) }
	})
}

// read asks the book. It waits for the disk.
func (l *List) read(ctx context.Context, text string, behind *journal.Contact) (f found) {
	if behind == nil {
		f.favourites, _, f.err = l.book.Contacts(ctx, journal.ContactQuery{Text: text, Favourite: true, Limit: onePage})
	}
	if f.err == nil {
		f.all, f.more, f.err = l.book.Contacts(ctx, journal.ContactQuery{Text: text, After: behind, Limit: onePage})
	}
	return f
}

// show draws a page.
func (l *List) show(text string, behind *journal.Contact, f found) {
	words := ""
	switch {
	case f.err != nil:
		words = tell.Word(cause.ContactsUnreadable) + " " + tell.BySystem(f.err)
		f = found{}
	case len(f.all) == 0 && text != "":
		words = tell.Word(cause.ContactsNobodyFound)
	case len(f.all) == 0:
		words = tell.Word(cause.ContactsEmpty)
	}
	if n := len(f.all); n > 0 {
		l.last = f.all[n-1]
	}
	if text != "" { // who is found stands there once
		f.all = slices.DeleteFunc(f.all, func(c journal.Contact) bool {
			return slices.ContainsFunc(f.favourites, func(o journal.Contact) bool { return o.ID == c.ID })
		})
	}
	l.words.SetText(words)
	l.words.Hidden = words == ""
	shown := l.people
	l.people = append(append(l.people[:0:0], f.favourites...), f.all...)
	if len(shown) > 0 && !slices.EqualFunc(shown, l.people, func(a, b journal.Contact) bool { return a.ID == b.ID }) {
		l.still.Moved()
	}
	whom := l.whom
	goOn := layout.KeepPlace(l.scroll, slices.Clone(l.box.Objects))
	l.draw(len(f.favourites), text)
	l.earlier.Hidden, l.later.Hidden = len(l.after) == 1, !f.more
	l.body.Refresh()
	if text != l.of || behind != l.behind {
		l.scroll.ScrollToTop()
	} else { // it is the same page anew: who reads on it goes on
		goOn(func(o fyne.CanvasObject) bool {
			row, is := o.(*widget.Row)
			return is && whom[row].ID == l.whom[row].ID
		})
	}
	l.of, l.behind = text, behind
}

// draw puts the people into rows, the favourites first. Who was there before keeps the row, and with it the keyboard;
// the others are used again for who has come.
func (l *List) draw(favourites int, text string) {
	before := l.rows
	l.rows, l.whom = map[person]*widget.Row{}, map[*widget.Row]journal.Contact{}
	for i, c := range l.people {
		who := person{c.ID, i < favourites}
		l.rows[who] = before[who]
		delete(before, who)
	}
	l.leave(before)
	free := slices.Collect(maps.Values(before))
	l.box.RemoveAll()
	for i, c := range l.people {
		switch {
		case i == 0 && favourites > 0:
			l.box.Add(heading(tell.Word(cause.ContactsFavourites)))
		case i == favourites && i > 0:
			l.box.Add(heading(map[bool]string{
				true:  tell.Word(cause.ContactsAllHeading),
				false: tell.Word(cause.ContactsOthers),
			}[text == ""]))
		}
		who := person{c.ID, i < favourites}
		row := l.rows[who]
		switch n := len(free); {
		case row != nil:
		case n > 0:
			row, free = free[n-1], free[:n-1]
		default:
			row = l.newRow()
		}
		l.rows[who], l.whom[row] = row, c
		row.Set("person", nameOf(c), lineOf(c), "", 0)
		row.SetInitials(initialsOf(c.Name))
		l.box.Add(row)
	}
}

// leave takes the keyboard from a row whose person is there no longer.
func (l *List) leave(gone map[person]*widget.Row) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l.body)
	if c == nil {
		return
	}
	for _, row := range gone {
		if c.Focused() == fyne.Focusable(row) {
			c.Unfocus()
		}
	}
}

func (l *List) newRow() (row *widget.Row) {
	row = widget.NewRow("person", func() {
		if c, is := l.whom[row]; is && l.still.Is() {
			l.window.ShowContact(c)
		}
	})
	return row
}

func heading(s string) fyne.CanvasObject {
	return layout.Padded(6, 0, 2, 0, widget.NewText(s).Sized(13).Color(widget.ColorMuted))
}

// goOn shows the next page.
func (l *List) goOn() {
	last := l.last
	l.turn(append(l.after[:len(l.after):len(l.after)], &last))
}

// openFirst opens the first of those who are found.
func (l *List) openFirst() {
	if l.search.Text != "" && len(l.people) > 0 && l.ask.cancel == nil {
		l.window.ShowContact(l.people[0])
	}
}

func (l *List) moreMenu() *fyne.Menu {
	export := func(title, name string, form contacts.Form) *fyne.MenuItem {
		return fyne.NewMenuItem(title, func() {
			l.window.ChooseNewFile(tell.Word(cause.ContactsExportAll), name, func(path string) { l.export(path, form) })
		})
	}
	return fyne.NewMenu("",
		fyne.NewMenuItem(tell.Word(cause.ContactsAddMenu), func() { l.window.EditContact(journal.Contact{}) }),
		fyne.NewMenuItem(tell.Word(cause.ContactsImportMenu), func() {
			l.window.ChooseFile(tell.Word(cause.ContactsImportContacts), "", l.window.ImportContacts)
		}),
		fyne.NewMenuItemSeparator(),
		export(tell.Word(cause.ContactsExportVCard4), "contacts.vcf", contacts.FormVCard4),
		export(tell.Word(cause.ContactsExportVCard3), "contacts.vcf", contacts.FormVCard3),
		export(tell.Word(cause.ContactsExportTable), "contacts.csv", contacts.FormCSV),
	)
}
