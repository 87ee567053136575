package ui

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// sheetSays tells whether the sheet that is open has a text in it.
func (o *opened) sheetSays(words string) bool {
	if o.main.sheet == nil {
		return false
	}
	for _, text := range uitest.LaidOut[*widget.Text](o.main.sheet.layer.object) {
		if text.Text() == words {
			return true
		}
	}
	return false
}

// TestWhatIsToBeToldWaitsForTheSheetThatIsOpen: somebody may be typing in that. All of it is told, each thing once.
func TestWhatIsToBeToldWaitsForTheSheetThatIsOpen(t *testing.T) {
	for name, opens := range map[string]func(o *opened){
		"a password": func(o *opened) { o.main.askPassword("office") },
		"a transfer": func(o *opened) { shortcut(o, fyne.KeyT, ctrl) },
		"an import":  func(o *opened) { o.main.openImport(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(inPhase(phone.PhaseEstablished))
			opens(o)
			field := o.main.win.Canvas().Focused().(*widget.Entry)
			o.char('x')
			for range 3 {
				o.main.tellError("Not saved", errors.New("disk full"))
				o.main.tell("Not kept", "The disk is full.")
			}
			o.char('y')
			if field.Text != "xy" || o.main.win.Canvas().Focused() != field {
				t.Fatalf("typed %q", field.Text)
			}
			for _, words := range []string{"Not saved", "Not kept"} {
				o.main.closeSheet()
				if !o.sheetSays(words) {
					t.Fatalf("%q is not told", words)
				}
			}
			if o.main.closeSheet(); o.main.sheet != nil {
				t.Error("something is told twice")
			}
		})
	}
	t.Run("what a question took the place of is told after it", func(t *testing.T) {
		o := open(t, Options{})
		o.main.tell("Not kept", "The disk is full.")
		o.main.ask("Sure?", "", "Yes", false, func() {})
		if o.main.closeSheet(); !o.sheetSays("Not kept") {
			t.Error("it is not told")
		}
	})
}

// TestTheQuestionWhetherToQuitIsAboutTheCallThatThereIs.
func TestTheQuestionWhetherToQuitIsAboutTheCallThatThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(twoCalls())
		o.askQuit()
		first := o.main.sheet
		time.Sleep(time.Hour)
		rest := twoCalls()
		rest.Calls = rest.Calls[1:]
		o.update(rest)
		if o.main.sheet == nil || o.main.sheet == first || o.main.sheet.dead.over(time.Now()) {
			t.Fatal("it is asked about a call that has ended, or can be answered at once")
		}
		o.update(endedOf("c2", nil))
		if o.main.sheet != nil {
			t.Error("it is asked, and there is no call")
		}
	})
}

// TestTheFiguresOfACallGoWithIt: they are of no other.
func TestTheFiguresOfACallGoWithIt(t *testing.T) {
	o := open(t, Options{})
	o.update(twoCalls())
	o.main.openQuality()
	rest := twoCalls()
	rest.Calls = rest.Calls[1:]
	o.update(rest)
	if o.main.sheet != nil {
		t.Error("figures of a call that has ended")
	}
}

// TestACallThatEndedIsNotConnectedWith: its row in the sheet that hands a call over stays where it is, and does
// nothing.
func TestACallThatEndedIsNotConnectedWith(t *testing.T) {
	o := open(t, Options{})
	three := twoCalls()
	third := three.Calls[1]
	third.ID, third.Name = "c3", "Carol Jones"
	three.Calls = append(three.Calls, third)
	o.update(three)
	shortcut(o, fyne.KeyT, ctrl)
	o.char('x')
	entry := o.main.win.Canvas().Focused().(*widget.Entry)
	rows := func() []*widget.Row { return uitest.LaidOut[*widget.Row](o.main.sheet.layer.object) }
	before := rows()
	at := before[1].Position()
	o.update(twoCalls())
	after := rows()
	if len(after) != 2 || after[1].Position() != at || entry.Text != "x" || o.main.win.Canvas().Focused() != entry {
		t.Fatalf("%d rows, typed %q", len(after), entry.Text)
	}
	for i, disabled := range []bool{false, true} {
		if after[i].Disabled() != disabled {
			t.Errorf("%s can be connected with: %v", after[i].Title(), !after[i].Disabled())
		}
	}
}

// TestADeviceIsTheOneThatWasChosen: another one is plugged in or out while the menu is open.
func TestADeviceIsTheOneThatWasChosen(t *testing.T) {
	for name, change := range map[string]func(d *phone.DeviceState){
		"one goes": func(d *phone.DeviceState) { d.Capture = append(d.Capture[:1:1], d.Capture[2:]...) },
		"one comes": func(d *phone.DeviceState) {
			d.Capture = append([]account.DeviceChoice{{ID: "m0"}}, d.Capture...)
		},
		"it goes": func(d *phone.DeviceState) { d.Capture = d.Capture[:2:2] },
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.main.openSettings()
			choice := o.main.page.(*settingsPage).sound.mic
			test := choice.Bind() // as the menu does when it opens
			s := idle()
			s.Devices.Settings = account.Devices{}
			change(&s.Devices)
			o.update(s)
			test(2)
			o.expect(t, "device microphone m2")
		})
	}
}
