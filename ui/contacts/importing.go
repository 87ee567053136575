package contacts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// mostProblems is how many lines that cannot be read are told one by one.
const mostProblems = 20

// Import is the page that shows what an import would change. Nothing is changed before its button is pressed.
type Import struct {
	window Window
	book   Book
	file   string

	cancel   context.CancelFunc
	codePage string // that the file is read in; "" = as is found out
	preview  *contacts.Preview
	order    []int // of the items that change something, those that are merged first
	first    int   // in order, of the page that is shown
	busy     bool  // contacts are being kept

	head           *fyne.Container
	pages          *widget.Select // of code pages; nil: the file needs none
	rows           []*widget.Row
	box            *fyne.Container
	earlier, later *widget.Button
	doIt           *widget.Button
	body           fyne.CanvasObject
}

// NewImport makes the page for a file, and begins to read it.
func NewImport(w Window, b Book, path string) *Import {
	p := &Import{window: w, book: b, file: path, head: layout.Column(8), box: layout.Column(6)}
	p.earlier = widget.NewButton(tell.Word(cause.ContactsBefore), "chevron-left", widget.Outlined,
		func() { p.turn(-onePage) })
	p.later = widget.NewButton(tell.Word(cause.ContactsAfter), "chevron-right", widget.Outlined,
		func() { p.turn(onePage) }).Trailing()
	p.earlier.Hide()
	p.later.Hide()
	p.doIt = widget.NewButton(tell.Word(cause.ContactsImport), "import", widget.Filled, p.keep).High(widget.HeightMain)
	p.doIt.Disable()
	for range onePage {
		p.rows = append(p.rows, widget.NewRow("person", nil))
	}
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin, p.doIt))
	p.body = layout.Border(nil, bar, nil, nil,
		layout.ScrollPage(layout.Column(12, p.head, p.box, layout.Equal(8, p.earlier, p.later))))
	p.read()
	return p
}

// say shows one paragraph above.
func (p *Import) say(words string) {
	p.head.RemoveAll()
	p.head.Add(widget.NewParagraph(words))
	p.body.Refresh()
}

// read reads the file beside Fyne's goroutine, for as long as it takes or until the page closes.
func (p *Import) read() {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.say(tell.WordOf(cause.Cause{Kind: cause.ContactsReading, File: tell.SafeLine(filepath.Base(p.file))}))
	codePage := p.codePage
	p.window.Aside(func() {
		preview, err := previewOf(ctx, p.book, p.file, codePage)
		odd := needsCodePage(p.file)
		fyne.Do(func() {
			switch {
			case ctx.Err() != nil: // closed, or read otherwise
				return
			case err != nil:
				p.say(tell.Word(cause.ContactsNotImported) + " " + whyUnread(err))
			default:
				p.show(preview)
			}
			if odd {
				p.askCodePage()
				p.body.Refresh()
			}
		})
	})
}

// needsCodePage tells whether a file is in no Unicode, as far as it can be read.
func needsCodePage(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	is, err := isOfCodePage(file)
	return is && err == nil
}

func previewOf(ctx context.Context, b Book, path, codePage string) (*contacts.Preview, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errNoFile // a pipe would be waited for
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := contacts.NewReader(file, contacts.Format{CodePage: codePage})
	if err != nil {
		return nil, err
	}
	kept, err := b.Everybody(ctx)
	if err != nil {
		return nil, err
	}
	return contacts.ReadPreview(ctx, reader, kept)
}

// errNoFile is that what was chosen is a folder, a pipe or a device.
var errNoFile = errors.New("what was chosen is not a file")

// whyUnread words why a file has no contacts for us.
func whyUnread(err error) string {
	switch {
	case errors.Is(err, contacts.ErrNoColumns):
		return tell.Word(cause.ContactsNoColumns)
	case errors.Is(err, errNoFile):
		return tell.Word(cause.ContactsNoFile)
	}
	if words := tell.BySystem(err); words != "" {
		return words
	}
	return tell.SafeUpTo(err.Error(), tell.SmallPrint)
}

// show shows what was read.
func (p *Import) show(preview *contacts.Preview) {
	p.preview = preview
	for _, verdict := range []contacts.Verdict{contacts.Merge, contacts.New} {
		for i := range preview.Items {
			if preview.Items[i].Verdict == verdict {
				p.order = append(p.order, i)
			}
		}
	}
	counts := preview.Counts()
	words := tell.Counted(cause.ContactsNew, counts[contacts.New]) + ", " +
		tell.Counted(cause.ContactsMerge, counts[contacts.Merge]) + ", " +
		tell.Counted(cause.ContactsSame, counts[contacts.Same]) + "."
	p.say(words)
	if len(p.order) > 0 {
		p.head.Add(widget.NewParagraph(tell.Word(cause.ContactsNothingChanged)).
			Color(widget.ColorMuted).Sized(13))
	}
	if preview.Cut != nil {
		p.head.Add(widget.NewParagraph(tell.Word(cause.ContactsFileCut) + " " + whyUnread(preview.Cut)).
			Color(widget.ColorBad))
	}
	if n := preview.Unread.Total(); n > 0 {
		p.head.Add(p.problems(n))
	}
	p.turn(0)
}

// problems tells what could not be read, the first of it by its line.
func (p *Import) problems(n int) fyne.CanvasObject {
	lines := layout.Column(4, widget.NewText(tell.Counted(cause.ContactsUnread, n)).Bold())
	for _, problem := range p.preview.Unread.First[:min(mostProblems, len(p.preview.Unread.First))] {
		lines.Add(widget.NewParagraph(tell.Of(problem).Line()).Sized(13).Color(widget.ColorMuted))
	}
	if more := n - mostProblems; more > 0 {
		lines.Add(widget.NewParagraph(tell.Counted(cause.ContactsMoreUnread, more)).Sized(13).
			Color(widget.ColorMuted))
	}
	return widget.NewCard(lines)
}

// turn shows another page of the items.
func (p *Import) turn(by int) {
	p.first = max(0, min(p.first+by, max(0, len(p.order)-1)/onePage*onePage))
	p.box.RemoveAll()
	end := min(p.first+onePage, len(p.order))
	for n, i := range p.order[p.first:end] {
		row := p.rows[n]
		row.OnTapped = func() {
			p.choose(i)
			p.label(row, i)
		}
		p.label(row, i)
		p.box.Add(row)
	}
	p.earlier.Hidden, p.later.Hidden = p.first == 0, end == len(p.order)
	p.count()
	p.body.Refresh()
}

// choose takes the next of what can be done with an item: as it was found, apart, not at all.
func (p *Import) choose(i int) {
	item := &p.preview.Items[i]
	switch {
	case p.busy:
	case item.Skip:
		item.Skip, item.Apart = false, false
	case item.Verdict == contacts.Merge && !item.Apart:
		item.Apart = true
	default:
		item.Skip = true
	}
	p.count()
}

// label says in a row what is done with an item.
func (p *Import) label(row *widget.Row, i int) {
	item := &p.preview.Items[i]
	c := journal.ContactFor(item.Read)
	line, end := lineOf(c), tell.Word(cause.ContactsIsNew)
	switch {
	case item.Skip:
		end = tell.Word(cause.ContactsIsLeftOut)
	case item.Apart:
		end = tell.Word(cause.ContactsIsApart)
	case item.Verdict == contacts.Merge:
		end = tell.Word(cause.ContactsIsMerged)
		with := cause.Cause{Kind: cause.ContactsWith, Party: tell.SafeLine(item.With.Name)}
		line = tell.WordOf(with) + tell.Dotted(line)
	case item.Shares != "":
		shares := cause.Cause{Kind: cause.ContactsShares, Party: tell.SafeLine(item.Shares)}
		line = tell.WordOf(shares) + tell.Dotted(line)
	}
	row.Set("person", nameOf(c), tell.Counted(cause.ContactsLine, item.Line)+tell.Dotted(line), end, 0)
	row.SetInitials(initialsOf(c.Name))
}

// count tells on the button how many would be imported.
func (p *Import) count() {
	n := 0
	for _, i := range p.order {
		if !p.preview.Items[i].Skip {
			n++
		}
	}
	p.doIt.Set(tell.Counted(cause.ContactsImportThese, n), "import")
	p.doIt.SetEnabled(n > 0 && !p.busy)
}

// keep does what is shown.
func (p *Import) keep() {
	if p.preview == nil || p.busy {
		return
	}
	p.busy = true
	p.doIt.Disable()
	p.doIt.Set(tell.Word(cause.ContactsImporting), "import")
	p.window.Aside(func() {
		var all []journal.Contact
		for c := range p.preview.Changes() {
			all = append(all, journal.ContactFor(c))
		}
		n, err := p.book.SaveContacts(context.Background(), all) // what was begun is finished, if the page closes too
		fyne.Do(func() {
			p.busy = false
			if err != nil {
				p.window.TellError(tell.Counted(cause.ContactsNotAllImported, n), err)
				p.count()
				return
			}
			if p.window.Shows(p) { // else whoever has gone on is somewhere else
				p.window.ShowContacts()
			}
		})
	})
}

// Title implements the window's page.
func (p *Import) Title() string { return tell.Word(cause.ContactsImportContacts) }

// Object implements the window's page.
func (p *Import) Object() fyne.CanvasObject { return p.body }

// Update implements the window's page.
func (p *Import) Update(phone.State, time.Time) {}

// Close implements the window's page: what is being read is left.
func (p *Import) Close() bool {
	p.cancel()
	return true
}
