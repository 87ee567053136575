package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"calla/ui/desktop"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestTheButtonsBesideATitleKeepTheKeyboard when the page is called something else: Enter presses what it would have
// pressed.
func TestTheButtonsBesideATitleKeepTheKeyboard(t *testing.T) {
	for name, opens := range map[string]func(o *opened){
		"a conversation": func(o *opened) { o.main.openConversation("office", "bob@example.com", o.main.open) },
		"the history":    func(o *opened) { o.main.openHistory() },
		"contacts":       func(o *opened) { o.main.openContacts() },
		"a contact": func(o *opened) {
			c, _ := o.phone.journal.ContactOf(t.Context(), "4711")
			contactWindow{pageWindow{o.main}}.ShowContact(c)
		},
		"an account": func(o *opened) { o.main.editAccount("office") },
	} {
		t.Run(name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			opens(o)
			o.finish()
			uitest.Settle(o.main.win)
			head := []*widget.Button{o.main.back}
			if acts, is := o.main.page.(acting); is {
				head = append(head, uitest.LaidOut[*widget.Button](acts.Actions())...)
			}
			for _, b := range head {
				o.main.win.Canvas().Focus(b)
				pageWindow{o.main}.Retitle()
				uitest.Settle(o.main.win)
				there := slices.Contains(uitest.LaidOut[*widget.Button](o.main.side), b)
				if !there || o.main.win.Canvas().Focused() != fyne.Focusable(b) {
					t.Errorf("%q is another one, or the keyboard is elsewhere", b.AccessibilityLabel())
				}
			}
		})
	}
}

// TestAMessageThatIsPressedWaitsForASheetWithText: its conversation opens once that is closed.
func TestAMessageThatIsPressedWaitsForASheetWithText(t *testing.T) {
	for _, typed := range []string{"", "secret"} {
		t.Run(typed, func(t *testing.T) {
			o := open(t, Options{})
			o.update(chat())
			o.main.askPassword("office")
			o.typed(typed)
			o.app.pressed(desktop.Press{
				Deed: desktop.Open, Party: "bob@example.com", From: desktop.Caller{AccountID: "office"},
			})
			if waits := o.main.page == nil; waits != (typed != "") || waits != (o.main.sheet != nil) {
				t.Fatalf("waits: %t", waits)
			}
			o.main.closeSheet()
			if o.main.page == nil || o.main.sheet != nil {
				t.Error("it does not open")
			}
		})
	}
}
