package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	fynetest "fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// opened is the page in a window of its own. It is the page's Window and Phone at once, and writes down what it is
// told.
type opened struct {
	win      fyne.Window
	page     *Page
	journal  *journal.Journal
	calls    []string
	work     []func() // what waits to be done aside
	settings account.Settings
	looked   bool
	file     string // that is chosen
}

func (o *opened) note(format string, args ...any) {
	o.calls = append(o.calls, fmt.Sprintf(format, args...))
}

func (o *opened) Ask(title, _, _ string, _ bool, do func()) { o.note("ask %s", title); do() }
func (o *opened) Tell(title, text string)                   { o.note("tell %s: %s", title, text) }
func (o *opened) ChooseNewFile(_, name string, then func(string)) {
	o.note("choose %s", name)
	then(o.file)
}

func (o *opened) Focus(f fyne.Focusable) { o.win.Canvas().Focus(f) }
func (o *opened) Copy(text string)       { o.note("copy %s", text) }
func (o *opened) OpenFile(path string, _ func(error)) {
	o.note("open %s", path)
}

func (o *opened) Dial(n Number, now bool) {
	o.note("dial %s %s %s%s now=%t", n.AccountID, n.Text, n.URI, n.After, now)
}

func (o *opened) AddContact(name, address string) {
	o.note("add %s %s", name, address)
}
func (o *opened) Message(id, address string) { o.note("message %s %s", id, address) }
func (o *opened) Retitle()                   {}
func (o *opened) Looked() bool               { return o.looked }
func (o *opened) Aside(work func())          { o.work = append(o.work, work) }

func (o *opened) Settings() account.Settings { return o.settings }
func (o *opened) SaveSettings(s account.Settings, done func(error)) {
	o.settings = s
	done(nil)
}
func (o *opened) MarkMissedSeen() { o.note("seen") }

// finish does what was put aside: Fyne's test driver runs what is handed to its goroutine on the one that hands it
// over.
func (o *opened) finish() {
	for len(o.work) > 0 {
		work := o.work[0]
		o.work = o.work[1:]
		work()
	}
}

// took returns what was told since the last time.
func (o *opened) took() []string {
	calls := o.calls
	o.calls = nil
	return calls
}

func (o *opened) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := o.took(); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// began is when the first of the test's calls was.
func began() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.Local) }

// called is a call with somebody.
func called(name, address string, in bool, o journal.Outcome) journal.Call {
	return journal.Call{
		AccountID: "office", Account: "Office", Incoming: in, Outcome: o, Name: name, Address: address,
		URI: "sip:" + address + ";transport=ws", Cause: cause.Cause{Kind: cause.HungUpThere},
	}
}

// open opens the page of a journal with calls, the oldest first, a minute apart.
func open(t *testing.T, all ...journal.Call) *opened {
	t.Helper()
	return openIn(t, widget.Look{}, fyne.NewSize(360, 560), all...)
}

func openIn(t *testing.T, look widget.Look, size fyne.Size, all ...journal.Call) *opened {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(look)
	o := &opened{journal: journal.Open(journal.Options{Dir: t.TempDir()}), looked: true}
	t.Cleanup(o.journal.Close)
	for i, c := range all {
		c.Began = began().Add(time.Duration(i) * time.Minute)
		c.Ended = c.Began.Add(time.Minute)
		if c.Outcome == journal.Answered {
			c.Answered = c.Began.Add(10 * time.Second)
		}
		if _, err := o.journal.Record(c); err != nil {
			t.Fatal(err)
		}
	}
	o.settle(t)
	o.win = app.NewWindow("history")
	o.win.SetPadded(false)
	o.page = New(o, o, o.journal)
	o.win.SetContent(o.page.Object())
	o.win.Resize(size)
	uitest.Settle(o.win)
	o.finish()
	o.page.Start()
	return o
}

// settle waits until what was recorded is in the file: what is changed later is done after it.
func (o *opened) settle(t *testing.T) {
	t.Helper()
	_ = o.journal.SetNote(t.Context(), -1, "")
}

// update hands the page a State with what the journal counts.
func (o *opened) update(accounts int) {
	o.page.Update(phone.State{Accounts: make([]phone.AccountState, accounts), Journal: o.journal.Counts()}, time.Now())
	o.finish()
}

// drawn calls f with what is drawn, and where it stands. It lays nothing out, which would move the list.
func drawn(o fyne.CanvasObject, at fyne.Position, f func(fyne.CanvasObject, fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	f(o, at)
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = fynetest.WidgetRenderer(o).Objects()
	}
	for _, child := range inside {
		drawn(child, at, f)
	}
}

// found are the objects of a type that are drawn.
func found[T any](o *opened) []T {
	var all []T
	drawn(o.win.Content(), fyne.Position{}, func(obj fyne.CanvasObject, _ fyne.Position) {
		if v, ok := obj.(T); ok {
			all = append(all, v)
		}
	})
	return all
}

// shown are the names in view, from the top.
func (o *opened) shown() []string {
	var all []string
	for _, r := range found[*row](o) {
		all = append(all, r.title.Text())
	}
	return all
}

// says are the words that are drawn.
func (o *opened) says() string {
	var all []string
	for _, text := range found[*widget.Text](o) {
		all = append(all, text.Text())
	}
	return strings.Join(all, "\n")
}

// key types a key into what has the keyboard.
func (o *opened) key(name fyne.KeyName) {
	o.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
	if name == fyne.KeySpace {
		o.win.Canvas().Focused().TypedRune(' ')
	}
	o.finish()
}

func (o *opened) typeText(text string) {
	for _, r := range text {
		o.win.Canvas().Focused().TypedRune(r)
	}
	o.finish()
}

func (o *opened) press(t *testing.T, label string) {
	t.Helper()
	for _, b := range found[*widget.Button](o) {
		if b.Label() == label {
			b.Tapped(nil)
			o.finish()
			return
		}
	}
	t.Fatalf("no button %q", label)
}

// tapRow clicks the row with a name.
func (o *opened) tapRow(t *testing.T, name string) {
	t.Helper()
	var where *fyne.Position
	drawn(o.win.Content(), fyne.Position{}, func(obj fyne.CanvasObject, at fyne.Position) {
		if r, ok := obj.(*row); ok && r.title.Text() == name {
			where = &at
		}
	})
	if where == nil {
		t.Fatalf("no row %q in %q", name, o.shown())
	}
	fynetest.TapCanvas(o.win.Canvas(), where.AddXY(80, 20))
	o.finish()
}
