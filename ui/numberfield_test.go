package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestTheNumberIsBigAndInTheMiddle: at 28 where it has room, in the middle of the window, smaller where it has none,
// and never under the button beside it.
func TestTheNumberIsBigAndInTheMiddle(t *testing.T) {
	for _, v := range []struct {
		name, text string
		size       float32 // in the smallest window
		middle     bool
	}{
		{"nothing", "", widget.SizeTitle, true},
		{"one digit", "1", widget.SizeNumber, true},
		{"a number", "+49 30 901820", widget.SizeNumber, true},
		{"a user", "bob", widget.SizeNumber, true},
		{"a long number", "+49 30 901820 12345", 24, false},
		{"an address", "reception@example.com", widget.SizeTitle, false},
		{"a long address", "reception.second.floor@example.com", widget.SizeStrong, false},
		{"an endless one", strings.Repeat("12345", 40), widget.SizeStrong, false},
		{"right to left", "بوب", widget.SizeNumber, true},
		{"wide letters", strings.Repeat("W", 12), 24, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, size := range []account.Size{{Width: 360, Height: 560}, {Width: 1200, Height: 800}} {
				o := open(t, Options{Size: size})
				o.update(idle())
				d := o.main.dial
				d.fill(v.text)
				uitest.Settle(o.main.win)
				if got := d.face.size; size.Width == minWidth && got != v.size || got < v.size {
					t.Errorf("%v: the size is %v, want %v", size, got, v.size)
				}
				place := fyne.CurrentApp().Driver().AbsolutePositionForObject
				left, right := place(d.number).X, place(d.number).X+d.number.Size().Width
				pane := place(d.ground).X + d.ground.Size().Width/2
				if off := (left+right)/2 - pane; v.middle && (off > 1 || off < -1) {
					t.Errorf("%v: %.0f beside the middle", size, off)
				}
				if at := place(d.write).X; right > at+4 {
					t.Errorf("%v: it ends at %.0f, and the button begins at %.0f", size, right, at)
				}
				if h := d.ground.Size().Height; h != numberHeight {
					t.Errorf("%v: it is %.0f high", size, h)
				}
			}
		})
	}
}

// TestAPressBesideTheNumberIsOneIntoIt, wherever in its line.
func TestAPressBesideTheNumberIsOneIntoIt(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	uitest.Settle(o.main.win)
	grounds := uitest.LaidOut[*widget.Ground](o.main.dial.ground)
	if len(grounds) == 0 {
		t.Fatal("nothing takes the press")
	}
	o.main.win.Canvas().Unfocus()
	grounds[0].Tapped(nil)
	if o.main.win.Canvas().Focused() != o.main.dial.number {
		t.Error("the number has not the keyboard")
	}
}

// TestWhoseNumberItIsStandsBeneath: the contact's name, else what the last call showed; looked up aside, and what comes
// late is not told of another number.
func TestWhoseNumberItIsStandsBeneath(t *testing.T) {
	names := map[string]struct {
		name    string
		contact bool
	}{
		"bob": {"Bob Marsh", true}, "901820": {"Reception", false}, "4711": {strings.Repeat("Long ", 60), true},
		"rtl": {"\u202eبوب\n", true}, "+49301": {"Carol", true},
	}
	for _, v := range []struct{ name, text, want string }{
		{"a contact", "bob", "Bob Marsh"},
		{"the last call", "901820", "Last time: Reception"},
		{"nobody", "alice", ""},
		{"a long name", "4711", "Long Long"},
		{"turned", "rtl", "بوب"},
		{"with digits for after the answer", "+49 30 1,,12", "Carol · Calls +49301, then sends 12"},
		{"in another spelling", "+49 30 1", "Carol"},
		{"what is no number", "please call bob tomorrow", ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.nameOf = func(user string) (string, bool) { return names[user].name, names[user].contact }
			o.update(idle())
			o.main.dial.fill(v.text)
			if got := o.main.dial.note.Text(); strings.Contains(got, "Bob Marsh") {
				t.Errorf("before anybody was asked: %q", got)
			}
			o.finish()
			got := o.main.dial.note.Text()
			if v.want == "" && strings.ContainsAny(got, "بLM") || !strings.Contains(got, v.want) {
				t.Errorf("%q, want %q", got, v.want)
			}
			o.main.dial.fill("alice")
			if got := o.main.dial.note.Text(); got != "" {
				t.Errorf("of another number: %q", got)
			}
		})
	}
	t.Run("late", func(t *testing.T) {
		o := open(t, Options{})
		o.phone.nameOf = func(user string) (string, bool) { return names[user].name, names[user].contact }
		o.update(idle())
		o.main.dial.fill("bob")
		o.main.dial.fill("alice")
		o.finish()
		if got := o.main.dial.note.Text(); got != "" {
			t.Errorf("%q", got)
		}
	})
	t.Run("asked once", func(t *testing.T) {
		o := open(t, Options{})
		asked := 0
		o.phone.nameOf = func(string) (string, bool) { asked++; return "Bob", true }
		o.update(idle())
		o.main.dial.fill("bob")
		for range 5 {
			o.update(idle())
			o.finish()
		}
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}
