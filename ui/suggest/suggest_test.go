package suggest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// asked is a field with a list below it. It is the list's People, and writes down what it is asked.
type asked struct {
	win   fyne.Window
	field *widget.Entry
	list  *List
	texts []string
	say   func(ctx context.Context, text string) ([]journal.Suggestion, error)
	taken []journal.Suggestion
	went  []string // texts that were submitted
	work  []func()
}

func (a *asked) Suggest(ctx context.Context, text string, _ int) ([]journal.Suggestion, error) {
	a.texts = append(a.texts, text)
	return a.say(ctx, text)
}

// finish does what was put aside, and what is put aside by that.
func (a *asked) finish() {
	for len(a.work) > 0 {
		work := a.work[0]
		a.work = a.work[1:]
		work()
	}
}

// typed types a text into the field in the place of what is there, and waits for the answer.
func (a *asked) typed(text string) { a.field.SetText(text); a.finish() }

func (a *asked) key(name fyne.KeyName) { a.field.TypedKey(&fyne.KeyEvent{Name: name}) }

// options are the rows that are shown.
func (a *asked) options() []*widget.Option {
	return slices.DeleteFunc(uitest.LaidOut[*widget.Option](a.list.Object), func(o *widget.Option) bool {
		return !o.Visible() || !a.list.Object.Visible()
	})
}

// rows are what they show, a string for each.
func (a *asked) rows() (all []string) {
	for _, o := range a.options() {
		row := o.Title() + "|" + o.Line() + "|" + o.End()
		if o.Marked() {
			row = "> " + row
		}
		all = append(all, row)
	}
	return all
}

func (a *asked) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := a.rows(); !slices.Equal(got, want) {
		t.Errorf("shows %q, want %q", got, want)
	}
	if a.list.Object.Visible() != (len(want) > 0) {
		t.Errorf("shown: %v", a.list.Object.Visible())
	}
}

func open(t *testing.T) *asked {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(widget.Look{})
	a := &asked{field: widget.NewEntry("Name or number")}
	a.say = func(context.Context, string) ([]journal.Suggestion, error) { return people(), nil }
	a.list = New(a, func(work func()) { a.work = append(a.work, work) })
	a.list.Account = func(id string) string { return map[string]string{"office": "Office"}[id] }
	a.list.OnTaken = func(s journal.Suggestion) {
		a.taken = append(a.taken, s)
		a.field.SetText(s.Address)
	}
	a.field.OnChanged = a.list.Follow
	a.field.OnSubmitted = func(text string) { a.went = append(a.went, text) }
	a.list.Below(a.field)
	a.win = app.NewWindow("field")
	a.win.SetContent(container.NewVBox(a.field, a.list.Object, widget.NewButton("Call", "", widget.Call, nil)))
	a.win.Resize(fyne.NewSize(360, 560))
	a.win.Canvas().Focus(a.field)
	return a
}

func people() []journal.Suggestion {
	return []journal.Suggestion{
		{Name: "Bob Marsh", Address: "+49 30 1234", Label: "work", ContactID: 1},
		{Name: "Bob Marsh", Address: "0171 99", Label: "mobile", ContactID: 1},
		{Address: "bob@example.org", URI: "sip:bob@example.org", AccountID: "office"},
	}
}

// TestWhomATextMayMeanIsShown: a row for each, with the label of the address, and the account that it was called by.
func TestWhomATextMayMeanIsShown(t *testing.T) {
	a := open(t)
	a.expect(t)
	a.typed("bo")
	a.expect(t, "Bob Marsh|work · +49 30 1234|", "Bob Marsh|mobile · 0171 99|", "bob@example.org||Office")
	a.typed("")
	a.expect(t)
}

// TestKeysChoose: the arrows mark, Enter and Tab take what is marked, Escape closes, and with nothing marked Enter is
// for what was typed.
func TestKeysChoose(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []fyne.KeyName
		taken string   // address
		went  []string // submitted
		tab   bool     // whether Tab is taken at the end
		open  bool
	}{
		{name: "Enter alone", keys: []fyne.KeyName{"Return"}, went: []string{"bo"}},
		{
			name: "Down and Enter", keys: []fyne.KeyName{"Down", "Return"},
			taken: "+49 30 1234", went: []string{"+49 30 1234"},
		},
		{name: "Down twice and Tab", keys: []fyne.KeyName{"Down", "Down", "Tab"}, taken: "0171 99"},
		{
			name: "Up and the other Enter", keys: []fyne.KeyName{"Up", "KP_Enter"}, taken: "bob@example.org",
			went: []string{"bob@example.org"},
		},
		{name: "back to what was typed", keys: []fyne.KeyName{"Down", "Up", "Return"}, went: []string{"bo"}},
		{name: "past the end", keys: []fyne.KeyName{"Down", "Down", "Down", "Down", "Return"}, went: []string{"bo"}},
		{name: "Escape", keys: []fyne.KeyName{"Down", "Escape", "Return"}, went: []string{"bo"}},
		{name: "Tab alone", open: true},
		{name: "a mark takes Tab", keys: []fyne.KeyName{"Down"}, tab: true, open: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := open(t)
			a.typed("bo")
			for _, key := range c.keys {
				a.key(key)
			}
			got := ""
			for _, s := range a.taken {
				got += s.Address
			}
			if got != c.taken || !slices.Equal(a.went, c.went) || a.field.AcceptsTab() != c.tab {
				t.Errorf("took %q, submitted %q, Tab %v", got, a.went, a.field.AcceptsTab())
			}
			if a.finish(); a.list.Object.Visible() != c.open {
				t.Errorf("open: %v", a.list.Object.Visible())
			}
		})
	}
}

// TestAPressTakesARow, though the press has the keyboard leave the field first.
func TestAPressTakesARow(t *testing.T) {
	for _, c := range []struct {
		name  string
		over  bool // the pointer is over the row when the keyboard leaves
		taken int
	}{{"on a row", true, 1}, {"elsewhere", false, 0}} {
		t.Run(c.name, func(t *testing.T) {
			a := open(t)
			a.typed("bo")
			row := a.list.rows[1]
			if c.over {
				row.MouseIn(nil)
			}
			a.win.Canvas().Unfocus()
			if c.over {
				a.list.still = widget.Still{} // it has been there for long
				test.Tap(row)
			}
			if len(a.taken) != c.taken || a.list.Object.Visible() {
				t.Errorf("took %v, open: %v", a.taken, a.list.Object.Visible())
			}
		})
	}
}

// TestTheNewestTextWins: one question is under way at a time, its answer is not shown once something else is typed, and
// what was typed last is asked.
func TestTheNewestTextWins(t *testing.T) {
	a := open(t)
	a.say = func(_ context.Context, text string) ([]journal.Suggestion, error) {
		return []journal.Suggestion{{Name: "for " + text, Address: "1"}}, nil
	}
	for _, text := range []string{"a", "ab", "abc"} {
		a.field.SetText(text)
	}
	if len(a.work) != 1 {
		t.Fatalf("%d questions wait", len(a.work))
	}
	a.work[0]()
	a.work = a.work[1:]
	a.expect(t)
	a.finish()
	a.expect(t, "for abc|1|")
	if want := []string{"a", "abc"}; !slices.Equal(a.texts, want) {
		t.Errorf("asked %q, want %q", a.texts, want)
	}
	a.field.SetText("x")
	a.expect(t) // what is shown is never for another text
	a.key(fyne.KeyEscape)
	a.finish()
	a.expect(t)
	a.field.SetText("xy") // a question that was given up does not answer for the next
	a.list.Hide()
	a.field.SetText("x")
	a.finish()
	a.expect(t, "for x|1|")
}

// errFull is of a disk.
var errFull = errors.New("disk full")

// TestTroubleShowsNothing: a database that fails, hangs, has nobody or is not there leaves the field as it is.
func TestTroubleShowsNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		say  func(ctx context.Context, text string) ([]journal.Suggestion, error)
	}{
		{"an error", func(context.Context, string) ([]journal.Suggestion, error) { return people(), errFull }},
		{"closed", func(context.Context, string) ([]journal.Suggestion, error) { return nil, journal.ErrClosed }},
		{"nobody", func(context.Context, string) ([]journal.Suggestion, error) { return nil, nil }},
		{"hangs until it is given up", func(ctx context.Context, text string) ([]journal.Suggestion, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		{"not there", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := open(t)
			a.say = c.say
			if c.say == nil {
				a.list.people = nil
			}
			a.field.SetText("bo")
			if a.list.asking {
				a.list.cancel() // as its time does
			}
			a.finish()
			a.expect(t)
			a.key(fyne.KeyDown)
			a.key(fyne.KeyReturn)
			if !slices.Equal(a.went, []string{"bo"}) || len(a.taken) > 0 {
				t.Errorf("submitted %q, took %v", a.went, a.taken)
			}
			if c.say == nil {
				return
			}
			a.say = func(context.Context, string) ([]journal.Suggestion, error) { return people(), nil }
			a.typed("bob") // it is asked again
			if len(a.rows()) != 3 {
				t.Errorf("later: %q", a.rows())
			}
		})
	}
}

// TestRowsAreBounded: in number, by what there is room for, and in length, whatever the names are.
func TestRowsAreBounded(t *testing.T) {
	for name, hostile := range map[string]string{
		"long":           strings.Repeat("Bob ", 200),
		"lines":          "Bob\nCall me\r\nnow",
		"right to left":  "\u202emoc.elpmaxe\u202c",
		"marks":          strings.Repeat("Z\u0351\u0352\u0353", 80),
		"controls":       "Bob\x00\x1b[31m",
		"no characters":  "\xff\xfe",
		"emoji":          strings.Repeat("👩‍👩‍👧‍👦", 40),
		"blanks":         "   ",
		"empty":          "",
		"another script": strings.Repeat("שלום ", 100),
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t)
			a.say = func(context.Context, string) (all []journal.Suggestion, err error) {
				for i := range 50 {
					all = append(all, journal.Suggestion{
						Name: hostile, Address: fmt.Sprint(i, hostile), Label: hostile, AccountID: "x",
					})
				}
				return all, nil
			}
			a.list.Account = func(string) string { return hostile }
			a.typed("bo")
			rows := a.options()
			if len(rows) != mostShown {
				t.Errorf("%d rows", len(rows))
			}
			for _, r := range rows {
				for _, s := range []string{r.Title(), r.Line(), r.End()} {
					if utf8.RuneCountInString(s) > 64*8*2+8 ||
						strings.ContainsAny(s, "\n\r\x00\x1b") || !utf8.ValidString(s) {
						t.Errorf("shows %q", s)
					}
				}
				if r.Size().Width > 360 || r.Title() == "" {
					t.Errorf("%v wide, %q", r.Size().Width, r.Title())
				}
			}
			a.list.SetRoom(100)
			if a.typed("bob"); len(a.rows()) != 2 {
				t.Errorf("%d rows where there is room for two", len(a.rows()))
			}
			a.list.SetRoom(20)
			a.typed("bobb")
			a.expect(t)
		})
	}
}

// TestALongTextIsNotAsked: nobody is called so.
func TestALongTextIsNotAsked(t *testing.T) {
	a := open(t)
	a.typed(strings.Repeat("a", 100_000))
	a.typed("   ")
	if len(a.texts) > 0 {
		t.Errorf("asked %d times", len(a.texts))
	}
	a.expect(t)
}
