package ui

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"calla/account"
	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestSpaceOpensAFieldWithoutTypingIntoIt: the space that presses a button is not typed into the field that the button
// leads to.
func TestSpaceOpensAFieldWithoutTypingIntoIt(t *testing.T) {
	inCall := func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) }
	for _, c := range []struct {
		name  string
		state func(o *opened)
		press func(o *opened) *widget.Button
	}{
		{"to the first account", func(o *opened) { o.update(phone.State{}) }, func(o *opened) *widget.Button {
			return widget.NewButton("", "", widget.Outlined, o.main.openWizardDetails)
		}},
		{"to a configuration", func(o *opened) { o.update(phone.State{}) }, func(o *opened) *widget.Button {
			return widget.NewButton("", "", widget.Outlined, func() { o.main.openImport(func(config.Config) {}) })
		}},
		{"to a password", func(o *opened) { o.update(idle()) }, func(o *opened) *widget.Button {
			return widget.NewButton("", "", widget.Filled, func() { o.main.askPassword("office") })
		}},
		{"to a message", func(o *opened) {
			o.update(idle())
			o.main.dial.fill("bob")
		}, func(o *opened) *widget.Button { return o.main.dial.write }},
		{"to a transfer", inCall, func(o *opened) *widget.Button {
			return widget.NewButton("", "", widget.Outlined, func() { o.main.call.openTransfer(false) })
		}},
		{"to another call", inCall, func(o *opened) *widget.Button {
			return widget.NewButton("", "", widget.Outlined, func() {
				o.main.setAdding(true)
				o.main.dial.focus()
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			c.state(o)
			button := c.press(o)
			// As the driver does: the key, then the character, each to what has the keyboard then.
			button.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			var keyboard fyne.Focusable = button
			if f := o.main.win.Canvas().Focused(); f != nil {
				keyboard = f
			}
			keyboard.TypedRune(' ')
			entry, ok := o.main.win.Canvas().Focused().(*widget.Entry)
			if !ok {
				t.Fatalf("%T has the keyboard", o.main.win.Canvas().Focused())
			}
			if strings.Contains(entry.Text, " ") {
				t.Errorf("the field holds %q", entry.Text)
			}
		})
	}
}

// TestSentencesNameParametersAsTheyAreWritten: what is wrong with a configuration is told in whole sentences, in which
// the name of a parameter keeps its letters.
func TestSentencesNameParametersAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{
			"a parameter is missing", &config.Error{Parameter: "ws_servers", Reason: "is missing"},
			"ws_servers is missing.",
		},
		{
			"a parameter is wrong", &config.Error{Parameter: "register_expires", Reason: "must be a whole number"},
			"register_expires must be a whole number.",
		},
		{
			"one that can be mended", &jssip.FixableError{Err: &config.Error{Parameter: "uri", Reason: "is missing"}},
			"uri is missing.",
		},
		{"no configuration", &jssip.SyntaxError{Reason: "holds no configuration"}, "The text holds no configuration."},
		{"an empty text", &jssip.SyntaxError{Reason: "is empty"}, "The text is empty."},
		{"a question", errors.New("has too many digits: are these two?"), "Has too many digits: are these two?"},
		{"another error", errors.New("the disk is full"), "The disk is full."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tell.Sentence(c.err); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestPasswordToBeEnteredAgainIsInSight: in the smallest window the field for another password can be seen where the
// checks found the first one wrong, and is what is typed into; after it Enter goes on.
func TestPasswordToBeEnteredAgainIsInSight(t *testing.T) {
	o := open(t, Options{Size: account.Size{Width: 360, Height: 560}})
	wrong := &cause.Cause{
		Kind: cause.WrongPassword, Account: "alice@example.com", Action: cause.ActionEnterPassword,
		Parameter: "password",
	}
	o.phone.steps = append(someSteps()[:5:5],
		doctor.Step{ID: 6, Check: cause.CheckRegistration, Status: doctor.Failed, Cause: *wrong},
		doctor.Step{ID: 7, Check: cause.CheckSTUN, Status: doctor.OK},
		doctor.Step{ID: 8, Check: cause.CheckTURN, Status: doctor.OK})
	o.main.openWizardWith(config.Config{
		URI: "sip:alice@example.com", Password: "bad",
		WSServers: []config.Server{{WSURI: "wss://x.example"}},
	})
	o.finish()
	w := o.main.page.(*wizard)
	if o.main.win.Canvas().Focused() != w.entered {
		t.Errorf("%T has the keyboard", o.main.win.Canvas().Focused())
	}
	uitest.Settle(o.main.win)
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	if top, bottom := place(w.entered).Y, place(w.entered).Y+w.entered.Size().Height; top < 40 ||
		bottom > place(w.next).Y {
		t.Errorf("the field is from %.0f to %.0f, the buttons from %.0f", top, bottom, place(w.next).Y)
	}
	w.entered.SetText("better")
	w.enter()
	if o.main.win.Canvas().Focused() != w.next {
		t.Errorf("after it, %T has the keyboard", o.main.win.Canvas().Focused())
	}
}

// TestServerButtonsHaveRoomForTheirWords: however long an address is, the buttons for it with and without encryption
// are not cut short.
func TestServerButtonsHaveRoomForTheirWords(t *testing.T) {
	o := open(t, Options{Size: account.Size{Width: 360, Height: 560}})
	o.main.openWizardDetails()
	w := o.main.page.(*wizard)
	w.uri.SetText("alice@example.com")
	w.goOn()
	w.server.SetText("http://a-very-long-name-of-a-telephone-system.example.com:8088/ws")
	uitest.Settle(o.main.win)
	for _, b := range []*widget.Button{w.typed.Secure, w.typed.Plain} {
		if words := fyne.MeasureText(b.Label(), widget.SizeBody, fyne.TextStyle{Bold: true}).Width; !b.Visible() ||
			words+24 > b.Size().Width {
			t.Errorf("%q needs %.0f of %.0f", b.Label(), words, b.Size().Width)
		}
	}
	w.typed.Plain.OnTapped()
	if want := "ws://a-very-long-name-of-a-telephone-system.example.com:8088/ws"; w.server.Text != want {
		t.Errorf("chosen %q", w.server.Text)
	}
}

// TestNumbersStandInTheMiddleOfTheirField: small type for long texts is not at the top of the field.
func TestNumbersStandInTheMiddleOfTheirField(t *testing.T) {
	for _, text := range []string{"", "1", "030 1234567", "+49 30 1234567 12", "a-long-name@of-a-domain.example.com"} {
		o := open(t, Options{})
		o.update(idle())
		o.main.dial.fill(text)
		face := o.main.dial.face
		line := fyne.MeasureText("0", face.Size(theme.SizeNameText), fyne.TextStyle{}).Height
		if got := line + 2*face.Size(theme.SizeNameInnerPadding); got < numberHeight-1 || got > numberHeight+1 {
			t.Errorf("%d characters: line and padding are %.1f high", utf8.RuneCountInString(text), got)
		}
	}
}
