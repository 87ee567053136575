package exchange

import (
	"fyne.io/fyne/v2"

	"calla/account/jssip"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Export shows a configuration for JsSIP, at first without its secrets, to be copied or saved. bare has no secrets and
// full has.
func Export(w Window, bare, full config.Config) {
	e := newExporter(bare, full)
	copied := widget.NewButton(tell.Word(cause.ExchangeCopy), "copy", widget.Filled, nil)
	copied.OnTapped = func() {
		w.Copy(e.text.Text)
		copied.Set(tell.Word(cause.ExchangeCopied), "check")
	}
	save := widget.NewButton(tell.Word(cause.ExchangeSaveToFile), "export", widget.Outlined, func() {
		text := e.text.Text
		w.CloseSheet()
		w.ChooseNewFile(tell.Word(cause.ExchangeSave), "jssip-configuration.js", func(path string) {
			if err := writeText(path, text); err != nil {
				w.TellError(tell.Word(cause.ExchangeNotSaved), err)
			}
		})
	})
	w.OpenSheet(tell.Word(cause.ExchangeExport), e.object, copied, save)
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
	return []string{
			tell.Word(cause.ExchangeFormOld), tell.Word(cause.ExchangeFormNew), tell.Word(cause.ExchangeFormAll),
			tell.Word(cause.ExchangeFormJSON),
		},
		[]jssip.Format{jssip.FormatJsSIP04, jssip.FormatJsSIP3, jssip.FormatJSON, jssip.FormatJsSIP3JSON}
}

func newExporter(bare, full config.Config) *exporter {
	e := &exporter{bare: bare, full: full}
	e.text = widget.NewTextArea("", 12).Named(tell.Word(cause.ExchangeConfiguration))
	e.text.TextStyle = fyne.TextStyle{Monospace: true}
	e.note = widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)
	names, _ := exportForms()
	e.form = widget.NewSelect(names, 0, "", func(int) { e.show() })
	e.form.Name = tell.Word(cause.ExchangeForm)
	e.secrets = widget.NewSwitch(tell.Word(cause.ExchangeWithPasswords), "", false, func(bool) { e.show() })
	e.instance = widget.NewSwitch(tell.Word(cause.ExchangeWithInstance), "", false, func(bool) { e.show() })
	e.object = layout.Column(10, e.form, e.secrets, e.instance, e.note, e.text)
	e.show()
	return e
}

func (e *exporter) show() {
	c, note := e.bare, tell.Word(cause.ExchangeNoPasswords)
	if e.secrets.On() {
		c, note = e.full, tell.Word(cause.ExchangeHoldsPasswords)
	}
	if e.instance.On() {
		note += " " + tell.Word(cause.ExchangeSameInstance)
	}
	_, forms := exportForms()
	s, err := jssip.Export(c, forms[e.form.Chosen()], jssip.With{Secrets: e.secrets.On(), InstanceID: e.instance.On()})
	if err != nil {
		s = tell.Sentence(err)
	}
	e.text.SetText(s)
	e.note.SetText(note)
}
