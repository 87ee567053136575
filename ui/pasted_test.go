package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/ui/uitest"
	"calla/ui/widget"
)

// paste opens the sheet for a configuration, types a text into it, and returns it.
func (o *opened) paste(text string) fyne.CanvasObject {
	o.main.openImport(o.main.openWizardWith)
	sheet := o.main.win.Canvas().Overlays().Top()
	uitest.LaidOut[*widget.Entry](sheet)[0].SetText(text)
	return sheet
}

// TestImportTellsWhatIsToBeFilledIn: with its place, and what is missing is the field that is asked for.
//
// Holds: pasted-configuration
func TestImportTellsWhatIsToBeFilledIn(t *testing.T) {
	for _, test := range []struct {
		name, text, told string
		focus            func(*wizard) fyne.Focusable
	}{
		{
			"a password of the environment",
			"new JsSIP.UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example',\n password: " +
				"process.env.SIP_PASSWORD })",
			"password is to be filled in (it comes from SIP_PASSWORD). Line 2, column 2.",
			func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a password of a template", "({ uri: 'alice@example.com', ws_servers: 'wss://h.example', password: '{{ " +
				"secret }}' })",
			"password is to be filled in (a template puts secret there)",
			func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"a field", "class A { b() { return new UA({ uri: 'alice@example.com', ws_servers: 'wss://h.example', " +
				"password: this.secret }) } }",
			"(it comes from this.secret)", func(w *wizard) fyne.Focusable { return w.password },
		},
		{
			"the page's address", "new JsSIP.UA({ uri: 'sip:1@' + location.host, ws_servers: 'wss://' + " +
				"location.host, password: 'x' })",
			"uri is to be filled in (it is made of the address of the page)",
			func(w *wizard) fyne.Focusable { return w.uri },
		},
		{
			"an address of a component", "new JsSIP.UA({ ...props, ws_servers: 'wss://h.example', password: 'x' })",
			"uri is to be filled in (it comes from props)", func(w *wizard) fyne.Focusable { return w.uri },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := open(t, Options{})
			sheet := o.paste(test.text)
			if all := uitest.Texts(sheet); !strings.Contains(all, test.told) {
				t.Fatalf("told: %s", all)
			}
			uitest.Press(t, sheet, "Use this")
			w, is := o.main.page.(*wizard)
			if !is || w.step != stepWho || o.main.win.Canvas().Focused() != test.focus(w) {
				t.Errorf("the missing field is not asked for: %T", o.main.win.Canvas().Focused())
			}
		})
	}
}
