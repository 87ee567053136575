package form

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// people are whom a text may mean: a contact, and somebody of the history at another account.
func people() []journal.Suggestion {
	return []journal.Suggestion{
		{Name: "Bob Marsh", Address: "+49 30 1234", Label: "work", ContactID: 1},
		{Name: "Carol", Address: "carol", URI: "sip:carol@other.example", AccountID: "home"},
	}
}

// keys types keys as the driver does: to what has the keyboard.
func (o *opened) keys(names ...fyne.KeyName) {
	for _, name := range names {
		o.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
	}
}

// options are the people that are shown.
func (o *opened) options() (all []*widget.Option) {
	for _, row := range uitest.LaidOut[*widget.Option](o.win.Content()) {
		if row.Visible() && row.Size().Height > 0 {
			all = append(all, row)
		}
	}
	return all
}

// TestEveryFieldOfAPersonSuggestsPeople: whom calls are forwarded to is chosen as whom a call is for is.
func TestEveryFieldOfAPersonSuggestsPeople(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []fyne.KeyName
		want string
		open bool
	}{
		{"Down and Enter", []fyne.KeyName{"Down", "Return"}, "+49 30 1234", false},
		{"whom a call was with, in full", []fyne.KeyName{"Down", "Down", "Tab"}, "sip:carol@other.example", false},
		{"Up", []fyne.KeyName{"Up", "KP_Enter"}, "sip:carol@other.example", false},
		{"nobody", []fyne.KeyName{"Down", "Up", "Return"}, "bo", false},
		{"Escape", []fyne.KeyName{"Down", "Escape"}, "bo", false},
		{"no key", nil, "bo", true},
	} {
		for _, parameter := range []string{"calla.forward_always", "calla.forward_busy", "calla.forward_no_answer"} {
			t.Run(c.name+", "+parameter, func(t *testing.T) {
				o, f := openForm(t, simple())
				o.known = people()
				f.Open(parameter, "")
				for _, r := range "bo" {
					o.win.Canvas().Focused().TypedRune(r)
				}
				o.finish()
				if len(o.options()) != len(people()) {
					t.Fatalf("%d people are shown", len(o.options()))
				}
				o.keys(c.keys...)
				entry := uitest.Input(t, f.Object(), parameter).(*widget.Entry)
				if entry.Text != c.want || o.win.Canvas().Focused() != fyne.Focusable(entry) {
					t.Errorf("the field has %q, want %q; the keyboard is in %T", entry.Text, c.want,
						o.win.Canvas().Focused())
				}
				if got := len(o.options()) > 0; got != c.open {
					t.Errorf("open: %t", got)
				}
				f.Save()
				p, _ := config.ParameterNamed(parameter)
				if got := fmt.Sprint(p.Value(o.saved.Config)); got != c.want {
					t.Errorf("saved %s", got)
				}
			})
		}
	}
}

// TestNobodyIsSuggestedWhereNobodyTypes: not for what is loaded, and not in a field of something else.
func TestNobodyIsSuggestedWhereNobodyTypes(t *testing.T) {
	c := simple()
	c.Calla.ForwardAlways = "bob"
	o, f := openForm(t, c)
	o.known = people()
	f.ShowAll()
	for _, p := range config.Parameters() {
		if e, is := f.fields[p.Name].focus.(*widget.Entry); is && !takesPerson(p) {
			e.SetText("7")
		}
	}
	o.finish()
	for _, did := range o.calls {
		if strings.HasPrefix(did, "suggest") {
			t.Errorf("asked: %s", did)
		}
	}
	typeInto(f.fields["calla.forward_always"], "bo")
	o.finish()
	o.expect(t, "suggest bo")
}

// TestSuggestedPeopleStandInSight below what is typed, whatever they are called and however large text is; a row that
// is marked comes into view.
func TestSuggestedPeopleStandInSight(t *testing.T) {
	for name, hostile := range map[string]string{
		"short": "Bob", "long": strings.Repeat("Bob ", 100), "right to left": "\u202e" + strings.Repeat("שלום ", 30),
		"lines": "Bob\nCall me", "marks": strings.Repeat("Z\u0351\u0352", 60),
		"emoji": strings.Repeat("👩‍👩‍👧‍👦", 20),
	} {
		for _, text := range []float32{1, 2} {
			t.Run(fmt.Sprint(name, ", ", text), func(t *testing.T) {
				o, f := openIn(t, simple(), account.Secret{}, widget.Look{Text: text}, fyne.NewSize(360, 560))
				for i := range 6 {
					o.known = append(o.known,
						journal.Suggestion{Name: hostile, Address: fmt.Sprint("471", i), Label: hostile})
				}
				f.Open("calla.forward_no_answer", "")
				entry := o.win.Canvas().Focused().(*widget.Entry)
				entry.SetText("b")
				o.finish()
				rows := o.options()
				if len(rows) != 6 {
					t.Fatalf("%d people", len(rows))
				}
				f.inSight(t, "what is typed", entry)
				f.inSight(t, "the first", rows[0])
				for i, row := range rows {
					o.keys(fyne.KeyDown)
					f.inSight(t, fmt.Sprint("row ", i), row)
					if !row.Marked() || row.Size().Width > 360 || strings.ContainsAny(row.Title(), "\n\u202e") {
						t.Errorf("marked: %t, %v wide: %q", row.Marked(), row.Size().Width, row.Title())
					}
					fits(t, row)
				}
			})
		}
	}
}

// inSight fails where the page shows less than all of an object.
func (f *Page) inSight(t *testing.T, what string, o fyne.CanvasObject) {
	t.Helper()
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(f.scroll).Y
	if bottom := top + o.Size().Height; top < 0 || bottom > f.scroll.Size().Height {
		t.Errorf("%s: from %v to %v of a page %v high", what, top, bottom, f.scroll.Size().Height)
	}
}

// fits fails where the words of a row stand beyond it.
func fits(t *testing.T, row *widget.Option) {
	t.Helper()
	for _, words := range uitest.LaidOut[*widget.Text](row) {
		if y := words.Position().Y; y < 0 || y+words.Size().Height > row.Size().Height {
			t.Errorf("%q: from %v, %v high, in %v", words.Text(), y, words.Size().Height, row.Size().Height)
		}
	}
}
