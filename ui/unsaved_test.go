package ui

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/desktop"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// editor is a place where somebody writes.
type editor struct {
	name  string
	opens func(t *testing.T, o *opened)
	// field finds it once that is open; nil: it has the keyboard
	field func(t *testing.T, o *opened) *widget.Entry
	asks  bool // before it is left with text in it; else the text is there when it is opened again
}

// named finds the field of a name in the page that is open.
func named(name string) func(t *testing.T, o *opened) *widget.Entry {
	return func(t *testing.T, o *opened) *widget.Entry {
		t.Helper()
		uitest.Settle(o.main.win)
		for _, e := range uitest.LaidOut[*widget.Entry](o.main.page.Object()) {
			if e.Name == name {
				return e
			}
		}
		t.Fatalf("no field %q", name)
		return nil
	}
}

// parameter finds the field of a parameter.
func parameter(name string) func(t *testing.T, o *opened) *widget.Entry {
	return func(t *testing.T, o *opened) *widget.Entry {
		t.Helper()
		return uitest.Input(t, o.main.page.Object(), name).(*widget.Entry)
	}
}

// editors are all places where somebody writes what is kept or sent.
func editors() []editor {
	settings := func(_ *testing.T, o *opened) { o.main.openSettings(); o.finish() }
	form := func(_ *testing.T, o *opened) { o.main.editParameter("office", "calla.forward_busy", "") }
	contact := func(_ *testing.T, o *opened) {
		c, _ := o.phone.journal.ContactOf(context.Background(), "4711")
		o.main.editContact(c, o.main.open)
	}
	return []editor{
		{"a number", func(_ *testing.T, o *opened) { o.main.dial.focus() }, nil, false},
		{"blocked callers", settings, named(tell.Short(cause.CallersBlocked)), true},
		{"who rings through", settings, named(tell.Short(cause.CallersThrough)), true},
		{"an account's name", form, parameter("display_name"), true},
		{"whom to forward to", form, nil, true},
		{"a contact's name", contact, named(tell.Word(cause.ContactsName)), true},
		{"a contact's number", contact, named(tell.Word(cause.ContactsNumberOrAddress)), true},
		{"a contact's note", contact, named(tell.Word(cause.ContactsNote)), true},
		{"the note of a call", func(t *testing.T, o *opened) {
			o.main.openHistory()
			o.finish()
			o.tells()
			o.key(fyne.KeyRight)
			o.finish()
			o.main.win.Canvas().Focus(named(tell.Word(cause.HistoryNote))(t, o))
		}, nil, false},
		{"a message", func(_ *testing.T, o *opened) {
			o.main.openConversation("office", "bob@example.com", o.main.open)
			o.finish()
		}, nil, false},
		{"whom a message is for", func(_ *testing.T, o *opened) { o.main.openMessages(); o.finish() }, nil, false},
		{"a new account", func(_ *testing.T, o *opened) { o.main.openWizardDetails() }, nil, true},
	}
}

// begin opens an editor and writes into it, with the cursor behind the first character.
func (e editor) begin(t *testing.T, o *opened) *widget.Entry {
	t.Helper()
	e.opens(t, o)
	if e.field != nil {
		o.main.win.Canvas().Focus(e.field(t, o))
	}
	field, is := o.main.win.Canvas().Focused().(*widget.Entry)
	if !is {
		t.Fatalf("the keyboard is in %T", o.main.win.Canvas().Focused())
	}
	o.write(field)
	return field
}

// write writes into a field, with the cursor behind the first character.
func (o *opened) write(field *widget.Entry) {
	field.SetText("")
	o.typed("ac")
	o.key(fyne.KeyLeft)
}

// TestWhatIsTypedStaysWhateverHappens: text, cursor and keyboard stay where they are when somebody calls or writes,
// another account is chosen, contacts change, and while the window is in the tray.
func TestWhatIsTypedStaysWhateverHappens(t *testing.T) {
	happenings := []struct {
		name    string
		happens func(t *testing.T, o *opened)
	}{
		{"a call rings and goes", func(_ *testing.T, o *opened) {
			o.update(ringingCalls("c1"))
			o.update(endedOf("c1", nil))
		}},
		{"a message comes", func(_ *testing.T, o *opened) {
			s := chat()
			s.Messages.Revision++
			o.update(s)
		}},
		{"another account is chosen", func(_ *testing.T, o *opened) {
			s := o.state
			s.Account = "home"
			o.update(s)
		}},
		{"the connection goes and comes", func(_ *testing.T, o *opened) {
			s := idle()
			s.Accounts[0].Status = phone.StatusRetrying
			o.update(s)
			o.update(idle())
		}},
		{"a contact changes", func(t *testing.T, o *opened) {
			if _, err := o.phone.journal.SaveContacts(t.Context(), []journal.Contact{
				{Name: "Aaron", Addresses: []journal.ContactAddress{{Address: "1"}}},
			}); err != nil {
				t.Fatal(err)
			}
			o.tells()
		}},
		{"the window goes into the tray", func(_ *testing.T, o *opened) {
			o.phone.settings.ClosingTold = true
			o.trayCame(true)
			o.closeMain()
			o.chosen(desktop.TrayPress{Deed: desktop.TrayShow})
		}},
		{"the window becomes wide and narrow", func(_ *testing.T, o *opened) {
			o.main.win.Resize(fyne.NewSize(1000, 700))
			o.main.win.Resize(fyne.NewSize(minWidth, minHeight))
		}},
	}
	for _, e := range editors() {
		o := openKnowing(t, "Bob Marsh")
		field := e.begin(t, o)
		for _, v := range happenings {
			t.Run(e.name+", "+v.name, func(t *testing.T) {
				o.write(field)
				v.happens(t, o)
				o.finish()
				if field.Text != "ac" || o.main.win.Canvas().Focused() != fyne.Focusable(field) {
					t.Fatalf("it has %q, the keyboard is in %T", field.Text, o.main.win.Canvas().Focused())
				}
				if o.char('b'); field.Text != "abc" {
					t.Errorf("the cursor is elsewhere: %q", field.Text)
				}
			})
		}
	}
}

// TestWhatIsTypedIsAskedAboutOrKept when it is left: by Escape, for another page, or by a link.
func TestWhatIsTypedIsAskedAboutOrKept(t *testing.T) {
	for name, leave := range map[string]func(o *opened){
		"Escape": func(o *opened) { o.key(fyne.KeyEscape); o.key(fyne.KeyEscape) },
		"a page": func(o *opened) { o.main.openAbout() },
		"a link": func(o *opened) { o.handed("tel:4712", "") },
	} {
		for _, e := range editors() {
			t.Run(e.name+", "+name, func(t *testing.T) {
				o := openKnowing(t, "Bob Marsh")
				field := e.begin(t, o)
				page := o.main.page
				o.key(fyne.KeyEscape) // closes whom the text may mean, at most
				if o.main.page == page && o.main.sheet == nil {
					leave(o)
				}
				o.finish()
				if !e.asks {
					o.main.closeSheet()
					o.main.closePage()
					e.opens(t, o)
					if again := o.main.win.Canvas().Focused().(*widget.Entry); again.Text != "ac" {
						t.Errorf("opened again it has %q", again.Text)
					}
					return
				}
				if o.main.sheet == nil || o.main.page != page {
					t.Fatal("nothing is asked")
				}
				if o.answerSheet(t, "Cancel"); o.main.page != page || field.Text != "ac" {
					t.Fatalf("after no it has %q", field.Text)
				}
				o.main.escape()
				if o.answerSheet(t, "Discard"); o.main.page == page {
					t.Error("after yes it stays")
				}
			})
		}
	}
}

// TestListsOfCallersThatAreSavedAreNotAskedAbout, by the button or by the key; those that could not be saved are.
func TestListsOfCallersThatAreSavedAreNotAskedAbout(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(o *opened, p *callersPanel)
		asks bool
	}{
		{"nothing typed", func(*opened, *callersPanel) {}, false},
		{"saved", func(_ *opened, p *callersPanel) { p.blocked.SetText("4711"); p.save() }, false},
		{"saved by the key", func(o *opened, p *callersPanel) {
			p.through.SetText("4711")
			shortcut(o, fyne.KeyS, ctrl)
		}, false},
		{"a line that is none", func(_ *opened, p *callersPanel) {
			p.blocked.SetText(string(make([]byte, account.LongestCaller+1)))
			p.save()
		}, true},
		{"typed on", func(_ *opened, p *callersPanel) {
			p.blocked.SetText("1")
			p.save()
			p.through.SetText("2")
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.main.openSettings()
			c.do(o, o.main.page.(*settingsPage).callers)
			o.main.escape()
			if asks := o.main.sheet != nil; asks != c.asks || (o.main.page != nil) != c.asks {
				t.Errorf("asks: %t", asks)
			}
		})
	}
}

// quitting counts how often the program was to end.
type quitting struct {
	fyne.App
	times int
}

func (q *quitting) Quit() { q.times++ }

// TestTheProgramAsksBeforeTextEndsWithIt: text that is not saved or not sent, wherever it was begun.
func TestTheProgramAsksBeforeTextEndsWithIt(t *testing.T) {
	for _, e := range append(editors(),
		editor{"a password", func(_ *testing.T, o *opened) { o.main.askPassword("office") }, nil, true},
		editor{"nothing", nil, nil, false}) {
		t.Run(e.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			q := &quitting{App: o.fyne}
			o.fyne = q
			if e.opens != nil {
				e.begin(t, o)
			}
			o.askQuit()
			asks := e.asks || e.name == "a message" // which is kept until the program ends
			if (q.times == 0) != asks {
				t.Fatalf("ended %d times", q.times)
			}
			if !asks {
				return
			}
			o.answerSheet(t, "Quit")
			if q.times != 1 {
				t.Errorf("after yes it ended %d times", q.times)
			}
		})
	}
	t.Run("in a call, both are asked", func(t *testing.T) {
		o := openKnowing(t, "Bob Marsh")
		q := &quitting{App: o.fyne}
		o.fyne = q
		o.update(inPhase(phone.PhaseEstablished))
		o.main.editAccount("office")
		o.typed("x")
		o.main.page.(interface{ Touch() }).Touch()
		o.askQuit()
		o.answerSheet(t, "End the call and quit")
		if q.times != 0 {
			t.Fatal("it ends")
		}
		if o.answerSheet(t, "Quit"); q.times != 1 {
			t.Error("it does not end")
		}
	})
}
