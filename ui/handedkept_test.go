package ui

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/form"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// dialled are the numbers that were called since the last time.
func (o *opened) dialled() []string {
	return slices.DeleteFunc(o.phone.took(), func(s string) bool { return !strings.HasPrefix(s, "dial ") })
}

// answerSheet presses a button of the sheet that is open, which has stood there for long.
func (o *opened) answerSheet(t *testing.T, label string) {
	t.Helper()
	if o.main.sheet == nil {
		t.Fatalf("nothing is asked where %q was to be pressed", label)
	}
	o.stands()
	uitest.Press(t, o.main.win.Canvas().Overlays().Top(), label)
}

// TestALinkReplacesNoNumberUnasked: what the user has put into the field goes when he says so, and stays when he says
// no. What another link has put there goes for the next one.
//
// Holds: handed-over
func TestALinkReplacesNoNumberUnasked(t *testing.T) {
	const link = "tel:+4930123456"
	for _, c := range []struct {
		name   string
		before func(o *opened)
		asks   bool
	}{
		{"nothing", func(*opened) {}, false},
		{"blanks", func(o *opened) { o.main.dial.number.SetText("  ") }, false},
		{"typed", func(o *opened) { o.typed("0301") }, true},
		{"typed with the field left", func(o *opened) {
			o.typed("0301")
			o.main.win.Canvas().Unfocus()
		}, true},
		{"chosen from suggestions", func(o *opened) { o.main.dial.fill("4711") }, true},
		{"pasted", func(o *opened) { o.main.dial.number.Paste("0301 23") }, true},
		{"refused", func(o *opened) {
			o.typed("12:30")
			o.key(fyne.KeyReturn)
		}, true},
		{"the same number", func(o *opened) { o.typed("+4930123456") }, false},
		{"by another link", func(o *opened) { o.handed("tel:4711", "") }, false},
		{"by another link, and changed", func(o *opened) {
			o.handed("tel:4711", "")
			o.char('2')
		}, true},
		{"it is being called", func(o *opened) {
			o.typed("0301")
			o.key(fyne.KeyReturn)
		}, false},
	} {
		for _, size := range []account.Size{{}, {Width: 1000, Height: 700}} {
			t.Run(c.name, func(t *testing.T) {
				o := open(t, Options{Size: size})
				o.update(idle())
				c.before(o)
				was := o.main.dial.number.Text
				o.dialled()
				o.handed(link, "")
				if asks := o.main.sheet != nil; asks != c.asks {
					t.Fatalf("asks: %t", asks)
				}
				if !c.asks {
					if got := o.main.dial.number.Text; got != "+4930123456" {
						t.Errorf("the field has %q", got)
					}
					return
				}
				for _, r := range "77" {
					o.main.win.Canvas().OnTypedRune()(r) // goes nowhere while it is asked
				}
				o.main.keys.key(&fyne.KeyEvent{Name: fyne.KeyReturn})
				if got := o.main.dial.number.Text; got != was {
					t.Fatalf("before the answer the field has %q, was %q", got, was)
				}
				o.answerSheet(t, "Cancel")
				if got := o.main.dial.number.Text; got != was || o.main.sheet != nil {
					t.Fatalf("after no, the field has %q, was %q", got, was)
				}
				o.handed(link, "")
				o.answerSheet(t, offerWords("+4930123456"))
				if got := o.main.dial.number.Text; got != "+4930123456" || len(o.dialled()) > 0 {
					t.Errorf("after yes, the field has %q", got)
				}
				if o.main.win.Canvas().Focused() != fyne.Focusable(o.main.dial.number) {
					t.Error("the keyboard is elsewhere")
				}
			})
		}
	}
}

// openTouched opens an account with something to be saved.
func openTouched(o *opened) {
	o.main.editAccount("office")
	o.main.page.(*form.Page).Touch()
}

// TestALinkWaitsForWhatIsTypedElsewhere: for a sheet with text in it or with news that nobody has read, and for a page
// with something unsaved. It comes once that is closed, and is then called by nobody but the user.
//
// Holds: handed-over
func TestALinkWaitsForWhatIsTypedElsewhere(t *testing.T) {
	inCall := inPhase(phone.PhaseEstablished)
	typeHere := func(o *opened) {
		for _, r := range "0301" {
			o.char(r)
		}
	}
	closes := func(o *opened) { o.main.escape() }
	for _, c := range []struct {
		name  string
		state phone.State
		opens func(o *opened)
		waits bool
		done  func(o *opened)
	}{
		{"a transfer", inCall, func(o *opened) { shortcut(o, fyne.KeyT, ctrl); typeHere(o) }, true, closes},
		{"a transfer, nothing typed", inCall, func(o *opened) { shortcut(o, fyne.KeyT, ctrl) }, false, nil},
		{"a password", idle(), func(o *opened) { o.main.askPassword("office"); typeHere(o) }, true, closes},
		{"an import", idle(), func(o *opened) { o.main.openImport(nil); typeHere(o) }, true, closes},
		{"the keys", idle(), func(o *opened) { o.main.openShortcuts() }, false, nil},
		{"news", idle(), func(o *opened) { o.main.tell("Not kept", "The disk is full.") }, true, closes},
		{"two pieces of news", idle(), func(o *opened) {
			o.main.tell("Not kept", "The disk is full.")
			o.main.tell("Not saved", "The disk is full.")
		}, true, func(o *opened) { o.main.escape(); o.main.escape() }},
		{"news behind the keys", idle(), func(o *opened) {
			o.main.openShortcuts()
			o.main.tell("Not kept", "The disk is full.")
		}, true, closes},
		{"a form, thrown away", idle(), openTouched, true, func(o *opened) { o.stands(); o.pressSheet("Discard") }},
		{"a form, kept and saved", idle(), openTouched, true, func(o *opened) {
			o.main.closeSheet()
			shortcut(o, fyne.KeyS, ctrl)
		}},
		{"a form, nothing typed", idle(), func(o *opened) { o.main.editAccount("office") }, false, nil},
		{
			"a contact", idle(), func(o *opened) { o.main.addToContacts("Bob", "4711", o.main.open); typeHere(o) },
			true, func(o *opened) { o.stands(); o.pressSheet(tell.Word(cause.ContactsDiscard)) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			o.phone.settings.DialLinks = true
			o.update(c.state)
			c.opens(o)
			page, sheet := o.main.page, o.main.sheet
			o.dialled()
			o.handed("tel:+4930123456", "")
			if waits := o.main.dial.number.Text == ""; waits != c.waits {
				t.Fatalf("waits: %t", waits)
			}
			if !c.waits {
				return
			}
			if o.main.page != page || sheet != nil && o.main.sheet == nil {
				t.Fatal("what was typed into is gone")
			}
			c.done(o)
			if got := o.main.dial.number.Text; got != "+4930123456" || o.main.page != nil || o.main.sheet != nil {
				t.Errorf("then the field has %q, a page is open: %t, a sheet: %t", got, o.main.page != nil,
					o.main.sheet != nil)
			}
			if called := o.dialled(); len(called) > 0 {
				t.Errorf("called %q", called)
			}
		})
	}
	t.Run("a form beside the number", func(t *testing.T) {
		o := open(t, Options{Size: account.Size{Width: 1000, Height: 700}})
		o.update(idle())
		o.main.editAccount("office")
		o.main.page.(*form.Page).Touch()
		o.handed("tel:+4930123456", "")
		if o.main.page == nil || o.main.sheet != nil || o.main.dial.number.Text != "+4930123456" {
			t.Errorf("the field has %q", o.main.dial.number.Text)
		}
	})
	t.Run("the newest of several", func(t *testing.T) {
		o := open(t, Options{})
		o.update(idle())
		o.main.askPassword("office")
		typeHere(o)
		for _, link := range []string{"tel:1", "tel:2", "tel:3"} {
			o.handed(link, "")
		}
		o.main.closeSheet()
		if got := o.main.dial.number.Text; got != "3" || o.main.sheet != nil {
			t.Errorf("the field has %q", got)
		}
	})
}

// pressSheet presses a button of the sheet that is open, if it has one of that name.
func (o *opened) pressSheet(label string) {
	for _, b := range uitest.LaidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
		if b.Label() == label && b.Visible() {
			b.OnTapped()
			return
		}
	}
}

// TestALinkTakesNoDigitsOfACall: who types digits for a call when a link comes types none of them into its number.
//
// Holds: handed-over
func TestALinkTakesNoDigitsOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseEstablished))
		time.Sleep(time.Hour)
		o.char('1')
		o.handed("tel:4711", "")
		for _, r := range "23" {
			time.Sleep(200 * time.Millisecond)
			o.char(r)
		}
		if got := o.main.dial.number.Text; got != "4711" || !o.main.adding {
			t.Errorf("the field has %q", got)
		}
		time.Sleep(typingPause)
		o.char('5')
		if got := o.main.dial.number.Text; got != "47115" {
			t.Errorf("after a pause the field has %q", got)
		}
	})
}

// TestASheetWithTextComesBack after a question that took its place, as it was; pages do not open over it, and what it
// is about may end meanwhile.
func TestASheetWithTextComesBack(t *testing.T) {
	inCall := inPhase(phone.PhaseEstablished)
	for _, c := range []struct {
		name  string
		state phone.State
		opens func(o *opened)
		after phone.State // while it is asked
		back  bool
	}{
		{"a transfer", inCall, func(o *opened) { shortcut(o, fyne.KeyT, ctrl) }, inCall, true},
		{"a transfer of a call that ends", inCall, func(o *opened) { shortcut(o, fyne.KeyT, ctrl) }, idle(), false},
		{"a password", inCall, func(o *opened) { o.main.askPassword("office") }, inCall, true},
		{"an import", inCall, func(o *opened) { o.main.openImport(nil) }, inCall, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			o.update(c.state)
			c.opens(o)
			sheet, field := o.main.sheet, o.main.win.Canvas().Focused().(*widget.Entry)
			o.char('7')
			for _, key := range []fyne.KeyName{fyne.KeyJ, fyne.KeyB, fyne.KeyE, fyne.KeyComma} {
				if shortcut(o, key, ctrl); o.main.page != nil || o.main.sheet != sheet {
					t.Fatalf("%s takes its place", key)
				}
			}
			o.askQuit()
			if o.main.sheet == sheet {
				t.Fatal("nothing is asked")
			}
			o.update(c.after)
			if o.main.sheet != nil && o.main.sheet != sheet {
				o.main.escape()
			}
			if back := o.main.sheet == sheet; back != c.back {
				t.Fatalf("comes back: %t", back)
			}
			if !c.back {
				return
			}
			o.char('8')
			if field.Text != "78" {
				t.Errorf("typed %q", field.Text)
			}
		})
	}
}
