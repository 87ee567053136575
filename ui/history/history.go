// Package history is the pages of the window on which calls that are over are found again: a list, and the details of
// one. All of it belongs to Fyne's goroutine, save what is asked of the journal, which waits for the disk aside.
package history

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// askTime bounds a question to the journal: another program may have locked its file.
const askTime = 10 * time.Second

// Window is what the pages need of the window that they are in.
type Window interface {
	Ask(title, text, yes string, dangerous bool, do func())
	Tell(title, text string)
	ChooseNewFile(title, name string, then func(path string))
	Focus(o fyne.Focusable)
	Copy(text string)
	OpenFile(path string, failed func(error)) // with the program that the desktop has for it
	Dial(to Number, now bool)                 // puts it into the number field; now: and calls
	Message(accountID, address string)
	AddContact(name, address string) // opens the form of a contact, filled in so
	Retitle()                        // the page has another title, or other actions
	Looked() bool                    // somebody has the window before him
	Aside(work func())
}

// Phone is what they need of the call controller; see ui.Phone.
type Phone interface {
	Settings() account.Settings
	SaveSettings(s account.Settings, done func(error))
	MarkMissedSeen()
}

// Number is whom a call was with, to be called again with the account it went by.
type Number struct {
	Name      string // "" where it is not known
	Text      string // number or address, for people
	AccountID string
	Account   string // label
	URI       string // in full
	After     string // digits dialled behind it
}

func (e entry) number() Number {
	return Number{Name: e.name, Text: e.address, AccountID: e.accountID, Account: e.account, URI: e.uri, After: e.after}
}

// filter is a choice of calls.
type filter struct {
	kind  cause.Kind
	apply func(*journal.CallQuery)
}

func filters() []filter {
	return []filter{
		{cause.HistoryAll, func(*journal.CallQuery) {}},
		{cause.HistoryMissed, func(q *journal.CallQuery) { q.Outcome = journal.Missed }},
		{cause.HistoryIn, func(q *journal.CallQuery) { q.Way = journal.CameIn }},
		{cause.HistoryOut, func(q *journal.CallQuery) { q.Way = journal.WentOut }},
		{cause.HistoryRecorded, func(q *journal.CallQuery) { q.Recorded = true }},
	}
}

// Page lists the calls, and shows the details of one.
type Page struct {
	window  Window
	phone   Phone
	journal *journal.Journal

	state   phone.State
	rows    rows
	query   journal.CallQuery
	filter  int
	asking  int                // number of the last question; answers to others are late
	cancel  context.CancelFunc // of it
	asked   uint64             // revision of the calls that the rows are of
	search  *widget.Entry
	filters []*widget.Button
	list    *widget.List
	empty   *widget.Text
	menu    *widget.Button
	details *details // of the call that is shown; nil: the list is
	body    *fyne.Container
	listed  fyne.CanvasObject
}

// New makes the page, and asks for its first calls.
func New(w Window, p Phone, j *journal.Journal) *Page {
	h := &Page{window: w, phone: p, journal: j, cancel: func() {}}
	h.search = widget.NewEntry(tell.Word(cause.HistorySearch))
	h.search.OnChanged = func(text string) {
		h.query.Text = text
		h.ask(first)
	}
	h.search.OnSubmitted = func(string) { h.toList() }
	h.search.OnKey = func(ev *fyne.KeyEvent) bool {
		if ev.Name == fyne.KeyDown {
			h.toList()
		}
		return ev.Name == fyne.KeyDown
	}
	choices := layout.Row(4)
	for i, f := range filters() {
		b := widget.NewButton(tell.Word(f.kind), "", widget.Quiet, func() { h.choose(i) }).High(32)
		h.filters = append(h.filters, b)
		choices.Add(b)
	}
	h.filters[0].SetOn(true)
	h.list = widget.NewList(func() int { return len(h.rows.all) },
		func() fyne.CanvasObject { return newRow(rowHeight, h.openDetails) }, h.draw)
	h.list.Name = tell.Word(cause.HistoryTitle)
	h.list.OnPressed = func(i int) { h.dial(h.rows.all[i], false) }
	h.list.OnEntered = func(i int) { h.dial(h.rows.all[i], true) }
	h.list.OnKey = h.key
	h.list.OnRune = h.typed
	h.empty = widget.NewParagraph("").Color(widget.ColorMuted)
	h.empty.Hide()
	h.menu = widget.NewButton("", "more", widget.Quiet,
		func() { widget.ShowMenuUnder(h.moreMenu(), h.menu, true) }).Named(tell.Word(cause.HistoryMore))
	head := layout.Padded(4, 6, widget.Margin, widget.Margin, layout.Column(6, h.search, choices))
	h.listed = layout.Centred(720, layout.Border(head, nil, nil, nil,
		container.NewStack(layout.Padded(0, 8, 8, 4, h.list),
			layout.Border(layout.Padded(12, 0, widget.Margin, widget.Margin, h.empty), nil, nil, nil))))
	h.body = container.NewStack(h.listed)
	h.ask(first)
	return h
}

// Start gives the keyboard to the list, where that is shown.
func (h *Page) Start() {
	if h.details == nil {
		h.window.Focus(h.list)
	}
}

// toList gives the keyboard to the first call that was found.
func (h *Page) toList() {
	if len(h.rows.all) > 0 {
		h.list.GoTo(0)
		h.window.Focus(h.list)
	}
}

// typed puts what is typed over the list into the search.
func (h *Page) typed(r rune) {
	h.window.Focus(h.search)
	h.search.TypedRune(r)
}

// key does what the keys of the list do.
func (h *Page) key(ev *fyne.KeyEvent) bool {
	if h.list.At() >= len(h.rows.all) {
		return false
	}
	e := h.rows.all[h.list.At()]
	switch ev.Name {
	case fyne.KeyRight:
		h.openDetails(e)
	case fyne.KeyDelete:
		h.askDelete(e.id)
	case fyne.KeyUp:
		if h.list.At() > 0 || h.rows.newer {
			return false
		}
		h.window.Focus(h.search)
	default:
		return false
	}
	return true
}

// dial puts whom a call was with into the number field, or calls him.
func (h *Page) dial(e entry, now bool) {
	if e.uri == "" {
		h.openDetails(e)
		return
	}
	h.window.Dial(e.number(), now)
}

func (h *Page) choose(i int) {
	for n, b := range h.filters {
		b.SetOn(n == i)
	}
	h.filter, h.query = i, journal.CallQuery{Text: h.query.Text}
	filters()[i].apply(&h.query)
	h.ask(first)
}

// aside asks the journal something aside, and tells the answer here.
func (h *Page) aside(ctx context.Context, ask func(context.Context) error, answer func(error)) {
	h.window.Aside(func() {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		err := ask(ctx)
		fyne.Do(func() { answer(err) })
	})
}

// ask asks for rows. A question that has not been answered is taken back.
func (h *Page) ask(at end) {
	h.cancel()
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	h.asking++
	h.rows.asked = true
	number, q := h.asking, h.rows.query(h.query, at)
	var page []journal.Call
	var more bool
	h.aside(ctx, func(ctx context.Context) (err error) {
		page, more, err = h.journal.Calls(ctx, q)
		return err
	}, func(err error) {
		if number == h.asking {
			cancel()
			h.answer(page, more, at, err)
		}
	})
}

// answer takes in the rows that came.
func (h *Page) answer(page []journal.Call, more bool, at end, err error) {
	if err != nil {
		h.rows.asked = false
		h.tellEmpty(faultOf(err))
		return
	}
	var keep int64
	if i := h.list.At(); at == again && i < len(h.rows.all) {
		keep = h.rows.all[i].id
	}
	above := h.rows.take(page, more, at)
	switch {
	case at == first:
		h.list.GoTo(0)
	case at == again && above > 0 && h.list.GetScrollOffset() == 0: // the newest is in view, and stays so
		h.list.GoTo(max(0, h.rows.at(keep)))
		h.list.ScrollToTop()
		h.list.Moved()
	case above != 0:
		h.list.Shift(above)
	default:
		h.list.Refresh()
	}
	none := cause.Cause{Kind: cause.HistoryEmpty}
	if h.query.Text != "" || h.filter != 0 {
		none.Kind = cause.HistoryNotFound
	}
	if len(h.rows.all) > 0 {
		none = cause.Cause{}
	}
	h.tellEmpty(none)
}

// tellEmpty says in the place of rows why there are none.
func (h *Page) tellEmpty(c cause.Cause) {
	h.empty.Hidden = c.Kind == ""
	if c.Kind != "" {
		h.empty.SetText(tell.Of(c).Line())
		if len(h.rows.all) > 0 { // those that were asked for do not come
			h.rows = rows{}
			h.list.Refresh()
		}
	}
	h.body.Refresh()
}

// faultOf is why the journal could not answer.
func faultOf(err error) cause.Cause {
	var t *journal.Trouble
	if errors.As(err, &t) {
		return t.Cause()
	}
	return cause.Cause{Kind: cause.HistoryUnreadable, Detail: err.Error()}
}

// draw draws a row, and asks for more where it is near an end.
func (h *Page) draw(i int, o fyne.CanvasObject, at bool) {
	o.(*row).show(h.rows.all[i], len(h.state.Accounts) > 1, at, time.Now())
	if end, wants := h.rows.wants(i); wants {
		h.ask(end)
	}
}

// Update follows the calls that are over.
func (h *Page) Update(s phone.State, now time.Time) {
	several := len(s.Accounts) > 1 != (len(h.state.Accounts) > 1)
	h.state = s
	if s.Journal.Calls != h.asked {
		h.asked = s.Journal.Calls
		if h.rows.loaded || h.rows.asked {
			h.ask(again)
		}
	} else if several {
		h.list.Refresh()
	}
	h.Look()
	if h.details != nil {
		h.details.update(s)
	}
}

// Look marks the missed calls as seen where somebody has them before him.
func (h *Page) Look() {
	missed := h.query.Text == "" && h.query.Way != journal.WentOut && !h.query.Recorded
	if h.state.Journal.Missed > 0 && missed && h.details == nil && h.window.Looked() {
		h.phone.MarkMissedSeen()
	}
}

// Title implements the window's page.
func (h *Page) Title() string {
	if h.details != nil {
		return h.details.title()
	}
	return tell.Word(cause.HistoryTitle)
}

// Object implements the window's page.
func (h *Page) Object() fyne.CanvasObject { return h.body }

// Actions are at the right of the title.
func (h *Page) Actions() fyne.CanvasObject {
	if h.details != nil {
		return h.details.actions
	}
	return h.menu
}

// Back goes from the details to the list; false where that is shown.
func (h *Page) Back() bool {
	if h.details == nil {
		return false
	}
	h.details.keepNote()
	h.details = nil
	h.body.Objects = []fyne.CanvasObject{h.listed}
	h.body.Refresh()
	h.window.Retitle()
	h.window.Focus(h.list)
	h.Look()
	return true
}

// Close keeps what was written.
func (h *Page) Close() bool {
	if h.details != nil {
		h.details.keepNote()
	}
	h.cancel()
	return true
}

func (h *Page) moreMenu() *fyne.Menu {
	return fyne.NewMenu("",
		fyne.NewMenuItem(tell.Word(cause.HistoryExportTable)+"…",
			func() { h.export(journal.CallsCSV, cause.HistoryExportTable) }),
		fyne.NewMenuItem(tell.Word(cause.HistoryExportJSON)+"…",
			func() { h.export(journal.CallsJSON, cause.HistoryExportJSON) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tell.Short(cause.HistoryDeleteAll)+"…", func() { AskDeleteAll(h.window, h.journal) }))
}

// export writes the calls that are asked for, by filter and search, into a file that the user names.
func (h *Page) export(as journal.CallFormat, title cause.Kind) {
	q := h.query
	h.window.ChooseNewFile(tell.Word(title), "calls."+string(as), func(path string) {
		var n int
		h.window.Aside(func() {
			err := writeFile(path, func(f *os.File) (err error) {
				n, err = h.journal.WriteCalls(context.Background(), f, q, as)
				return err
			})
			fyne.Do(func() {
				if err != nil {
					tellFault(h.window, cause.HistoryNotExported, err)
					return
				}
				told := tell.Of(cause.Cause{Kind: cause.HistoryExported, Count: n, File: tell.SafeLine(path)})
				h.window.Tell(told.Headline(), told.Below())
			})
		})
	})
}

// writeFile writes a file that its user alone can read, also where there is one that others can; whole, or not at all.
func writeFile(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".calla-export-*") // for the user alone
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // where it has its name, there is none
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// tellFault tells what could not be done, and why.
func tellFault(w Window, what cause.Kind, err error) {
	told, why := tell.Of(cause.Cause{Kind: what}), tell.Cause(err)
	var t *journal.Trouble
	if errors.As(err, &t) {
		why = tell.Of(t.Cause()).Line()
	}
	w.Tell(told.Headline(), why)
}

// AskDeleteAll deletes the whole history, after a question.
func AskDeleteAll(w Window, j *journal.Journal) {
	told := tell.Of(cause.Cause{Kind: cause.HistoryDeleteAll})
	w.Ask(told.Headline(), told.Below(), told.Short, true, func() {
		w.Aside(func() {
			if err := j.DeleteCalls(context.Background()); err != nil {
				fyne.Do(func() { tellFault(w, cause.HistoryNotDeleted, err) })
			}
		})
	})
}

// askDelete deletes one call, after a question.
func (h *Page) askDelete(id int64) {
	told := tell.Of(cause.Cause{Kind: cause.HistoryDelete})
	h.window.Ask(told.Headline(), told.Below(), told.Short, true, func() {
		h.aside(context.Background(), func(ctx context.Context) error { return h.journal.DeleteCall(ctx, id) },
			func(err error) {
				switch {
				case err != nil && !errors.Is(err, journal.ErrNoRow):
					tellFault(h.window, cause.HistoryNotDeleted, err)
				case h.details != nil && h.details.call.ID == id:
					h.details.gone = true
					h.Back()
				}
			})
	})
}
