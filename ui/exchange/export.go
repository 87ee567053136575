package exchange

import (
	"fyne.io/fyne/v2"

	"calla/account/jssip"
	"calla/netsip/config"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Export shows a configuration for JsSIP, at first without its secrets, to be copied or saved. bare has no secrets and
// full has.
func Export(w Window, bare, full config.Config) {
	e := newExporter(bare, full)
	copied := widget.NewButton("Copy", "copy", widget.Filled, nil)
	copied.OnTapped = func() {
		w.Copy(e.text.Text)
		copied.Set("Copied", "check")
	}
	save := widget.NewButton("Save to a file…", "export", widget.Outlined, func() {
		text := e.text.Text
		w.CloseSheet()
		w.ChooseNewFile("Save the configuration", "jssip-configuration.js", func(path string) {
			if err := writeText(path, text); err != nil {
				w.TellError("The configuration could not be saved.", err)
			}
		})
	})
	w.OpenSheet("Export for JsSIP", e.object, copied, save)
}

// exporter shows a configuration in a form that JsSIP takes, to be copied or saved.
type exporter struct {
	bare, full config.Config // without and with the secrets
	text       *widget.Entry
	form       *widget.Select
	secrets    *widget.Switch
	instance   *widget.Switch
	note       *widget.Text
	object     fyne.CanvasObject
}

// exportForms are what can be exported, as shown and as named.
func exportForms() ([]string, []jssip.Format) {
	return []string{"JsSIP 0.4", "JsSIP 3", "JSON, everything", "JSON for JsSIP 3"},
		[]jssip.Format{jssip.FormatJsSIP04, jssip.FormatJsSIP3, jssip.FormatJSON, jssip.FormatJsSIP3JSON}
}

func newExporter(bare, full config.Config) *exporter {
	e := &exporter{bare: bare, full: full, text: widget.NewTextArea("", 12).Named("Configuration")}
	e.text.TextStyle = fyne.TextStyle{Monospace: true}
	e.note = widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)
	names, _ := exportForms()
	e.form = widget.NewSelect(names, 0, "", func(int) { e.show() })
	e.form.Name = "Form"
	e.secrets = widget.NewSwitch("Include passwords", "", false, func(bool) { e.show() })
	e.instance = widget.NewSwitch("Include instance_id", "", false, func(bool) { e.show() })
	e.object = layout.Column(10, e.form, e.secrets, e.instance, e.note, e.text)
	e.show()
	return e
}

func (e *exporter) show() {
	c, note := e.bare, "Passwords and credentials are left out."
	if e.secrets.On() {
		c, note = e.full, "The text holds passwords that anybody can read. Keep it to yourself."
	}
	if e.instance.On() {
		note += " With the same instance_id two phones are one to the server: each takes the other's calls away."
	}
	_, forms := exportForms()
	s, err := jssip.Export(c, forms[e.form.Chosen()], jssip.With{Secrets: e.secrets.On(), InstanceID: e.instance.On()})
	if err != nil {
		s = tell.Sentence(err)
	}
	e.text.SetText(s)
	e.note.SetText(note)
}
