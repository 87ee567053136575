package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/ui/tell"
)

// TestHandedOverTextsFillTheField: links and second starts fill the number field with what they mean, wherever the user
// is in the window, and call nobody.
//
// Holds: handed-over
func TestHandedOverTextsFillTheField(t *testing.T) {
	for _, row := range []struct{ name, text, field string }{
		{"a tel link", "tel:+49-30-123456", "+4930123456"},
		{"a sip link", "sip:bob@example.com", "bob"},
		{"a sips link", "sips:bob@example.org", "bob@example.org"},
		{"a callto link", "callto:+4930123456", "+4930123456"},
		{"with an extension", "tel:5551234;ext=12", "5551234,12"},
		{"what could be meant", "tel:5551234 x12", "5551234,12"},
		{"two lines", "0301234\n0305678", "0301234 | 0305678"},
		{"hidden marks", "\u202e0301234567\u202c", "0301234567"},
		{"a flood", "x" + strings.Repeat("y ", 4000), tell.SafeLine("x" + strings.Repeat("y ", 4000))},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.main.openSettings()
			o.handed(row.text, "")
			if got := o.main.dial.number.Text; got != row.field {
				t.Errorf("the field shows %q, want %q", got, row.field)
			}
			if o.main.page != nil || o.main.win.Canvas().Focused() != o.main.dial.number {
				t.Error("the field is not where the keyboard is")
			}
			for _, did := range o.phone.took() {
				if strings.HasPrefix(did, "dial") {
					t.Errorf("did %s", did)
				}
			}
		})
	}
}

// TestLinksAreCalledAtOnceOnlyWhereTheUserSaidSo: and then only links that can be called, while there is no call.
//
// Holds: handed-over
func TestLinksAreCalledAtOnceOnlyWhereTheUserSaidSo(t *testing.T) {
	for _, row := range []struct {
		name, text string
		on, inCall bool
		called     string
	}{
		{"off", "tel:+4930123456", false, false, ""},
		{"on", "tel:+4930123456", true, false, "dial office +4930123456"},
		{"on, no link", "+4930123456", true, false, ""},
		{"on, not to be called", "tel:12:30", true, false, ""},
		{"on, in a call", "tel:+4930123456", true, true, ""},
		{"on, what could be meant", "tel:5551234 x12", true, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.settings.DialLinks = row.on
			o.update(idle())
			if row.inCall {
				o.update(inPhase(phone.PhaseEstablished))
			}
			o.handed(row.text, "")
			called := ""
			for _, did := range o.phone.took() {
				if strings.HasPrefix(did, "dial") {
					called = did
				}
			}
			if called != row.called {
				t.Errorf("called %q, want %q", called, row.called)
			}
			if row.inCall && (!o.main.adding || o.main.dial.number.Text == "") {
				t.Error("in a call, the number is not there to be added")
			}
		})
	}
}

// TestALinkWithoutAnAccount says what is missing.
func TestALinkWithoutAnAccount(t *testing.T) {
	o := open(t, Options{})
	o.update(phone.State{Serial: 1})
	o.handed("tel:+4930123456", "")
	if o.main.sheet == nil {
		t.Error("nothing is said")
	}
}

// TestStartTimeOfTheDesktop: the time of the user's deed is at the end of a startup-notification ID.
func TestStartTimeOfTheDesktop(t *testing.T) {
	for token, want := range map[string]uint32{
		"": 0, "gnome-shell/Calla/123-0-host_TIME456789": 456789, "x_TIME": 0, "x_TIME-1": 0, "x_TIME99999999999": 0,
		"a_TIME1_TIME2": 2, "_TIMEabc": 0,
	} {
		if got := startTime(token); got != want {
			t.Errorf("%q: %d, want %d", token, got, want)
		}
	}
}

// TestPastedLinesStayApart: two lines that are pasted into a field of one line are never made one number.
//
// Holds: dialled-text
func TestPastedLinesStayApart(t *testing.T) {
	for _, row := range []struct{ name, text, field string }{
		{"two numbers", "0301234\n0305678", "0301234 | 0305678"},
		{"Windows lines", "0301234\r\n0305678\r\n", "0301234 | 0305678"},
		{"cells", "Bob\t0301234", "Bob | 0301234"},
		{"a number cut in two", "030\n1234567", "030 | 1234567"},
		{"line ends around", "\n0301234\n", "0301234"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.main.dial.focus()
			clipboard := test.NewClipboard()
			clipboard.SetContent(row.text)
			o.main.dial.number.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
			if got := o.main.dial.number.Text; got != row.field {
				t.Errorf("the field shows %q, want %q", got, row.field)
			}
			if strings.Contains(row.field, "|") && o.phone.ReadDialled("", o.main.dial.number.Text).Problem == nil {
				t.Error("it can be called")
			}
		})
	}
}

// TestDigitsForAfterTheAnswerOnTheCallScreen: what is left is shown, with the ways to stop it and to go on.
//
// Holds: dialled-text
func TestDigitsForAfterTheAnswerOnTheCallScreen(t *testing.T) {
	for _, row := range []struct {
		name    string
		phase   phone.Phase
		left    phone.PostDial
		words   string
		canSend bool
	}{
		{"none", phone.PhaseEstablished, phone.PostDial{}, "", false},
		{"before the answer", phone.PhaseRinging, phone.PostDial{Digits: ",12"}, "Sends ,12 after the answer.", false},
		{"being sent", phone.PhaseEstablished, phone.PostDial{Digits: "2,34"}, "Sending 2,34", false},
		{"waiting", phone.PhaseEstablished, phone.PostDial{Digits: "34", Waits: true}, "Send 34?", true},
		{"calling", phone.PhaseCalling, phone.PostDial{Digits: ",1#"}, "Sends ,1# after the answer.", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(row.phase)
			s.Calls[0].PostDial = row.left
			o.update(s)
			p := o.main.call
			if p.after.object.Visible() != (row.words != "") || p.after.text.Text() != row.words ||
				p.goOn.Visible() != row.canSend {
				t.Errorf("shows %q, %t, can send %t", p.after.text.Text(), p.after.object.Visible(), p.goOn.Visible())
			}
			o.phone.took()
			if row.words != "" {
				o.stands()
				test.Tap(p.drop)
				o.expect(t, "drop digits c1")
			}
			if row.canSend {
				o.stands()
				test.Tap(p.goOn)
				o.expect(t, "go on c1")
			}
		})
	}
}

// TestDigitsPastedIntoACall go to the far end, with their pauses.
func TestDigitsPastedIntoACall(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseEstablished))
	o.main.call.paste("12,,34#")
	o.expect(t, "dtmf c1 12,,34#")
	if !o.main.call.keys {
		t.Error("what is sent is not to be seen")
	}
}
